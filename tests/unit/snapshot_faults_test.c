/* Without this a start could replace the only good copy by a worse one. */

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/snapshot.h"
#include "tests/unit/dbcompare.h"
#include "tests/unit/folder.h"

#define TABLES                                                                 \
	"CREATE TABLE User (id INTEGER PRIMARY KEY, username TEXT);"           \
	"CREATE TABLE SystemConfig (id INTEGER PRIMARY KEY, jellyfinUrl TEXT," \
	" jellyseerrUrl TEXT, isConfigured BOOLEAN);"                          \
	"CREATE TABLE BackupRun (id INTEGER PRIMARY KEY, kind TEXT);"          \
	"CREATE TABLE Job (id INTEGER PRIMARY KEY, type TEXT);"                \
	"CREATE TABLE JairSession (id INTEGER PRIMARY KEY, tokenHash TEXT);"
#define FILL                                                                   \
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"       \
	" WHERE i < 3000) INSERT INTO User SELECT i, printf('user %d', i)"     \
	" FROM n;"

static char live[512];
static char snap_path[512];

static pid_t writer;

static int
setup(void **state)
{
	(void)state;
	if (writer > 0 && kill(writer, SIGKILL) == 0)
		(void)waitpid(writer, NULL, 0);
	writer = 0;
	folder_clean();
	(void)snprintf(live, sizeof(live), "%s", folder_path("dev.db"));
	(void)snprintf(snap_path, sizeof(snap_path), "%s",
	    folder_path("dev.db.backup_startup"));
	return 0;
}

/* The name of one generation; 0 is the snapshot itself. */
static const char *
generation(int n)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "dev.db.backup_startup%s%.0d",
	    n > 0 ? "." : "", n);
	return folder_path(name);
}

static int
try_take(struct snapshot *snap, struct err *err)
{
	struct db *db = NULL;
	int rc;

	*snap = (struct snapshot){ 0 };
	if (db_open(&db, live, DB_READ, err))
		return -1;
	rc = snapshot_take(db, folder_make(), snap_path, snap, err);
	db_free(db);
	return rc;
}

static struct snapshot
take(void)
{
	struct snapshot snap;
	struct err err = { 0 };

	if (try_take(&snap, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(err.code, ERR_NONE);
	return snap;
}

/* Take one of a database with the user ${name} beside the others. */
static void
take_with(const char *name)
{
	char sql[100];
	struct snapshot snap;

	(void)snprintf(sql, sizeof(sql),
	    "INSERT INTO User (username) VALUES "
	    "('%s')",
	    name);
	file_exec(live, sql);
	snap = take();
	assert_true(snap.published);
	snapshot_free(&snap);
}

/* How many users generation ${n} has; -1 when it is missing. */
static int64_t
users(int n)
{
	if (access(generation(n), F_OK) != 0)
		return -1;
	return file_int(generation(n), "SELECT count(*) FROM User");
}

/* Overwrite ${len} bytes at ${at}. */
static void
damage(const char *path, long at, size_t len)
{
	FILE *f = fopen(path, "r+");

	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	while (len-- > 0)
		assert_int_equal(fputc(0xa5, f), 0xa5);
	assert_int_equal(fclose(f), 0);
}

static void
take_wal_database_gives_a_plain_file(void **state)
{
	struct snapshot snap;
	sqlite3 *h;
	char *bytes;

	(void)state;
	h = raw_open(live);
	raw_exec(h,
	    "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;" TABLES
	    "INSERT INTO User VALUES (1, 'in the wal')");
	assert_int_equal(access(folder_path("dev.db-wal"), F_OK), 0);
	snap = take();
	assert_true(snap.published);
	assert_false(snap.empty);
	bytes = folder_read(snap_path, NULL);
	assert_int_equal(bytes[18], 1);
	assert_int_equal(bytes[19], 1);
	free(bytes);
	assert_int_equal(users(0), 1);
	assert_int_not_equal(access(folder_path("dev.db.backup_startup-wal"),
				 F_OK),
	    0);
	snapshot_free(&snap);
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
}

static void
take_hot_journal_is_rolled_back(void **state)
{
	struct snapshot snap;
	char old[512];
	sqlite3 *h;

	(void)state;
	(void)snprintf(old, sizeof(old), "%s", folder_path("old.db"));
	file_exec(old, TABLES FILL);
	h = raw_open(old);
	raw_exec(h,
	    "PRAGMA cache_size=5; PRAGMA cache_spill=5; BEGIN;"
	    "UPDATE User SET username = 'half written'");
	copy_file(old, live);
	copy_file(folder_path("old.db-journal"), folder_path("dev.db-journal"));
	raw_exec(h, "ROLLBACK");
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
	snap = take();
	assert_int_equal(file_int(snap_path,
			     "SELECT count(*) FROM User WHERE "
			     "username = 'half written'"),
	    0);
	assert_int_equal(users(0), 3000);
	snapshot_free(&snap);
}

/* Write rows one by one, as a busy program would, until killed. */
static void
write_for_ever(void)
{
	const struct timespec pause = { .tv_nsec = 2000000 };
	sqlite3 *h = NULL;

	/* Also when the test fails before it can end us. */
	(void)alarm(20);
	if (sqlite3_open(live, &h) != SQLITE_OK)
		_exit(1);
	(void)sqlite3_busy_timeout(h, 10000);
	for (;;) {
		(void)sqlite3_exec(h,
		    "INSERT INTO User (username) VALUES "
		    "('x')",
		    NULL, NULL, NULL);
		(void)nanosleep(&pause, NULL);
	}
}

static void
take_while_another_process_writes(void **state)
{
	int64_t last = 0;

	(void)state;
	file_exec(live, TABLES FILL);
	if ((writer = fork()) == 0)
		write_for_ever();
	for (int i = 0; i < 20; i++) {
		struct snapshot snap = take();
		int64_t n = users(0);

		assert_int_equal(snap.findings.indexes, 0);
		/* A prefix of what was committed: no gap, never less. */
		assert_int_equal(file_int(snap_path,
				     "SELECT max(id) - "
				     "count(*) FROM User"),
		    0);
		assert_true(n >= last);
		last = n;
		snapshot_free(&snap);
	}
	assert_true(last >= 3000);
}

static void
take_keeps_three_generations(void **state)
{
	(void)state;
	file_exec(live, TABLES);
	for (int i = 1; i <= 6; i++)
		take_with("u");
	for (int n = 0; n <= 3; n++)
		assert_int_equal(users(n), 6 - n);
	assert_int_equal(folder_count(), 5);
}

static void
take_after_a_kill_loses_no_generation(void **state)
{
	(void)state;
	/* Killed between the link and the rename. */
	file_exec(live, TABLES);
	for (int i = 1; i <= 4; i++)
		take_with("u");
	assert_int_equal(unlink(generation(3)), 0);
	assert_int_equal(rename(generation(2), generation(3)), 0);
	assert_int_equal(rename(generation(1), generation(2)), 0);
	assert_int_equal(link(generation(0), generation(1)), 0);
	take_with("u");
	assert_int_equal(users(0), 5);
	assert_int_equal(users(1), 4);
	assert_int_equal(users(2), 3);
	assert_int_equal(users(3), 2);
	/* Killed before the link, with a gap at .1, then at .2. */
	assert_int_equal(unlink(generation(3)), 0);
	assert_int_equal(rename(generation(2), generation(3)), 0);
	assert_int_equal(rename(generation(1), generation(2)), 0);
	take_with("u");
	assert_int_equal(users(1), 5);
	assert_int_equal(users(2), 4);
	assert_int_equal(users(3), 3);
	assert_int_equal(rename(generation(2), generation(3)), 0);
	take_with("u");
	assert_int_equal(users(1), 6);
	assert_int_equal(users(2), 5);
	assert_int_equal(users(3), 4);
}

static void
take_after_a_kill_copied_instead_of_linked(void **state)
{
	(void)state;
	file_exec(live, TABLES);
	for (int i = 1; i <= 3; i++)
		take_with("u");
	assert_int_equal(rename(generation(2), generation(3)), 0);
	assert_int_equal(rename(generation(1), generation(2)), 0);
	copy_file(generation(0), generation(1));
	take_with("u");
	for (int n = 0; n <= 3; n++)
		assert_int_equal(users(n), 4 - n);
}

static void
take_unchanged_content_makes_no_generation(void **state)
{
	struct snapshot snap;
	struct stat before;
	struct stat after;

	(void)state;
	file_exec(live, TABLES);
	take_with("u");
	assert_int_equal(stat(snap_path, &before), 0);
	file_exec(live,
	    "INSERT INTO BackupRun (kind) VALUES ('snapshot');"
	    "INSERT INTO Job (type) VALUES ('x');"
	    "INSERT INTO JairSession (tokenHash) VALUES ('y'); VACUUM");
	snap = take();
	assert_true(snap.unchanged);
	assert_false(snap.published);
	snapshot_free(&snap);
	assert_int_equal(stat(snap_path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(folder_count(), 2);
}

static void
digest_tells_values_and_schemas_apart(void **state)
{
	static const char *const changes[] = {
		"UPDATE User SET username = x'61'",
		"CREATE TABLE t (a)",
		"UPDATE User SET username = NULL",
		"DROP TABLE t",
		"UPDATE User SET username = 1",
		"UPDATE User SET username = 1.5",
		"CREATE INDEX i ON User(username)",
		"INSERT INTO User VALUES (2, '')",
	};
	char seen[9][DIGEST_HEX_MAX];
	struct err err = { 0 };
	struct db *db = NULL;

	(void)state;
	file_exec(live, TABLES "INSERT INTO User VALUES (1, 'a')");
	for (size_t i = 0; i < 9; i++) {
		if (i > 0)
			file_exec(live, changes[i - 1]);
		assert_int_equal(db_open(&db, live, DB_READ, &err), 0);
		assert_int_equal(snapshot_digest(db, seen[i], &err), 0);
		db_free(db);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(seen[i], seen[k]);
	}
}

static void
take_empty_never_replaces_content(void **state)
{
	(void)state;
	for (int n = 0; n <= 3; n++) {
		struct snapshot snap;

		folder_clean();
		file_exec(generation(n),
		    TABLES "INSERT INTO SystemConfig "
			   "VALUES (1, 'http://jellyfin', NULL, 0)");
		if (n > 0)
			file_exec(generation(0), TABLES);
		file_exec(live, TABLES "CREATE TABLE more (a)");
		snap = take();
		assert_true(snap.empty);
		assert_true(snap.withheld);
		assert_false(snap.published);
		snapshot_free(&snap);
		assert_int_equal(folder_count(), n > 0 ? 3 : 2);
		assert_int_equal(file_int(generation(n),
				     "SELECT count(*) "
				     "FROM SystemConfig"),
		    1);
	}
}

static void
take_empty_replaces_empty(void **state)
{
	struct snapshot snap;

	(void)state;
	file_exec(snap_path, TABLES);
	file_exec(live, TABLES "CREATE TABLE more (a)");
	snap = take();
	assert_true(snap.published);
	snapshot_free(&snap);
}

static void
take_damaged_database_keeps_the_former(void **state)
{
	struct snapshot snap;
	struct err err = { 0 };

	(void)state;
	file_exec(live, TABLES FILL);
	take_with("u");
	copy_file(snap_path, folder_path("kept"));
	damage(live, 7 * 4096, 3 * 4096);
	assert_int_equal(try_take(&snap, &err), -1);
	assert_int_equal(err.code, ERR_CORRUPT);
	assert_non_null(strstr(err.msg, live));
	assert_same_bytes(snap_path, folder_path("kept"));
	assert_int_equal(folder_count(), 3);
	/* Not a database at all; cut short. */
	folder_write(live, "this is not a database, whatever its name is");
	err_clear(&err);
	assert_int_equal(try_take(&snap, &err), -1);
	assert_int_equal(err.code, ERR_CORRUPT);
	copy_file(snap_path, live);
	assert_int_equal(truncate(live, 8 * 4096), 0);
	err_clear(&err);
	assert_int_equal(try_take(&snap, &err), -1);
	assert_int_equal(err.code, ERR_CORRUPT);
	assert_same_bytes(snap_path, folder_path("kept"));
}

/* The former one is damaged by ${how}: it is put aside, not kept as .1. */
static void
damaged_former(void (*how)(void))
{
	struct snapshot snap;

	folder_clean();
	file_exec(live, TABLES FILL "CREATE INDEX i ON User(username)");
	take_with("u");
	take_with("v");
	copy_file(generation(1), folder_path("kept"));
	how();
	snap = take();
	assert_true(snap.published);
	assert_non_null(snap.quarantined);
	assert_int_equal(access(snap.quarantined, F_OK), 0);
	snapshot_free(&snap);
	assert_int_equal(users(0), 3002);
	assert_same_bytes(generation(1), folder_path("kept"));
	assert_int_equal(users(2), -1);
}

static void
how_pages(void)
{
	damage(snap_path, 7 * 4096, 3 * 4096);
}
static void
how_empty(void)
{
	assert_int_equal(truncate(snap_path, 0), 0);
}
static void
how_cut(void)
{
	assert_int_equal(truncate(snap_path, 9000), 0);
}
static void
how_index_page(void)
{
	/* The last page: of the index, which reading the rows never sees. */
	damage(snap_path,
	    (long)(file_int(snap_path, "PRAGMA page_count") - 1) * 4096, 4096);
}

static void
take_damaged_former_goes_to_quarantine(void **state)
{
	(void)state;
	damaged_former(how_pages);
	damaged_former(how_empty);
	damaged_former(how_cut);
	damaged_former(how_index_page);
}

/* Let the index of ${live} miss all rows that are added meanwhile. */
static void
break_index(const char *rows)
{
	sqlite3 *h = raw_open(live);

	raw_exec(h,
	    "PRAGMA writable_schema=ON;"
	    "CREATE TABLE hidden AS SELECT type, name, tbl_name, rootpage, sql"
	    " FROM sqlite_schema WHERE name = 'i';"
	    "DELETE FROM sqlite_schema WHERE name = 'i'");
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
	file_exec(live, rows);
	h = raw_open(live);
	raw_exec(h,
	    "PRAGMA writable_schema=ON;"
	    "INSERT INTO sqlite_schema SELECT * FROM hidden;"
	    "DROP TABLE hidden");
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
}

static void
take_heals_a_damaged_index(void **state)
{
	struct db_findings found;
	struct snapshot snap;
	struct err err = { 0 };
	struct db *db = NULL;
	struct stat journal;

	(void)state;
	file_exec(live, TABLES FILL "CREATE INDEX i ON User(username)");
	break_index("INSERT INTO User (username) VALUES ('new')");
	snap = take();
	assert_true(snap.findings.indexes > 0);
	assert_true(snap.healed);
	assert_true(snap.published);
	snapshot_free(&snap);
	for (int i = 0; i < 2; i++) {
		const char *path = i == 0 ? live : snap_path;

		assert_int_equal(db_open(&db, path, DB_READ, &err), 0);
		assert_int_equal(db_check(db, &found, &err), 0);
		assert_int_equal(found.indexes, 0);
		db_free(db);
		assert_int_equal(file_int(path,
				     "SELECT count(*) FROM User "
				     "WHERE username = 'new'"),
		    1);
	}
	/* SQLite's journal is emptied, not removed. */
	assert_int_equal(stat(folder_path("dev.db-journal"), &journal), 0);
	assert_int_equal(journal.st_size, 0);
	assert_int_equal(folder_count(), 3);
}

static void
take_index_over_duplicates_is_left_to_schema_sync(void **state)
{
	struct snapshot snap;

	(void)state;
	file_exec(live, TABLES FILL "CREATE UNIQUE INDEX i ON User(username)");
	break_index("INSERT INTO User (username) VALUES ('user 7')");
	copy_file(live, folder_path("kept"));
	snap = take();
	assert_true(snap.findings.indexes > 0);
	assert_false(snap.healed);
	assert_true(snap.published);
	snapshot_free(&snap);
	assert_int_equal(users(0), 3001);
	assert_same_bytes(live, folder_path("kept"));
}

static void
take_full_disk_leaves_the_former(void **state)
{
	int status = 0;
	pid_t pid;

	(void)state;
	file_exec(live, TABLES);
	take_with("u");
	copy_file(snap_path, folder_path("kept"));
	file_exec(live, "DELETE FROM User;" FILL);
	if ((pid = fork()) == 0) {
		const struct rlimit limit = { 20000, 20000 };
		struct snapshot snap;
		struct err err = { 0 };

		(void)signal(SIGXFSZ, SIG_IGN);
		(void)setrlimit(RLIMIT_FSIZE, &limit);
		if (try_take(&snap, &err) == 0)
			_exit(1);
		_exit(err.code == ERR_DISK ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_same_bytes(snap_path, folder_path("kept"));
	assert_int_equal(folder_count(), 3);
}

static void
take_mode_is_0600_whatever_the_umask(void **state)
{
	static const mode_t masks[] = { 0, 022, 0777 };

	(void)state;
	file_exec(live, TABLES);
	for (size_t i = 0; i < 3; i++) {
		mode_t before = umask(masks[i]);
		struct snapshot snap;
		struct err err = { 0 };
		int rc;

		(void)unlink(snap_path);
		rc = try_take(&snap, &err);
		(void)umask(before);
		assert_int_equal(rc, 0);
		assert_int_equal(folder_mode(snap_path), 0600);
		snapshot_free(&snap);
	}
}

static void
take_locked_database_is_busy(void **state)
{
	struct snapshot snap;
	struct err err = { 0 };
	sqlite3 *h;

	(void)state;
	file_exec(live, TABLES);
	h = raw_open(live);
	raw_exec(h, "BEGIN EXCLUSIVE");
	db_set_busy_wait(50);
	assert_int_equal(try_take(&snap, &err), -1);
	db_set_busy_wait(10000);
	assert_int_equal(err.code, ERR_BUSY);
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
	assert_int_equal(access(snap_path, F_OK), -1);
}

static void
save_never_replaces(void **state)
{
	struct err err = { 0 };
	struct db *db = NULL;

	(void)state;
	file_exec(live, TABLES);
	folder_write(folder_path("taken"), "something");
	assert_int_equal(db_open(&db, live, DB_READ, &err), 0);
	assert_int_equal(snapshot_save(db, folder_path("taken"), &err), -1);
	assert_int_equal(err.code, ERR_EXISTS);
	err_clear(&err);
	assert_int_equal(snapshot_save(db, folder_path("free"), &err), 0);
	db_free(db);
	assert_int_equal(folder_mode(folder_path("free")), 0600);
	assert_int_equal(folder_count(), 3);
}

static void
is_empty_asks_for_users_and_configuration(void **state)
{
	static const struct {
		const char *sql;
		bool empty;
	} cases[] = {
		{ "CREATE TABLE other (a)", true },
		{ TABLES, true },
		{ "INSERT INTO SystemConfig VALUES (1, '', NULL, 0)", true },
		{ "UPDATE SystemConfig SET isConfigured = 1", false },
		{ "UPDATE SystemConfig SET isConfigured = 0,"
		  " jellyseerrUrl = 'x'",
		    false },
		{ "DELETE FROM SystemConfig", true },
		{ "INSERT INTO User VALUES (1, 'a')", false },
	};
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct db *db = NULL;
		bool empty;

		file_exec(live, cases[i].sql);
		assert_int_equal(db_open(&db, live, DB_READ, &err), 0);
		assert_int_equal(snapshot_is_empty(db, &empty, &err), 0);
		assert_int_equal(empty, cases[i].empty);
		db_free(db);
	}
}

#define T(f) cmocka_unit_test_setup(f, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(take_wal_database_gives_a_plain_file),
		T(take_hot_journal_is_rolled_back),
		T(take_while_another_process_writes),
		T(take_keeps_three_generations),
		T(take_after_a_kill_loses_no_generation),
		T(take_after_a_kill_copied_instead_of_linked),
		T(take_unchanged_content_makes_no_generation),
		T(digest_tells_values_and_schemas_apart),
		T(take_empty_never_replaces_content),
		T(take_empty_replaces_empty),
		T(take_damaged_database_keeps_the_former),
		T(take_damaged_former_goes_to_quarantine),
		T(take_heals_a_damaged_index),
		T(take_index_over_duplicates_is_left_to_schema_sync),
		T(take_full_disk_leaves_the_former),
		T(take_mode_is_0600_whatever_the_umask),
		T(take_locked_database_is_busy),
		T(save_never_replaces),
		T(is_empty_asks_for_users_and_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
