/* Without these tests a reply or an archive could be cut without a word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"

static void
buf_add_grows_to_the_ceiling_exactly(void **state)
{
	struct err err = { 0 };
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	for (int i = 0; i < 100; i++)
		buf_addc(&b, 'a');
	assert_int_equal(buf_ok(&b, "it", &err), 0);
	assert_int_equal(b.len, 100);
	assert_int_equal(b.data[100], '\0');
	buf_addc(&b, 'a');
	assert_int_equal(buf_ok(&b, "the reply", &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_non_null(strstr(err.msg, "the reply"));
	assert_int_equal(b.len, 100);
	buf_free(&b);
}

static void
buf_add_too_much_at_once_is_a_limit(void **state)
{
	struct err err = { 0 };
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	buf_addz(&b, "12345");
	assert_int_equal(buf_ok(&b, "it", &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	buf_addz(&b, "1");
	assert_int_equal(b.len, 0);
	buf_reset(&b);
	buf_addz(&b, "1234");
	assert_int_equal(buf_ok(&b, "it", &err), 0);
	assert_string_equal(buf_str(&b), "1234");
	buf_free(&b);
}

static void
buf_add_of_a_size_that_overflows_fails(void **state)
{
	struct err err = { 0 };
	struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	buf_addc(&b, 'x');
	buf_add(&b, "y", SIZE_MAX);
	assert_int_equal(buf_ok(&b, "it", &err), -1);
	assert_int_equal(b.len, 1);
	buf_free(&b);
	buf_init(&b, SIZE_MAX);
	buf_add(&b, "y", SIZE_MAX);
	assert_int_equal(buf_ok(&b, "it", &err), -1);
	buf_free(&b);
}

static void
buf_ok_tells_lack_of_memory_apart(void **state)
{
	struct err err = { 0 };
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	b.failed = true;
	assert_int_equal(buf_ok(&b, "it", &err), -1);
	assert_int_equal(err.code, ERR_NOMEM);
	buf_free(&b);
}

static void
buf_addf_formats_at_every_fill(void **state)
{
	struct err err = { 0 };
	struct buf b;

	(void)state;
	for (size_t fill = 0; fill < 200; fill++) {
		buf_init(&b, 1000);
		for (size_t i = 0; i < fill; i++)
			buf_addc(&b, '-');
		buf_addf(&b, "%s=%05d", "key", 42);
		assert_int_equal(buf_ok(&b, "it", &err), 0);
		assert_int_equal(b.len, fill + 9);
		assert_string_equal(b.data + fill, "key=00042");
		buf_free(&b);
	}
}

static void
buf_keeps_nul_bytes_and_a_closing_nul(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_string_equal(buf_str(&b), "");
	buf_add(&b, "a\0b", 3);
	buf_add(&b, "", 0);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.data, "a\0b", 4);
	buf_reset(&b);
	assert_string_equal(buf_str(&b), "");
	buf_free(&b);
	buf_free(&b);
	buf_free(NULL);
}

static void
buf_take_hands_over(void **state)
{
	struct buf b;
	char *s;

	(void)state;
	buf_init(&b, 10);
	assert_null(buf_take(&b));
	buf_addz(&b, "abc");
	s = buf_take(&b);
	assert_string_equal(s, "abc");
	free(s);
	assert_int_equal(b.len, 0);
	buf_addz(&b, "0123456789");
	assert_false(b.failed);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buf_add_grows_to_the_ceiling_exactly),
		cmocka_unit_test(buf_add_too_much_at_once_is_a_limit),
		cmocka_unit_test(buf_add_of_a_size_that_overflows_fails),
		cmocka_unit_test(buf_ok_tells_lack_of_memory_apart),
		cmocka_unit_test(buf_addf_formats_at_every_fill),
		cmocka_unit_test(buf_keeps_nul_bytes_and_a_closing_nul),
		cmocka_unit_test(buf_take_hands_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
