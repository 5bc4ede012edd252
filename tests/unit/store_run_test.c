/* Without this nobody would know when the last good backup was made. */

#include "core/store_run.h"
#include "tests/unit/dbcompare.h"
#include "tests/unit/folder.h"

static struct db *
database(void)
{
	struct err err = { 0 };
	struct db *db = NULL;

	folder_clean();
	if (db_open(&db, folder_path("dev.db"), DB_SCRATCH, &err) ||
	    schema_create(db, &err))
		fail_msg("%s", err.msg);
	return db;
}

static void
add_then_last_gives_every_field(void **state)
{
	struct run run = { .kind = RUN_ARCHIVE,
		.ms = 41,
		.bytes = 123456,
		.verified = true,
		.file = "backup_2026-01-05T10-30-00.json",
		.started = "2026-01-05T10:30:00.037Z",
		.sha256 = "abc" };
	struct db *db = database();
	struct err err = { 0 };
	struct run got;
	bool found;

	(void)state;
	assert_int_equal(store_run_last(db, RUN_ARCHIVE, &got, &found, &err),
	    0);
	assert_false(found);
	assert_int_equal(store_run_add(db, &run, &err), 0);
	assert_int_equal(store_run_last(db, RUN_SNAPSHOT, &got, &found, &err),
	    0);
	assert_false(found);
	assert_int_equal(store_run_last(db, RUN_ARCHIVE, &got, &found, &err),
	    0);
	assert_true(found);
	assert_int_equal(got.kind, RUN_ARCHIVE);
	assert_int_equal(got.ms, 41);
	assert_int_equal(got.bytes, 123456);
	assert_true(got.verified);
	assert_string_equal(got.file, run.file);
	assert_string_equal(got.started, run.started);
	assert_string_equal(got.sha256, "abc");
	assert_string_equal(got.error, "");
	db_free(db);
}

static void
add_failed_run_has_no_file(void **state)
{
	struct run run = { .kind = RUN_RECOVERY,
		.started = "x",
		.error = "The disk is full." };
	struct db *db = database();
	struct err err = { 0 };
	struct run got;
	bool found;
	int64_t n;

	(void)state;
	assert_int_equal(store_run_add(db, &run, &err), 0);
	assert_int_equal(store_run_last(db, RUN_RECOVERY, &got, &found, &err),
	    0);
	assert_true(found);
	assert_false(got.verified);
	assert_string_equal(got.error, "The disk is full.");
	assert_int_equal(db_int(db,
			     "SELECT count(*) FROM BackupRun WHERE "
			     "file IS NULL AND sha256 IS NULL",
			     &n, &err),
	    0);
	assert_int_equal(n, 1);
	db_free(db);
}

static void
of_file_gives_the_newest(void **state)
{
	struct run run = { .kind = RUN_SNAPSHOT, .file = "a", .started = "x" };
	struct db *db = database();
	struct err err = { 0 };
	struct run got;
	bool found;

	(void)state;
	assert_int_equal(store_run_add(db, &run, &err), 0);
	run.bytes = 2;
	assert_int_equal(store_run_add(db, &run, &err), 0);
	assert_int_equal(store_run_of(db, "a", &got, &found, &err), 0);
	assert_true(found);
	assert_int_equal(got.bytes, 2);
	assert_int_equal(store_run_of(db, "b", &got, &found, &err), 0);
	assert_false(found);
	db_free(db);
}

static void
last_verified_passes_over_failures(void **state)
{
	struct run run = { .kind = RUN_ARCHIVE, .started = "x" };
	struct db *db = database();
	struct err err = { 0 };
	struct run got;
	bool found;

	(void)state;
	assert_int_equal(store_run_add(db, &run, &err), 0);
	assert_int_equal(store_run_last_verified(db, RUN_ARCHIVE, &got, &found,
			     &err),
	    0);
	assert_false(found);
	run.verified = true;
	for (run.ms = 1; run.ms <= 2; run.ms++)
		assert_int_equal(store_run_add(db, &run, &err), 0);
	run.verified = false;
	assert_int_equal(store_run_add(db, &run, &err), 0);
	run.kind = RUN_SNAPSHOT;
	run.verified = true;
	assert_int_equal(store_run_add(db, &run, &err), 0);
	assert_int_equal(store_run_last_verified(db, RUN_ARCHIVE, &got, &found,
			     &err),
	    0);
	assert_true(found);
	assert_int_equal(got.ms, 2);
	db_free(db);
}

static void
add_keeps_the_newest_500_of_each_kind(void **state)
{
	struct run run = { .kind = RUN_SNAPSHOT, .started = "x" };
	struct db *db = database();
	struct err err = { 0 };
	int64_t n;

	(void)state;
	assert_int_equal(store_run_add(db, &run, &err), 0);
	run.kind = RUN_ARCHIVE;
	for (int i = 0; i < 510; i++) {
		run.ms = i;
		assert_int_equal(store_run_add(db, &run, &err), 0);
	}
	assert_int_equal(db_int(db, "SELECT count(*) FROM BackupRun", &n, &err),
	    0);
	assert_int_equal(n, 501);
	assert_int_equal(db_int(db,
			     "SELECT min(ms) FROM BackupRun WHERE "
			     "kind = 'archive'",
			     &n, &err),
	    0);
	assert_int_equal(n, 10);
	db_free(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(add_then_last_gives_every_field),
		cmocka_unit_test(add_failed_run_has_no_file),
		cmocka_unit_test(of_file_gives_the_newest),
		cmocka_unit_test(last_verified_passes_over_failures),
		cmocka_unit_test(add_keeps_the_newest_500_of_each_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
