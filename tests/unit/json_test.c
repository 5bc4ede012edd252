/* Without these tests a value could come back as another than was written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/json.h"

static struct json *
parse(const char *text)
{
	struct json *j = NULL;
	struct err err = { ERR_NONE, "" };

	if (json_parse(&j, text, strlen(text), &err))
		fail_msg("%s: %s", text, err.msg);
	return j;
}

static void
json_parse_of_an_object(void **state)
{
	struct json *j = parse("{\"a\":\"x\\u0000y\",\"n\":-5,\"d\":8.4,"
			       "\"t\":true,\"z\":null,\"l\":[1,\"two\"]}");
	size_t len = 0;
	int64_t i = 0;
	double d = 0;
	bool b = false;

	(void)state;
	assert_int_equal(json_kind(j), JSON_OBJECT);
	assert_int_equal(json_count(j), 6);
	assert_memory_equal(json_text(json_get(j, "a"), &len), "x\0y", 4);
	assert_int_equal(len, 3);
	assert_int_equal(json_int(json_get(j, "n"), &i), 0);
	assert_int_equal(i, -5);
	assert_int_equal(json_double(json_get(j, "d"), &d), 0);
	assert_true(d > 8.39 && d < 8.41);
	assert_int_equal(json_int(json_get(j, "d"), &i), -1);
	assert_int_equal(json_boolean(json_get(j, "t"), &b), 0);
	assert_true(b);
	assert_null(json_get(j, "z"));
	assert_null(json_get(j, "missing"));
	assert_null(json_text(json_get(j, "n"), NULL));
	assert_string_equal(json_text(json_at(json_get(j, "l"), 1), NULL),
	    "two");
	assert_null(json_at(json_get(j, "l"), 2));
	json_free(j);
}

static void
json_parse_of_plain_values(void **state)
{
	struct json *j = parse(" null ");
	int64_t i = 0;

	(void)state;
	assert_null(j);
	assert_int_equal(json_kind(j), JSON_NULL);
	j = parse("603");
	assert_int_equal(json_int(j, &i), 0);
	assert_int_equal(i, 603);
	json_free(j);
	j = parse("\xef\xbb\xbf\"bom\"");
	assert_string_equal(json_text(j, NULL), "bom");
	json_free(j);
}

static void
json_parse_refuses_with_the_place(void **state)
{
	struct json *j = NULL;
	struct err err = { ERR_NONE, "" };

	(void)state;
	assert_int_equal(json_parse(&j, "{\"a\":1,\n}", 9, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_string_equal(err.msg,
	    "line 2, column 1: a key in double "
	    "quotes is expected here");
	assert_null(j);
	assert_int_equal(json_parse(&j, "NaN", 3, &err), -1);
}

static void
json_int_beyond_64_bits(void **state)
{
	static const char *const texts[] = { "9223372036854775808",
		"18446744073709551615", "99999999999999999999999",
		"-99999999999999999999999" };
	int64_t i = 7;
	struct json *j;

	(void)state;
	for (size_t n = 0; n < sizeof(texts) / sizeof(texts[0]); n++) {
		j = parse(texts[n]);
		assert_int_equal(json_int(j, &i), -1);
		assert_int_equal(i, 7);
		json_free(j);
	}
	j = parse("9223372036854775807");
	assert_int_equal(json_int(j, &i), 0);
	assert_true(i == INT64_MAX);
	json_free(j);
}

static void
json_double_that_is_not_finite(void **state)
{
	struct json *j = parse("1e400");
	double d = 7;

	(void)state;
	assert_int_equal(json_double(j, &d), -1);
	assert_true(d > 6.9 && d < 7.1);
	json_free(j);
}

static void
json_unescape_of_everything(void **state)
{
	static const struct {
		const char *raw;
		const char *text;
		size_t len;
	} rows[] = {
		{ "plain \xc3\xa9", "plain \xc3\xa9", 8 },
		{ "\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t", 8 },
		{ "\\u0041\\u00e9\\u20ac", "A\xc3\xa9\xe2\x82\xac", 6 },
		{ "\\ud83c\\udfac", "\xf0\x9f\x8e\xac", 4 },
		{ "a\\u0000b", "a\0b", 3 },
		{ "\\ud83c", "\xef\xbf\xbd", 3 },
		{ "\\ud83cx", "\xef\xbf\xbdx", 4 },
		{ "\\udfac", "\xef\xbf\xbd", 3 },
		{ "\\ud83c\\u0041",
		    "\xef\xbf\xbd"
		    "A",
		    4 },
		{ "\\ud83c\\n", "\xef\xbf\xbd\n", 4 },
		{ "\\ud83c\\ud83c\\udfac", "\xef\xbf\xbd\xf0\x9f\x8e\xac", 7 },
		{ "\\udfac\\ud83c", "\xef\xbf\xbd\xef\xbf\xbd", 6 },
		{ "", "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = { ERR_NONE, "" };
		struct buf b;

		buf_init(&b, 100);
		assert_int_equal(json_unescape(rows[i].raw, strlen(rows[i].raw),
				     &b, &err),
		    0);
		if (b.len != rows[i].len ||
		    memcmp(buf_str(&b), rows[i].text, b.len) != 0)
			fail_msg("%s: %zu bytes, %s", rows[i].raw, b.len,
			    buf_str(&b));
		buf_free(&b);
	}
}

static void
json_get_of_a_key_written_twice(void **state)
{
	struct json *j = parse("{\"a\":1,\"a\":2}");
	int64_t i = 0;

	(void)state;
	assert_int_equal(json_int(json_get(j, "a"), &i), 0);
	assert_int_equal(i, 2);
	json_free(j);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_parse_of_an_object),
		cmocka_unit_test(json_parse_of_plain_values),
		cmocka_unit_test(json_parse_refuses_with_the_place),
		cmocka_unit_test(json_int_beyond_64_bits),
		cmocka_unit_test(json_double_that_is_not_finite),
		cmocka_unit_test(json_unescape_of_everything),
		cmocka_unit_test(json_get_of_a_key_written_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
