/* Without this the copy that saves a household could be damaged or stale. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/file.h"
#include "core/path.h"
#include "core/schema.h"
#include "core/snapshot.h"
#include "tests/unit/folder.h"

#define LIVE folder_path("dev.db")
#define COPY folder_path("dev.db.backup_startup")

static int
setup(void **state)
{
	(void)state;
	(void)folder_make();
	folder_clean();
	return 0;
}

static void
run(const char *path, enum db_mode mode, const char *sql)
{
	struct err err = { 0 };
	struct db *db = NULL;

	if (db_open(&db, path, mode, &err) || db_exec(db, sql, &err))
		fail_msg("%s", err.msg);
	db_free(db);
}

static int64_t
number(const char *path, const char *sql)
{
	struct err err = { 0 };
	struct db *db = NULL;
	int64_t value = -1;

	if (db_open(&db, path, DB_READ, &err) || db_int(db, sql, &value, &err))
		fail_msg("%s: %s", path, err.msg);
	db_free(db);
	return value;
}

static void
make(int users)
{
	struct err err = { 0 };
	struct db *db = NULL;
	char sql[200];

	assert_int_equal(db_open(&db, LIVE, DB_CREATE, &err), 0);
	assert_int_equal(schema_create(db, &err), 0);
	db_free(db);
	(void)snprintf(sql, sizeof(sql),
	    "WITH n(i) AS (SELECT 1 UNION ALL "
	    "SELECT i + 1 FROM n WHERE i < %d) INSERT INTO User (username, "
	    "movieProfile) SELECT 'u' || i, hex(randomblob(500)) FROM n",
	    users);
	if (users > 0)
		run(LIVE, DB_WRITE, sql);
}

static int
take(struct snapshot *snap, struct err *err)
{
	struct db *db = NULL;
	int rc;

	*err = (struct err){ 0 };
	if (db_open(&db, LIVE, DB_READ, err))
		return -1;
	rc = snapshot_take(db, folder_make(), COPY, snap, err);
	db_free(db);
	if (rc == 0)
		snapshot_free(snap);
	return rc;
}

static void
take_copies_with_private_mode(void **state)
{
	struct snapshot snap;
	struct err err;
	mode_t before = umask(0777);

	(void)state;
	(void)umask(0);
	make(3);
	assert_int_equal(take(&snap, &err), 0);
	(void)umask(before);
	assert_true(snap.published);
	assert_int_equal(folder_mode(COPY), 0600);
	assert_int_equal(number(COPY, "SELECT count(*) FROM User"), 3);
	assert_int_equal(folder_count(), 3); /* the live one's journal too */
}

static void
take_keeps_three_older_generations(void **state)
{
	struct snapshot snap;
	struct err err;

	(void)state;
	make(1);
	for (int i = 0; i < 6; i++) {
		run(LIVE, DB_WRITE,
		    "INSERT INTO User (username) VALUES "
		    "(hex(randomblob(8)))");
		assert_int_equal(take(&snap, &err), 0);
	}
	assert_int_equal(number(COPY, "SELECT count(*) FROM User"), 7);
	for (int n = 1; n <= 3; n++) {
		char name[40];

		(void)snprintf(name, sizeof(name), "dev.db.backup_startup.%d",
		    n);
		assert_int_equal(number(folder_path(name),
				     "SELECT count(*) FROM User"),
		    7 - n);
	}
	assert_false(path_exists(folder_path("dev.db.backup_startup.4")));
}

static void
take_after_unchanged_content_makes_no_generation(void **state)
{
	struct snapshot snap;
	struct err err;

	(void)state;
	make(2);
	assert_int_equal(take(&snap, &err), 0);
	run(LIVE, DB_WRITE,
	    "INSERT INTO BackupRun (kind, startedAt, ms, "
	    "verified) VALUES ('snapshot', 'x', 1, 1); INSERT INTO Job (type, "
	    "state, createdAt) VALUES ('a', 'b', 'c')");
	assert_int_equal(take(&snap, &err), 0);
	assert_true(snap.unchanged);
	assert_false(path_exists(folder_path("dev.db.backup_startup.1")));
}

static void
take_of_empty_database_keeps_what_has_content(void **state)
{
	struct snapshot snap;
	struct err err;

	(void)state;
	make(2);
	assert_int_equal(take(&snap, &err), 0);
	(void)unlink(LIVE);
	make(0);
	assert_int_equal(take(&snap, &err), 0);
	assert_true(snap.withheld);
	assert_int_equal(number(COPY, "SELECT count(*) FROM User"), 2);
	/* Also when only an older generation has it. */
	assert_int_equal(rename(COPY, folder_path("dev.db.backup_startup.3")),
	    0);
	assert_int_equal(take(&snap, &err), 0);
	assert_true(snap.withheld);
	assert_false(path_exists(COPY));
}

/* Random bytes over the middle of a file. */
static void
damage(const char *path)
{
	FILE *f = fopen(path, "r+e");

	assert_non_null(f);
	assert_int_equal(fseek(f, 4096L * 3, SEEK_SET), 0);
	for (int i = 0; i < 4096 * 12; i++)
		(void)fputc((i * 7 + 13) & 0xff, f);
	(void)fclose(f);
}

static void
take_of_damaged_database_keeps_the_former(void **state)
{
	struct snapshot snap;
	struct err err;
	char *before;
	char *after;
	size_t len;

	(void)state;
	make(200);
	assert_int_equal(take(&snap, &err), 0);
	before = folder_read(COPY, &len);
	damage(LIVE);
	assert_int_equal(take(&snap, &err), -1);
	assert_int_equal(err.code, ERR_CORRUPT);
	after = folder_read(COPY, NULL);
	assert_memory_equal(before, after, len);
	free(before);
	free(after);
	assert_int_equal(folder_count(), 3); /* the live one's journal too */
}

static void
take_beside_a_damaged_former_puts_it_aside(void **state)
{
	struct snapshot snap;
	struct err err;

	(void)state;
	make(200);
	assert_int_equal(take(&snap, &err), 0);
	damage(COPY);
	assert_int_equal(take(&snap, &err), 0);
	assert_true(snap.published);
	assert_int_equal(number(COPY, "SELECT count(*) FROM User"), 200);
	assert_false(path_exists(folder_path("dev.db.backup_startup.1")));
	assert_true(path_exists(folder_path("quarantine")));
}

static void
take_after_a_kill_between_link_and_rename_keeps_generations(void **state)
{
	struct snapshot snap;
	struct err err;

	(void)state;
	make(1);
	assert_int_equal(take(&snap, &err), 0);
	run(LIVE, DB_WRITE, "INSERT INTO User (username) VALUES ('b')");
	assert_int_equal(take(&snap, &err), 0);
	/* As it stands right after link(2): both names, one file. */
	assert_int_equal(rename(folder_path("dev.db.backup_startup.1"),
			     folder_path("dev.db.backup_startup.2")),
	    0);
	assert_int_equal(link(COPY, folder_path("dev.db.backup_startup.1")), 0);
	run(LIVE, DB_WRITE, "INSERT INTO User (username) VALUES ('c')");
	assert_int_equal(take(&snap, &err), 0);
	assert_int_equal(number(COPY, "SELECT count(*) FROM User"), 3);
	assert_int_equal(number(folder_path("dev.db.backup_startup.1"),
			     "SELECT count(*) FROM User"),
	    2);
	assert_int_equal(number(folder_path("dev.db.backup_startup.2"),
			     "SELECT count(*) FROM User"),
	    1);
}

static void
take_on_a_full_disk_keeps_the_former(void **state)
{
	const struct rlimit small = { 20000, 20000 };
	int status = 0;
	struct snapshot snap;
	struct err err;
	pid_t pid;

	(void)state;
	make(5);
	assert_int_equal(take(&snap, &err), 0);
	run(LIVE, DB_WRITE,
	    "UPDATE User SET tvProfile = "
	    "hex(randomblob(20000))");
	if ((pid = fork()) == 0) {
		(void)signal(SIGXFSZ, SIG_IGN);
		(void)setrlimit(RLIMIT_FSIZE, &small);
		_exit(take(&snap, &err) == -1 && err.code == ERR_DISK ? 0 : 1);
	}
	(void)waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(number(COPY,
			     "SELECT count(*) FROM User WHERE "
			     "tvProfile IS NULL"),
	    5);
	assert_int_equal(folder_count(), 3); /* the live one's journal too */
}

static void
take_heals_an_index(void **state)
{
	struct snapshot snap;
	struct db_findings f;
	struct err err = { 0 };
	struct db *db = NULL;

	(void)state;
	make(20);
	/* The index no longer matches what the table says it holds. */
	run(LIVE, DB_WRITE,
	    "CREATE TABLE t (a, b); CREATE INDEX i ON t (a);"
	    "INSERT INTO t VALUES (1, 2), (3, 4)");
	{
		char *bytes;
		size_t len;
		FILE *file;
		size_t at;

		bytes = folder_read(LIVE, &len);
		for (at = 0; at + 24 < len; at++) {
			if (memcmp(bytes + at, "CREATE INDEX i ON t (a)", 23) ==
			    0)
				break;
		}
		assert_true(at + 24 < len);
		file = fopen(LIVE, "r+e");
		assert_non_null(file);
		assert_int_equal(fseek(file, (long)at + 21, SEEK_SET), 0);
		(void)fputc('b', file);
		(void)fclose(file);
		free(bytes);
	}
	assert_int_equal(db_open(&db, LIVE, DB_READ, &err), 0);
	assert_int_equal(db_check(db, &f, &err), 0);
	assert_true(f.indexes > 0);
	db_free(db);
	assert_int_equal(take(&snap, &err), 0);
	assert_true(snap.healed);
	assert_int_equal(db_open(&db, LIVE, DB_READ, &err), 0);
	assert_int_equal(db_check(db, &f, &err), 0);
	assert_int_equal(f.indexes, 0);
	db_free(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(take_copies_with_private_mode, setup),
		cmocka_unit_test_setup(take_keeps_three_older_generations,
		    setup),
		cmocka_unit_test_setup(
		    take_after_unchanged_content_makes_no_generation, setup),
		cmocka_unit_test_setup(
		    take_of_empty_database_keeps_what_has_content, setup),
		cmocka_unit_test_setup(
		    take_of_damaged_database_keeps_the_former, setup),
		cmocka_unit_test_setup(
		    take_beside_a_damaged_former_puts_it_aside, setup),
		cmocka_unit_test_setup(
		    take_after_a_kill_between_link_and_rename_keeps_generations,
		    setup),
		cmocka_unit_test_setup(take_on_a_full_disk_keeps_the_former,
		    setup),
		cmocka_unit_test_setup(take_heals_an_index, setup),
	};

	return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
