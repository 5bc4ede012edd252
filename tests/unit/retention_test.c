/* Without these tests what the plan spares could be removed all the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/path.h"
#include "core/retention.h"
#include "core/schema.h"
#include "tests/unit/folder.h"

#define MADE "backup_2026-01-05T10-30-00.json"
#define OLD "backup_2026-01-04T10-30-00.json"
#define OLDER "backup_2026-01-03T10-30-00.json"

static const struct env_keep one = { 1, 0, 0, 0, UINT64_C(1) << 30 };
static struct backup made;

/* 2026-01-05T10:30:00.037Z */
static int64_t
fixed_time(void)
{
	return INT64_C(1767609000037);
}

/* An archive that was just made, and two of other content before it. */
static int
setup(void **state)
{
	struct err err = { 0 };
	struct db *db = NULL;

	(void)state;
	folder_clean();
	clock_set_source(fixed_time);
	if (db_open(&db, folder_path("dev.db"), DB_CREATE, &err) ||
	    schema_create(db, &err) ||
	    db_exec(db, "INSERT INTO User (username) VALUES ('anna')", &err) ||
	    backup_make(db, folder_make(), &made, &err))
		fail_msg("%s", err.msg);
	db_free(db);
	folder_write(folder_path(OLD), "{\"users\":[{\"username\":\"a\"}]}");
	folder_write(folder_path(OLDER), "{\"users\":[{\"username\":\"b\"}]}");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	clock_set_source(NULL);
	folder_clean();
	return 0;
}

static void
run(const struct backup *b, bool dry_run, struct retention *r)
{
	struct err err = { 0 };

	if (retention_run(folder_make(), &one, b, dry_run, r, &err))
		fail_msg("%s", err.msg);
}

static bool
there(const char *name)
{
	return path_exists(folder_path(name));
}

static void
run_removes_what_has_no_place(void **state)
{
	struct retention r;

	(void)state;
	run(&made, false, &r);
	assert_int_equal(r.sums.archives, 2);
	assert_int_equal(r.sums.kept, 2);
	assert_int_equal(r.failed, 0);
	assert_int_equal(r.problem.code, ERR_NONE);
	assert_true(there(MADE));
	assert_true(there(BACKUP_LATEST));
	assert_false(there(OLD));
	assert_false(there(OLDER));
	retention_free(&r);
	retention_free(&r);
}

static void
run_dry_writes_nothing(void **state)
{
	struct retention r;
	size_t n = folder_count();

	(void)state;
	run(&made, true, &r);
	assert_int_equal(r.sums.archives, 2);
	assert_int_equal(r.count, 4);
	assert_int_equal(folder_count(), n);
	assert_true(there(OLD));
	retention_free(&r);
}

/* Nothing was made now, and what there is does not prove itself. */
static void
run_without_a_good_archive_removes_nothing(void **state)
{
	struct retention r;

	(void)state;
	run(NULL, false, &r);
	assert_int_equal(r.sums.archives, 2);
	retention_free(&r);
	(void)setup(NULL);
	folder_write(folder_path(MADE), "{\"users\":[]}");
	run(NULL, false, &r);
	assert_int_equal(r.sums.archives, 0);
	assert_true(there(OLD));
	assert_true(there(OLDER));
	retention_free(&r);
}

static void
run_touches_only_files_of_our_names(void **state)
{
	static const char *const names[] = { "backup_mine.json",
		"backup_2026-01-01.json", "backup_2026-02-30T10-30-00.json",
		"backup_2026-01-02T10-30-00.json.bak", "dev.db.pre-upgrade",
		"dev.db.pre-upgrade_old", "dev.db.backup_startup.3",
		"dev.db.backup_startup", "restore.json" };
	struct retention r;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		folder_write(folder_path(names[i]), "x");
	assert_int_equal(symlink("backup_mine.json",
			     folder_path("backup_2026-01-02T10-30-00.json")),
	    0);
	assert_int_equal(mkdir(folder_path("backup_2026-01-01T10-30-00.json"),
			     0700),
	    0);
	run(&made, false, &r);
	assert_int_equal(r.sums.archives, 2);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!there(names[i]))
			fail_msg("%s", names[i]);
	}
	assert_true(there("backup_2026-01-02T10-30-00.json"));
	assert_true(there("backup_2026-01-01T10-30-00.json"));
	retention_free(&r);
}

static void
run_in_a_missing_folder_is_an_error(void **state)
{
	struct err err = { 0 };
	struct retention r;

	(void)state;
	assert_int_equal(retention_run(folder_path("none"), &one, NULL, false,
			     &r, &err),
	    -1);
	assert_int_equal(err.code, ERR_MISSING);
	assert_null(r.file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(run_removes_what_has_no_place),
		TEST(run_dry_writes_nothing),
		TEST(run_without_a_good_archive_removes_nothing),
		TEST(run_touches_only_files_of_our_names),
		TEST(run_in_a_missing_folder_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
