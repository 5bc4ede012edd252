/* Without this a crash's left-overs or a full disk could cost the file. */

#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/dbcompare.h"
#include "tests/unit/schema_versions.h"

#define LATEST USER_2 MEDIA_4 UM_2 CFG_4
#define MANY                                                                   \
	"WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM "      \
	"n WHERE i < 5000) INSERT INTO \"Media\"(id, tmdbId, title, "          \
	"mediaType) SELECT i, i + 9000, printf('title %d', i), 'movie' FROM n;"

static void
beside(char *out, size_t len, const char *file, const char *suffix)
{
	(void)snprintf(out, len, "%s%s", file, suffix);
}

static void
apply_wal_file_with_an_unmerged_wal(void **state)
{
	struct schema_report report;
	struct err err = { 0 };
	struct db *db = NULL;
	char wal[700];
	char copy[700];
	sqlite3 *h;

	(void)state;
	h = raw_open(old_file);
	raw_exec(h,
	    "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;" LATEST
		ROWS);
	beside(wal, sizeof(wal), old_file, "-wal");
	beside(copy, sizeof(copy), db_file, "-wal");
	copy_file(old_file, db_file);
	copy_file(wal, copy);
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
	assert_int_equal(db_open(&db, db_file, DB_WRITE, &err), 0);
	assert_int_equal(schema_apply(db, false, &report, &err), 0);
	assert_int_equal(db_close(&db, &err), 0);
	compare_files(NULL);
	assert_int_equal(file_int(db_file, "SELECT count(*) FROM UserMedia"),
	    5);
	assert_synced(false);
}

static void
apply_hot_journal_is_rolled_back_first(void **state)
{
	struct schema_report report;
	struct err err = { 0 };
	struct db *db = NULL;
	char journal[700];
	char copy[700];
	sqlite3 *h;

	(void)state;
	file_exec(old_file, LATEST ROWS MANY);
	h = raw_open(old_file);
	raw_exec(h,
	    "PRAGMA cache_size=5; PRAGMA cache_spill=5; BEGIN; "
	    "UPDATE \"Media\" SET title = 'half written';"
	    "DELETE FROM UserMedia;");
	beside(journal, sizeof(journal), old_file, "-journal");
	beside(copy, sizeof(copy), db_file, "-journal");
	copy_file(old_file, db_file);
	copy_file(journal, copy);
	raw_exec(h, "ROLLBACK");
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
	assert_int_equal(db_open(&db, db_file, DB_WRITE, &err), 0);
	assert_int_equal(schema_apply(db, false, &report, &err), 0);
	assert_int_equal(db_close(&db, &err), 0);
	compare_files(NULL);
	assert_synced(false);
}

static void
apply_read_only_file_is_refused(void **state)
{
	pid_t pid;
	int status = 0;

	(void)state;
	file_exec(db_file, LATEST ROWS);
	assert_int_equal(chmod(db_file, 0444), 0);
	assert_int_equal(chmod(test_dir, 0555), 0);
	if ((pid = fork()) == 0) {
		struct schema_report report;
		struct err err = { 0 };
		struct db *db = NULL;

		if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
			_exit(2);
		if (db_open(&db, db_file, DB_WRITE, &err) == 0)
			(void)schema_apply(db, false, &report, &err);
		_exit(err.code == ERR_DENIED ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(chmod(test_dir, 0755), 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(file_int(db_file, "PRAGMA user_version"), 0);
}

static void
apply_locked_database_is_busy(void **state)
{
	sqlite3 *h;

	(void)state;
	file_exec(db_file, LATEST ROWS);
	h = raw_open(db_file);
	raw_exec(h, "BEGIN IMMEDIATE");
	db_set_busy_wait(50);
	sync_refused(ERR_BUSY, "another process holds the lock");
	db_set_busy_wait(10000);
	raw_exec(h, "ROLLBACK");
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
	(void)sync_checked(false, NULL);
}

static void
plan_in_sync_takes_no_write_lock(void **state)
{
	struct schema_report report;
	struct err err = { 0 };
	struct db *db = NULL;
	sqlite3 *h;

	(void)state;
	file_exec(db_file, LATEST ROWS);
	(void)sync_checked(false, NULL);
	h = raw_open(db_file);
	raw_exec(h, "BEGIN IMMEDIATE");
	db_set_busy_wait(50);
	assert_int_equal(db_open(&db, db_file, DB_WRITE, &err), 0);
	assert_int_equal(schema_apply(db, false, &report, &err), 0);
	assert_int_equal(report.changes, 0);
	db_free(db);
	db_set_busy_wait(10000);
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
}

static void
plan_names_every_change_and_writes_nothing(void **state)
{
	static const char *const expected[] = {
		"mark the schema as version 1",
		"add column \"User\".\"jellyfinUserId\"",
		"drop index \"Media_tmdbId_key\"",
		"create index \"Media_mediaType_tmdbId_key\"",
		("rebuild table \"Media\" (column \"title\" may be empty; "
		 "column \"mediaType\" may be empty)"),
		"create table \"BackupRun\"",
	};
	struct schema_plan *plan = NULL;
	struct err err = { 0 };
	struct db *db = NULL;

	(void)state;
	file_exec(db_file, LATEST ROWS);
	copy_file(db_file, old_file);
	assert_int_equal(db_open(&db, db_file, DB_READ, &err), 0);
	assert_int_equal(schema_plan(db, false, &plan, &err), 0);
	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
		size_t k = 0;

		while (k < schema_plan_count(plan) &&
		    strcmp(schema_plan_line(plan, k), expected[i]) != 0)
			k++;
		if (k == schema_plan_count(plan))
			fail_msg("not in the plan: %s", expected[i]);
	}
	assert_null(schema_plan_line(plan, schema_plan_count(plan)));
	schema_plan_free(plan);
	assert_int_equal(db_close(&db, &err), 0);
	assert_same_bytes(db_file, old_file);
}

/* Let sync run out of space at every page count from now to done. */
static void
apply_full_disk_rolls_back_at_every_step(void **state)
{
	int64_t pages;
	int failed = 0;
	int rc = -1;

	(void)state;
	file_exec(db_file, LATEST ROWS MANY);
	copy_file(db_file, old_file);
	pages = file_int(db_file, "PRAGMA page_count");
	for (int64_t more = 0; rc != 0; more += 7) {
		struct schema_report report;
		struct err err = { 0 };
		struct db *db = NULL;
		char sql[100];

		assert_true(more < 1000);
		assert_int_equal(db_open(&db, db_file, DB_WRITE, &err), 0);
		(void)snprintf(sql, sizeof(sql), "PRAGMA max_page_count=%lld",
		    (long long)(pages + more));
		assert_int_equal(db_exec(db, sql, &err), 0);
		rc = schema_apply(db, false, &report, &err);
		assert_int_equal(raw_int(db_handle(db), "PRAGMA foreign_keys"),
		    1);
		assert_int_equal(db_close(&db, &err), 0);
		if (rc == 0)
			break;
		failed++;
		assert_int_equal(err.code, ERR_DISK);
		assert_same_bytes(db_file, old_file);
	}
	assert_true(failed > 3);
	compare_files(NULL);
}

static void
apply_failure_names_its_step(void **state)
{
	(void)state;
	/* An index called like a table of ours is in its way. */
	file_exec(db_file,
	    LATEST "CREATE TABLE t(a); CREATE INDEX Job ON "
		   "t(a)");
	sync_refused(ERR_SCHEMA, "create table \"Job\"");
}

#define T(f) cmocka_unit_test_setup_teardown(f, dir_setup, dir_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(apply_wal_file_with_an_unmerged_wal),
		T(apply_hot_journal_is_rolled_back_first),
		T(apply_read_only_file_is_refused),
		T(apply_locked_database_is_busy),
		T(plan_names_every_change_and_writes_nothing),
		T(plan_in_sync_takes_no_write_lock),
		T(apply_full_disk_rolls_back_at_every_step),
		T(apply_failure_names_its_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
