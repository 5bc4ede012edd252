/* Without this a recovery could choose the worse backup, or lose by it. */

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "core/backup.h"
#include "core/path.h"
#include "core/recover.h"
#include "core/str.h"
#include "tests/unit/dbcompare.h"
#include "tests/unit/folder.h"

#define PAGE 4096

static char live[512];
static struct recovery r;

static void
sql(const char *name, const char *text)
{
	file_exec(folder_path(name), text);
}

static int64_t
number(const char *text)
{
	return file_int(live, text);
}

/* A household: one user, 2000 titles, 2000 entries until ${day}. */
static void
make_database(const char *name, const char *day)
{
	struct err err = { 0 };
	struct db *db = NULL;
	char text[1200];

	if (db_open(&db, folder_path(name), DB_CREATE, &err) ||
	    schema_create(db, &err))
		fail_msg("%s", err.msg);
	(void)snprintf(text, sizeof(text),
	    "INSERT INTO User (id, username, createdAt, passwordHash) VALUES"
	    " (1, 'anna', '2020-01-01T00:00:00.000Z', 'h');"
	    "INSERT INTO SystemConfig (id, jellyfinUrl, isConfigured)"
	    " VALUES (1, 'http://j', 1);"
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 2000) INSERT INTO Media (id, tmdbId, mediaType, title)"
	    " SELECT i, i, 'movie', printf('title %%d', i) FROM n;"
	    "INSERT INTO UserMedia (userId, mediaId, status, updatedAt)"
	    " SELECT 1, id, 'WATCHED', '%sT00:00:00.000Z' FROM Media;"
	    "INSERT INTO JairSession (tokenHash, userId, createdAt, lastUsedAt,"
	    " expiresAt) VALUES ('t', 1, 'a', 'b', 'c');"
	    "INSERT INTO Job (id, type, state, userId, createdAt) VALUES"
	    " (7, 'sync', 'done', 1, 'now')",
	    day);
	if (db_exec(db, text, &err) || db_close(&db, &err))
		fail_msg("%s", err.msg);
}

/* A snapshot under that name. */
static void
snapshot_as(const char *name)
{
	copy_file(live, folder_path(name));
}

/* An archive of ${from} under that name. */
static void
archive_as(const char *from, const char *name)
{
	struct backup backup;
	struct err err = { 0 };
	struct db *db = NULL;
	char latest[600];

	(void)snprintf(latest, sizeof(latest), "%s",
	    folder_path("backup_latest.json"));
	if (db_open(&db, folder_path(from), DB_WRITE, &err) ||
	    backup_make(db, folder_make(), &backup, &err))
		fail_msg("%s", err.msg);
	db_free(db);
	assert_int_equal(unlink(folder_path(backup.name)), 0);
	assert_int_equal(rename(latest, folder_path(name)), 0);
}

static int
setup(void **state)
{
	(void)state;
	folder_clean();
	(void)snprintf(live, sizeof(live), "%s", folder_path("dev.db"));
	make_database("dev.db", "2024-01-01");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	recovery_free(&r);
	return 0;
}

static void
spoil_pages(const char *path, int64_t no, int64_t count)
{
	char zeros[PAGE] = { 0 };
	int fd = open(path, O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	for (int64_t i = 0; i < count; i++)
		assert_int_equal(pwrite(fd, zeros, PAGE, (no - 1 + i) * PAGE),
		    PAGE);
	assert_int_equal(close(fd), 0);
}

/* Overwrite the ${n}th page of a table or an index. */
static void
spoil(const char *name, int n)
{
	char text[200];

	(void)snprintf(text, sizeof(text),
	    "SELECT pageno FROM dbstat WHERE name = '%s' AND"
	    " pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET %d",
	    name, n);
	spoil_pages(live, number(text), 1);
}

static void
recover(void)
{
	struct err err = { 0 };

	if (recover_database(live, folder_make(), &r, &err))
		fail_msg("%s", err.msg);
	assert_non_null(r.quarantine);
	assert_true(path_exists(r.quarantine));
	assert_int_equal(recover_confirm(live, &err), 0);
	assert_int_equal(number("SELECT count(*) FROM JairSession"), 0);
	assert_int_equal(number("SELECT count(*) FROM BackupRun WHERE"
				" kind = 'recovery' AND verified"),
	    1);
}

#define ENTRIES "SELECT count(*) FROM UserMedia"

static void
confirm_tells_damage_from_the_rest(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(recover_confirm(live, &err), 0);
	spoil("UserMedia", 2);
	assert_int_equal(recover_confirm(live, &err), -1);
	assert_int_equal(err.code, ERR_CORRUPT);
	folder_write(live, "");
	assert_int_equal(recover_confirm(live, &err), -1);
	assert_int_equal(err.code, ERR_CORRUPT);
	assert_int_equal(unlink(live), 0);
	assert_int_equal(recover_confirm(live, &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
	assert_int_equal(mkdir(live, 0700), 0);
	assert_int_equal(recover_confirm(live, &err), -1);
	assert_int_not_equal(err.code, ERR_CORRUPT);
	assert_int_equal(rmdir(live), 0);
}

static void
confirm_respects_locks_and_newer_versions(void **state)
{
	struct err err = { 0 };
	int ready[2];
	char byte;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	if ((pid = fork()) == 0) {
		file_exec(live, "PRAGMA user_version = 0");
		raw_exec(raw_open(live), "BEGIN IMMEDIATE");
		(void)!write(ready[1], "x", 1);
		(void)pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(recover_confirm(live, &err), -1);
	assert_int_equal(err.code, ERR_BUSY);
	assert_int_equal(kill(pid, SIGKILL), 0);
	(void)waitpid(pid, NULL, 0);
	(void)close(ready[0]);
	(void)close(ready[1]);
	sql("dev.db", "PRAGMA user_version = 9");
	assert_int_equal(recover_confirm(live, &err), -1);
	assert_int_equal(err.code, ERR_NEWER);
}

static void
database_takes_the_newest_snapshot(void **state)
{
	(void)state;
	sql("dev.db",
	    "UPDATE UserMedia SET updatedAt ="
	    " '2021-01-01T00:00:00.000Z'");
	snapshot_as("dev.db.backup_startup.1");
	sql("dev.db",
	    "UPDATE UserMedia SET updatedAt ="
	    " '2022-01-01T00:00:00.000Z' WHERE id = 9");
	snapshot_as("dev.db.pre-upgrade_2020-01-01T00-00-00");
	sql("dev.db",
	    "UPDATE UserMedia SET updatedAt = 'nonsense',"
	    " status = 'BLOCKED'");
	snapshot_as("dev.db.backup_startup");
	folder_write(live, "text");
	recover();
	assert_string_equal(r.source, "dev.db.pre-upgrade_2020-01-01T00-00-00");
	assert_int_equal(r.candidates, 3);
	assert_int_equal(r.unusable, 0);
	assert_int_equal(r.newest, INT64_C(1640995200000));
	assert_int_equal(number(ENTRIES " WHERE status = 'WATCHED'"), 2000);
	assert_true(r.configured);
	assert_false(r.complete);
}

static void
database_prefers_users_to_time(void **state)
{
	(void)state;
	snapshot_as("dev.db.backup_startup.1");
	sql("dev.db",
	    "DELETE FROM UserMedia; DELETE FROM JairSession;"
	    "DELETE FROM User");
	snapshot_as("dev.db.backup_startup");
	folder_write(live, "text");
	recover();
	assert_string_equal(r.source, "dev.db.backup_startup.1");
	assert_int_equal(number(ENTRIES), 2000);
}

static void
database_prefers_a_snapshot_to_an_archive_of_the_same_moment(void **state)
{
	(void)state;
	archive_as("dev.db", "backup_2030-01-01T00-00-00.json");
	snapshot_as("dev.db.backup_startup.3");
	folder_write(live, "text");
	recover();
	assert_string_equal(r.source, "dev.db.backup_startup.3");
	assert_int_equal(r.candidates, 2);
}

static void
database_takes_a_newer_archive(void **state)
{
	(void)state;
	snapshot_as("dev.db.backup_startup");
	sql("dev.db",
	    "UPDATE UserMedia SET updatedAt ="
	    " '2025-05-05T00:00:00.000Z' WHERE id = 9");
	archive_as("dev.db", "backup_latest.json");
	folder_write(live, "text");
	recover();
	assert_string_equal(r.source, "backup_latest.json");
	assert_true(r.configured);
	assert_int_equal(number("SELECT isConfigured FROM SystemConfig"), 1);
	assert_int_equal(number(ENTRIES), 2000);
}

static void
database_takes_an_archive_with_a_newer_profile(void **state)
{
	(void)state;
	snapshot_as("dev.db.backup_startup");
	sql("dev.db",
	    "UPDATE User SET movieProfile = 'likes silence', movieProfileAt ="
	    " '2025-05-05T00:00:00.000Z'");
	archive_as("dev.db", "backup_latest.json");
	folder_write(live, "text");
	recover();
	assert_string_equal(r.source, "backup_latest.json");
	assert_int_equal(number("SELECT count(*) FROM User WHERE"
				" movieProfile = 'likes silence'"),
	    1);
}

static void
database_takes_a_changed_archive_last(void **state)
{
	char *text;
	char *at;

	(void)state;
	snapshot_as("dev.db.backup_startup");
	archive_as("dev.db", "backup_latest.json");
	text = folder_read(folder_path("backup_latest.json"), NULL);
	while ((at = strstr(text, "2024-01-01T")) != NULL)
		at[2] = '3';
	folder_write(folder_path("backup_latest.json"), text);
	free(text);
	folder_write(live, "text");
	recover();
	assert_string_equal(r.source, "dev.db.backup_startup");
	recovery_free(&r);
	/* But it is better than nothing. */
	assert_int_equal(unlink(folder_path("dev.db.backup_startup")), 0);
	folder_write(live, "text");
	recover();
	assert_string_equal(r.source, "backup_latest.json");
	assert_int_equal(number(ENTRIES), 2000);
}

static void
database_passes_over_what_is_damaged(void **state)
{
	(void)state;
	archive_as("dev.db", "backup_latest.json");
	snapshot_as("dev.db.backup_startup");
	spoil_pages(folder_path("dev.db.backup_startup"), 5, 4);
	folder_write(folder_path("dev.db.backup_startup.1"), "");
	folder_write(folder_path("dev.db.backup_startup.2"), "text");
	folder_write(folder_path("backup_2030-01-01T00-00-00.json"), "{");
	sql("dev.db", "PRAGMA user_version = 99");
	snapshot_as("dev.db.backup_startup.3");
	folder_write(live, "text");
	recover();
	assert_string_equal(r.source, "backup_latest.json");
	assert_int_equal(r.candidates, 6);
	assert_int_equal(r.unusable, 5);
	assert_true(r.first_unusable[0] != '\0');
}

static void
database_goes_on_from_a_whole_salvage(void **state)
{
	(void)state;
	snapshot_as("dev.db.backup_startup");
	sql("dev.db",
	    "UPDATE UserMedia SET status = 'BLOCKED', updatedAt ="
	    " '2025-05-05T00:00:00.000Z' WHERE id = 9;"
	    "CREATE TABLE own (a); INSERT INTO own VALUES (4)");
	spoil("UserMedia_userId_mediaId_key", 2);
	recover();
	assert_string_equal(r.source, RECOVER_SALVAGE);
	assert_true(r.complete);
	assert_int_equal(number("SELECT a FROM own"), 4);
	assert_int_equal(number(ENTRIES " WHERE status = 'BLOCKED'"), 1);
	assert_int_equal(number("SELECT count(*) FROM Job"), 1);
	assert_int_equal(
	    number("SELECT error IS NULL FROM BackupRun WHERE kind ="
		   " 'recovery'"),
	    1);
}

static void
database_merges_what_a_salvage_has_beyond(void **state)
{
	(void)state;
	snapshot_as("dev.db.backup_startup");
	sql("dev.db",
	    "UPDATE UserMedia SET status = 'BLOCKED', updatedAt ="
	    " '2025-05-05T00:00:00.000Z' WHERE id = 9;"
	    "UPDATE UserMedia SET status = 'WATCHLIST', updatedAt ="
	    " '2023-05-05T00:00:00.000Z' WHERE id = 10;"
	    "INSERT INTO User (username) VALUES ('ben');"
	    "INSERT INTO Media (tmdbId, mediaType) VALUES (1, 'tv');"
	    "INSERT INTO UserMedia (userId, mediaId, status) SELECT 2, id,"
	    " 'WATCHED' FROM Media WHERE mediaType = 'tv';"
	    "UPDATE SystemConfig SET aiModel = 'new';"
	    "INSERT INTO Job (id, type, state, userId, createdAt) VALUES"
	    " (8, 'sync', 'done', 2, 'now');"
	    "CREATE TABLE own (a); INSERT INTO own VALUES (4)");
	spoil("UserMedia", 4);
	recover();
	assert_string_equal(r.source, "dev.db.backup_startup");
	assert_int_equal(r.pages, 1);
	assert_int_equal(r.merged, 2);
	assert_int_equal(number(ENTRIES), 2001);
	assert_int_equal(number(ENTRIES " WHERE id = 9 AND status = 'BLOCKED'"),
	    1);
	/* Older than the backup's: stays. */
	assert_int_equal(number(ENTRIES
			     " WHERE id = 10 AND status = 'WATCHED'"),
	    1);
	assert_int_equal(number("SELECT aiModel = 'new' FROM SystemConfig"), 1);
	assert_int_equal(
	    number("SELECT u.username = 'ben' FROM Job j JOIN User u ON"
		   " u.id = j.userId WHERE j.id = 8"),
	    1);
	assert_non_null(strstr(r.left, "own (1 rows)"));
	assert_int_equal(r.users_count, 2);
	assert_string_equal(r.users[1].name, "ben");
	assert_int_equal(r.users[1].items, 1);
	assert_int_equal(r.users[1].merged, 1);
	assert_int_equal(
	    number("SELECT error LIKE '%1 pages%' FROM BackupRun WHERE"
		   " kind = 'recovery'"),
	    1);
}

/* An archive knows neither ids nor hashes nor this server's records. */
static void
database_completes_an_archive_from_the_salvage(void **state)
{
	(void)state;
	archive_as("dev.db", "backup_latest.json");
	sql("dev.db",
	    "INSERT INTO User (id, username) VALUES (5, 'ben');"
	    "UPDATE Job SET userId = 5");
	spoil("UserMedia", 4);
	recover();
	assert_string_equal(r.source, "backup_latest.json");
	assert_int_equal(number("SELECT passwordHash = 'h' FROM User WHERE"
				" username = 'anna'"),
	    1);
	assert_int_equal(
	    number("SELECT u.username = 'ben' FROM Job j JOIN User u ON"
		   " u.id = j.userId"),
	    1);
	assert_int_equal(number(ENTRIES), 2000);
}

static void
database_keeps_the_snapshots_records_when_its_own_are_lost(void **state)
{
	(void)state;
	snapshot_as("dev.db.backup_startup");
	spoil("Job", 0);
	recover();
	assert_string_equal(r.source, "dev.db.backup_startup");
	assert_int_equal(number("SELECT count(*) FROM Job"), 1);
	assert_non_null(strstr(r.left, "records of runs and jobs"));
}

static void
database_salvages_alone_without_backups(void **state)
{
	(void)state;
	spoil("UserMedia", 4);
	recover();
	assert_string_equal(r.source, RECOVER_SALVAGE);
	assert_int_equal(r.candidates, 0);
	assert_false(r.complete);
	assert_in_range(number(ENTRIES), 1800, 1999);
	assert_true(r.configured);
}

static void
database_begins_anew_without_anything(void **state)
{
	(void)state;
	folder_write(live, "text");
	recover();
	assert_string_equal(r.source, "");
	assert_int_equal(r.users_count, 0);
	assert_false(r.configured);
	assert_int_equal(number("SELECT count(*) FROM User"), 0);
}

static void
database_leaves_backups_and_no_temps(void **state)
{
	char before[600];
	size_t files;

	(void)state;
	snapshot_as("dev.db.backup_startup");
	(void)snprintf(before, sizeof(before), "%s", folder_path("copy"));
	copy_file(live, before);
	spoil("UserMedia", 4);
	(void)unlink(folder_path("dev.db-journal"));
	files = folder_count();
	recover();
	assert_same_bytes(before, folder_path("dev.db.backup_startup"));
	(void)unlink(folder_path("dev.db-journal"));
	/* One more: the quarantine. */
	assert_int_equal(folder_count(), files + 1);
}

/* A full disk is no reason to give anything up. */
static void
database_stays_when_there_is_no_room(void **state)
{
	char before[600];
	int status;
	pid_t pid;

	(void)state;
	snapshot_as("dev.db.backup_startup");
	(void)snprintf(before, sizeof(before), "%s", folder_path("copy"));
	spoil("UserMedia", 4);
	copy_file(live, before);
	for (rlim_t kib = 4; kib <= 512; kib *= 2) {
		if ((pid = fork()) == 0) {
			struct rlimit limit = { kib << 10, kib << 10 };
			struct err err = { 0 };

			(void)signal(SIGXFSZ, SIG_IGN);
			(void)setrlimit(RLIMIT_FSIZE, &limit);
			_exit(recover_database(live, folder_make(), &r, &err) ==
			    0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!WIFEXITED(status) || WEXITSTATUS(status) == 1)
			break; /* enough */
		assert_same_bytes(before, live);
		assert_false(path_exists(folder_path("quarantine")));
	}
	assert_true(WIFEXITED(status));
}

/* What the disk does not give is not what it was damaged to. */
static void
database_does_not_begin_anew_over_unread_backups(void **state)
{
	const uid_t nobody = 65534;
	struct err err = { 0 };
	int status;
	pid_t pid;

	(void)state;
	archive_as("dev.db", "backup_latest.json");
	(void)unlink(folder_path("dev.db-journal"));
	folder_write(live, "text");
	assert_int_equal(chmod(folder_path("backup_latest.json"), 0), 0);
	if ((pid = fork()) == 0) {
		/* Root can read all there is. */
		if (geteuid() == 0 &&
		    (chown(folder_make(), nobody, nobody) != 0 ||
			chown(live, nobody, nobody) != 0 ||
			setuid(nobody) != 0))
			_exit(2);
		(void)recover_database(live, folder_make(), &r, &err);
		_exit(err.code != ERR_IO);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_false(path_exists(folder_path("quarantine")));
}

/* ---- what a kill leaves ---- */

static int
finish(char **where)
{
	struct err err = { 0 };
	int rc = recover_finish(live, folder_make(), where, &err);

	if (rc < 0)
		fail_msg("%s", err.msg);
	return rc;
}

static void
finish_does_nothing_without_a_new_database(void **state)
{
	char *where;

	(void)state;
	spoil("UserMedia", 4);
	assert_int_equal(finish(&where), 0);
	assert_null(where);
	assert_true(path_exists(live));
}

static void
finish_moves_the_damaged_one_and_its_journals(void **state)
{
	char *where;
	char *tail;
	struct err err = { 0 };

	(void)state;
	copy_file(live, folder_path("dev.db.recovered"));
	spoil("UserMedia", 4);
	folder_write(folder_path("dev.db-wal"), "w");
	folder_write(folder_path("dev.db-shm"), "s");
	assert_int_equal(finish(&where), 1);
	assert_int_equal(number(ENTRIES), 2000);
	assert_true(path_exists(where));
	assert_non_null(tail = str_printf(&err, "%s-wal", where));
	assert_true(path_exists(tail));
	assert_false(path_exists(folder_path("dev.db-wal")));
	assert_false(path_exists(folder_path("dev.db.recovered")));
	free(tail);
	free(where);
}

static void
finish_goes_on_after_the_damaged_one_moved(void **state)
{
	char *where;

	(void)state;
	assert_int_equal(rename(live, folder_path("dev.db.recovered")), 0);
	folder_write(folder_path("dev.db-wal"), "w");
	assert_int_equal(finish(&where), 1);
	assert_int_equal(number(ENTRIES), 2000);
	assert_false(path_exists(folder_path("dev.db-wal")));
	free(where);
}

static void
finish_keeps_a_whole_database(void **state)
{
	char *where;

	(void)state;
	copy_file(live, folder_path("dev.db.recovered"));
	sql("dev.db", "DELETE FROM UserMedia WHERE id > 5");
	assert_int_equal(finish(&where), 0);
	assert_int_equal(number(ENTRIES), 5);
	assert_false(path_exists(folder_path("dev.db.recovered")));
	assert_true(path_exists(folder_path("quarantine")));
}

static void
finish_does_not_use_a_damaged_new_database(void **state)
{
	char *where;

	(void)state;
	folder_write(folder_path("dev.db.recovered"), "text");
	spoil("UserMedia", 4);
	assert_int_equal(finish(&where), 0);
	assert_true(path_exists(live));
	assert_false(path_exists(folder_path("dev.db.recovered")));
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(confirm_tells_damage_from_the_rest),
		T(confirm_respects_locks_and_newer_versions),
		T(database_takes_the_newest_snapshot),
		T(database_prefers_users_to_time),
		T(database_prefers_a_snapshot_to_an_archive_of_the_same_moment),
		T(database_takes_a_newer_archive),
		T(database_takes_an_archive_with_a_newer_profile),
		T(database_takes_a_changed_archive_last),
		T(database_passes_over_what_is_damaged),
		T(database_goes_on_from_a_whole_salvage),
		T(database_merges_what_a_salvage_has_beyond),
		T(database_completes_an_archive_from_the_salvage),
		T(database_keeps_the_snapshots_records_when_its_own_are_lost),
		T(database_salvages_alone_without_backups),
		T(database_begins_anew_without_anything),
		T(database_leaves_backups_and_no_temps),
		T(database_stays_when_there_is_no_room),
		T(database_does_not_begin_anew_over_unread_backups),
		T(finish_does_nothing_without_a_new_database),
		T(finish_moves_the_damaged_one_and_its_journals),
		T(finish_goes_on_after_the_damaged_one_moved),
		T(finish_keeps_a_whole_database),
		T(finish_does_not_use_a_damaged_new_database),
	};

	(void)folder_make();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
