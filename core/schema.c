#include "core/schema.h"

#include <sqlite3.h>
#include <string.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/guard.h"
#include "core/schema_int.h"
#include "schema_sql.h"

/* SQL: jair_time(x) is x in milliseconds, or NULL when no form fits. */
static void
sql_time(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	int64_t ms;

	(void)argc;
	switch (sqlite3_value_type(argv[0])) {
	case SQLITE_INTEGER:
	case SQLITE_FLOAT:
		sqlite3_result_int64(ctx, sqlite3_value_int64(argv[0]));
		return;
	case SQLITE_TEXT:
		if (clock_parse((const char *)sqlite3_value_text(argv[0]),
			(size_t)sqlite3_value_bytes(argv[0]), &ms) == 0)
			sqlite3_result_int64(ctx, ms);
		return;
	default:
		return;
	}
}

/*
 * No foreign key action and no trigger may fire while tables are rebuilt,
 * and what was accepted once (a CHECK, a double-quoted string in a
 * definition) is accepted again.
 */
static int
sync_mode(struct db *db, bool on, struct err *err)
{
	sqlite3 *h = db_handle(db);
	int off = on ? 0 : 1;

	if (sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_FKEY, off, NULL) ||
	    sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_TRIGGER, off, NULL) ||
	    sqlite3_db_config(h, SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, !off,
		NULL) ||
	    sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DDL, !off, NULL) ||
	    sqlite3_create_function_v2(h, "jair_time", 1,
		SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL,
		on ? sql_time : NULL, NULL, NULL, NULL))
		return db_fail(db, err, "Cannot set up schema sync");
	return db_exec(db,
	    on ? "PRAGMA ignore_check_constraints=ON"
	       : "PRAGMA ignore_check_constraints=OFF",
	    err);
}

/* Tables and columns; indexes that stand in the way of rows go. */
static int
apply_table(struct db *db, struct schema_plan *p, struct s_table *t,
    struct schema_report *report, struct err *err)
{
	struct buf sql;
	int rc = 0;

	if (t->have == NULL) {
		if (db_exec(db, t->sql, err))
			return err_prefix(err, "create table \"%s\"", t->name);
		return 0;
	}
	if (t->rebuild)
		return schema_rebuild(db, p, t, &report->rejected, err);
	buf_init(&sql, SCHEMA_SQL_MAX);
	for (const struct s_index *x = t->have->indexes; rc == 0 && x != NULL;
	     x = x->next) {
		if (!x->drop)
			continue;
		sql_add(&sql, "DROP INDEX %i", x->name);
		if ((rc = schema_run(db, &sql, err)) != 0)
			err_prefix(err, "drop index \"%s\"", x->name);
	}
	buf_free(&sql);
	return rc == 0 ? schema_add_columns(db, t, err) : rc;
}

/* Create an index under its name or, when that is taken, one like it. */
static int
make_index(struct db *db, const struct s_table *t, const struct s_index *x,
    struct err *err)
{
	struct buf name;
	struct buf sql;
	int64_t taken = 1;
	int rc = 0;

	buf_init(&name, SCHEMA_SQL_MAX);
	buf_init(&sql, SCHEMA_SQL_MAX);
	for (int i = 0; rc == 0 && taken > 0 && i < 100; i++) {
		buf_reset(&name);
		buf_addz(&name, x->name);
		if (i > 0)
			buf_addf(&name, "_jair%d", i);
		sql_add(&sql,
		    "SELECT count(*) FROM sqlite_schema WHERE name "
		    "= %l COLLATE NOCASE",
		    buf_str(&name));
		rc = schema_count(db, &sql, &taken, err);
	}
	sql_add(&sql, "CREATE %t %i ON %i (",
	    x->unique ? "UNIQUE INDEX" : "INDEX", buf_str(&name),
	    t->have != NULL ? t->have->name : t->name);
	for (size_t i = 0; i < x->count; i++)
		sql_add(&sql, "%t%i", i > 0 ? ", " : "", x->columns[i].name);
	buf_addc(&sql, ')');
	if (rc == 0 && (rc = buf_ok(&name, "a name", err)) == 0)
		rc = schema_run(db, &sql, err);
	if (rc != 0)
		err_prefix(err, "create index \"%s\"", x->name);
	buf_free(&sql);
	buf_free(&name);
	return rc;
}

/* Rows that cannot stay move away, then uniqueness is made sure of. */
static int
apply_rows(struct db *db, struct schema_plan *p, struct schema_report *report,
    struct err *err)
{
	struct s_table *t;

	for (t = p->tables; t != NULL; t = t->next) {
		if (schema_reject_dangling(db, p, t, report, err) ||
		    schema_merge(db, p, t, report, err))
			return -1;
	}
	for (t = p->tables; t != NULL; t = t->next) {
		for (struct s_index *x = t->indexes; x != NULL; x = x->next) {
			if (x->make && make_index(db, t, x, err))
				return -1;
		}
	}
	return db_exec(db, "DROP TABLE IF EXISTS temp.jair_merge", err);
}

static const struct s_table *
ours(const struct schema_plan *p, const char *name)
{
	const struct s_table *t = p->tables;

	while (t != NULL && !schema_same(t->name, name))
		t = t->next;
	return t;
}

/* Whether the foreign key ${id} of ${t} is one of the target's. */
static int
check_fkey(struct db *db, struct schema_plan *p, const struct s_table *t,
    int64_t id, struct err *err)
{
	struct s_table *now = NULL;

	if (schema_read_table(db, &p->pool, t->name, &now, err))
		return -1;
	for (const struct s_fkey *f = now->fkeys; f != NULL; f = f->next) {
		const struct s_fkey *w = t->fkeys;

		while (w != NULL && !schema_same(w->from[0], f->from[0]))
			w = w->next;
		if (f->id == id && w != NULL)
			return err_set(err, ERR_SCHEMA,
			    "Rows of \"%s\" still "
			    "name no row of \"%s\".",
			    t->name, f->table);
	}
	return 0;
}

/* Dangling rows of one table: none of ours, others are counted. */
static int
check_references(struct db *db, struct schema_plan *p, const char *table,
    struct schema_report *report, struct err *err)
{
	const struct s_table *t = ours(p, table);
	sqlite3_stmt *stmt = NULL;
	struct err ignored = { 0 };
	int rc;

	rc = schema_query(db,
	    "SELECT fkid, count(*) FROM "
	    "pragma_foreign_key_check(?1, 'main') GROUP BY fkid",
	    table, &stmt, t != NULL ? err : &ignored);
	while (rc == 0 &&
	    (rc = schema_next(db, stmt, t != NULL ? err : &ignored)) == 1) {
		rc = t == NULL
		    ? 0
		    : check_fkey(db, p, t, sqlite3_column_int64(stmt, 0), err);
		report->foreign += sqlite3_column_int64(stmt, 1);
	}
	(void)sqlite3_finalize(stmt);
	/* A foreign key to nowhere, in a table that is not ours, stays. */
	if (t == NULL && ignored.code == ERR_DB)
		return 0;
	if (ignored.code != ERR_NONE)
		*err = ignored;
	return rc;
}

static int
check_all_references(struct db *db, struct schema_plan *p,
    struct schema_report *report, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	const char *table;
	int rc;

	rc = schema_query(db,
	    "SELECT name FROM sqlite_schema WHERE type = "
	    "'table' AND sql NOT LIKE 'CREATE VIRTUAL%' AND "
	    "EXISTS (SELECT 1 FROM pragma_foreign_key_list(name, 'main'))",
	    NULL, &stmt, err);
	while (rc == 0 && (rc = schema_next(db, stmt, err)) == 1)
		rc = db_text(stmt, 0, &table, err) ||
			check_references(db, p, table, report, err)
		    ? -1
		    : 0;
	(void)sqlite3_finalize(stmt);
	return rc != 0 ? err_prefix(err, "foreign_key_check") : 0;
}

/* quick_check; what it says of rows was so before, the rest is damage. */
static int
check_pages(struct db *db, struct err *err)
{
	static const char *const rows[] = { "ok", "NULL value in ",
		"CHECK constraint failed in ", "non-unique entry in index ",
		" value in " };
	sqlite3_stmt *stmt = NULL;
	int rc;

	rc = schema_query(db, "PRAGMA main.quick_check", NULL, &stmt, err);
	while (rc == 0 && (rc = schema_next(db, stmt, err)) == 1) {
		const char *s = (const char *)sqlite3_column_text(stmt, 0);
		bool fine = s == NULL;

		for (size_t i = 0; !fine && i < sizeof(rows) / sizeof(*rows);
		     i++)
			fine = strstr(s, rows[i]) != NULL;
		rc = fine ? 0 : err_set(err, ERR_CORRUPT, "%s", s);
	}
	(void)sqlite3_finalize(stmt);
	return rc != 0 ? err_prefix(err, "quick_check") : 0;
}

static int
apply_plan(struct db *db, struct schema_plan *p, struct schema_report *report,
    struct err *err)
{
	struct buf sql;
	int rc = 0;

	report->changes = p->count;
	for (struct s_table *t = p->tables; t != NULL; t = t->next) {
		if (apply_table(db, p, t, report, err))
			return -1;
	}
	if (apply_rows(db, p, report, err) || schema_fill_model(db, err))
		return -1;
	buf_init(&sql, 256);
	sql_add(&sql, "PRAGMA main.user_version = %n", (int64_t)SCHEMA_VERSION);
	if (p->mark)
		rc = schema_run(db, &sql, err);
	buf_free(&sql);
	return rc != 0 || check_all_references(db, p, report, err) ||
		check_pages(db, err)
	    ? -1
	    : 0;
}

/* The plan is made again under the write lock: nothing can change it now. */
static int
apply_locked(struct db *db, bool recheck, struct schema_report *report,
    struct err *err)
{
	struct schema_plan *p = NULL;
	int rc;

	if (GUARD(schema_begin, db_begin(db, err)))
		return -1;
	rc = schema_plan_make(db, recheck, &p, err);
	if (rc == 0 && p->count > 0)
		rc = apply_plan(db, p, report, err);
	if (rc == 0)
		rc = GUARD(schema_begin, db_commit(db, err));
	db_rollback(db);
	schema_plan_free(p);
	if (rc != 0 && err->code == ERR_DB)
		err->code = ERR_SCHEMA;
	return rc;
}

static int
count_config(struct db *db, struct schema_report *report, struct err *err)
{
	return db_int(db,
	    "SELECT count(*) FROM \"SystemConfig\" "
	    "WHERE \"id\" <> 1",
	    &report->config_rows, err);
}

int
schema_apply(struct db *db, bool recheck, struct schema_report *report,
    struct err *err)
{
	struct schema_plan *p = NULL;
	struct err ignored = { 0 };
	size_t changes;
	int rc;

	*report = (struct schema_report){ 0 };
	if (schema_plan(db, recheck, &p, err))
		return -1;
	changes = p->count;
	schema_plan_free(p);
	if (changes > 0) {
		rc = sync_mode(db, true, err) ||
			apply_locked(db, recheck, report, err)
		    ? -1
		    : 0;
		if (sync_mode(db, false, rc == 0 ? err : &ignored) || rc != 0)
			return -1;
	}
	return count_config(db, report, err);
}

/* Give an empty database the tables of ${sql}. */
static int
create(struct db *db, const char *sql, struct err *err)
{
	_Static_assert(SCHEMA_VERSION == 1, "user_version below");

	if (db_begin(db, err))
		return -1;
	if (db_exec(db, sql, err) ||
	    db_exec(db, "PRAGMA main.user_version = 1", err) ||
	    db_commit(db, err)) {
		db_rollback(db);
		return -1;
	}
	return 0;
}

int
schema_create(struct db *db, struct err *err)
{
	return create(db, schema_sql, err);
}

int
schema_create_scratch(struct db *db, struct err *err)
{
	static const char word[] = " AUTOINCREMENT";
	const char *from = schema_sql;
	const char *at;
	struct buf sql;
	int rc = -1;

	buf_init(&sql, sizeof(schema_sql));
	for (; (at = strstr(from, word)) != NULL; from = at + sizeof(word) - 1)
		buf_add(&sql, from, (size_t)(at - from));
	buf_addz(&sql, from);
	if (buf_ok(&sql, "a schema", err) == 0)
		rc = create(db, buf_str(&sql), err);
	buf_free(&sql);
	return rc;
}
