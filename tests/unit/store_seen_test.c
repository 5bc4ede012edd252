/* Without this one title's data could land on another title. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "core/store_seen.h"

static struct store_seen *seen;

static int
setup(void **state)
{
	(void)state;
	seen = store_seen_new();
	return seen == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	store_seen_free(seen);
	return 0;
}

static struct seen_title *
look(const char *type, int64_t id)
{
	const struct value v[ITEM_FIELDS] = {
		[ITEM_MEDIA_TYPE] = { .kind = VALUE_TEXT,
		    .s = type,
		    .len = strlen(type) },
		[ITEM_TMDB_ID] = { .kind = VALUE_INT, .i = id },
	};

	return store_seen_title(seen, v);
}

static void
title_is_remembered_by_type_and_id(void **state)
{
	static const int64_t ids[] = { INT64_MIN, -1, 0, 1, 1396, INT64_MAX };

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		struct seen_title *t = look("movie", ids[i]);

		assert_int_equal(t->row, 0);
		t->row = 7;
		t->lacks = 5;
		assert_int_equal(look("tv", ids[i])->row, 0);
		assert_int_equal(look("movie", ids[i])->row, 7);
		assert_int_equal(look("movie", ids[i])->lacks, 5);
	}
}

static void
title_that_was_forgotten_is_unknown(void **state)
{
	(void)state;
	look("movie", 3)->row = 1;
	/* More than there is room for, one of each place at least. */
	for (int64_t id = 4; id < 200000; id++)
		look("movie", id)->row = id;
	assert_int_equal(look("movie", 199999)->row, 199999);
	assert_int_equal(look("movie", 3)->row, 0);
	for (int64_t id = 4; id < 200000; id++) {
		int64_t row = look("movie", id)->row;

		assert_true(row == 0 || row == id);
	}
}

static void
title_of_an_odd_kind_is_never_remembered(void **state)
{
	struct value v[ITEM_FIELDS] = {
		[ITEM_MEDIA_TYPE] = { .kind = VALUE_TEXT, .s = "tv", .len = 2 },
		[ITEM_TMDB_ID] = { .kind = VALUE_TEXT, .s = "12", .len = 2 },
	};

	(void)state;
	assert_null(look("", 1));
	assert_null(look("MOVIE", 1));
	assert_null(look("mo", 1));
	assert_null(store_seen_title(seen, v));
	v[ITEM_TMDB_ID] = (struct value){ .kind = VALUE_INT, .i = 12 };
	assert_non_null(store_seen_title(seen, v));
	v[ITEM_MEDIA_TYPE] = (struct value){ .kind = VALUE_NULL };
	assert_null(store_seen_title(seen, v));
	store_seen_free(NULL);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(title_is_remembered_by_type_and_id),
		CASE(title_that_was_forgotten_is_unknown),
		CASE(title_of_an_odd_kind_is_never_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
