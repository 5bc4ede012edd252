/* Without this a sync could undo what someone decided, or count twice. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "core/store_watch.h"
#include "tests/unit/target_db.h"

static enum watch_change
put(int64_t id, const char *type, const char *title, const char *at)
{
	const struct watched w = { .tmdb_id = id,
		.media_type = type,
		.title = title,
		.played_at = at };
	struct store_watch *s = NULL;
	enum watch_change change = WATCH_KEPT;
	struct err err = { 0 };

	assert_int_equal(store_watch_open(db, &s, &err), 0);
	if (store_watch_put(s, 1, &w, &change, &err))
		fail_msg("%s", err.msg);
	store_watch_free(s);
	return change;
}

static void
anna(void)
{
	sql("INSERT INTO User (id, username) VALUES (1, 'anna')");
}

/* An entry of the movie 5 as it stood before. */
static void
entry(const char *columns)
{
	char text[256];

	anna();
	sql("INSERT INTO Media (id, tmdbId, mediaType, title) VALUES"
	    " (1, 5, 'movie', 'Known')");
	(void)snprintf(text, sizeof(text),
	    "INSERT INTO UserMedia (userId, mediaId, status, updatedAt,"
	    " addedAt) VALUES (1, 1, %s)",
	    columns);
	sql(text);
}

static void
watch_put_new_is_added_with_its_time(void **state)
{
	(void)state;
	anna();
	assert_int_equal(put(5, "movie", "A", "2024-01-02T03:04:05.000Z"),
	    WATCH_ADDED);
	assert_int_equal(number("SELECT count(*) FROM UserMedia WHERE status ="
				" 'WATCHED' AND addedAt ="
				" '2024-01-02T03:04:05.000Z'"),
	    1);
}

static void
watch_put_again_changes_nothing(void **state)
{
	(void)state;
	anna();
	(void)put(5, "movie", "A", "2024-01-02T03:04:05.000Z");
	assert_int_equal(put(5, "movie", "A", "2024-01-02T03:04:05.000Z"),
	    WATCH_KEPT);
	assert_int_equal(put(5, "movie", "A", "2025-01-02T03:04:05.000Z"),
	    WATCH_KEPT);
	assert_int_equal(number("SELECT count(*) FROM UserMedia WHERE"
				" updatedAt = '2024-01-02T03:04:05.000Z'"),
	    1);
}

static void
watch_put_movie_and_series_of_one_number_are_two(void **state)
{
	(void)state;
	anna();
	assert_int_equal(put(1396, "movie", "A", NULL), WATCH_ADDED);
	assert_int_equal(put(1396, "tv", "B", NULL), WATCH_ADDED);
	assert_int_equal(number("SELECT count(*) FROM UserMedia"), 2);
}

static void
watch_put_unknown_time_is_now(void **state)
{
	(void)state;
	anna();
	(void)put(5, "movie", "A", NULL);
	assert_int_equal(number("SELECT count(*) FROM UserMedia WHERE"
				" addedAt NOT NULL AND updatedAt = addedAt"),
	    1);
}

static void
watch_put_older_wish_was_fulfilled(void **state)
{
	(void)state;
	entry("'WATCHLIST', 1700000000000, 1600000000000");
	assert_int_equal(put(5, "movie", "A", "2024-01-02T03:04:05.000Z"),
	    WATCH_MOVED);
	assert_int_equal(number("SELECT count(*) FROM UserMedia WHERE status ="
				" 'WATCHED' AND addedAt = 1600000000000"),
	    1);
}

static void
watch_put_younger_wish_stays(void **state)
{
	(void)state;
	entry("'WATCHLIST', '2024-06-01 00:00:00', NULL");
	assert_int_equal(put(5, "movie", "A", "2024-01-02T03:04:05.000Z"),
	    WATCH_KEPT);
	assert_int_equal(put(5, "movie", "A", NULL), WATCH_KEPT);
	assert_int_equal(number("SELECT count(*) FROM UserMedia WHERE status ="
				" 'WATCHLIST'"),
	    1);
}

static void
watch_put_wish_of_unreadable_time_is_the_oldest(void **state)
{
	(void)state;
	entry("'WATCHLIST', 'garbage', NULL");
	assert_int_equal(put(5, "movie", "A", "1980-01-02T03:04:05.000Z"),
	    WATCH_MOVED);
}

static void
watch_put_block_stays(void **state)
{
	(void)state;
	entry("'BLOCKED', 1, 1");
	assert_int_equal(put(5, "movie", "A", "2024-01-02T03:04:05.000Z"),
	    WATCH_KEPT);
	assert_int_equal(number("SELECT count(*) FROM UserMedia WHERE status ="
				" 'BLOCKED'"),
	    1);
}

static void
watch_put_known_title_is_not_overwritten(void **state)
{
	(void)state;
	entry("'WATCHED', 1, 1");
	(void)put(5, "movie", "Another", NULL);
	assert_int_equal(number("SELECT count(*) FROM Media WHERE title ="
				" 'Known'"),
	    1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, target_setup, target_teardown)
		T(watch_put_new_is_added_with_its_time),
		T(watch_put_again_changes_nothing),
		T(watch_put_movie_and_series_of_one_number_are_two),
		T(watch_put_unknown_time_is_now),
		T(watch_put_older_wish_was_fulfilled),
		T(watch_put_younger_wish_stays),
		T(watch_put_wish_of_unreadable_time_is_the_oldest),
		T(watch_put_block_stays),
		T(watch_put_known_title_is_not_overwritten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
