/*
 * Without these, whoever took a worker over could go on to everything else
 * that its user owns.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgi-src/sandbox.h"
#include "core/db.h"

static char home[64], data[128], elsewhere[128], database[256];

/* Run ${probe} in a confined child; its exit status. */
static int
confined(int (*probe)(void))
{
	struct env env = { .data_dir = data, .db_path = database };
	struct err err = { 0 };
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		/* The folder for temporary files would be allowed. */
		(void)unsetenv("TMPDIR");
		if (sandbox_enter(&env, &err)) {
			(void)fprintf(stderr, "%s\n", err.msg);
			_exit(99);
		}
		_exit(probe());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* What a worker does all day. */
static int
work(void)
{
	struct err err = { 0 };
	struct db *db = NULL;
	char a[1024], b[1024];
	FILE *f;

	(void)snprintf(a, sizeof(a), "%s/file", data);
	(void)snprintf(b, sizeof(b), "%s/sub", data);
	if ((f = fopen(a, "w")) == NULL || fclose(f) != 0 || mkdir(b, 0700))
		return 1;
	(void)snprintf(b, sizeof(b), "%s/sub/file", data);
	if (rename(a, b) != 0 || truncate(b, 0) != 0 || unlink(b) != 0)
		return 2;
	if (db_open(&db, database, DB_CREATE, &err) ||
	    db_exec(db, "CREATE TABLE t (a); INSERT INTO t VALUES (1)", &err) ||
	    db_close(&db, &err))
		return 3;
	if ((f = fopen("/etc/resolv.conf", "r")) != NULL)
		(void)fclose(f);
	return access("/usr/lib", R_OK) == 0 ? 0 : 4;
}

static bool
denied(int rc)
{
	return rc < 0 && (errno == EACCES || errno == EXDEV);
}

/* What it never does: the number of the first thing that works. */
static int
misdeeds(void)
{
	char beside[128];
	char *const argv[] = { (char[]){ "true" }, NULL };

	if (!denied(open("/root/.profile", O_RDONLY)) &&
	    access("/root/.profile", F_OK) == 0)
		return 1;
	if (!denied(open("/var/jair-sandbox-test", O_CREAT | O_WRONLY, 0600)))
		return 2;
	if (!denied(open("/etc/passwd", O_WRONLY)))
		return 3;
	if (!denied(execv("/bin/true", argv)))
		return 4;
	if (!denied(symlink("/etc/passwd", "/tmp/jair-sandbox-test")))
		return 5;
	/* Beside the data, in a folder of the same owner. */
	(void)snprintf(beside, sizeof(beside), "%s/file", home);
	if (!denied(open(beside, O_CREAT | O_WRONLY, 0600)))
		return 7;
	if (!denied(open("/", O_RDONLY | O_DIRECTORY)))
		return 6;
	return 0;
}

/*
 * Beside what is built, not in a folder for temporary files: those are
 * allowed whatever the settings say.
 */
static int
set_up(void **state)
{
	(void)state;
	(void)snprintf(home, sizeof(home), "build/sandbox.XXXXXX");
	assert_non_null(mkdtemp(home));
	(void)snprintf(data, sizeof(data), "%s/data", home);
	(void)snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", home);
	(void)snprintf(database, sizeof(database), "%s/dev.db", elsewhere);
	return mkdir(data, 0700) != 0 || mkdir(elsewhere, 0700) != 0;
}

static int
tear_down(void **state)
{
	char sub[600];

	(void)state;
	(void)snprintf(sub, sizeof(sub), "%s/sub", data);
	(void)rmdir(sub);
	(void)rmdir(data);
	db_remove(database);
	(void)rmdir(elsewhere);
	return rmdir(home);
}

static void
sandbox_enter_lets_a_worker_work(void **state)
{
	(void)state;
	assert_int_equal(confined(work), 0);
}

static void
sandbox_enter_lets_it_do_nothing_else(void **state)
{
	(void)state;
	if (syscall(SYS_landlock_create_ruleset, NULL, 0,
		LANDLOCK_CREATE_RULESET_VERSION) < 3)
		skip();
	assert_int_equal(confined(misdeeds), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    sandbox_enter_lets_a_worker_work, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    sandbox_enter_lets_it_do_nothing_else, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
