/* Without these tests invalid text or numbers could reach an archive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/str.h"

static void
str_printf_and_str_dup_give_new_strings(void **state)
{
	struct err err = { 0 };
	char *s = str_printf(&err, "%s-%d", "a", 7);
	char *t = str_dup(s, &err);

	(void)state;
	assert_string_equal(s, "a-7");
	assert_string_equal(t, s);
	assert_ptr_not_equal(s, t);
	free(s);
	free(t);
}

static void
str_starts_and_str_ends_compare_whole_parts(void **state)
{
	(void)state;
	assert_true(str_starts("file:x", "file:"));
	assert_false(str_starts("fil", "file:"));
	assert_true(str_starts("", ""));
	assert_true(str_ends("a.json", ".json"));
	assert_false(str_ends("json", ".json"));
	assert_true(str_ends("", ""));
}

static int
int64_of(const char *s, int64_t *v)
{
	*v = 77;
	return str_int64(s, strlen(s), v);
}

static void
str_int64_reads_the_whole_range(void **state)
{
	int64_t v;

	(void)state;
	assert_int_equal(int64_of("0", &v), 0);
	assert_true(v == 0);
	assert_int_equal(int64_of("-0", &v), 0);
	assert_true(v == 0);
	assert_int_equal(int64_of("007", &v), 0);
	assert_true(v == 7);
	assert_int_equal(int64_of("9223372036854775807", &v), 0);
	assert_true(v == INT64_MAX);
	assert_int_equal(int64_of("-9223372036854775808", &v), 0);
	assert_true(v == INT64_MIN);
	assert_int_equal(str_int64("12345", 2, &v), 0);
	assert_true(v == 12);
}

static void
str_int64_refuses_all_else_and_leaves_the_value(void **state)
{
	static const char *const bad[] = { "", "-", "+1", " 1", "1 ", "1.0",
		"0x1", "--1", "1-", "9223372036854775808",
		"-9223372036854775809", "99999999999999999999999", "\xc3\xa9",
		"1e3" };
	int64_t v;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(int64_of(bad[i], &v), -1);
		assert_true(v == 77);
	}
	assert_int_equal(str_int64("1\0", 2, &v), -1);
}

/* RFC 3629, section 4, in another way than the code: decode and compare. */
static size_t
reference(const unsigned char *s, size_t len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t c;
	size_t n = 1;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc0 || s[0] > 0xf7)
		return 0;
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (len < n)
		return 0;
	c = s[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
		c = c << 6 | (s[i] & 0x3fu);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return n;
}

static void
str_utf8_valid_agrees_on_all_boundary_sequences(void **state)
{
	static const unsigned char edge[] = { 0x00, 0x7f, 0x80, 0x8f, 0x90,
		0x9f, 0xa0, 0xbf, 0xc0, 0xff };
	unsigned char s[4];

	(void)state;
	for (size_t i = 0; i < 256 * 10 * 10 * 10; i++) {
		size_t want;

		s[0] = (unsigned char)(i % 256);
		s[1] = edge[i / 256 % 10];
		s[2] = edge[i / 2560 % 10];
		s[3] = edge[i / 25600];
		for (size_t len = 1; len <= 4; len++) {
			want = reference(s, len);
			/* The first character, alone in its own memory. */
			char *copy = malloc(len);

			assert_non_null(copy);
			memcpy(copy, s, len);
			if (want == 0)
				assert_int_equal(str_utf8_valid(copy, len), 0);
			else
				assert_int_equal(str_utf8_valid(copy, want),
				    want);
			free(copy);
		}
	}
}

static void
str_utf8_valid_counts_up_to_the_first_bad_byte(void **state)
{
	(void)state;
	assert_int_equal(str_utf8_valid("", 0), 0);
	assert_int_equal(str_utf8_valid("a\0b", 3), 3);
	assert_int_equal(str_utf8_valid("ab\xffzz", 5), 2);
	assert_int_equal(str_utf8_valid("a\xe2\x82\xac\xe2\x82", 6), 4);
	assert_int_equal(str_utf8_valid("\xf0\x9f\x8d\xbf!", 5), 5);
}

static void
str_hex_writes_two_digits_a_byte(void **state)
{
	const unsigned char bytes[] = { 0x00, 0x0f, 0xa5, 0xff };
	char out[9];

	(void)state;
	str_hex(bytes, 4, out);
	assert_string_equal(out, "000fa5ff");
	str_hex(bytes, 0, out);
	assert_string_equal(out, "");
}

static void
str_size_rounds_at_the_edges(void **state)
{
	static const struct {
		uint64_t n;
		const char *want;
	} rows[] = {
		{ 0, "0 bytes" },
		{ 1, "1 byte" },
		{ 512, "512 bytes" },
		{ 999, "999 bytes" },
		{ 1000, "1.0 kB" },
		{ 1049, "1.0 kB" },
		{ 1051, "1.1 kB" },
		{ 999949, "999.9 kB" },
		{ 999950, "1.0 MB" },
		{ 999999, "1.0 MB" },
		{ 1000000, "1.0 MB" },
		{ 11500000, "11.5 MB" },
		{ 999949999, "999.9 MB" },
		{ 999950000, "1.0 GB" },
		{ UINT64_C(2147483648), "2.1 GB" },
		{ UINT64_C(1000000000000000), "1.0 PB" },
		{ UINT64_MAX, "18.4 EB" },
	};
	char out[STR_SIZE_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(str_size(rows[i].n, out), rows[i].want);
}

static void
str_double_reads_what_sqlite_takes_for_a_number(void **state)
{
	static const char *const none[] = { "", " ", "x", "1x", "0x10", "nan",
		"inf", "1e", "2025-01", "1 2", "-", "+", ".", "1\0" };
	double d = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(str_double(none[i],
				     i == 13 ? 2 : strlen(none[i]), &d),
		    -1);
	assert_true(d >= 7 && d <= 7);
	assert_int_equal(str_double("2025", 4, &d), 0);
	assert_true(d >= 2025 && d <= 2025);
	assert_int_equal(str_double(" -1.5e2\n", 8, &d), 0);
	assert_true(d >= -150 && d <= -150);
	assert_int_equal(str_double("12", 1, &d), 0);
	assert_true(d >= 1 && d <= 1);
}

static void
str_show_lets_no_control_character_through(void **state)
{
	char out[16];

	(void)state;
	assert_string_equal(str_show(out, sizeof(out), "a\0\x1b[2J\x7f", 7),
	    "a??[2J?");
	/* U+009B begins a sequence for terminals; U+00A0 does not. */
	assert_string_equal(str_show(out, sizeof(out), "\xc2\x9b\xc2\xa0", 4),
	    "?\xc2\xa0");
	/* What does not fit ends before a character, not in it. */
	assert_string_equal(str_show(out, 4, "ab\xc3\xa4", 4), "ab");
	assert_string_equal(str_show(out, 5, "ab\xc3\xa4", 4), "ab\xc3\xa4");
	assert_string_equal(str_show(out, 1, "ab", 2), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(str_printf_and_str_dup_give_new_strings),
		cmocka_unit_test(str_starts_and_str_ends_compare_whole_parts),
		cmocka_unit_test(str_int64_reads_the_whole_range),
		cmocka_unit_test(
		    str_int64_refuses_all_else_and_leaves_the_value),
		cmocka_unit_test(
		    str_utf8_valid_agrees_on_all_boundary_sequences),
		cmocka_unit_test(
		    str_utf8_valid_counts_up_to_the_first_bad_byte),
		cmocka_unit_test(str_hex_writes_two_digits_a_byte),
		cmocka_unit_test(str_size_rounds_at_the_edges),
		cmocka_unit_test(
		    str_double_reads_what_sqlite_takes_for_a_number),
		cmocka_unit_test(str_show_lets_no_control_character_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
