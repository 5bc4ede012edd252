/*
 * Without this the wrong file could take the place of the household's
 * database, or two databases could mix.
 */

#include "core/restore.h"
#include "tests/unit/household.h"

#include <glob.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/path.h"

static char live[320];
static char snap[320];

/* A live database with the user "here", a snapshot with "there". */
static int
setup(void **state)
{
	struct db *db;

	(void)state;
	(void)folder_make();
	folder_clean();
	(void)snprintf(live, sizeof(live), "%s", folder_path("dev.db"));
	(void)snprintf(snap, sizeof(snap), "%s", folder_path("snapshot"));
	db = household("dev.db");
	exec(db, "INSERT INTO User (username) VALUES ('here')");
	db_free(db);
	db = household("snapshot");
	exec(db, "INSERT INTO User (username) VALUES ('there')");
	db_free(db);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	folder_clean();
	return 0;
}

static int
restore(struct err *err)
{
	*err = (struct err){ 0 };
	return restore_snapshot(snap, live, folder_make(), err);
}

static void
file_exec(const char *path, const char *sql)
{
	struct err err = { 0 };
	struct db *db = NULL;

	must(db_open(&db, path, DB_WRITE, &err), &err);
	exec(db, sql);
	db_free(db);
}

static int64_t
file_number(const char *path, const char *sql)
{
	struct err err = { 0 };
	struct db *db = NULL;
	int64_t n;

	must(db_open(&db, path, DB_READ, &err), &err);
	n = number(db, sql);
	db_free(db);
	return n;
}

static void
assert_user(const char *path, const char *name)
{
	char sql[128];

	(void)snprintf(sql, sizeof(sql),
	    "SELECT count(*) = 1 AND max(username) = '%s' FROM User", name);
	assert_int_equal(file_number(path, sql), 1);
}

/* The restore fails with ${code} and leaves every byte and no file. */
static void
assert_refused(enum err_code code)
{
	size_t len;
	size_t again;
	char *before = folder_read(live, &len);
	size_t files = folder_count();
	struct err err;
	char *after;

	assert_int_equal(restore(&err), -1);
	assert_int_equal(err.code, code);
	if (code == ERR_CORRUPT || code == ERR_FORMAT || code == ERR_NEWER)
		assert_non_null(strstr(err.msg, snap));
	after = folder_read(live, &again);
	assert_int_equal(len, again);
	assert_memory_equal(before, after, len);
	assert_int_equal(folder_count(), files);
	free(before);
	free(after);
}

static void
restore_takes_the_snapshots_content(void **state)
{
	size_t files = folder_count();
	struct err err;

	(void)state;
	must(restore(&err), &err);
	assert_user(live, "there");
	assert_user(snap, "there");
	assert_int_equal(folder_mode(live), 0600);
	assert_int_equal(folder_count(), files);
}

static void
restore_of_an_older_version_syncs_it(void **state)
{
	struct err err;

	(void)state;
	must(restore_snapshot("tests/fixtures/db/v2.8.10-small.db", live,
		 folder_make(), &err),
	    &err);
	assert_int_equal(file_number(live, "SELECT count(*) FROM UserMedia"),
	    71);
	assert_int_equal(file_number(live,
			     "SELECT count(addedAt) FROM UserMedia"),
	    71);
	assert_int_equal(file_number(live, "SELECT count(*) FROM BackupRun"),
	    0);
}

static void
restore_keeps_what_is_this_servers(void **state)
{
	static const char ours[] =
	    "INSERT INTO StagedRestore (id, file, state, sha256, preview,"
	    " assignTo, createdAt) VALUES (7, 'f', 'pending', 'h', NULL,"
	    " NULL, 'now'); INSERT INTO StagedUser (restoreId, username, state)"
	    " VALUES (7, 'u', 'pending'); INSERT INTO Job (type, state,"
	    " createdAt) VALUES ('sync', 'queued', 'now'); INSERT INTO"
	    " BackupRun (kind, startedAt, ms, verified) VALUES ('archive',"
	    " 'now', 1, 1)";
	static const char theirs[] =
	    "INSERT INTO StagedRestore (id, file, state, sha256, preview,"
	    " assignTo, createdAt) VALUES (7, 'old', 'ready', 'h', NULL,"
	    " NULL, 'old'); INSERT INTO StagedUser (restoreId, username, state)"
	    " VALUES (7, 'old', 'pending'); INSERT INTO Job (type, state,"
	    " createdAt) VALUES ('old', 'queued', 'old'); INSERT INTO BackupRun"
	    " (kind, startedAt, ms, verified) VALUES ('old', 'old', 1, 1)";
	static const char session[] =
	    "INSERT INTO JairSession (tokenHash, userId, createdAt,"
	    " lastUsedAt, expiresAt) VALUES ('t', 1, 'n', 'n', 'n')";
	struct err err;

	(void)state;
	file_exec(live, ours);
	file_exec(live, session);
	file_exec(snap, theirs);
	file_exec(snap, session);
	must(restore(&err), &err);
	assert_user(live, "there");
	assert_int_equal(
	    file_number(live,
		"SELECT (SELECT count(*) FROM JairSession) = 0"
		" AND (SELECT group_concat(file) FROM StagedRestore) = 'f'"
		" AND (SELECT group_concat(username) FROM StagedUser) = 'u'"
		" AND (SELECT group_concat(type) FROM Job) = 'sync'"
		" AND (SELECT group_concat(kind) FROM BackupRun) = 'archive'"),
	    1);
	/* The snapshot itself is only read. */
	assert_int_equal(file_number(snap, "SELECT count(*) FROM JairSession"),
	    1);
}

static void
restore_from_what_is_no_snapshot_is_refused(void **state)
{
	struct err err = { 0 };
	struct db *db = NULL;
	char *text;
	size_t len;
	FILE *f;

	(void)state;
	text = folder_read(snap, &len);
	folder_write(snap, "{\"version\":\"2.0.3\"}");
	assert_refused(ERR_CORRUPT);
	/* Half of one. */
	f = fopen(snap, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len / 2, f), len / 2);
	assert_int_equal(fclose(f), 0);
	free(text);
	assert_refused(ERR_CORRUPT);
	assert_int_equal(unlink(snap), 0);
	assert_refused(ERR_MISSING);
	/* A database, but somebody else's; and one of nothing. */
	must(db_open(&db, snap, DB_CREATE, &err), &err);
	exec(db, "CREATE TABLE moz_places (url TEXT)");
	db_free(db);
	assert_refused(ERR_FORMAT);
	folder_write(snap, "");
	assert_refused(ERR_FORMAT);
}

static void
restore_of_a_newer_version_is_refused(void **state)
{
	(void)state;
	file_exec(snap, "PRAGMA user_version = 1000");
	assert_refused(ERR_NEWER);
}

static void
restore_of_a_schema_that_cannot_sync_is_refused(void **state)
{
	(void)state;
	/* Our table's name for something that is no table. */
	file_exec(snap, "DROP TABLE Job; CREATE VIEW Job AS SELECT 1 AS id");
	assert_refused(ERR_SCHEMA);
}

static int
restore_on_a_full_disk(void)
{
	struct err err;

	if (restore(&err) == 0)
		return 2;
	return err.code == ERR_DISK ? 0 : 3;
}

static void
restore_on_a_full_disk_changes_nothing(void **state)
{
	/* From too little for the copy to too little for the live one's pages. */
	static const rlim_t bytes[] = { 1000, 40000, 90000 };
	size_t len;
	size_t again;
	char *before = folder_read(live, &len);
	char *after;

	(void)state;
	file_exec(snap,
	    "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE"
	    " i < 2000) INSERT INTO User (username) SELECT 'user ' || i FROM n");
	for (size_t i = 0; i < 3; i++) {
		with_full_disk(bytes[i], restore_on_a_full_disk);
		after = folder_read(live, &again);
		assert_int_equal(len, again);
		assert_memory_equal(before, after, len);
		free(after);
		assert_true(folder_count() <= 4);
	}
	free(before);
}

/* Write into ${path} until the process ends without closing it. */
static void
leave_open(const char *path, const char *sql)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct err err = { 0 };
		struct db *db = NULL;

		if (db_open(&db, path, DB_WRITE, &err) == 0 &&
		    db_exec(db, sql, &err) == 0)
			_exit(0);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
restore_reads_a_snapshot_with_its_wal(void **state)
{
	struct err err;

	(void)state;
	leave_open(snap,
	    "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;"
	    " UPDATE User SET username = 'in the wal'");
	assert_true(path_exists(folder_path("snapshot-wal")));
	must(restore(&err), &err);
	assert_user(live, "in the wal");
	/* The live database is no WAL database afterwards. */
	assert_false(path_exists(folder_path("dev.db-wal")));
	assert_int_equal(file_number(live,
			     "SELECT count(*) FROM"
			     " pragma_journal_mode WHERE journal_mode = 'wal'"),
	    0);
}

static void
restore_leaves_a_strange_wal_out(void **state)
{
	struct err err;

	(void)state;
	/* A -wal beside a name that only we give: it is another file's. */
	(void)snprintf(snap, sizeof(snap), "%s",
	    folder_path("dev.db.backup_startup"));
	assert_int_equal(rename(folder_path("snapshot"), snap), 0);
	leave_open(snap,
	    "PRAGMA journal_mode=WAL; PRAGMA wal_checkpoint;"
	    " PRAGMA wal_autocheckpoint=0;"
	    " UPDATE User SET username = 'in the wal'");
	folder_write(folder_path("dev.db.backup_startup-journal"), "odd");
	must(restore(&err), &err);
	assert_user(live, "there");
	assert_true(path_exists(folder_path("dev.db.backup_startup-wal")));
	assert_true(path_exists(folder_path("dev.db.backup_startup-journal")));
}

static void
restore_rolls_a_hot_journal_back_first(void **state)
{
	struct err err;

	(void)state;
	/* Pages of an unfinished transaction reach the file and its journal. */
	leave_open(live,
	    "PRAGMA cache_size=1; PRAGMA cache_spill=1; BEGIN;"
	    " WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE"
	    " i < 5000) INSERT INTO User (username) SELECT 'lost ' || i FROM n");
	assert_true(path_exists(folder_path("dev.db-journal")));
	must(restore(&err), &err);
	assert_user(live, "there");
	assert_int_equal(file_number(live,
			     "SELECT count(*) FROM"
			     " pragma_integrity_check WHERE"
			     " integrity_check = 'ok'"),
	    1);
}

static void
restore_of_a_missing_database_makes_one(void **state)
{
	struct err err;

	(void)state;
	file_exec(snap,
	    "INSERT INTO JairSession (tokenHash, userId,"
	    " createdAt, lastUsedAt, expiresAt) VALUES ('t', 1, 'n', 'n',"
	    " 'n')");
	db_remove(live);
	must(restore(&err), &err);
	assert_user(live, "there");
	assert_int_equal(file_number(live, "SELECT count(*) FROM JairSession"),
	    0);
	assert_int_equal(folder_mode(live), 0600);
	assert_false(path_exists(folder_path("quarantine")));
}

/* A file of that name and content lies in quarantine. */
static void
assert_aside(const char *name, const char *content)
{
	char pattern[320];
	glob_t found;
	char *text;

	(void)snprintf(pattern, sizeof(pattern), "%s/quarantine/*/%s",
	    folder_make(), name);
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	assert_int_equal(found.gl_pathc, 1);
	text = folder_read(found.gl_pathv[0], NULL);
	assert_string_equal(text, content);
	free(text);
	globfree(&found);
}

static void
restore_puts_a_damaged_database_aside(void **state)
{
	struct err err;

	(void)state;
	folder_write(live, "its bytes");
	folder_write(folder_path("dev.db-wal"), "its wal");
	must(restore(&err), &err);
	assert_user(live, "there");
	assert_aside("dev.db", "its bytes");
	assert_aside("dev.db-wal", "its wal");
	assert_false(path_exists(folder_path("dev.db-wal")));
	assert_false(path_exists(folder_path("dev.db-shm")));
}

static void
restore_that_fails_leaves_a_damaged_database(void **state)
{
	(void)state;
	folder_write(live, "not a database");
	file_exec(snap, "PRAGMA user_version = 1000");
	assert_refused(ERR_NEWER);
	assert_false(path_exists(folder_path("quarantine")));
}

static void
restore_waits_for_no_writer_for_ever(void **state)
{
	struct err err = { 0 };
	struct db *db = NULL;

	(void)state;
	db_set_busy_wait(50);
	must(db_open(&db, live, DB_WRITE, &err), &err);
	must(db_begin(db, &err), &err);
	assert_refused(ERR_BUSY);
	db_rollback(db);
	db_free(db);
	assert_user(live, "here");
}

/* Statements that only a connection without our hardening may run. */
static void
raw_exec(const char *path, const char *sql)
{
	sqlite3 *h = NULL;

	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	assert_int_equal(sqlite3_exec(h, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
}

static void
restore_heals_a_damaged_index(void **state)
{
	struct err err;

	(void)state;
	/* The index misses a row that was added while it was hidden. */
	raw_exec(snap,
	    "CREATE INDEX i ON User(tvProfile); PRAGMA writable_schema=ON;"
	    " CREATE TABLE hidden AS SELECT type, name, tbl_name, rootpage, sql"
	    " FROM sqlite_schema WHERE name = 'i';"
	    " DELETE FROM sqlite_schema WHERE name = 'i'");
	raw_exec(snap, "UPDATE User SET tvProfile = 'x'");
	raw_exec(snap,
	    "PRAGMA writable_schema=ON; INSERT INTO sqlite_schema"
	    " SELECT * FROM hidden; DROP TABLE hidden");
	assert_int_equal(file_number(snap,
			     "SELECT count(*) FROM User"
			     " INDEXED BY i WHERE tvProfile = 'x'"),
	    0);
	must(restore(&err), &err);
	assert_user(live, "there");
	assert_int_equal(file_number(live,
			     "SELECT count(*) FROM User"
			     " INDEXED BY i WHERE tvProfile = 'x'"),
	    1);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(restore_takes_the_snapshots_content),
		CASE(restore_of_an_older_version_syncs_it),
		CASE(restore_keeps_what_is_this_servers),
		CASE(restore_from_what_is_no_snapshot_is_refused),
		CASE(restore_of_a_newer_version_is_refused),
		CASE(restore_of_a_schema_that_cannot_sync_is_refused),
		CASE(restore_on_a_full_disk_changes_nothing),
		CASE(restore_reads_a_snapshot_with_its_wal),
		CASE(restore_leaves_a_strange_wal_out),
		CASE(restore_rolls_a_hot_journal_back_first),
		CASE(restore_of_a_missing_database_makes_one),
		CASE(restore_puts_a_damaged_database_aside),
		CASE(restore_that_fails_leaves_a_damaged_database),
		CASE(restore_waits_for_no_writer_for_ever),
		CASE(restore_heals_a_damaged_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
