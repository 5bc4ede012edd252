/*
 * Without these, passwords could be guessed without end, or a stranger could
 * keep a member from logging in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgi-src/http/backoff.h"

static struct backoff *b;

static int
set_up(void **state)
{
	struct err err = { 0 };

	(void)state;
	b = backoff_new(&err);
	return b != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	backoff_free(b);
	return 0;
}

static int64_t
try(const char *address, const char *account, int64_t now)
{
	return backoff_try(b, address, account, now);
}

static void
backoff_try_doubles_up_to_thirty_seconds(void **state)
{
	static const int64_t waits[] = { 1000, 2000, 4000, 8000, 16000, 30000,
		30000 };
	int64_t now = 5;

	(void)state;
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		assert_int_equal(try("1.2.3.4", "anna", now), 0);
		assert_int_equal(try("1.2.3.4", "anna", now), waits[i]);
		assert_int_equal(try("1.2.3.4", "anna", now + waits[i] - 1), 1);
		now += waits[i];
	}
	/* Long after it the first wait is short again. */
	now += 900000;
	assert_int_equal(try("1.2.3.4", "anna", now), 0);
	assert_int_equal(try("1.2.3.4", "anna", now), 1000);
}

static void
backoff_try_locks_nobody_out_from_elsewhere(void **state)
{
	int64_t now = 1000;

	(void)state;
	for (int i = 0; i < 10; i++) {
		while (try("6.6.6.6", "anna", now) != 0)
			now += 1000;
	}
	assert_int_not_equal(try("6.6.6.6", "anna", now), 0);
	assert_int_equal(try("1.2.3.4", "anna", now), 0);
	assert_int_equal(try("6.6.6.6", "bert", now), 0);
}

static void
backoff_try_knows_one_account_in_many_disguises(void **state)
{
	static const char *const same[][2] = {
		{ "1.2.3.4", "ANNA M\303\204KINEN" },
		{ "::ffff:1.2.3.4", "anna m\303\244kinen" },
	};

	(void)state;
	assert_int_equal(try("1.2.3.4", "Anna M\303\244kinen", 1000), 0);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(try(same[i][0], same[i][1], 1000), 1000);
	assert_int_equal(try("2001:db8:1:2::1", "anna", 1000), 0);
	assert_int_equal(try("2001:db8:1:2:ffff::9", "anna", 1000), 1000);
	assert_int_equal(try("2001:db8:1:3::1", "anna", 1000), 0);
	assert_int_equal(try("1.2.3.5", "anna", 1000), 0);
	assert_int_equal(try("unix:", "anna", 1000), 0);
	assert_int_equal(try("unix:", "anna", 1000), 1000);
}

static void
backoff_pass_forgets_the_failures(void **state)
{
	(void)state;
	backoff_pass(b, "1.2.3.4", "anna");
	assert_int_equal(try("1.2.3.4", "anna", 1000), 0);
	backoff_pass(b, "1.2.3.4", "bert");
	assert_int_equal(try("1.2.3.4", "anna", 1000), 1000);
	backoff_pass(b, "1.2.3.4", "Anna");
	assert_int_equal(try("1.2.3.4", "anna", 1000), 0);
	assert_int_equal(try("1.2.3.4", "anna", 1000), 1000);
}

static void
backoff_try_gives_up_the_oldest_when_it_is_full(void **state)
{
	char account[32];

	(void)state;
	for (int i = 0; i < BACKOFF_PLACES; i++) {
		(void)snprintf(account, sizeof(account), "%d", i);
		assert_int_equal(try("1.2.3.4", account, 1000 + i), 0);
	}
	assert_int_not_equal(try("1.2.3.4", "1", 1001), 0);
	assert_int_equal(try("1.2.3.4", "one more", 3000), 0);
	/* "0" was the oldest; "1023" is still there. */
	assert_int_not_equal(try("1.2.3.4", "1023", 2500), 0);
	assert_int_equal(try("1.2.3.4", "0", 1500), 0);
}

static void
backoff_try_is_shared_with_workers_that_are_killed(void **state)
{
	char byte;

	(void)state;
	for (int i = 0; i < 20; i++) {
		int ready[2];
		pid_t pid;

		assert_int_equal(pipe(ready), 0);
		if ((pid = fork()) == 0) {
			(void)try("1.2.3.4", "anna", 1000);
			(void)!write(ready[1], "x", 1);
			for (;;)
				(void)try("9.9.9.9", "bert", 1000);
		}
		assert_true(pid > 0);
		assert_int_equal(read(ready[0], &byte, 1), 1);
		(void)kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		(void)close(ready[0]);
		(void)close(ready[1]);
		/* Whatever it held, others go on. */
		assert_int_equal(try("1.2.3.4", "anna", 1000), 1000);
		backoff_pass(b, "1.2.3.4", "anna");
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(backoff_try_doubles_up_to_thirty_seconds),
		TEST(backoff_try_locks_nobody_out_from_elsewhere),
		TEST(backoff_try_knows_one_account_in_many_disguises),
		TEST(backoff_pass_forgets_the_failures),
		TEST(backoff_try_gives_up_the_oldest_when_it_is_full),
		TEST(backoff_try_is_shared_with_workers_that_are_killed),
	};

	return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
