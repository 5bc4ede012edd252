#ifndef TESTS_UNIT_DBCOMPARE_H
#define TESTS_UNIT_DBCOMPARE_H

/* Helpers of the tests that sync database files. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/db.h"
#include "core/file.h"
#include "core/schema.h"

#define FILE_MAX ((size_t)1 << 28)

static char test_dir[512];
static char db_file[600];
static char old_file[600];

static inline int
dir_setup(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	(void)snprintf(test_dir, sizeof(test_dir), "%s/jair-test-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(test_dir) == NULL)
		return -1;
	(void)snprintf(db_file, sizeof(db_file), "%s/dev.db", test_dir);
	(void)snprintf(old_file, sizeof(old_file), "%s/old.db", test_dir);
	return 0;
}

static inline int
dir_teardown(void **state)
{
	static const char *const names[] = { "dev.db", "dev.db-journal",
		"dev.db-wal", "dev.db-shm", "old.db", "old.db-journal",
		"old.db-wal", "old.db-shm" };
	char path[700];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", test_dir, names[i]);
		(void)unlink(path);
	}
	return rmdir(test_dir);
}

static inline sqlite3 *
raw_open(const char *path)
{
	sqlite3 *h = NULL;

	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	return h;
}

static inline void
raw_exec(sqlite3 *h, const char *sql)
{
	char *msg = NULL;

	if (sqlite3_exec(h, sql, NULL, NULL, &msg) != SQLITE_OK)
		fail_msg("%s: %.200s", msg, sql);
}

/* Run ${sql} on ${path} as a program that is not ours would. */
static inline void
file_exec(const char *path, const char *sql)
{
	sqlite3 *h = raw_open(path);

	raw_exec(h, sql);
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
}

static inline int64_t
raw_int(sqlite3 *h, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	int64_t v;

	if (sqlite3_prepare_v2(h, sql, -1, &stmt, NULL) != SQLITE_OK)
		fail_msg("%s: %.300s", sqlite3_errmsg(h), sql);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	v = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return v;
}

static inline int64_t
file_int(const char *path, const char *sql)
{
	sqlite3 *h = raw_open(path);
	int64_t v = raw_int(h, sql);

	assert_int_equal(sqlite3_close(h), SQLITE_OK);
	return v;
}

static inline void
copy_file(const char *from, const char *to)
{
	struct err err = { 0 };

	if (file_copy(from, to, &err))
		fail_msg("%s", err.msg);
}

static inline void
assert_same_bytes(const char *a, const char *b)
{
	struct err err = { 0 };
	bool same = false;

	if (file_same(a, b, &same, &err))
		fail_msg("%s", err.msg);
	assert_true(same);
}

/*
 * Every row of ${table} in old stands, each cell with type and value, in new
 * or in its table of rejected rows.  Columns in ${skip} (",Table.column,")
 * may change.
 */
static inline void
compare_table(sqlite3 *h, const char *table, const char *skip)
{
	struct buf cells;
	struct buf sql;
	char key[300];
	sqlite3_stmt *stmt = NULL;
	int64_t rejected;

	buf_init(&cells, FILE_MAX);
	buf_init(&sql, FILE_MAX);
	buf_addf(&sql,
	    "SELECT name FROM pragma_table_xinfo('%s', 'old') "
	    "WHERE hidden <> 1",
	    table);
	assert_int_equal(sqlite3_prepare_v2(h, buf_str(&sql), -1, &stmt, NULL),
	    SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *c = (const char *)sqlite3_column_text(stmt, 0);

		(void)snprintf(key, sizeof(key), ",%s.%s,", table, c);
		if (skip != NULL && strstr(skip, key) != NULL)
			continue;
		buf_addf(&cells, "%s typeof(\"%s\"), \"%s\" COLLATE BINARY",
		    cells.len > 0 ? "," : "", c, c);
	}
	(void)sqlite3_finalize(stmt);
	buf_reset(&sql);
	buf_addf(&sql,
	    "SELECT count(*) FROM new.sqlite_schema WHERE name = "
	    "'_jair_rejected_%s'",
	    table);
	rejected = raw_int(h, buf_str(&sql));
	buf_reset(&sql);
	buf_addf(&sql,
	    "SELECT count(*) FROM (SELECT %s FROM old.\"%s\" "
	    "EXCEPT SELECT * FROM (SELECT %s FROM new.\"%s\"",
	    buf_str(&cells), table, buf_str(&cells), table);
	if (rejected > 0)
		buf_addf(&sql,
		    " UNION ALL SELECT %s FROM "
		    "new.\"_jair_rejected_%s\"",
		    buf_str(&cells), table);
	buf_addz(&sql, "))");
	if (raw_int(h, buf_str(&sql)) != 0)
		fail_msg("rows of %s are lost or changed", table);
	buf_reset(&sql);
	buf_addf(&sql,
	    "SELECT (SELECT count(*) FROM new.\"%s\") - (SELECT "
	    "count(*) FROM old.\"%s\")",
	    table, table);
	if (rejected > 0)
		buf_addf(&sql,
		    " + (SELECT count(*) FROM "
		    "new.\"_jair_rejected_%s\")",
		    table);
	assert_true(raw_int(h, buf_str(&sql)) >= 0);
	buf_free(&sql);
	buf_free(&cells);
}

/* Nothing that stands in old_file is missing from db_file. */
static inline void
compare_files(const char *skip)
{
	sqlite3 *h = raw_open(":memory:");
	sqlite3_stmt *stmt = NULL;
	char sql[1500];

	(void)snprintf(sql, sizeof(sql),
	    "ATTACH '%s' AS old; "
	    "ATTACH '%s' AS new",
	    old_file, db_file);
	raw_exec(h, sql);
	assert_int_equal(
	    sqlite3_prepare_v2(h,
		"SELECT name FROM "
		"old.sqlite_schema WHERE type = 'table' AND name NOT LIKE "
		"'sqlite%'",
		-1, &stmt, NULL),
	    SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		compare_table(h, (const char *)sqlite3_column_text(stmt, 0),
		    skip);
	(void)sqlite3_finalize(stmt);
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
}

/* A second plan has nothing to do, and applying it changes no byte. */
static inline void
assert_synced(bool recheck)
{
	struct schema_plan *plan = NULL;
	struct schema_report report;
	struct err err = { 0 };
	struct db *db = NULL;
	char copy[700];

	(void)snprintf(copy, sizeof(copy), "%s.copy", db_file);
	copy_file(db_file, copy);
	assert_int_equal(db_open(&db, db_file, DB_WRITE, &err), 0);
	if (schema_plan(db, recheck, &plan, &err))
		fail_msg("%s", err.msg);
	if (schema_plan_count(plan) > 0)
		fail_msg("still to do: %s", schema_plan_line(plan, 0));
	schema_plan_free(plan);
	assert_int_equal(schema_apply(db, recheck, &report, &err), 0);
	assert_int_equal(report.changes, 0);
	assert_int_equal(db_close(&db, &err), 0);
	assert_same_bytes(db_file, copy);
	(void)unlink(copy);
}

/* Sync db_file; what comes out must hold all that was there. */
static inline struct schema_report
sync_checked(bool recheck, const char *skip)
{
	struct schema_report report;
	struct err err = { 0 };
	struct db *db = NULL;

	copy_file(db_file, old_file);
	assert_int_equal(db_open(&db, db_file, DB_WRITE, &err), 0);
	if (schema_apply(db, recheck, &report, &err))
		fail_msg("%s", err.msg);
	assert_true(report.changes > 0);
	assert_int_equal(db_close(&db, &err), 0);
	compare_files(skip);
	assert_synced(recheck);
	return report;
}

/* Sync is refused with ${code}, and no byte changes. */
static inline void
sync_refused(enum err_code code, const char *part)
{
	struct schema_report report;
	struct err err = { 0 };
	struct db *db = NULL;

	copy_file(db_file, old_file);
	assert_int_equal(db_open(&db, db_file, DB_WRITE, &err), 0);
	assert_int_equal(schema_apply(db, false, &report, &err), -1);
	db_free(db);
	if (err.code != code || strstr(err.msg, part) == NULL)
		fail_msg("%d: %s", err.code, err.msg);
	assert_same_bytes(db_file, old_file);
}

#endif
