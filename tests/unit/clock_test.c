/* Without these tests a time of the original could be read as another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"

static int
parse(const char *s, int64_t *ms)
{
	return clock_parse(s, strlen(s), ms);
}

static void
clock_parse_reads_every_form(void **state)
{
	static const struct {
		const char *s;
		int64_t ms;
	} rows[] = {
		{ "1970-01-01T00:00:00.000Z", 0 },
		{ "2026-01-05T10:30:00.037+00:00", 1767609000037 },
		{ "2026-01-05T10:30:00.037Z", 1767609000037 },
		{ "2026-01-05T10:30:00.037", 1767609000037 },
		{ "2026-01-05T10:30:00.037999+00:00", 1767609000037 },
		{ "2026-01-05 10:30:00", 1767609000000 },
		{ "2026-01-05 10:30:00Z", 1767609000000 },
		{ "2026-01-05 10:30", 1767609000000 },
		{ "2026-01-05T10:30Z", 1767609000000 },
		{ "2026-01-05T12:30:00+02:00", 1767609000000 },
		{ "2026-01-05T12:30:00+0200", 1767609000000 },
		{ "2026-01-05T12:30:00+02", 1767609000000 },
		{ "2026-01-05T05:00:00-05:30", 1767609000000 },
		{ "2026-01-06T00:30:00+14:00", 1767609000000 },
		{ "2026-01-05T10:30:00.1Z", 1767609000100 },
		{ "2026-01-05T10:30:00.12Z", 1767609000120 },
		{ "2026-01-05T10:30:00.999999999999999999999Z", 1767609000999 },
		{ "2026-01-05", 1767571200000 },
		{ "0001-01-01T00:00:00.000Z", CLOCK_MIN },
		{ "9999-12-31T23:59:59.999Z", CLOCK_MAX },
		{ "2000-02-29", 951782400000 },
		{ "2024-02-29", 1709164800000 },
		{ "1969-12-31T23:59:59.999Z", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t ms = 0;

		if (parse(rows[i].s, &ms) != 0 || ms != rows[i].ms)
			fail_msg("%s gives %lld", rows[i].s, (long long)ms);
	}
}

static void
clock_parse_refuses_what_is_no_time(void **state)
{
	static const char *const bad[] = { "", "garbage", "2026", "2026-01",
		"2026-1-5", "26-01-05", "2026-00-01", "2026-13-01",
		"2026-01-00", "2026-01-32", "2026-04-31", "2025-02-29",
		"1900-02-29", "2100-02-29", "2026-02-30", "0000-01-01",
		"2026-01-05T", "2026-01-05 ", "2026-01-05Z", "2026-01-05T10",
		"2026-01-05T10:", "2026-01-05T24:00", "2026-01-05T10:60",
		"2026-01-05T10:30:60",
		"2026-01-05T10:30:", "2026-01-05T10:30:00.",
		"2026-01-05T10:30:00.Z", "2026-01-05T10:30:00+",
		"2026-01-05T10:30:00+5",
		"2026-01-05T10:30:00+05:", "2026-01-05T10:30:00+05:3",
		"2026-01-05T10:30:00+24:00", "2026-01-05T10:30:00+05:60",
		"2026-01-05T10:30:00ZZ", "2026-01-05T10:30:00Z ", " 2026-01-05",
		"2026/01/05", "-2026-01-05", "+2026-01-05", "12026-01-05",
		"1767609000037", "2026-01-05T10:30:00 Z", "2026-01-05x10:30",
		"0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int64_t ms = 77;

		if (parse(bad[i], &ms) != -1 || ms != 77)
			fail_msg("\"%s\" was taken for a time", bad[i]);
	}
}

static void
clock_parse_stays_within_its_length(void **state)
{
	static const char text[] = "2026-01-05T10:30:00.037+00:00";
	int64_t ms;

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++) {
		char *copy = malloc(len + 1);

		assert_non_null(copy);
		memcpy(copy, text, len);
		(void)clock_parse(copy, len, &ms);
		free(copy);
	}
	assert_int_equal(clock_parse("2026-01-05\0", 11, &ms), -1);
}

static uint64_t seed = 88172645463325252u;

static uint64_t
next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static void
clock_iso_goes_there_and_back(void **state)
{
	const uint64_t range = (uint64_t)(CLOCK_MAX - CLOCK_MIN) + 1;
	char out[CLOCK_ISO_MAX];

	(void)state;
	for (int i = 0; i < 200000; i++) {
		int64_t ms = CLOCK_MIN + (int64_t)(next_random() % range);
		int64_t back;

		clock_iso(ms, out);
		assert_int_equal(strlen(out), 24);
		assert_int_equal(parse(out, &back), 0);
		assert_true(back == ms);
	}
}

static void
clock_iso_agrees_with_the_c_library(void **state)
{
	char out[CLOCK_ISO_MAX];
	char want[64];

	(void)state;
	for (int64_t day = -719162; day <= 2932896; day += 13) {
		time_t t = (time_t)(day * 86400 + 86399);
		struct tm tm;

		assert_non_null(gmtime_r(&t, &tm));
		tm.tm_year += 400; /* four digits in every libc */
		clock_iso((int64_t)t * 1000, out);
		assert_true(strftime(want, sizeof(want), "-%m-%dT%H:%M:%S",
				&tm) > 0);
		assert_memory_equal(out + 4, want, strlen(want));
		out[4] = '\0';
		assert_int_equal(strtol(out, NULL, 10),
		    tm.tm_year - 400 + 1900);
	}
}

static void
clock_iso_writes_the_ends(void **state)
{
	char out[CLOCK_ISO_MAX];

	(void)state;
	assert_string_equal(clock_iso(CLOCK_MIN, out),
	    "0001-01-01T00:00:00.000Z");
	assert_string_equal(clock_iso(CLOCK_MAX, out),
	    "9999-12-31T23:59:59.999Z");
	assert_string_equal(clock_iso(-1, out), "1969-12-31T23:59:59.999Z");
}

static void
clock_stamp_suits_a_file_name(void **state)
{
	char out[CLOCK_STAMP_MAX];

	(void)state;
	assert_string_equal(clock_stamp(1767609000037, out),
	    "2026-01-05T10-30-00");
}

static int64_t
fixed(void)
{
	return 42;
}

static void
clock_now_follows_its_source(void **state)
{
	int64_t before = (int64_t)time(NULL) * 1000;
	int64_t now;

	(void)state;
	clock_set_source(fixed);
	assert_true(clock_now() == 42);
	clock_set_source(NULL);
	now = clock_now();
	assert_true(now >= before - 1000 && now < before + 60000);
	now = clock_mono();
	assert_true(clock_mono() >= now);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clock_parse_reads_every_form),
		cmocka_unit_test(clock_parse_refuses_what_is_no_time),
		cmocka_unit_test(clock_parse_stays_within_its_length),
		cmocka_unit_test(clock_iso_goes_there_and_back),
		cmocka_unit_test(clock_iso_agrees_with_the_c_library),
		cmocka_unit_test(clock_iso_writes_the_ends),
		cmocka_unit_test(clock_stamp_suits_a_file_name),
		cmocka_unit_test(clock_now_follows_its_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
