#include <sqlite3.h>
#include <string.h>

#include "core/schema_int.h"

#define NAME_TRIES 1000

const struct s_column *
schema_fill_of(const struct s_table *t, const struct s_column *c)
{
	if (c->have != NULL || !schema_same(t->name, "UserMedia") ||
	    !schema_same(c->name, "addedAt"))
		return NULL;
	return schema_column(t->have, "updatedAt");
}

/* The declared type that converts no value that is there already. */
static const char *
type_of(const struct s_table *t, const struct s_column *c)
{
	const struct s_column *h = c->have;

	if (h == NULL)
		h = schema_fill_of(t, c);
	if (h == NULL || c->pk > 0)
		return c->type;
	/* STRICT's ANY keeps all values as they are; elsewhere "" does. */
	if (t->have->ddl.strict && schema_same(h->type, "ANY"))
		return "";
	return schema_affinity(h->type) == schema_affinity(c->type) ? c->type
								    : h->type;
}

static void
add_definition(struct buf *b, const struct s_table *t, const struct s_column *c)
{
	sql_add(b, "%i %t", c->name, type_of(t, c));
	if (c->notnull)
		buf_addz(b, " NOT NULL");
	if (c->pk > 0)
		buf_addz(b, " PRIMARY KEY");
	if (c->pk > 0 && (t->autoincrement || t->have->autoincrement))
		buf_addz(b, " AUTOINCREMENT");
	if (c->dflt != NULL)
		sql_add(b, " DEFAULT %t", c->dflt);
}

int
schema_add_columns(struct db *db, struct s_table *t, struct err *err)
{
	struct buf sql;
	int rc = 0;

	buf_init(&sql, SCHEMA_SQL_MAX);
	for (const struct s_column *c = t->columns; rc == 0 && c != NULL;
	     c = c->next) {
		const struct s_column *from = schema_fill_of(t, c);

		if (c->have != NULL)
			continue;
		sql_add(&sql, "ALTER TABLE %i ADD COLUMN ", t->have->name);
		add_definition(&sql, t, c);
		if (from != NULL)
			sql_add(&sql, "; UPDATE %i SET %i = %i", t->have->name,
			    c->name, from->name);
		if ((rc = schema_run(db, &sql, err)) != 0)
			err_prefix(err, "add column \"%s\".\"%s\"",
			    t->have->name, c->name);
	}
	buf_free(&sql);
	return rc;
}

static const struct ddl_part *
part_of(const struct s_table *t, const struct s_column *c)
{
	const struct ddl_part *d = t->ddl.parts;

	while (d != NULL &&
	    (d->kind != DDL_COLUMN || !schema_same(d->name, c->name)))
		d = d->next;
	return d;
}

/* The columns in the order they have, the new ones behind them. */
static int
add_columns(struct buf *b, const struct s_table *t, struct err *err)
{
	const struct s_column *c;

	for (c = t->have->columns; c != NULL; c = c->next) {
		const struct ddl_part *d = part_of(t->have, c);

		buf_addz(b, c == t->have->columns ? "\n\t" : ",\n\t");
		if (c->known)
			add_definition(b, t, schema_column(t, c->name));
		else if (d != NULL)
			ddl_add_unkeyed(b, d, t->have->ddl.strict,
			    schema_must_be_given(c));
		else
			return err_set(err, ERR_SCHEMA,
			    "Cannot find column "
			    "\"%s\" in the definition of table \"%s\".",
			    c->name, t->have->name);
	}
	for (c = t->columns; c != NULL; c = c->next) {
		if (c->have != NULL)
			continue;
		buf_addz(b, ",\n\t");
		add_definition(b, t, c);
	}
	return 0;
}

/* The target's constraints, and those about columns it does not know. */
static void
add_constraints(struct buf *b, const struct s_table *t)
{
	const struct s_table *h = t->have;
	const struct ddl_part *d;

	for (d = t->ddl.parts; d != NULL; d = d->next) {
		if (d->kind == DDL_COLUMN)
			continue;
		buf_addz(b, ",\n\t");
		buf_add(b, d->text, d->len);
	}
	for (d = h->ddl.parts; d != NULL; d = d->next) {
		if (d->kind == DDL_COLUMN) {
			const struct s_column *c = schema_column(h, d->name);

			if (c != NULL && c->known)
				(void)ddl_checks(d, h, b);
		} else if (ddl_mentions_unknown(d, h)) {
			buf_addz(b, ",\n\t");
			ddl_add_unkeyed(b, d, false, false);
		}
	}
}

/* Create the new table as ${name}. */
static int
create_new(struct db *db, const struct s_table *t, const char *name,
    struct err *err)
{
	struct buf sql;
	int rc;

	buf_init(&sql, SCHEMA_SQL_MAX);
	sql_add(&sql, "CREATE TABLE %i (", name);
	rc = add_columns(&sql, t, err);
	add_constraints(&sql, t);
	buf_addz(&sql, "\n)");
	if (rc == 0)
		rc = schema_run(db, &sql, err);
	buf_free(&sql);
	return rc;
}

/* The value of ${c} in a row of the old table. */
static void
add_value(struct buf *b, const struct s_table *t, const struct s_column *c)
{
	const struct s_column *from = schema_fill_of(t, c);

	if (c->have == NULL && from != NULL)
		sql_add(b, "%i", from->name);
	else if (c->have == NULL && c->dflt != NULL &&
	    (c->notnull || strncmp(c->dflt, "CURRENT", 7) != 0))
		buf_addz(b, c->dflt);
	else if (c->have == NULL)
		buf_addz(b, "NULL");
	else if (c->notnull && c->dflt != NULL && c->pk == 0)
		sql_add(b, "CASE typeof(%i) WHEN 'null' THEN %t ELSE %i END",
		    c->have->name, c->dflt, c->have->name);
	else
		sql_add(b, "%i", c->have->name);
}

/* Rows that a constraint over unknown columns refuses are left out. */
static int
copy_rows(struct db *db, const struct s_table *t, const char *name,
    struct err *err)
{
	struct buf sql;
	struct buf values;
	int rc;

	buf_init(&sql, SCHEMA_SQL_MAX);
	buf_init(&values, SCHEMA_SQL_MAX);
	sql_add(&sql, "INSERT OR IGNORE INTO %i (", name);
	for (const struct s_column *c = t->columns; c != NULL; c = c->next) {
		sql_add(&sql, "%t%i", c == t->columns ? "" : ", ", c->name);
		if (c != t->columns)
			buf_addz(&values, ", ");
		add_value(&values, t, c);
	}
	for (const struct s_column *c = t->have->columns; c != NULL;
	     c = c->next) {
		if (c->known || c->generated)
			continue;
		sql_add(&sql, ", %i", c->name);
		sql_add(&values, ", %i", c->name);
	}
	sql_add(&sql, ") SELECT %t FROM %i NOT INDEXED", buf_str(&values),
	    t->have->name);
	rc = buf_ok(&values, "a statement", err) ? -1
						 : schema_run(db, &sql, err);
	buf_free(&values);
	buf_free(&sql);
	return rc;
}

/* Move what was not copied aside, and count that nothing is missing. */
static int
check_copy(struct db *db, struct schema_plan *p, const struct s_table *t,
    const char *name, int64_t *rejected, struct err *err)
{
	int64_t before = 0;
	int64_t after = 0;
	struct buf sql;
	int rc;

	buf_init(&sql, SCHEMA_SQL_MAX);
	sql_add(&sql, "SELECT count(*) FROM %i NOT INDEXED", t->have->name);
	rc = schema_count(db, &sql, &before, err);
	sql_add(&sql, "SELECT count(*) FROM %i NOT INDEXED", name);
	if (rc == 0)
		rc = schema_count(db, &sql, &after, err);
	if (rc == 0 && before != after &&
	    schema_column(t->have, "id") != NULL) {
		int64_t moved = 0;

		sql_add(&sql, "\"id\" NOT IN (SELECT \"id\" FROM %i)", name);
		rc = buf_ok(&sql, "a condition", err)
		    ? -1
		    : schema_reject(db, &p->pool, t->have->name, buf_str(&sql),
			  "it breaks a constraint of its table", &moved, err);
		*rejected += moved;
		before -= moved;
	}
	if (rc == 0 && before != after)
		rc = err_set(err, ERR_SCHEMA,
		    "%lld of %lld rows could not be "
		    "copied.",
		    (long long)(before - after), (long long)before);
	buf_free(&sql);
	return rc;
}

/* Drop the old table and give its name and its sequence to the new one. */
static int
swap(struct db *db, const struct s_table *t, const char *name, struct err *err)
{
	const char *old = t->have->name;
	int64_t has = 0;
	int64_t seq = 0;
	struct buf sql;
	int rc;

	buf_init(&sql, SCHEMA_SQL_MAX);
	rc = db_int(db,
	    "SELECT count(*) FROM sqlite_schema WHERE name = "
	    "'sqlite_sequence'",
	    &has, err);
	if (rc == 0 && has > 0) {
		sql_add(&sql,
		    "SELECT coalesce(max(seq), -1) FROM "
		    "sqlite_sequence WHERE name = %l",
		    old);
		rc = schema_count(db, &sql, &seq, err);
	}
	sql_add(&sql, "DROP TABLE %i; ALTER TABLE %i RENAME TO %i;", old, name,
	    old);
	if (has > 0 && seq >= 0 &&
	    (t->autoincrement || t->have->autoincrement)) {
		sql_add(&sql,
		    "INSERT INTO sqlite_sequence(name, seq) SELECT "
		    "%l, 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence "
		    "WHERE name = %l);",
		    old, old);
		sql_add(&sql,
		    "UPDATE sqlite_sequence SET seq = max(seq, %n) "
		    "WHERE name = %l;",
		    seq, old);
	}
	if (rc == 0)
		rc = schema_run(db, &sql, err);
	buf_free(&sql);
	return rc;
}

/* A name that nothing in the database has. */
static int
free_name(struct db *db, const struct s_table *t, struct buf *name,
    struct err *err)
{
	struct buf sql;
	int64_t taken = 1;
	int rc = 0;

	buf_init(&sql, SCHEMA_SQL_MAX);
	for (int i = 0; rc == 0 && taken > 0 && i < NAME_TRIES; i++) {
		buf_reset(name);
		buf_addf(name, "_jair_new%d_%s", i, t->name);
		sql_add(&sql,
		    "SELECT count(*) FROM sqlite_schema WHERE name "
		    "= %l COLLATE NOCASE",
		    buf_str(name));
		rc = schema_count(db, &sql, &taken, err);
	}
	buf_free(&sql);
	return rc == 0 ? buf_ok(name, "a name", err) : -1;
}

/* Collect what DROP TABLE takes along and must come back as it was. */
static int
saved_objects(struct db *db, const struct s_table *t, struct buf *b,
    struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int rc;

	for (const struct s_index *x = t->have->indexes; x != NULL;
	     x = x->next) {
		if (x->sql != NULL && !x->drop)
			sql_add(b, "%t\n;", x->sql);
		if (!x->constraint || !x->keep)
			continue;
		sql_add(b, "CREATE UNIQUE INDEX \"_jair_%t", t->name);
		for (size_t i = 0; i < x->count; i++)
			sql_add(b, "_%t", x->columns[i].name);
		sql_add(b, "_key\" ON %i (", t->have->name);
		for (size_t i = 0; i < x->count; i++)
			sql_add(b, "%t%i", i > 0 ? ", " : "",
			    x->columns[i].name);
		buf_addz(b, ");");
	}
	rc = schema_query(db,
	    "SELECT sql FROM sqlite_schema WHERE type = "
	    "'trigger' AND tbl_name = ?1 COLLATE NOCASE ORDER BY rowid",
	    t->have->name, &stmt, err);
	while (rc == 0 && (rc = schema_next(db, stmt, err)) == 1) {
		const char *sql;

		if ((rc = db_text(stmt, 0, &sql, err)) == 0 && sql != NULL)
			sql_add(b, "%t\n;", sql);
	}
	(void)sqlite3_finalize(stmt);
	return rc;
}

int
schema_rebuild(struct db *db, struct schema_plan *p, struct s_table *t,
    int64_t *rejected, struct err *err)
{
	struct buf name;
	struct buf saved;
	int rc;

	buf_init(&name, SCHEMA_SQL_MAX);
	buf_init(&saved, SCHEMA_SQL_MAX);
	rc = free_name(db, t, &name, err) ||
		saved_objects(db, t, &saved, err) ||
		create_new(db, t, buf_str(&name), err) ||
		copy_rows(db, t, buf_str(&name), err) ||
		check_copy(db, p, t, buf_str(&name), rejected, err) ||
		swap(db, t, buf_str(&name), err) || schema_run(db, &saved, err)
	    ? -1
	    : 0;
	if (rc != 0)
		err_prefix(err, "rebuild table \"%s\"", t->have->name);
	buf_free(&saved);
	buf_free(&name);
	return rc;
}
