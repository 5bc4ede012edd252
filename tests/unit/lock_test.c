/* Without these tests two boots could work on one database at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/lock.h"
#include "tests/unit/folder.h"

/* A child that holds  until it is killed; returns once it does. */
static pid_t
hold(const char *path, enum lock_mode mode)
{
	int ready[2];
	char c = 0;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct err err = { 0 };
		int fd;

		c = lock_take(path, mode, 0, &fd, &err) == 0 ? 'y' : 'n';
		if (write(ready[1], &c, 1) == 1)
			(void)pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(c, 'y');
	(void)close(ready[0]);
	(void)close(ready[1]);
	return pid;
}

static void
release(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void
lock_take_excludes_other_processes(void **state)
{
	const char *path = folder_path("lock");
	struct err err = { 0 };
	pid_t pid = hold(path, LOCK_EXCLUSIVE);
	int fd = -1;

	(void)state;
	assert_int_equal(lock_take(path, LOCK_EXCLUSIVE, 0, &fd, &err), -1);
	assert_int_equal(err.code, ERR_BUSY);
	assert_non_null(strstr(err.msg, path));
	assert_int_equal(lock_take(path, LOCK_SHARED, 0, &fd, &err), -1);
	release(pid);
	/* The lock of a killed process is gone with it. */
	assert_int_equal(lock_take(path, LOCK_EXCLUSIVE, 0, &fd, &err), 0);
	lock_release(fd);
	lock_release(-1);
	folder_clean();
}

static void
lock_take_shares_when_asked(void **state)
{
	const char *path = folder_path("lock");
	struct err err = { 0 };
	pid_t pid = hold(path, LOCK_SHARED);
	int fd = -1;

	(void)state;
	assert_int_equal(lock_take(path, LOCK_SHARED, 0, &fd, &err), 0);
	lock_release(fd);
	assert_int_equal(lock_take(path, LOCK_EXCLUSIVE, 0, &fd, &err), -1);
	assert_int_equal(err.code, ERR_BUSY);
	release(pid);
	folder_clean();
}

static void
lock_take_waits_no_longer_than_told(void **state)
{
	const char *path = folder_path("lock");
	struct err err = { 0 };
	pid_t pid = hold(path, LOCK_EXCLUSIVE);
	int64_t began = clock_mono();
	int fd;

	(void)state;
	assert_int_equal(lock_take(path, LOCK_EXCLUSIVE, 200, &fd, &err), -1);
	assert_int_equal(err.code, ERR_BUSY);
	assert_true(clock_mono() - began >= 200);
	assert_true(clock_mono() - began < 30000);
	release(pid);
	folder_clean();
}

static void
lock_take_gets_what_is_released_meanwhile(void **state)
{
	const char *path = folder_path("lock");
	struct err err = { 0 };
	pid_t holder = hold(path, LOCK_EXCLUSIVE);
	pid_t killer = fork();
	int fd = -1;

	(void)state;
	assert_true(killer >= 0);
	if (killer == 0)
		_exit(kill(holder, SIGKILL) == 0 ? 0 : 1);
	assert_int_equal(lock_take(path, LOCK_EXCLUSIVE, 30000, &fd, &err), 0);
	lock_release(fd);
	assert_int_equal(waitpid(killer, NULL, 0), killer);
	assert_int_equal(waitpid(holder, NULL, 0), holder);
	folder_clean();
}

static void
lock_take_makes_a_private_close_on_exec_file(void **state)
{
	static const mode_t masks[] = { 0, 0777 };
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const char *path = folder_path("lock");
		mode_t old = umask(masks[i]);
		int fd = -1;
		int rc = lock_take(path, LOCK_SHARED, 0, &fd, &err);

		(void)umask(old);
		assert_int_equal(rc, 0);
		assert_int_equal(folder_mode(path), 0600);
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		lock_release(fd);
		folder_clean();
	}
}

static void
lock_take_refuses_a_link_and_a_missing_folder(void **state)
{
	struct err err = { 0 };
	int fd;

	(void)state;
	assert_int_equal(symlink("target", folder_path("lock")), 0);
	assert_int_equal(lock_take(folder_path("lock"), LOCK_SHARED, 0, &fd,
			     &err),
	    -1);
	assert_int_equal(lock_take(folder_path("no/lock"), LOCK_SHARED, 0, &fd,
			     &err),
	    -1);
	assert_int_equal(err.code, ERR_MISSING);
	folder_clean();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lock_take_excludes_other_processes),
		cmocka_unit_test(lock_take_shares_when_asked),
		cmocka_unit_test(lock_take_waits_no_longer_than_told),
		cmocka_unit_test(lock_take_gets_what_is_released_meanwhile),
		cmocka_unit_test(lock_take_makes_a_private_close_on_exec_file),
		cmocka_unit_test(lock_take_refuses_a_link_and_a_missing_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
