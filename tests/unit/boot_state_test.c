/* Without this the web page could praise a start that has failed. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/boot_state.h"
#include "tests/unit/folder.h"

static int
setup(void **state)
{
	(void)state;
	folder_clean();
	return 0;
}

static void
read_what_was_written(void **state)
{
	struct boot_state got;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(boot_state_write(folder_make(), "failed", "schema",
			     "line one\nline two", &err),
	    0);
	assert_int_equal(boot_state_read(folder_make(), &got, &err), 0);
	assert_string_equal(got.state, "failed");
	assert_string_equal(got.step, "schema");
	assert_string_equal(got.message, "line one line two");
	assert_int_equal(strlen(got.at), 24);
	assert_int_equal(folder_mode(folder_path(".jair.boot")), 0600);
	assert_int_equal(boot_state_write(folder_make(), "ok", "done", "",
			     &err),
	    0);
	assert_int_equal(boot_state_read(folder_make(), &got, &err), 0);
	assert_string_equal(got.state, "ok");
	assert_string_equal(got.message, "");
	assert_int_equal(folder_count(), 1);
}

static int64_t now;

static int64_t
clock_of_test(void)
{
	return now;
}

static void
read_tells_when_the_boot_began(void **state)
{
	struct boot_state got;
	struct err err = { 0 };

	(void)state;
	clock_set_source(clock_of_test);
	for (now = 0; now < 20000; now += 10000) {
		const char *dir = folder_make();

		assert_int_equal(boot_state_write(dir, "running", "a", "",
				     &err),
		    0);
		now += 5000;
		assert_int_equal(boot_state_write(dir, "ok", "b", "", &err), 0);
		now -= 5000;
	}
	clock_set_source(NULL);
	assert_int_equal(boot_state_read(folder_make(), &got, &err), 0);
	assert_string_equal(got.began, "1970-01-01T00:00:10.000Z");
	assert_string_equal(got.at, "1970-01-01T00:00:15.000Z");
	folder_write(folder_path(".jair.boot"), "ok\nx\ndone\n\n");
	assert_int_equal(boot_state_read(folder_make(), &got, &err), 0);
	assert_string_equal(got.began, "x");
}

static void
read_message_that_is_too_long_is_cut(void **state)
{
	char message[1024];
	struct boot_state got;
	struct err err = { 0 };

	(void)state;
	memset(message, 'x', sizeof(message) - 1);
	message[sizeof(message) - 1] = '\0';
	assert_int_equal(boot_state_write(folder_make(), "failed", "schema",
			     message, &err),
	    0);
	assert_int_equal(boot_state_read(folder_make(), &got, &err), 0);
	assert_int_equal(strlen(got.message), sizeof(got.message) - 1);
}

static void
read_missing_or_broken_file_is_an_error(void **state)
{
	struct boot_state got;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(boot_state_read(folder_make(), &got, &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
	folder_write(folder_path(".jair.boot"), "ok\n2026-01-05T10:30:00");
	assert_int_equal(boot_state_read(folder_make(), &got, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
}

static void
write_failure_leaves_no_former_state(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(boot_state_write(folder_path("none"), "ok", "done", "",
			     &err),
	    -1);
	assert_int_equal(err.code, ERR_MISSING);
	assert_int_equal(folder_count(), 0);
}

#define T(f) cmocka_unit_test_setup(f, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(read_what_was_written),
		T(read_tells_when_the_boot_began),
		T(read_message_that_is_too_long_is_cut),
		T(read_missing_or_broken_file_is_an_error),
		T(write_failure_leaves_no_former_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
