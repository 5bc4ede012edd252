#include <sqlite3.h>
#include <string.h>

#include "core/clock.h"
#include "core/schema_int.h"

void
schema_add_dangling(struct buf *b, const char *table, const char *parent,
    const char *from, const char *to)
{
	sql_add(b, "(typeof(%i.%i) <> 'null'", table, from);
	if (parent != NULL)
		sql_add(b,
		    " AND NOT EXISTS (SELECT 1 FROM %i AS jair_parent "
		    "WHERE jair_parent.%i = %i.%i)",
		    parent, to, table, from);
	buf_addc(b, ')');
}

/* An index that does not hold must not answer the question. */
void
schema_add_duplicates(struct buf *b, const char *table, const struct s_index *x)
{
	sql_add(b, " FROM %i NOT INDEXED WHERE 1", table);
	for (size_t i = 0; i < x->count; i++)
		sql_add(b, " AND typeof(%i) <> 'null'", x->columns[i].name);
	for (size_t i = 0; i < x->count; i++)
		sql_add(b, "%t %i COLLATE %t", i > 0 ? "," : " GROUP BY",
		    x->columns[i].name, x->columns[i].coll);
	buf_addz(b, " HAVING count(*) > 1");
}

static bool
has_column(const struct s_table *t, const char *name)
{
	return t != NULL && schema_column(t, name) != NULL;
}

/* Make _jair_rejected_<table> with a column for each of ${t}'s. */
static int
prepare_rejected(struct db *db, struct pool *pool, const struct s_table *t,
    const char *name, struct err *err)
{
	static const char *const ours[] = { "_jair_reason", "_jair_at" };
	struct s_table *r = NULL;
	struct buf sql;
	int rc;

	if (schema_read_table(db, pool, name, &r, err))
		return -1;
	buf_init(&sql, SCHEMA_SQL_MAX);
	if (r == NULL)
		/* No declared types: they would convert values. */
		sql_add(&sql, "CREATE TABLE %i (%i);", name, t->columns->name);
	for (const struct s_column *c = t->columns; c != NULL; c = c->next) {
		if (!has_column(r, c->name) && (r != NULL || c != t->columns))
			sql_add(&sql, "ALTER TABLE %i ADD COLUMN %i;", name,
			    c->name);
	}
	for (size_t i = 0; i < 2; i++) {
		if (!has_column(r, ours[i]))
			sql_add(&sql, "ALTER TABLE %i ADD COLUMN %i TEXT;",
			    name, ours[i]);
	}
	rc = schema_run(db, &sql, err);
	buf_free(&sql);
	return rc;
}

static int
move_rows(struct db *db, const struct s_table *t, const char *to,
    const char *where, const char *reason, int64_t *moved, struct err *err)
{
	char now[CLOCK_ISO_MAX];
	struct buf sql;
	int64_t copied;
	int rc;

	buf_init(&sql, SCHEMA_SQL_MAX);
	sql_add(&sql, "INSERT INTO %i (", to);
	for (const struct s_column *c = t->columns; c != NULL; c = c->next)
		sql_add(&sql, "%i, ", c->name);
	buf_addz(&sql, "\"_jair_reason\", \"_jair_at\") SELECT ");
	for (const struct s_column *c = t->columns; c != NULL; c = c->next)
		sql_add(&sql, "%i, ", c->name);
	sql_add(&sql, "%l, %l FROM %i WHERE %t", reason,
	    clock_iso(clock_now(), now), t->name, where);
	rc = schema_run(db, &sql, err);
	copied = sqlite3_changes64(db_handle(db));
	sql_add(&sql, "DELETE FROM %i WHERE %t", t->name, where);
	if (rc == 0)
		rc = schema_run(db, &sql, err);
	if (rc == 0 && copied != sqlite3_changes64(db_handle(db)))
		rc = err_set(err, ERR_SCHEMA,
		    "%lld rows were saved, but "
		    "%lld removed.",
		    (long long)copied,
		    (long long)sqlite3_changes64(db_handle(db)));
	if (rc == 0)
		*moved += copied;
	buf_free(&sql);
	return rc;
}

int
schema_reject(struct db *db, struct pool *pool, const char *table,
    const char *where, const char *reason, int64_t *moved, struct err *err)
{
	struct s_table *t = NULL;
	struct buf sql;
	int64_t n = 0;
	int rc;

	buf_init(&sql, SCHEMA_SQL_MAX);
	sql_add(&sql, "SELECT count(*) FROM %i WHERE %t", table, where);
	rc = schema_count(db, &sql, &n, err);
	if (rc == 0 && n > 0) {
		sql_add(&sql, "_jair_rejected_%t", table);
		rc = buf_ok(&sql, "a name", err) ||
			schema_read_table(db, pool, table, &t, err) ||
			prepare_rejected(db, pool, t, buf_str(&sql), err) ||
			move_rows(db, t, buf_str(&sql), where, reason, moved,
			    err)
		    ? -1
		    : 0;
	}
	if (rc != 0)
		err_prefix(err, "put aside rows of \"%s\"", table);
	buf_free(&sql);
	return rc;
}

int
schema_reject_dangling(struct db *db, struct schema_plan *p, struct s_table *t,
    struct schema_report *report, struct err *err)
{
	const char *table = t->have != NULL ? t->have->name : t->name;
	struct buf where;
	struct buf why;
	int rc = 0;

	buf_init(&where, SCHEMA_SQL_MAX);
	buf_init(&why, SCHEMA_SQL_MAX);
	for (const struct s_fkey *f = t->fkeys; rc == 0 && f != NULL;
	     f = f->next) {
		buf_reset(&where);
		buf_reset(&why);
		schema_add_dangling(&where, table, f->table, f->from[0],
		    f->to[0]);
		sql_add(&why, "%t names no row of %t", f->from[0], f->table);
		rc = buf_ok(&where, "a condition", err) ||
			buf_ok(&why, "a reason", err) ||
			schema_reject(db, &p->pool, table, buf_str(&where),
			    buf_str(&why), &report->rejected, err)
		    ? -1
		    : 0;
	}
	buf_free(&why);
	buf_free(&where);
	return rc;
}

/* SQL "%t has no value"; a column that is not there has none either. */
static void
add_none(struct buf *b, const struct s_table *t, const char *name, bool none)
{
	if (t == NULL || schema_column(t, name) != NULL)
		sql_add(b, "coalesce(%i, '') %t ''", name, none ? "=" : "<>");
	else
		buf_addz(b, none ? "1" : "0");
}

void
schema_add_model(struct buf *b, const struct s_table *t, bool to_gemini)
{
	buf_addz(b, "\"id\" = 1 AND ");
	add_none(b, t, to_gemini ? "geminiModel" : "aiModel", true);
	buf_addz(b, " AND ");
	add_none(b, t, to_gemini ? "aiModel" : "geminiModel", false);
	buf_addz(b, " AND (");
	add_none(b, t, "aiProvider", true);
	if (t == NULL || schema_column(t, "aiProvider") != NULL)
		buf_addz(b, " OR \"aiProvider\" = 'google'");
	buf_addc(b, ')');
}

int
schema_fill_model(struct db *db, struct err *err)
{
	struct buf sql;
	int rc;

	buf_init(&sql, SCHEMA_SQL_MAX);
	buf_addz(&sql,
	    "UPDATE \"SystemConfig\" SET \"aiModel\" = "
	    "\"geminiModel\", \"aiProvider\" = 'google' WHERE ");
	schema_add_model(&sql, NULL, false);
	buf_addz(&sql,
	    "; UPDATE \"SystemConfig\" SET \"geminiModel\" = "
	    "\"aiModel\" WHERE ");
	schema_add_model(&sql, NULL, true);
	if ((rc = schema_run(db, &sql, err)) != 0)
		err_prefix(err, "fill the model in \"SystemConfig\"");
	buf_free(&sql);
	return rc;
}
