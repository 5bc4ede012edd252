/*
 * Without these tests a file could take more than its share, or a good one be
 * refused at the edge.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "tests/unit/archive_events.h"

#define FIXTURES "tests/fixtures/archives/"

static const struct archive_sink no_sink = { .item = NULL };

/* A full archive with one string of ${len} bytes in the list ${list}. */
static int
open_long(const char *list, size_t len, struct err *err)
{
	struct archive *a = NULL;
	struct buf b;
	int rc;

	buf_init(&b, (size_t)65 << 20);
	buf_addf(&b,
	    "{\"users\":[{\"username\":\"u\",\"data\":{\"%s\":"
	    "[{\"tmdb_id\":1,\"title\":\"",
	    list);
	for (size_t i = 0; i < len; i++)
		buf_addc(&b, 'a');
	buf_addz(&b, "\"}]}}]}");
	rc = events_open(&a, b.data, b.len, err);
	if (rc == 0)
		assert_int_equal(archive_info(a)->items, 1);
	archive_free(a);
	buf_free(&b);
	return rc;
}

static void
archive_open_at_the_string_limit(void **state)
{
	struct err err = { ERR_NONE, "" };

	(void)state;
	assert_int_equal(open_long("movies", 1048576, &err), 0);
	assert_int_equal(open_long("movies", 1048577, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_non_null(strstr(err.msg, "a text longer than 1 MiB"));
	assert_int_equal(open_long("other", 3000000, &err), 0);
	assert_int_equal(open_long("other", (size_t)64 << 20, &err), 0);
	assert_int_equal(open_long("other", ((size_t)64 << 20) + 1, &err), -1);
	assert_non_null(strstr(err.msg, "a text longer than 64 MiB"));
}

static void
archive_open_at_the_name_limit(void **state)
{
	struct err err = { ERR_NONE, "" };

	(void)state;
	for (int extra = 0; extra < 2; extra++) {
		struct archive *a = NULL;
		struct buf b;

		buf_init(&b, 1 << 20);
		buf_addz(&b, "{\"users\":[{\"username\":\"");
		for (int i = 0; i < ARCHIVE_NAME_MAX + extra; i++)
			buf_addc(&b, 'n');
		buf_addz(&b, "\",\"data\":{\"movies\":[{\"tmdb_id\":1}]}}]}");
		assert_int_equal(events_open(&a, b.data, b.len, &err), 0);
		assert_int_equal(archive_info(a)->users_count, 1 - extra);
		assert_int_equal(archive_info(a)->refused, extra);
		assert_int_equal(archive_info(a)->items, 1 - extra);
		archive_free(a);
		/* The key of another form is told the same way. */
		buf_reset(&b);
		buf_addz(&b, "{\"");
		for (int i = 0; i < ARCHIVE_NAME_MAX + extra; i++)
			buf_addc(&b, 'n');
		buf_addz(&b, "\":{\"movies\":[{\"tmdb_id\":1}]}}");
		assert_int_equal(events_open(&a, b.data, b.len, &err), 0);
		assert_int_equal(archive_info(a)->refused, extra);
		assert_int_equal(archive_info(a)->warnings_count, extra);
		if (extra > 0)
			assert_non_null(strstr(archive_info(a)
						   ->warnings[0]
						   .message,
			    "is longer than 1 KiB"));
		archive_free(a);
		buf_free(&b);
	}
}

static int
open_users(unsigned count, struct err *err)
{
	struct archive *a = NULL;
	struct buf b;
	int rc;

	buf_init(&b, 1 << 24);
	buf_addz(&b, "{\"users\":[");
	for (unsigned i = 0; i < count; i++)
		buf_addf(&b, "%s{\"username\":\"u%u\"}", i ? "," : "", i);
	buf_addz(&b, "]}");
	rc = events_open(&a, b.data, b.len, err);
	if (rc == 0) {
		assert_int_equal(archive_info(a)->users_count, count);
		assert_string_equal(archive_info(a)->users[count - 1].name,
		    "u65535");
		assert_int_equal(archive_walk(a, &no_sink, NULL, err), 0);
	}
	archive_free(a);
	buf_free(&b);
	return rc;
}

static void
archive_open_at_the_user_limit(void **state)
{
	struct err err = { ERR_NONE, "" };

	(void)state;
	assert_int_equal(open_users(ARCHIVE_USERS_MAX, &err), 0);
	assert_int_equal(open_users(ARCHIVE_USERS_MAX + 1, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void
archive_open_at_the_size_limit(void **state)
{
	struct archive_limits limits = { .bytes = 749 };
	struct archive *a = NULL;
	struct err err = { ERR_NONE, "" };

	(void)state;
	assert_int_equal(archive_open(&a, FIXTURES "v1-strings-database.json",
			     &limits, &err),
	    0);
	archive_free(a);
	limits.bytes = 748;
	assert_int_equal(archive_open(&a, FIXTURES "v1-strings-database.json",
			     &limits, &err),
	    -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void
archive_open_keeps_a_hundred_warnings(void **state)
{
	struct archive *a = NULL;
	struct err err = { ERR_NONE, "" };
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_addz(&b, "{\"movies\":[0");
	for (int i = 0; i < 149; i++)
		buf_addz(&b, ",1");
	buf_addz(&b, "]}");
	assert_int_equal(events_open(&a, b.data, b.len, &err), 0);
	assert_int_equal(archive_info(a)->refused, 150);
	assert_int_equal(archive_info(a)->warnings_count, 100);
	assert_int_equal(archive_info(a)->warnings_total, 150);
	archive_free(a);
	buf_free(&b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(archive_open_at_the_string_limit),
		cmocka_unit_test(archive_open_at_the_name_limit),
		cmocka_unit_test(archive_open_at_the_user_limit),
		cmocka_unit_test(archive_open_at_the_size_limit),
		cmocka_unit_test(archive_open_keeps_a_hundred_warnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
