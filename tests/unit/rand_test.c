/* Without these tests tokens and temporary names could repeat. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/rand.h"

static void
rand_bytes_fills_every_byte(void **state)
{
	unsigned char seen[16] = { 0 };
	unsigned char b[16];

	(void)state;
	for (int i = 0; i < 64; i++) {
		memset(b, 0, sizeof(b));
		rand_bytes(b, sizeof(b));
		for (size_t j = 0; j < sizeof(b); j++)
			seen[j] |= b[j];
	}
	for (size_t j = 0; j < sizeof(b); j++)
		assert_int_equal(seen[j], 0xff);
}

static void
rand_hex_writes_that_many_digits(void **state)
{
	char a[65];
	char b[65];

	(void)state;
	for (size_t n = 2; n <= 64; n += 2) {
		rand_hex(a, n);
		assert_int_equal(strlen(a), n);
		assert_int_equal(strspn(a, "0123456789abcdef"), n);
	}
	rand_hex(b, 64);
	assert_string_not_equal(a, b);
}

static void
rand_hex_differs_in_forked_processes(void **state)
{
	char mine[65];
	char theirs[65] = "";
	int fd[2];
	int status;
	pid_t pid;

	(void)state;
	rand_hex(mine, 64);
	assert_int_equal(pipe(fd), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		rand_hex(mine, 64);
		_exit(write(fd[1], mine, 64) == 64 ? 0 : 1);
	}
	rand_hex(mine, 64);
	assert_int_equal(read(fd[0], theirs, 64), 64);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_string_not_equal(mine, theirs);
	(void)close(fd[0]);
	(void)close(fd[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rand_bytes_fills_every_byte),
		cmocka_unit_test(rand_hex_writes_that_many_digits),
		cmocka_unit_test(rand_hex_differs_in_forked_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
