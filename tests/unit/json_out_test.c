/*
 * Without this test an archive could hold JSON that other programs read as
 * other values, or that differs from what ECMAScript would write.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/json_number.h"
#include "core/json_out.h"

static void
assert_string(const char *s, size_t len, const char *json, int64_t repaired)
{
	struct json_out j;
	struct buf text;

	buf_init(&text, 1 << 20);
	json_out_init(&j, &text, NULL);
	json_out_bytes(&j, NULL, s, len);
	assert_string_equal(buf_str(&text), json);
	assert_int_equal(j.repaired, repaired);
	buf_free(&text);
}

static void
json_out_bytes_escapes_what_must_be(void **state)
{
	static const char long_text[] =
	    "0123456789012345678901234567890123456789012345678901234567890123"
	    "0123456789012345678901234567890123456789012345678901234567890123"
	    "0123456789012345678901234567890123456789012345678901234567890123"
	    "0123456789";

	(void)state;
	assert_string("", 0, "\"\"", 0);
	assert_string("a/b\x7f", 4, "\"a/b\x7f\"", 0);
	assert_string("\"\\", 2, "\"\\\"\\\\\"", 0);
	assert_string("\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\"", 0);
	assert_string("\0\1\x1f\x0b", 4, "\"\\u0000\\u0001\\u001f\\u000b\"", 0);
	assert_string(long_text, 3, "\"012\"", 0);
	for (size_t len = 190; len <= 202; len++) {
		char want[256] = "\"";

		memcpy(want + 1, long_text, len);
		want[len + 1] = '"';
		assert_string(long_text, len, want, 0);
	}
}

static void
json_out_bytes_keeps_all_planes(void **state)
{
	(void)state;
	assert_string("\xc2\x80\xc3\xa4", 4, "\"\xc2\x80\xc3\xa4\"", 0);
	assert_string("\xe2\x80\xa8\xe2\x80\xa9", 6,
	    "\"\xe2\x80\xa8\xe2\x80\xa9\"", 0);
	assert_string("\xef\xbf\xbf\xef\xbb\xbf", 6,
	    "\"\xef\xbf\xbf\xef\xbb\xbf\"", 0);
	assert_string("\xf0\x9f\x8e\xac\xf4\x8f\xbf\xbf", 8,
	    "\"\xf0\x9f\x8e\xac\xf4\x8f\xbf\xbf\"", 0);
}

static void
json_out_bytes_repairs_invalid_utf8(void **state)
{
	(void)state;
	assert_string("\xff", 1, "\"\xef\xbf\xbd\"", 1);
	assert_string("a\xc3", 2, "\"a\xef\xbf\xbd\"", 1);
	assert_string("\xc3\"", 2, "\"\xef\xbf\xbd\\\"\"", 1);
	/* A surrogate, an overlong slash, beyond U+10FFFF. */
	assert_string("\xed\xa0\x80", 3,
	    "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"", 3);
	assert_string("\xc0\xaf", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"", 2);
	assert_string("\xf4\x90\x80\x80", 4,
	    "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"", 4);
}

static void
json_number_text_equals_ecmascript(void **state)
{
	static const struct {
		double v;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ -0.0, "0" },
		{ 1, "1" },
		{ -1, "-1" },
		{ 8.154, "8.154" },
		{ 8.4, "8.4" },
		{ 10, "10" },
		{ 0.1 + 0.2, "0.30000000000000004" },
		{ 100.25, "100.25" },
		{ 1e20, "100000000000000000000" },
		{ 1e21, "1e+21" },
		{ 1.5e21, "1.5e+21" },
		{ 123456789012345680000.0, "123456789012345680000" },
		{ 1e-6, "0.000001" },
		{ 1.25e-6, "0.00000125" },
		{ 1e-7, "1e-7" },
		{ -1.5e-7, "-1.5e-7" },
		{ 5e-324, "5e-324" },
		{ 2.2250738585072014e-308, "2.2250738585072014e-308" },
		{ 1.7976931348623157e308, "1.7976931348623157e+308" },
		{ 9007199254740991.0, "9007199254740991" },
		{ 9007199254740992.0, "9007199254740992" },
		{ 999999999999999.9, "999999999999999.9" },
		{ 4.35, "4.35" },
		{ 1.0 / 3, "0.3333333333333333" },
		/* Powers of two: the nearest 16 digits do not read back. */
		{ 0x1p-44, "5.684341886080802e-14" },
		{ 0x1p-24, "5.960464477539063e-8" },
		{ 0x1p89, "6.189700196426902e+26" },
		{ 0x1p-1022, "2.2250738585072014e-308" },
	};
	char text[JSON_NUMBER_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(json_number_text(cases[i].v, text),
		    cases[i].text);
}

static void
json_number_text_random_values_read_back(void **state)
{
	uint64_t bits = 88172645463325252u;
	char text[JSON_NUMBER_MAX];

	(void)state;
	for (int i = 0; i < 100000; i++) {
		uint64_t back_bits;
		double back;
		double v;

		bits ^= bits << 13;
		bits ^= bits >> 7;
		bits ^= bits << 17;
		/* Clear an exponent that means infinity or NaN. */
		back_bits =
		    (bits >> 52 & 0x7ff) == 0x7ff ? bits & 0x7fff : bits;
		memcpy(&v, &back_bits, sizeof(v));
		back = strtod(json_number_text(v, text), NULL);
		assert_memory_equal(&back, &v, sizeof(v));
	}
}

static void
json_out_int_writes_the_extremes(void **state)
{
	static const struct {
		int64_t v;
		const char *text;
	} cases[] = {
		{ INT64_MIN, "-9223372036854775808" },
		{ INT64_MAX, "9223372036854775807" },
		{ 0, "0" },
		{ -1, "-1" },
		{ 10, "10" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_out j;
		struct buf text;

		buf_init(&text, 64);
		json_out_init(&j, &text, NULL);
		json_out_int(&j, NULL, cases[i].v);
		assert_string_equal(buf_str(&text), cases[i].text);
		buf_free(&text);
	}
}

static void
json_out_document_is_indented_and_bare(void **state)
{
	struct json_out j;
	struct buf text;
	struct buf bare;

	(void)state;
	buf_init(&text, 1024);
	buf_init(&bare, 1024);
	json_out_init(&j, &text, &bare);
	json_out_begin(&j, NULL, '{');
	json_out_begin(&j, "a", '[');
	json_out_end(&j, ']');
	json_out_begin(&j, "k\"\xc3\xa4", '{');
	json_out_null(&j, "n");
	json_out_bool(&j, "t", true);
	json_out_bool(&j, "f", false);
	json_out_end(&j, '}');
	json_out_begin(&j, "l", '[');
	json_out_int(&j, NULL, 1);
	json_out_raw(&j, NULL, "{}", 2);
	json_out_end(&j, ']');
	json_out_end(&j, '}');
	assert_string_equal(buf_str(&text),
	    "{\n  \"a\": [],\n  \"k\\\"\xc3\xa4\": {\n    \"n\": null,\n"
	    "    \"t\": true,\n    \"f\": false\n  },\n"
	    "  \"l\": [\n    1,\n    {}\n  ]\n}");
	assert_string_equal(buf_str(&bare),
	    "{\"a\":[],\"k\\\"\xc3\xa4\":"
	    "{\"n\":null,\"t\":true,\"f\":false},\"l\":[1,{}]}");
	buf_free(&text);
	buf_free(&bare);
}

static void
json_out_raw_is_laid_out_like_the_rest(void **state)
{
	static const char raw[] =
	    "{\"a\":[],\"b\":{},\"c,:[\\\"]\":"
	    "[1,-2.5e3,[true,null],{\"d\":\"\\\\\"}],\"e\":\"\"}";
	struct json_out j;
	struct buf text;
	struct buf bare;

	(void)state;
	buf_init(&text, 1024);
	buf_init(&bare, 1024);
	json_out_init(&j, &text, &bare);
	json_out_begin(&j, NULL, '[');
	json_out_raw(&j, NULL, raw, sizeof(raw) - 1);
	json_out_raw(&j, NULL, "\"x\"", 3);
	json_out_raw(&j, NULL, "[]", 2);
	json_out_end(&j, ']');
	assert_string_equal(buf_str(&text),
	    "[\n  {\n    \"a\": [],\n    \"b\": {},\n"
	    "    \"c,:[\\\"]\": [\n      1,\n      -2.5e3,\n      [\n"
	    "        true,\n        null\n      ],\n      {\n"
	    "        \"d\": \"\\\\\"\n      }\n    ],\n"
	    "    \"e\": \"\"\n  },\n  \"x\",\n  []\n]");
	assert_memory_equal(buf_str(&bare) + 1, raw, sizeof(raw) - 1);
	assert_string_equal(buf_str(&bare) + sizeof(raw), ",\"x\",[]]");
	buf_free(&text);
	buf_free(&bare);
}

static void
json_out_begin_too_deep_fails(void **state)
{
	struct json_out j;
	struct err err = { 0 };
	struct buf text;

	(void)state;
	buf_init(&text, 4096);
	json_out_init(&j, &text, NULL);
	for (int i = 0; i < JSON_OUT_DEPTH_MAX; i++)
		json_out_begin(&j, NULL, '[');
	assert_int_equal(buf_ok(&text, "x", &err), 0);
	json_out_begin(&j, NULL, '[');
	assert_int_equal(buf_ok(&text, "x", &err), -1);
	buf_free(&text);
}

struct drained {
	struct buf *text;
	size_t bytes;
	size_t most;
};

static void
take(void *arg)
{
	struct drained *d = arg;

	d->bytes += d->text->len;
	d->most = d->text->len > d->most ? d->text->len : d->most;
	buf_reset(d->text);
}

static void
json_out_drain_bounds_the_buffer(void **state)
{
	size_t len = (size_t)8 << 20;
	char *big = malloc(len);
	struct drained d = { 0 };
	struct json_out j;
	struct err err = { 0 };
	struct buf text;

	(void)state;
	assert_non_null(big);
	buf_init(&text, 2 * (size_t)JSON_OUT_CHUNK);
	json_out_init(&j, &text, NULL);
	d.text = &text;
	json_out_drain(&j, take, &d);
	for (int c = 0; c < 256; c += 51) {
		memset(big, c, len);
		json_out_bytes(&j, NULL, big, len);
	}
	take(&d);
	assert_int_equal(buf_ok(&text, "x", &err), 0);
	/* 0 takes six bytes, 51 and 102 one, 153 and above three each */
	assert_int_equal(d.bytes, len * (6 + 1 + 1 + 3 + 3 + 3) + 6 * 2 + 5);
	assert_true(d.most < 2 * JSON_OUT_CHUNK);
	buf_free(&text);
	free(big);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_out_bytes_escapes_what_must_be),
		cmocka_unit_test(json_out_bytes_keeps_all_planes),
		cmocka_unit_test(json_out_bytes_repairs_invalid_utf8),
		cmocka_unit_test(json_number_text_equals_ecmascript),
		cmocka_unit_test(json_number_text_random_values_read_back),
		cmocka_unit_test(json_out_int_writes_the_extremes),
		cmocka_unit_test(json_out_document_is_indented_and_bare),
		cmocka_unit_test(json_out_raw_is_laid_out_like_the_rest),
		cmocka_unit_test(json_out_begin_too_deep_fails),
		cmocka_unit_test(json_out_drain_bounds_the_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
