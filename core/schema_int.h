#ifndef CORE_SCHEMA_INT_H
#define CORE_SCHEMA_INT_H

/* What the parts of schema sync share; nobody else includes this. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/db.h"
#include "core/err.h"
#include "core/schema.h"

#define SCHEMA_SQL_MAX ((size_t)1 << 24)

/* Memory that is released all at once. */
struct pool_block;
struct pool {
	struct pool_block *first;
};

struct s_column {
	struct s_column *next;
	const char *name;
	const char *type;
	const char *dflt; /* text of the default, or NULL */
	const char *coll;
	bool notnull;
	int pk; /* place in the primary key, from 1; or 0 */
	bool generated;
	struct s_column *have; /* target's: the same in the real table */
	bool known; /* real one's: the target has it */
};

struct s_index_column {
	const char *name; /* NULL: an expression */
	const char *coll;
};

struct s_index {
	struct s_index *next;
	const char *name;
	const char *sql; /* NULL: made by a table constraint */
	bool unique;
	bool partial;
	bool constraint; /* made by UNIQUE in the table */
	bool primary; /* made by PRIMARY KEY */
	size_t count;
	struct s_index_column *columns;
	struct s_index *have; /* target's: a real one that does the same */
	bool drop; /* real one's: must go */
	bool make; /* target's: must be created */
	bool keep; /* real one's: a foreign key needs it */
};

struct s_fkey {
	struct s_fkey *next;
	int64_t id;
	const char *table;
	const char *on_update;
	const char *on_delete;
	size_t count;
	const char **from;
	const char **to;
};

/* A column or a constraint of a CREATE TABLE, as it was written. */
enum ddl_kind { DDL_COLUMN, DDL_PRIMARY, DDL_UNIQUE, DDL_CHECK, DDL_FOREIGN };

struct ddl_part {
	struct ddl_part *next;
	enum ddl_kind kind;
	const char *name; /* of a column */
	const char *text;
	size_t len;
};

struct ddl {
	bool is_virtual;
	bool without_rowid;
	bool strict;
	struct ddl_part *parts;
};

struct s_table {
	struct s_table *next;
	const char *name; /* as spelled in its own database */
	const char *sql;
	bool is_view;
	bool autoincrement;
	struct ddl ddl;
	struct s_column *columns;
	struct s_index *indexes;
	struct s_fkey *fkeys;
	struct s_table *have; /* target's: the real table, or NULL */
	bool rebuild; /* target's */
};

struct line {
	struct line *next;
	char *text;
};

struct schema_plan {
	struct pool pool;
	struct s_table *tables; /* the target's */
	struct line *lines;
	struct line **last_line;
	size_t count;
	bool recheck;
	bool mark; /* user_version must be set */
};

/* ---- schema_ddl.c: text of SQL ---- */

/*
 * sql_add(b, fmt, ...):
 * Append SQL: %i a quoted identifier, %l a string literal, %t text as it is,
 * %n an int64_t.  The one place that quotes.
 */
void sql_add(struct buf *b, const char *fmt, ...);

/*
 * ddl_parse(pool, table, err):
 * Split the CREATE TABLE of ${table} into its parts.
 */
int ddl_parse(struct pool *pool, struct s_table *table, struct err *err);

/*
 * ddl_has_word(text, len, word):
 * Tell whether the keyword ${word} stands outside parentheses.
 */
bool ddl_has_word(const char *text, size_t len, const char *word);

/*
 * ddl_mentions_unknown(part, table):
 * Tell whether the constraint ${part} is about a column of ${table} that the
 * target does not know.
 */
bool ddl_mentions_unknown(const struct ddl_part *part,
    const struct s_table *table);

/*
 * ddl_checks(part, table, b):
 * Count the CHECKs in the column ${part} that are about known columns only;
 * append the others to ${b}, when it is not NULL, as ", CHECK (...)".
 */
size_t ddl_checks(const struct ddl_part *part, const struct s_table *table,
    struct buf *b);

/*
 * ddl_add_unkeyed(b, part, strict, optional):
 * Append ${part} as it was written, but with UNIQUE for PRIMARY KEY, without
 * the type ANY of a STRICT table, which means another thing in ours, and, for
 * an ${optional} column, without NOT NULL.
 */
void ddl_add_unkeyed(struct buf *b, const struct ddl_part *part, bool strict,
    bool optional);

/* ---- schema_read.c ---- */

void *pool_get(struct pool *pool, size_t size, struct err *err);
char *pool_text(struct pool *pool, const char *s, size_t len, struct err *err);
void pool_free(struct pool *pool);

/*
 * schema_read_table(db, pool, name, table, err):
 * Read what ${db} knows of the table ${name}; NULL when it has none.
 */
int schema_read_table(struct db *db, struct pool *pool, const char *name,
    struct s_table **table, struct err *err);

/*
 * schema_read_target(pool, tables, err):
 * Read the tables of core/schema.sql, parents before their children.
 */
int schema_read_target(struct pool *pool, struct s_table **tables,
    struct err *err);

/*
 * schema_query(db, sql, arg, stmt, err), schema_next(db, stmt, err):
 * Prepare a query with ?1 bound to ${arg} (or NULL), and go to its next row:
 * 1, 0 at the end, -1 with ${err}.  sqlite3_finalize releases ${stmt}.
 */
struct sqlite3_stmt;
int schema_query(struct db *db, const char *sql, const char *arg,
    struct sqlite3_stmt **stmt, struct err *err);
int schema_next(struct db *db, struct sqlite3_stmt *stmt, struct err *err);

/*
 * schema_text(pool, stmt, i, copy, err):
 * Copy the text in column ${i} into ${pool}; NULL for NULL.  Return 0, or -1
 * with ${err}.
 */
int schema_text(struct pool *pool, struct sqlite3_stmt *stmt, int i,
    const char **copy, struct err *err);

/*
 * schema_run(db, sql, err), schema_count(db, sql, n, err):
 * Run what ${sql} holds and empty it.
 */
int schema_run(struct db *db, struct buf *sql, struct err *err);
int schema_count(struct db *db, struct buf *sql, int64_t *n, struct err *err);

bool schema_same(const char *a, const char *b);
char schema_affinity(const char *type);
/*
 * schema_must_be_given(column):
 * Tell whether no row can be made without a value for ${column}.
 */
bool schema_must_be_given(const struct s_column *column);
struct s_column *schema_column(const struct s_table *t, const char *name);

/* ---- schema_plan.c, schema_compare.c, schema_index.c ---- */

/*
 * schema_plan_make(db, recheck, plan, err):
 * schema_plan inside a transaction of the caller's.
 */
int schema_plan_make(struct db *db, bool recheck, struct schema_plan **plan,
    struct err *err);

int plan_line(struct schema_plan *p, struct buf *text, struct err *err);
int plan_structure(struct db *db, struct schema_plan *p, struct s_table *t,
    struct err *err);
int plan_indexes(struct db *db, struct schema_plan *p, struct s_table *t,
    struct buf *why, struct err *err);

/* ---- schema_build.c ---- */

/*
 * schema_add_columns(db, t, err), schema_rebuild(db, t, rejected, err):
 * Bring the table ${t} to the target, by ALTER TABLE or by SQLite's twelve
 * steps.  Source: https://www.sqlite.org/lang_altertable.html
 */
int schema_add_columns(struct db *db, struct s_table *t, struct err *err);
int schema_rebuild(struct db *db, struct schema_plan *p, struct s_table *t,
    int64_t *rejected, struct err *err);

/*
 * schema_fill_of(t, c):
 * Return the column that a new column ${c} of ${t} takes its values from, or
 * NULL.
 */
const struct s_column *schema_fill_of(const struct s_table *t,
    const struct s_column *c);

/* ---- schema_rows.c ---- */

/*
 * schema_reject(db, pool, table, where, reason, moved, err):
 * Move the rows of ${table} for which ${where} holds to its table of
 * rejected rows; ${moved} grows by their number.
 */
int schema_reject(struct db *db, struct pool *pool, const char *table,
    const char *where, const char *reason, int64_t *moved, struct err *err);

/*
 * schema_add_dangling(b, table, parent, from, to):
 * Append the condition that a row of ${table} names no row of ${parent},
 * which may be NULL for a table that does not exist.
 */
void schema_add_dangling(struct buf *b, const char *table, const char *parent,
    const char *from, const char *to);

void schema_add_duplicates(struct buf *b, const char *table,
    const struct s_index *index);

int schema_reject_dangling(struct db *db, struct schema_plan *p,
    struct s_table *t, struct schema_report *report, struct err *err);
int schema_merge(struct db *db, struct schema_plan *p, struct s_table *t,
    struct schema_report *report, struct err *err);

/*
 * schema_add_model(b, config, to_gemini):
 * Append the condition that geminiModel is to be filled from aiModel, or the
 * other way round (${config} NULL: all columns are there).
 */
void schema_add_model(struct buf *b, const struct s_table *config,
    bool to_gemini);

#endif
