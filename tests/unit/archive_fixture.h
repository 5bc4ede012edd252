#ifndef TESTS_UNIT_ARCHIVE_FIXTURE_H
#define TESTS_UNIT_ARCHIVE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/archive.h"
#include "core/db.h"
#include "core/file.h"
#include "schema_sql.h"

/* A folder of this test's own. */
static char fixture_dir[256];

static inline int
fixture_make(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	(void)snprintf(fixture_dir, sizeof(fixture_dir), "%s/jair-test-XXXXXX",
	    tmp != NULL && *tmp != '\0' ? tmp : "/tmp");
	return mkdtemp(fixture_dir) != NULL ? 0 : -1;
}

static inline const char *
fixture_path(const char *name)
{
	static char path[4][320];
	static size_t at;

	at = (at + 1) % 4;
	(void)snprintf(path[at], sizeof(path[at]), "%s/%s", fixture_dir, name);
	return path[at];
}

static inline int
fixture_free(void **state)
{
	static const char *const names[] = { "a.db", "b.db", "a.db-journal",
		"b.db-journal", "a.json", "b.json", "c.json" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlink(fixture_path(names[i]));
	return rmdir(fixture_dir);
}

/* Statements that must work. */
static inline void
fixture_exec(struct db *db, const char *sql)
{
	struct err err = { 0 };

	if (db_exec(db, sql, &err))
		fail_msg("%s", err.msg);
}

/* A new, empty database with the target schema; foreign keys are not enforced. */
static inline struct db *
fixture_db(const char *name)
{
	struct err err = { 0 };
	struct db *db = NULL;

	(void)unlink(fixture_path(name));
	if (db_open(&db, fixture_path(name), DB_SCRATCH, &err))
		fail_msg("%s", err.msg);
	fixture_exec(db, "PRAGMA foreign_keys=OFF");
	fixture_exec(db, schema_sql);
	return db;
}

/* The whole of a file, which the caller frees. */
static inline struct buf
fixture_read(const char *path)
{
	struct err err = { 0 };
	struct buf b;

	if (file_read(path, 1 << 28, &b, &err))
		fail_msg("%s", err.msg);
	return b;
}

/* The archive of ${db}, as text that the caller frees. */
static inline struct buf
fixture_archive(struct db *db, struct archive_stats *stats)
{
	struct err err = { 0 };
	struct buf b;

	if (archive_write(db, fixture_path("a.json"), stats, &err))
		fail_msg("%s", err.msg);
	b = fixture_read(fixture_path("a.json"));
	assert_int_equal(unlink(fixture_path("a.json")), 0);
	return b;
}

#endif
