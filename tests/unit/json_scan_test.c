/* Without these tests a file could be taken for JSON that is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/json_members.h"
#include "core/json_scan.h"

/* Scan ${len} bytes whole; ${out} gets the text without white space. */
static int
scan_bytes(const char *p, size_t len, struct buf *out,
    struct json_scan_state *state, struct err *err)
{
	struct json_scan *s = NULL;
	int rc;

	assert_int_equal(json_scan_open_text(&s, p, len, err), 0);
	rc = json_scan_value(s, out, err) || json_scan_finish(s, err) ? -1 : 0;
	json_scan_state(s, state);
	json_scan_free(s);
	return rc;
}

static void
good(const char *text, const char *bare)
{
	struct json_scan_state state;
	struct err err = { ERR_NONE, "" };
	struct buf out;

	buf_init(&out, 1 << 20);
	if (scan_bytes(text, strlen(text), &out, &state, &err))
		fail_msg("%s: %s", text, err.msg);
	assert_string_equal(buf_str(&out), bare);
	assert_int_equal(state.fault, JSON_FAULT_NONE);
	buf_free(&out);
}

static void
bad(const char *text, enum json_fault fault, uint64_t line, uint64_t column)
{
	struct json_scan_state state;
	struct err err = { ERR_NONE, "" };

	if (scan_bytes(text, strlen(text), NULL, &state, &err) == 0)
		fail_msg("accepted: %s", text);
	if (state.fault != fault || state.place.line != line ||
	    state.place.column != column)
		fail_msg("%s: fault %d at %llu:%llu: %s", text, state.fault,
		    (unsigned long long)state.place.line,
		    (unsigned long long)state.place.column, err.msg);
}

static void
json_scan_value_of_every_kind(void **state)
{
	(void)state;
	good("null", "null");
	good(" true ", "true");
	good("\r\n\tfalse\n", "false");
	good("\xef\xbb\xbf{}", "{}");
	good("{ \"a\" : [ 1 , 2 ] , \"b\" : { } }", "{\"a\":[1,2],\"b\":{}}");
	good("[-0, 0.5, 1e5, 1E+5, -1.25e-7, 10]",
	    "[-0,0.5,1e5,1E+5,-1.25e-7,10]");
	good("\"\\u00e9\\n\\/ a  b \xc3\xa9\xf0\x9f\x8e\xac\"",
	    "\"\\u00e9\\n\\/ a  b \xc3\xa9\xf0\x9f\x8e\xac\"");
	good("\"\x7f\"", "\"\x7f\"");
}

static void
json_scan_value_refuses_what_is_not_json(void **state)
{
	(void)state;
	bad("", JSON_FAULT_END, 1, 1);
	bad("{\n  \"a\": tru }", JSON_FAULT_SYNTAX, 2, 11);
	bad("{a:1}", JSON_FAULT_SYNTAX, 1, 2);
	bad("{'a':1}", JSON_FAULT_SYNTAX, 1, 2);
	bad("[1,]", JSON_FAULT_SYNTAX, 1, 4);
	bad("[1 2]", JSON_FAULT_SYNTAX, 1, 4);
	bad("{\"a\":1,}", JSON_FAULT_SYNTAX, 1, 8);
	bad("{\"a\" 1}", JSON_FAULT_SYNTAX, 1, 6);
	bad("{\"a\":}", JSON_FAULT_SYNTAX, 1, 6);
	bad("[}", JSON_FAULT_SYNTAX, 1, 2);
	bad("01", JSON_FAULT_SYNTAX, 1, 2);
	bad("1.", JSON_FAULT_END, 1, 3);
	bad("[1.]", JSON_FAULT_SYNTAX, 1, 4);
	bad("[.5]", JSON_FAULT_SYNTAX, 1, 2);
	bad("[+1]", JSON_FAULT_SYNTAX, 1, 2);
	bad("[1e]", JSON_FAULT_SYNTAX, 1, 4);
	bad("[-]", JSON_FAULT_SYNTAX, 1, 3);
	bad("NaN", JSON_FAULT_SYNTAX, 1, 1);
	bad("[Infinity]", JSON_FAULT_SYNTAX, 1, 2);
	bad("{} {}", JSON_FAULT_SYNTAX, 1, 4);
	bad("\"a\nb\"", JSON_FAULT_SYNTAX, 1, 3);
	bad("\"\\x\"", JSON_FAULT_SYNTAX, 1, 3);
	bad("\"\\u12g4\"", JSON_FAULT_SYNTAX, 1, 6);
	bad("// c\n1", JSON_FAULT_SYNTAX, 1, 1);
	bad("\"abc", JSON_FAULT_END, 1, 5);
	bad("{\"a\":\n[1,\n2", JSON_FAULT_END, 3, 2);
}

static void
json_scan_value_counts_columns_in_characters(void **state)
{
	(void)state;
	bad("\xef\xbb\xbf[1,\n\"\xc3\xa9\xf0\x9f\x8e\xac\xe2\x82\xac\" x]",
	    JSON_FAULT_SYNTAX, 2, 7);
}

static void
json_scan_value_refuses_invalid_utf8(void **state)
{
	static const char *const texts[] = { "\x80", "\xc0\xaf", "\xc3",
		"\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xff", "\xf0\x9f\x8e" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char text[16];
		struct json_scan_state st;
		struct err err = { ERR_NONE, "" };

		(void)snprintf(text, sizeof(text), "\"%s\"", texts[i]);
		assert_int_equal(scan_bytes(text, strlen(text), NULL, &st,
				     &err),
		    -1);
		assert_int_equal(st.fault, JSON_FAULT_UTF8);
		assert_int_equal(err.code, ERR_FORMAT);
	}
}

static void
json_scan_value_counts_lone_surrogates(void **state)
{
	static const struct {
		const char *text;
		uint64_t lone;
	} rows[] = {
		{ "\"\\ud83c\\udfac\"", 0 },
		{ "\"\\ud83c\"", 1 },
		{ "\"\\udfac\"", 1 },
		{ "\"\\ud83c\\ud83c\\udfac\"", 1 },
		{ "\"\\ud83cx\\udfac\"", 2 },
		{ "\"\\ud83c\\n\"", 1 },
		{ "\"\\ud83c\\u0041\"", 1 },
		{ "\"\\udfac\\ud83c\"", 2 },
		{ "\"\\ud83c\xc3\xa9\"", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct json_scan_state st;
		struct err err = { ERR_NONE, "" };

		assert_int_equal(scan_bytes(rows[i].text, strlen(rows[i].text),
				     NULL, &st, &err),
		    0);
		if (st.lone_surrogates != rows[i].lone)
			fail_msg("%s: %llu", rows[i].text,
			    (unsigned long long)st.lone_surrogates);
	}
}

static void
json_scan_value_at_the_depth_limit(void **state)
{
	char text[128] = "";
	struct json_scan_state st;
	struct err err = { ERR_NONE, "" };

	(void)state;
	memset(text, '[', 32);
	memset(text + 32, ']', 32);
	assert_int_equal(scan_bytes(text, 64, NULL, &st, &err), 0);
	memset(text, '[', 33);
	memset(text + 33, ']', 33);
	assert_int_equal(scan_bytes(text, 66, NULL, &st, &err), -1);
	assert_int_equal(st.fault, JSON_FAULT_DEPTH);
	assert_int_equal(err.code, ERR_LIMIT);
}

/* A string of ${plain} letters and one escape of ${escape}. */
static int
scan_long(size_t plain, const char *escape)
{
	struct json_scan_state st;
	struct err err = { ERR_NONE, "" };
	struct buf b;
	int rc;

	buf_init(&b, 1 << 22);
	buf_addc(&b, '"');
	for (size_t i = 0; i < plain; i++)
		buf_addc(&b, 'a');
	buf_addz(&b, escape);
	buf_addc(&b, '"');
	rc = scan_bytes(b.data, b.len, NULL, &st, &err);
	if (rc != 0)
		assert_int_equal(st.fault, JSON_FAULT_STRING);
	buf_free(&b);
	return rc;
}

static void
json_scan_value_at_the_string_limit(void **state)
{
	(void)state;
	assert_int_equal(scan_long(JSON_STRING_MAX, ""), 0);
	assert_int_equal(scan_long(JSON_STRING_MAX + 1, ""), -1);
	assert_int_equal(scan_long(JSON_STRING_MAX - 1, "\\n"), 0);
	assert_int_equal(scan_long(JSON_STRING_MAX, "\\n"), -1);
	assert_int_equal(scan_long(JSON_STRING_MAX - 4, "\\ud83c\\udfac"), 0);
	assert_int_equal(scan_long(JSON_STRING_MAX - 3, "\\ud83c\\udfac"), -1);
	assert_int_equal(scan_long(JSON_STRING_MAX - 3, "\\ud83c"), 0);
	assert_int_equal(scan_long(JSON_STRING_MAX - 2, "\\u20ac"), -1);
}

/* Everything must come out the same wherever the window's edge falls. */
static void
json_scan_value_across_windows(void **state)
{
	static const char token[] = "[\"\\ud83c\\udfac \xf0\x9f\x8e\xac\\n\","
				    "-12.5e+3,true,null,{\"k\":[]}]";
	struct digest *d;
	struct err err = { ERR_NONE, "" };

	(void)state;
	d = digest_new(&err);
	for (size_t pad = 131072 - sizeof(token) - 4; pad < 131072 + 4; pad++) {
		struct json_scan *s = NULL;
		char want[DIGEST_HEX_MAX];
		char have[DIGEST_HEX_MAX];
		char mark[DIGEST_HEX_MAX];
		int fd = memfd_create("scan", MFD_CLOEXEC);
		struct buf b;
		struct buf out;

		buf_init(&b, 1 << 20);
		buf_init(&out, 1 << 20);
		for (size_t i = 0; i < pad; i++)
			buf_addc(&b, i % 100 == 0 ? '\n' : ' ');
		buf_addz(&b, token);
		assert_int_equal(write(fd, b.data, b.len), (ssize_t)b.len);
		assert_int_equal(json_scan_open_fd(&s, fd, "x", &err), 0);
		json_scan_digests(s, d, pad, mark);
		assert_int_equal(json_scan_value(s, &out, &err), 0);
		assert_int_equal(json_scan_finish(s, &err), 0);
		assert_string_equal(buf_str(&out), token);
		json_scan_free(s);
		digest_hex(d, have);
		digest_add(d, b.data, pad);
		digest_peek(d, want);
		assert_string_equal(mark, want);
		digest_add(d, b.data + pad, b.len - pad);
		digest_hex(d, want);
		assert_string_equal(have, want);
		buf_free(&b);
		buf_free(&out);
		(void)close(fd);
	}
	digest_free(d);
}

static void
json_scan_key_that_is_too_long(void **state)
{
	struct json_scan *s = NULL;
	struct json_scan_state st;
	struct err err = { ERR_NONE, "" };
	struct buf b;
	size_t len;
	bool more;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_addz(&b, "{\"");
	for (int i = 0; i < JSON_KEY_MAX + 1; i++)
		buf_addc(&b, 'k');
	buf_addz(&b, "\":1,\"short\":2}");
	assert_int_equal(json_scan_open_text(&s, b.data, b.len, &err), 0);
	assert_int_equal(json_scan_enter(s, &err), 0);
	assert_int_equal(json_scan_next(s, &more, &err), 0);
	json_scan_state(s, &st);
	assert_true(st.key_cut);
	assert_int_equal(json_scan_value(s, NULL, &err), 0);
	assert_int_equal(json_scan_next(s, &more, &err), 0);
	json_scan_state(s, &st);
	assert_false(st.key_cut);
	assert_string_equal(json_scan_key(s, &len), "short");
	assert_int_equal(len, 5);
	json_scan_free(s);
	buf_free(&b);
}

static void
json_member_next_cuts_members(void **state)
{
	static const char text[] =
	    "{\"a\":\"x\\\\\",\"b\\\"\":[1,{\"c\":\"]\"}],"
	    "\"\":{},\"d\":-1}";
	static const char *const want[] = { "a=\"x\\\\\"",
		"b\\\"=[1,{\"c\":\"]\"}]", "={}", "d=-1" };
	struct json_span rest = { text, strlen(text) };
	struct json_span empty = { "{}", 2 };
	struct json_member m;
	size_t n = 0;

	(void)state;
	for (; json_member_next(&rest, &m); n++) {
		char have[64];

		(void)snprintf(have, sizeof(have), "%.*s=%.*s", (int)m.key.len,
		    m.key.p, (int)m.value.len, m.value.p);
		assert_string_equal(have, want[n]);
	}
	assert_int_equal(n, 4);
	assert_false(json_member_next(&empty, &m));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_scan_value_of_every_kind),
		cmocka_unit_test(json_scan_value_refuses_what_is_not_json),
		cmocka_unit_test(json_scan_value_counts_columns_in_characters),
		cmocka_unit_test(json_scan_value_refuses_invalid_utf8),
		cmocka_unit_test(json_scan_value_counts_lone_surrogates),
		cmocka_unit_test(json_scan_value_at_the_depth_limit),
		cmocka_unit_test(json_scan_value_at_the_string_limit),
		cmocka_unit_test(json_scan_value_across_windows),
		cmocka_unit_test(json_scan_key_that_is_too_long),
		cmocka_unit_test(json_member_next_cuts_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
