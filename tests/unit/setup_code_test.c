/*
 * Without these, the first setup could be open to everyone, or to no one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/setup_code.h"
#include "tests/unit/folder.h"

#define GOOD "0123456789abcdef0123456789abcdef"

static int
clean(void **state)
{
	(void)state;
	(void)folder_make();
	folder_clean();
	return 0;
}

static void
setup_code_ensure_makes_one_and_keeps_it(void **state)
{
	struct secret a = { 0 };
	struct secret b = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(setup_code_read(folder_make(), &a, &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
	assert_int_equal(setup_code_ensure(folder_make(), &a, &err), 0);
	assert_int_equal(a.len, 32);
	assert_int_equal(folder_mode(folder_path("setup_code")), 0600);
	assert_int_equal(setup_code_ensure(folder_make(), &b, &err), 0);
	assert_true(secret_equal(&a, &b));
	assert_int_equal(setup_code_remove(folder_make(), &err), 0);
	assert_int_equal(setup_code_remove(folder_make(), &err), 0);
	assert_int_equal(folder_count(), 0);
	assert_int_equal(setup_code_ensure(folder_make(), &b, &err), 0);
	assert_false(secret_equal(&a, &b));
	secret_clear(&a);
	secret_clear(&b);
}

static void
setup_code_ensure_replaces_what_is_no_code(void **state)
{
	static const char *const bad[] = { "", "\n", "abc\n",
		"0123456789abcdef0123456789abcdeg\n",
		"0123456789ABCDEF0123456789abcdef\n", GOOD,
		GOOD GOOD GOOD "\n" };
	struct secret code = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = { 0 };

		folder_write(folder_path("setup_code"), bad[i]);
		assert_int_equal(setup_code_read(folder_make(), &code, &err),
		    -1);
		assert_int_equal(err.code, ERR_FORMAT);
		assert_int_equal(setup_code_ensure(folder_make(), &code, &err),
		    0);
		assert_int_equal(code.len, 32);
		secret_clear(&code);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(setup_code_ensure_makes_one_and_keeps_it,
		    clean),
		cmocka_unit_test_setup(
		    setup_code_ensure_replaces_what_is_no_code, clean),
	};

	return cmocka_run_group_tests_name("setup_code", tests, NULL, NULL);
}
