/* Without this a login could miss the history staged for its name. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "core/fold.h"

static void
check(const char *s, size_t len, const char *wanted, size_t wanted_len)
{
	struct buf out;

	buf_init(&out, 1000);
	fold_case(s, len, &out);
	assert_false(out.failed);
	assert_int_equal(out.len, wanted_len);
	assert_memory_equal(buf_str(&out), wanted, wanted_len);
	buf_free(&out);
}

static void
same(const char *s, const char *wanted)
{
	check(s, strlen(s), wanted, strlen(wanted));
}

static void
fold_case_lowers_letters_of_any_script(void **state)
{
	(void)state;
	same("", "");
	same("Jesse 7", "jesse 7");
	same("MÄKINEN ÅSA", "mäkinen åsa");
	same("ΣΟΦΙΑ Дмитрий", "σοφια дмитрий");
	same("千と千尋 🎬", "千と千尋 🎬");
}

static void
fold_case_keeps_what_is_no_character(void **state)
{
	(void)state;
	check("A\0B", 3, "a\0b", 3);
	check("A\xff"
	      "B\xc3",
	    4,
	    "a\xff"
	    "b\xc3",
	    4);
}

static void
fold_case_respects_the_ceiling(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 3);
	fold_case("ABCD", 4, &out);
	assert_true(out.failed);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fold_case_lowers_letters_of_any_script),
		cmocka_unit_test(fold_case_keeps_what_is_no_character),
		cmocka_unit_test(fold_case_respects_the_ceiling),
	};

	return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
