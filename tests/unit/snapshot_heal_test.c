/*
 * Without this test the healing of an index could overwrite what another
 * process commits meanwhile.
 */

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "core/snapshot.h"
#include "tests/unit/dbcompare.h"
#include "tests/unit/folder.h"

#define ROUNDS 8
#define WAIT_MS 200

/* A table whose index misses one row. */
static void
make_broken(const char *path)
{
	sqlite3 *h = raw_open(path);

	raw_exec(h,
	    "CREATE TABLE User (id INTEGER PRIMARY KEY, username TEXT);"
	    "CREATE INDEX i ON User(username);"
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 2000) INSERT INTO User SELECT i, hex(i) FROM n;"
	    "PRAGMA writable_schema=ON;"
	    "CREATE TABLE hidden AS SELECT type, name, tbl_name, rootpage, sql"
	    " FROM sqlite_schema WHERE name = 'i';"
	    "DELETE FROM sqlite_schema WHERE name = 'i'");
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
	file_exec(path, "INSERT INTO User (username) VALUES ('missing')");
	h = raw_open(path);
	raw_exec(h,
	    "PRAGMA writable_schema=ON;"
	    "INSERT INTO sqlite_schema SELECT * FROM hidden;"
	    "DROP TABLE hidden");
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
}

/* Add rows one by one; count what was committed. */
static pid_t
start_writer(const char *path, volatile long *committed)
{
	/* So that the other one gets its turn. */
	const struct timespec pause = { .tv_nsec = 3000000 };
	pid_t pid = fork();
	sqlite3 *h = NULL;

	if (pid != 0)
		return pid;
	(void)alarm(60);
	if (sqlite3_open(path, &h) != SQLITE_OK)
		_exit(1);
	(void)sqlite3_busy_timeout(h, 10000);
	for (;;) {
		if (sqlite3_exec(h,
			"INSERT INTO User (username) VALUES ('added')", NULL,
			NULL, NULL) == SQLITE_OK)
			++*committed;
		(void)nanosleep(&pause, NULL);
	}
}

static void
take_while_another_writes_loses_no_commit(void **state)
{
	void *shared = mmap(NULL, sizeof(long), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	volatile long *committed = shared;
	char live[512];
	char snap_path[512];

	(void)state;
	(void)folder_make();
	db_set_busy_wait(WAIT_MS);
	assert_ptr_not_equal(shared, MAP_FAILED);
	(void)snprintf(live, sizeof(live), "%s", folder_path("dev.db"));
	(void)snprintf(snap_path, sizeof(snap_path), "%s",
	    folder_path("dev.db.backup_startup"));
	for (int i = 0; i < ROUNDS; i++) {
		struct snapshot snap = { 0 };
		struct err err = { 0 };
		struct db *db = NULL;
		pid_t writer;
		int status;

		folder_clean();
		make_broken(live);
		*committed = 0;
		assert_int_equal(db_open(&db, live, DB_READ, &err), 0);
		writer = start_writer(live, committed);
		while (*committed < 3)
			;
		if (snapshot_take(db, folder_make(), snap_path, &snap, &err))
			assert_true(err.code == ERR_BUSY);
		snapshot_free(&snap);
		db_free(db);
		assert_int_equal(kill(writer, SIGKILL), 0);
		assert_int_equal(waitpid(writer, &status, 0), writer);
		assert_true(file_int(live,
				"SELECT count(*) FROM User"
				" WHERE username = 'added'") >= *committed);
	}
	(void)munmap(shared, sizeof(long));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(take_while_another_writes_loses_no_commit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
