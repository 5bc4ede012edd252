#include <sqlite3.h>
#include <string.h>

#include "core/schema_int.h"

/* A foreign key, of any table, to the "id" of the table in question. */
struct child {
	struct child *next;
	const char *table;
	const char *column;
};

static int
find_children(struct db *db, struct pool *pool, const char *table,
    struct child **children, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int rc;

	rc = schema_query(db,
	    "SELECT m.name, min(f.\"from\") FROM "
	    "sqlite_schema m, pragma_foreign_key_list(m.name, 'main') f "
	    "WHERE m.type = 'table' AND f.\"table\" = ?1 COLLATE NOCASE "
	    "GROUP BY m.name, f.id HAVING count(*) = 1 AND "
	    "lower(coalesce(min(f.\"to\"), 'id')) = 'id'",
	    table, &stmt, err);
	while (rc == 0 && (rc = schema_next(db, stmt, err)) == 1) {
		struct child *c = pool_get(pool, sizeof(*c), err);

		if (c == NULL) {
			rc = -1;
			break;
		}
		rc = schema_text(pool, stmt, 0, &c->table, err) ||
			schema_text(pool, stmt, 1, &c->column, err)
		    ? -1
		    : 0;
		c->next = *children;
		*children = c;
	}
	(void)sqlite3_finalize(stmt);
	return rc;
}

/*
 * A child of ours may get duplicates by this: its own uniqueness is taken
 * away, to be checked and made again when its turn comes.
 */
static int
loosen_child(struct db *db, struct schema_plan *p, const struct child *c,
    struct err *err)
{
	struct s_table *t = p->tables;
	struct buf sql;
	int rc = 0;

	while (t != NULL && !schema_same(t->name, c->table))
		t = t->next;
	if (t == NULL)
		return 0;
	buf_init(&sql, SCHEMA_SQL_MAX);
	for (struct s_index *x = t->indexes; rc == 0 && x != NULL;
	     x = x->next) {
		if (!x->unique || x->make || x->have == NULL ||
		    x->have->constraint)
			continue;
		sql_add(&sql, "DROP INDEX %i", x->have->name);
		rc = schema_run(db, &sql, err);
		x->make = true;
	}
	buf_free(&sql);
	return rc;
}

/* Let what referred to a row that goes refer to the one that stays. */
static int
repoint(struct db *db, struct schema_plan *p, const struct child *c,
    struct schema_report *report, struct err *err)
{
	struct buf sql;
	int rc;

	if (loosen_child(db, p, c, err))
		return -1;
	buf_init(&sql, SCHEMA_SQL_MAX);
	sql_add(&sql,
	    "UPDATE OR IGNORE %i SET %i = (SELECT keeper FROM "
	    "temp.jair_merge WHERE loser = %i.%i) WHERE %i IN (SELECT loser "
	    "FROM temp.jair_merge)",
	    c->table, c->column, c->table, c->column, c->column);
	rc = schema_run(db, &sql, err);
	sql_add(&sql, "%i IN (SELECT loser FROM temp.jair_merge)", c->column);
	if (rc == 0 && (rc = buf_ok(&sql, "a condition", err)) == 0)
		rc = schema_reject(db, &p->pool, c->table, buf_str(&sql),
		    "the row it belongs to was merged into one that has such "
		    "a row",
		    &report->rejected, err);
	buf_free(&sql);
	return rc;
}

/* List who goes and who stays: the newest, else the lowest id. */
static int
list_losers(struct db *db, const struct s_table *t, const char *table,
    const struct s_index *x, struct err *err)
{
	struct buf sql;
	int rc;

	buf_init(&sql, SCHEMA_SQL_MAX);
	buf_addz(&sql,
	    "DELETE FROM temp.jair_merge; INSERT INTO "
	    "temp.jair_merge SELECT id, keeper FROM (SELECT \"id\" AS id, "
	    "first_value(\"id\") OVER (PARTITION BY ");
	for (size_t i = 0; i < x->count; i++)
		sql_add(&sql, "%t%i COLLATE %t", i > 0 ? ", " : "",
		    x->columns[i].name, x->columns[i].coll);
	sql_add(&sql,
	    " ORDER BY %t\"id\") AS keeper FROM %i NOT INDEXED "
	    "WHERE 1",
	    schema_column(t, "updatedAt") != NULL
		? "jair_time(\"updatedAt\") DESC NULLS LAST, "
		: "",
	    table);
	for (size_t i = 0; i < x->count; i++)
		sql_add(&sql, " AND typeof(%i) <> 'null'", x->columns[i].name);
	buf_addz(&sql, ") WHERE id <> keeper");
	rc = schema_run(db, &sql, err);
	buf_free(&sql);
	return rc;
}

static int
has_duplicates(struct db *db, const char *table, const struct s_index *x,
    bool *yes, struct err *err)
{
	struct buf sql;
	int64_t n = 0;
	int rc;

	buf_init(&sql, SCHEMA_SQL_MAX);
	buf_addz(&sql, "SELECT EXISTS (SELECT 1");
	schema_add_duplicates(&sql, table, x);
	buf_addc(&sql, ')');
	rc = schema_count(db, &sql, &n, err);
	buf_free(&sql);
	*yes = n > 0;
	return rc;
}

static int
merge_index(struct db *db, struct schema_plan *p, struct s_table *t,
    const struct s_index *x, struct schema_report *report, struct err *err)
{
	const char *table = t->have != NULL ? t->have->name : t->name;
	struct child *children = NULL;
	bool yes;

	if (has_duplicates(db, table, x, &yes, err))
		return -1;
	if (!yes)
		return 0;
	if (db_exec(db,
		"CREATE TEMP TABLE IF NOT EXISTS jair_merge("
		"loser INTEGER PRIMARY KEY, keeper INTEGER NOT NULL)",
		err) ||
	    list_losers(db, t, table, x, err) ||
	    find_children(db, &p->pool, table, &children, err))
		return -1;
	for (const struct child *c = children; c != NULL; c = c->next) {
		if (repoint(db, p, c, report, err))
			return -1;
	}
	return schema_reject(db, &p->pool, table,
	    "\"id\" IN (SELECT loser FROM temp.jair_merge)",
	    "another row has the same key", &report->merged, err);
}

int
schema_merge(struct db *db, struct schema_plan *p, struct s_table *t,
    struct schema_report *report, struct err *err)
{
	for (const struct s_index *x = t->indexes; x != NULL; x = x->next) {
		if (!x->unique || !x->make)
			continue;
		if (merge_index(db, p, t, x, report, err))
			return err_prefix(err, "merge duplicates of \"%s\"",
			    t->name);
	}
	return 0;
}
