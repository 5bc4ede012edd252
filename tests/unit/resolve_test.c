/*
 * Without these, titles that a backup knows by name only would be lost on
 * their way into the lists, end in the wrong one, or come twice.
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
#include "core/resolve.h"
#include "core/store_unresolved.h"
#include "tests/unit/target_db.h"

static void
reads(const char *json, const char *title, enum resolve_kind kind, int year,
    enum archive_list list)
{
	struct resolve_title t;

	assert_true(resolve_read(json, &t));
	assert_string_equal(t.title, title);
	assert_int_equal(t.kind, kind);
	assert_int_equal(t.year, year);
	assert_int_equal(t.list, list);
}

static void
read_says_what_to_look_for(void **state)
{
	(void)state;
	reads("{\"title\":\"A\",\"media_type\":\"movie\",\"list\":\"movies\"}",
	    "A", RESOLVE_MOVIE, 0, ARCHIVE_MOVIES);
	reads("{\"title\":\"\\u00c4\",\"list\":\"watchlist.series\","
	      "\"release_year\":\"1999\"}",
	    "\xc3\x84", RESOLVE_SERIES, 1999, ARCHIVE_WATCH_SERIES);
	/* What the item says goes before what the list's name says. */
	reads("{\"title\":\"A\",\"media_type\":\"tv\",\"list\":\"movies\","
	      "\"release_year\":2001}",
	    "A", RESOLVE_SERIES, 2001, ARCHIVE_MOVIES);
	reads("{\"title\":\"A\",\"list\":\"do_not_recommend\","
	      "\"release_year\":\"TBA\"}",
	    "A", RESOLVE_EITHER, 0, ARCHIVE_BLOCKED);
	reads("{\"title\":\"A\",\"media_type\":7,\"list\":\"other\","
	      "\"release_year\":-5}",
	    "A", RESOLVE_EITHER, 0, ARCHIVE_OTHER);
}

static void
read_refuses_what_nobody_can_look_for(void **state)
{
	static const char *const texts[] = {
		"\"A\"",
		"{\"title\":\"A\"}",
		"{\"title\":\"\",\"list\":\"movies\"}",
		"{\"title\":7,\"list\":\"movies\"}",
		"{\"title\":\"a\\u0000b\",\"list\":\"movies\"}",
		"{\"title\":\"A\",\"list\":\"unresolved\"}",
		"{\"title\":\"A\",\"list\":\"no such\"}",
		"{\"title\":\"A\",\"list\":[]}",
		"[]",
		"",
		"{",
	};
	struct resolve_title t;
	struct buf b;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (resolve_read(texts[i], &t))
			fail_msg("%s", texts[i]);
	}
	buf_init(&b, 4096);
	buf_addz(&b, "{\"list\":\"movies\",\"title\":\"");
	for (int i = 0; i < RESOLVE_TITLE_MAX; i++)
		buf_addz(&b, "x");
	buf_addz(&b, "\"}");
	assert_false(resolve_read(buf_str(&b), &t));
	buf_free(&b);
}

/* Keep a title of the user 1, and read it as the next after ${after}. */
static struct unresolved
keep(const char *json)
{
	char text[1024];
	struct unresolved u;
	struct err err = { 0 };
	int64_t last;

	sql("INSERT OR IGNORE INTO User (id, username) VALUES (1, 'anna')");
	last = number("SELECT coalesce(max(id), 0) FROM JairKept");
	(void)snprintf(text, sizeof(text),
	    "INSERT INTO JairKept (userId, kind, value) VALUES (1,"
	    " 'unresolved', '%s')",
	    json);
	sql(text);
	assert_int_equal(store_unresolved_next(db, 1, last, &u, &err), 1);
	assert_string_equal(u.json, json);
	return u;
}

/* Give a kept title an id; whether it worked. */
static int
give(const struct unresolved *u, int64_t id, bool series, struct err *err)
{
	struct resolve_title t;
	const struct resolve_found found = {
		.user = 1,
		.row = u->id,
		.json = u->json,
		.title = &t,
		.tmdb_id = id,
		.series = series,
		.year = 1982,
	};

	assert_true(resolve_read(u->json, &t));
	*err = (struct err){ 0 };
	return resolve_apply(db, folder_make(), &found, err);
}

static void
resolve(const char *json, int64_t id, bool series)
{
	struct unresolved u = keep(json);
	struct err err;

	if (give(&u, id, series, &err))
		fail_msg("%s", err.msg);
	free(u.json);
}

static int64_t
entries(const char *where)
{
	char text[1024];

	(void)snprintf(text, sizeof(text),
	    "SELECT count(*) FROM UserMedia u JOIN Media m ON m.id ="
	    " u.mediaId WHERE u.userId = 1 AND %s",
	    where);
	return number(text);
}

static void
apply_puts_each_into_its_list(void **state)
{
	(void)state;
	resolve("{\"title\":\"A\",\"list\":\"movies\"}", 1, false);
	resolve("{\"title\":\"B\",\"list\":\"series\"}", 2, true);
	resolve("{\"title\":\"C\",\"list\":\"watchlist.movies\"}", 3, false);
	resolve("{\"title\":\"D\",\"list\":\"watchlist.series\"}", 4, true);
	resolve("{\"title\":\"E\",\"list\":\"do_not_recommend\"}", 5, true);
	resolve("{\"title\":\"F\",\"list\":\"other\",\"status\":\"SEEN\"}", 6,
	    false);
	assert_int_equal(
	    entries("(m.tmdbId, m.mediaType, m.title, u.status) IN (VALUES"
		    " (1, 'movie', 'A', 'WATCHED'), (2, 'tv', 'B', 'WATCHED'),"
		    " (3, 'movie', 'C', 'WATCHLIST'),"
		    " (4, 'tv', 'D', 'WATCHLIST'), (5, 'tv', 'E', 'BLOCKED'),"
		    " (6, 'movie', 'F', 'SEEN')) AND m.releaseYear = '1982'"
		    " AND u.addedAt IS NULL AND u.updatedAt IS NULL"),
	    6);
	assert_int_equal(number("SELECT count(*) FROM JairKept"), 0);
	assert_int_equal(number("SELECT count(*) FROM User"), 1);
	/* The database and its journal. */
	assert_int_equal(folder_count(), 2);
}

static void
apply_brings_all_that_was_kept(void **state)
{
	(void)state;
	resolve("{\"title\":\"A\",\"media_type\":\"movie\",\"overview\":\"o\","
		"\"release_year\":\"2001\",\"vote_average\":7.5,\"genres\":"
		"[\"x\"],\"tmdb_id\":null,\"added_at\":"
		"\"2024-01-02T03:04:05.000Z\",\"blocked_at\":"
		"\"2024-02-02T03:04:05.000Z\",\"permanent_block\":true,"
		"\"list\":\"do_not_recommend\"}",
	    7, false);
	assert_int_equal(
	    entries("m.tmdbId = 7 AND m.overview = 'o' AND"
		    " m.releaseYear = '2001' AND m.voteAverage = 7.5 AND"
		    " m.genres = '[\"x\"]' AND u.status = 'BLOCKED' AND"
		    " u.addedAt = '2024-01-02T03:04:05.000Z' AND"
		    " u.blockedAt = '2024-02-02T03:04:05.000Z' AND"
		    " u.permanentBlock = 1"),
	    1);
}

static void
apply_leaves_an_entry_that_is_there(void **state)
{
	(void)state;
	sql("INSERT INTO User (id, username) VALUES (1, 'anna')");
	sql("INSERT INTO Media (id, tmdbId, mediaType, title) VALUES"
	    " (1, 7, 'movie', 'Known')");
	sql("INSERT INTO UserMedia (userId, mediaId, status, addedAt)"
	    " VALUES (1, 1, 'BLOCKED', '2025-01-01T00:00:00.000Z')");
	resolve("{\"title\":\"A\",\"list\":\"movies\"}", 7, false);
	resolve("{\"title\":\"A\",\"list\":\"watchlist.movies\","
		"\"added_at\":\"2024-01-01T00:00:00.000Z\"}",
	    7, false);
	assert_int_equal(entries("1"), 1);
	assert_int_equal(entries("m.title = 'Known' AND u.status = 'BLOCKED'"
				 " AND u.addedAt = '2025-01-01T00:00:00.000Z'"
				 " AND m.releaseYear = '1982'"),
	    1);
	assert_int_equal(number("SELECT count(*) FROM JairKept"), 0);
	/* The series of that number is another title. */
	resolve("{\"title\":\"S\",\"list\":\"series\"}", 7, true);
	assert_int_equal(entries("1"), 2);
}

static int
refuse(void *ctx, struct err *err)
{
	(void)ctx;
	return err_set(err, ERR_DISK, "Full.");
}

static void
apply_is_all_or_nothing(void **state)
{
	struct unresolved u = keep("{\"title\":\"A\",\"list\":\"movies\"}");
	struct resolve_title t;
	struct resolve_found found = { .user = 1,
		.row = u.id,
		.json = u.json,
		.title = &t,
		.tmdb_id = 1,
		.finish = refuse };
	struct err err = { 0 };

	(void)state;
	assert_true(resolve_read(u.json, &t));
	assert_int_equal(resolve_apply(db, folder_make(), &found, &err), -1);
	assert_int_equal(err.code, ERR_DISK);
	assert_int_equal(number("SELECT count(*) FROM JairKept"), 1);
	assert_int_equal(number("SELECT count(*) FROM Media"), 0);
	/* What waits no more comes no second time. */
	assert_int_equal(give(&u, 1, false, &err), 0);
	sql("DELETE FROM UserMedia");
	assert_int_equal(give(&u, 1, false, &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
	assert_int_equal(entries("1"), 0);
	free(u.json);
}

static void
apply_refuses_what_no_archive_holds(void **state)
{
	struct unresolved u = keep(
	    "{\"title\":\"A\",\"list\":\"movies\",\"x\":"
	    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}");
	struct err err;

	(void)state;
	assert_int_equal(give(&u, 1, false, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_int_equal(number("SELECT count(*) FROM JairKept"), 1);
	free(u.json);
}

static void
unresolved_next_goes_through_ones_own(void **state)
{
	struct unresolved u = { .id = 0 };
	struct err err = { 0 };
	int64_t count;

	(void)state;
	sql("INSERT INTO User (id, username) VALUES (1, 'a'), (2, 'b')");
	sql("INSERT INTO JairKept (id, userId, kind, value) VALUES"
	    " (1, 1, 'unresolved', '1'), (2, 2, 'unresolved', '2'),"
	    " (3, 1, 'rejected', '3'), (4, 1, 'unresolved',"
	    " '\"' || hex(zeroblob(40000)) || '\"'), (5, 1, 'unresolved', '5'),"
	    " (6, NULL, 'unresolved', '6')");
	assert_int_equal(store_unresolved_count(db, 1, &count, &err), 0);
	assert_int_equal(count, 3);
	assert_int_equal(store_unresolved_next(db, 1, 0, &u, &err), 1);
	assert_string_equal(u.json, "1");
	free(u.json);
	assert_int_equal(store_unresolved_next(db, 1, u.id, &u, &err), 1);
	assert_int_equal(u.id, 4);
	assert_null(u.json);
	assert_int_equal(store_unresolved_next(db, 1, u.id, &u, &err), 1);
	assert_string_equal(u.json, "5");
	free(u.json);
	assert_int_equal(store_unresolved_next(db, 1, u.id, &u, &err), 0);
	assert_int_equal(store_unresolved_drop(db, 1, 2, &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
	assert_int_equal(store_unresolved_drop(db, 1, 3, &err), -1);
	assert_int_equal(store_unresolved_drop(db, 1, 5, &err), 0);
	assert_int_equal(number("SELECT count(*) FROM JairKept"), 5);
}

static void
unresolved_names_of_any_value(void **state)
{
	struct err err = { 0 };
	struct json_out j;
	struct buf b;

	(void)state;
	sql("INSERT INTO User (id, username) VALUES (1, 'a')");
	sql("INSERT INTO JairKept (userId, kind, value) VALUES"
	    " (1, 'unresolved', '\"A\"'),"
	    " (1, 'unresolved', '{\"title\":\"B\",\"list\":\"series\"}'),"
	    " (1, 'unresolved', 'no JSON'), (1, 'unresolved', X'7bff'),"
	    " (1, 'unresolved', '[1]'), (1, 'unresolved',"
	    " '{\"title\":\"' || replace(hex(zeroblob(100)), '00', 'ä') ||"
	    " replace(hex(zeroblob(100)), '00', 'b') || '\"}')");
	buf_init(&b, 65536);
	json_out_init(&j, NULL, &b);
	json_out_begin(&j, NULL, '{');
	assert_int_equal(store_unresolved_names(db, 1, "x", &j, &err), 0);
	assert_int_equal(store_unresolved_names(db, 2, "y", &j, &err), 0);
	json_out_end(&j, '}');
	assert_non_null(strstr(buf_str(&b),
	    "{\"x\":[{\"title\":\"A\"},{\"title\":\"B\",\"list\":\"series\"},"
	    "{\"title\":\"no JSON\"},{\"title\":\"{\xef\xbf\xbd\"},"
	    "{\"title\":\"[1]\"},{\"title\":\"\xc3\xa4"));
	assert_int_equal(strlen(strstr(buf_str(&b), "\xc3\xa4")),
	    200 + 60 + strlen("\"}]}"));
	buf_free(&b);
}

int
main(void)
{
#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, target_setup, target_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_says_what_to_look_for),
		cmocka_unit_test(read_refuses_what_nobody_can_look_for),
		TEST(apply_puts_each_into_its_list),
		TEST(apply_brings_all_that_was_kept),
		TEST(apply_leaves_an_entry_that_is_there),
		TEST(apply_is_all_or_nothing),
		TEST(apply_refuses_what_no_archive_holds),
		TEST(unresolved_next_goes_through_ones_own),
		TEST(unresolved_names_of_any_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
