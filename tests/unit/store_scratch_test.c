/*
 * Without this an item could lose a value on its way into the scratch
 * database, or the older of two could win.
 */

#include "core/store_scratch.h"
#include "tests/unit/household.h"

#include <stdio.h>

static struct db *db;
static struct store_scratch *store;
static int64_t anna;
static int64_t ben;

static int64_t
add_user(const char *name)
{
	struct err err = { 0 };
	int64_t id = 0;

	must(store_scratch_user(store, name, strlen(name), &id, &err), &err);
	return id;
}

static int
setup(void **state)
{
	struct err err = { 0 };

	(void)state;
	(void)folder_make();
	folder_clean();
	db = household("s.db");
	must(store_scratch_open(db, &store, &err), &err);
	anna = add_user("anna");
	ben = add_user("ben");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	store_scratch_free(store);
	db_free(db);
	folder_clean();
	return 0;
}

static struct value
text(const char *s)
{
	return (struct value){ .kind = VALUE_TEXT, .s = s, .len = strlen(s) };
}

static struct value
integer(int64_t i)
{
	return (struct value){ .kind = VALUE_INT, .i = i };
}

/* Fill ${v} with a movie that the user watched. */
static void
movie(struct value *v, int64_t id, const char *added)
{
	memset(v, 0, ITEM_FIELDS * sizeof(*v));
	v[ITEM_TITLE] = text("T");
	v[ITEM_TMDB_ID] = integer(id);
	v[ITEM_MEDIA_TYPE] = text("movie");
	v[ITEM_STATUS] = text("WATCHED");
	if (added != NULL)
		v[ITEM_ADDED_AT] = text(added);
}

static enum scratch_outcome
put(int64_t user, const struct value *v)
{
	enum scratch_outcome outcome = SCRATCH_OLDER;
	struct err err = { 0 };

	must(store_scratch_item(store, user, v, &outcome, &err), &err);
	return outcome;
}

static void
item_of_two_users_is_one_title(void **state)
{
	struct value v[ITEM_FIELDS];

	(void)state;
	movie(v, 1, NULL);
	v[ITEM_DIRECTOR] = text("first");
	assert_int_equal(put(anna, v), SCRATCH_NEW);
	v[ITEM_DIRECTOR] = text("second");
	v[ITEM_TAGLINE] = text("later");
	v[ITEM_VOTE_AVERAGE] = (struct value){ .kind = VALUE_REAL, .d = 8.4 };
	assert_int_equal(put(ben, v), SCRATCH_NEW);
	assert_int_equal(number(db,
			     "SELECT count(*) FROM Media WHERE"
			     " director = 'first' AND tagline = 'later'"
			     " AND voteAverage = 8.4"),
	    1);
	assert_int_equal(number(db, "SELECT count(*) FROM Media"), 1);
	assert_int_equal(number(db, "SELECT count(*) FROM UserMedia"), 2);
	/* The same number as a series is another title. */
	v[ITEM_MEDIA_TYPE] = text("tv");
	assert_int_equal(put(anna, v), SCRATCH_NEW);
	assert_int_equal(number(db, "SELECT count(*) FROM Media"), 2);
}

/* Each column of Media is filled by a second user's item, when it is NULL. */
static void
item_fills_every_column_that_is_null(void **state)
{
	static const struct {
		enum item_field field;
		const char *column;
	} columns[] = {
		{ ITEM_TITLE, "title" },
		{ ITEM_RELEASE_YEAR, "releaseYear" },
		{ ITEM_POSTER_URL, "posterUrl" },
		{ ITEM_OVERVIEW, "overview" },
		{ ITEM_BACKDROP_URL, "backdropUrl" },
		{ ITEM_VOTE_AVERAGE, "voteAverage" },
		{ ITEM_LANGUAGE, "language" },
		{ ITEM_GENRES, "genres" },
		{ ITEM_KEYWORDS, "keywords" },
		{ ITEM_DIRECTOR, "director" },
		{ ITEM_TOP_CAST, "topCast" },
		{ ITEM_TAGLINE, "tagline" },
		{ ITEM_SIMILAR_IDS, "similarIds" },
		{ ITEM_RECOMMENDATION_IDS, "recommendationIds" },
		{ ITEM_ENRICHED_AT, "enrichedAt" },
		{ ITEM_POSTER_SOURCE_URL, "posterSourceUrl" },
		{ ITEM_BACKDROP_SOURCE_URL, "backdropSourceUrl" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		struct value v[ITEM_FIELDS];
		char sql[160];

		movie(v, (int64_t)i, NULL);
		v[ITEM_TITLE].kind = VALUE_NULL;
		(void)put(anna, v);
		v[columns[i].field] = text(columns[i].column);
		(void)put(ben, v);
		(void)snprintf(sql, sizeof(sql),
		    "SELECT count(*) FROM Media WHERE tmdbId = %zu"
		    " AND \"%s\" = '%s'",
		    i, columns[i].column, columns[i].column);
		assert_int_equal(number(db, sql), 1);
	}
}

/* More titles than are remembered, each twice and the second one fuller. */
static void
item_of_a_forgotten_title_is_found_again(void **state)
{
	/* All of them share one place in store_seen's memory. */
	const int64_t step = 65536;
	struct value v[ITEM_FIELDS];

	(void)state;
	for (int64_t i = 1; i <= 5; i++) {
		movie(v, i * step, NULL);
		(void)put(anna, v);
	}
	for (int64_t i = 1; i <= 5; i++) {
		movie(v, i * step, NULL);
		v[ITEM_DIRECTOR] = text("D");
		v[ITEM_TITLE] = text("other");
		(void)put(ben, v);
	}
	assert_int_equal(number(db, "SELECT count(*) FROM Media"), 5);
	assert_int_equal(number(db,
			     "SELECT count(*) FROM Media WHERE"
			     " director = 'D' AND title = 'T'"),
	    5);
}

static void
item_of_an_odd_type_or_id_is_one_title_too(void **state)
{
	struct value v[ITEM_FIELDS];

	(void)state;
	movie(v, 1, NULL);
	v[ITEM_STATUS] = text("X");
	v[ITEM_TMDB_ID] = text("tt1");
	(void)put(anna, v);
	(void)put(ben, v);
	v[ITEM_MEDIA_TYPE].kind = VALUE_NULL;
	(void)put(anna, v);
	(void)put(ben, v);
	v[ITEM_MEDIA_TYPE] = text("book");
	(void)put(anna, v);
	(void)put(ben, v);
	assert_int_equal(number(db, "SELECT count(*) FROM Media"), 3);
	assert_int_equal(number(db, "SELECT count(*) FROM UserMedia"), 6);
	/* "5" in "other" and 5 in a list are the same number. */
	movie(v, 5, NULL);
	(void)put(anna, v);
	v[ITEM_TMDB_ID] = text("5");
	(void)put(ben, v);
	assert_int_equal(number(db,
			     "SELECT count(*) FROM Media WHERE"
			     " tmdbId = 5"),
	    1);
}

static void
item_that_stands_twice_newest_wins(void **state)
{
	static const struct {
		const char *there, *there_status, *here, *here_status;
		enum scratch_outcome outcome;
	} cases[] = {
		{ "2025-01-01", "WATCHED", "2025-01-02", "BLOCKED",
		    SCRATCH_NEWER },
		{ "2025-01-02", "BLOCKED", "2025-01-01", "WATCHED",
		    SCRATCH_OLDER },
		/* The same moment in two forms: the status decides. */
		{ "2025-01-01T01:00:00+01:00", "WATCHLIST", "2025-01-01",
		    "WATCHED", SCRATCH_NEWER },
		{ "2025-01-01", "WATCHED", "2025-01-01 00:00:00", "WATCHLIST",
		    SCRATCH_OLDER },
		{ "2025-01-01", "BLOCKED", "2025-01-01", "WATCHLIST",
		    SCRATCH_NEWER },
		{ "2025-01-01", "WATCHED", "2025-01-01", "WATCHED",
		    SCRATCH_OLDER },
		/* What is no time is the oldest, like none at all. */
		{ "garbage", "WATCHED", "1970-01-01", "BLOCKED",
		    SCRATCH_NEWER },
		{ "1970-01-01", "BLOCKED", NULL, "WATCHED", SCRATCH_OLDER },
		{ NULL, "WATCHLIST", "garbage", "WATCHED", SCRATCH_NEWER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct value v[ITEM_FIELDS];
		bool newer = cases[i].outcome == SCRATCH_NEWER;
		char sql[160];

		movie(v, (int64_t)i, cases[i].there);
		v[ITEM_STATUS] = text(cases[i].there_status);
		assert_int_equal(put(anna, v), SCRATCH_NEW);
		movie(v, (int64_t)i, cases[i].here);
		v[ITEM_STATUS] = text(cases[i].here_status);
		v[ITEM_REDEMPTION_ATTEMPTS] = integer(3);
		assert_int_equal(put(anna, v), cases[i].outcome);
		(void)snprintf(sql, sizeof(sql),
		    "SELECT count(*) FROM UserMedia JOIN Media m ON m.id ="
		    " mediaId WHERE tmdbId = %zu AND status = '%s' AND"
		    " redemptionAttempts IS %s",
		    i, newer ? cases[i].here_status : cases[i].there_status,
		    newer ? "3" : "NULL");
		assert_int_equal(number(db, sql), 1);
	}
	/* A time as milliseconds since 1970 is one as well. */
	{
		struct value v[ITEM_FIELDS];

		movie(v, 100, "2025-01-01");
		(void)put(anna, v);
		v[ITEM_ADDED_AT] = integer(INT64_C(1735689600001));
		assert_int_equal(put(anna, v), SCRATCH_NEWER);
		assert_int_equal(put(anna, v), SCRATCH_OLDER);
	}
}

static void
item_times_get_our_form_and_the_rest_stays(void **state)
{
	struct value v[ITEM_FIELDS];

	(void)state;
	movie(v, 1, "2026-01-05T11:30:00.037+01:00");
	v[ITEM_UPDATED_AT] = text("garbage");
	v[ITEM_BLOCKED_AT] = text("");
	v[ITEM_SOFT_BLOCK_UNTIL] = integer(5);
	v[ITEM_ENRICHED_AT] = text("2025-11-25 10:30:00");
	v[ITEM_PERMANENT_BLOCK] = integer(0);
	(void)put(anna, v);
	assert_int_equal(
	    number(db,
		"SELECT count(*) FROM UserMedia JOIN Media"
		" m ON m.id = mediaId WHERE addedAt = '2026-01-05T10:30:00.037Z'"
		" AND updatedAt = 'garbage' AND blockedAt = '' AND"
		" softBlockUntil = 5 AND permanentBlock = 0 AND"
		" enrichedAt = '2025-11-25T10:30:00.000Z'"
		" AND redemptionAttempts IS NULL"),
	    1);
}

static void
describe_gives_an_id_to_one_user_only(void **state)
{
	const struct value v[SCRATCH_USER_FIELDS] = {
		[SCRATCH_MOVIE_PROFILE] = text(""),
		[SCRATCH_TV_PROFILE] = text("tv"),
		[SCRATCH_MOVIE_PROFILE_AT] = text("2025-01-01"),
		[SCRATCH_TV_PROFILE_AT] = text("when"),
		[SCRATCH_CREATED_AT] = text("2024-01-01T00:00:00Z"),
		[SCRATCH_JELLYFIN_USER_ID] = text("id-1"),
	};
	const int64_t users[] = { anna, ben, add_user("cleo") };
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		must(store_scratch_describe(store, users[i], v, &err), &err);
	assert_int_equal(
	    number(db,
		"SELECT count(*) FROM User WHERE"
		" movieProfile = '' AND tvProfile = 'tv' AND tvProfileAt ="
		" 'when' AND movieProfileAt = '2025-01-01T00:00:00.000Z'"
		" AND createdAt = '2024-01-01T00:00:00.000Z'"),
	    3);
	/* Two can bear it, so that both are exported again; no third can. */
	assert_int_equal(number(db,
			     "SELECT count(*) FROM User WHERE"
			     " CAST(jellyfinUserId AS TEXT) = 'id-1'"),
	    2);
	assert_int_equal(number(db,
			     "SELECT count(*) FROM User WHERE"
			     " jellyfinUserId = 'id-1' AND username = 'anna'"),
	    1);
}

static void
user_keeps_any_name_and_refuses_it_twice(void **state)
{
	struct err err = { 0 };
	int64_t id = 0;

	(void)state;
	must(store_scratch_user(store, "a\0b", 3, &id, &err), &err);
	must(store_scratch_user(store, "", 0, &id, &err), &err);
	must(store_scratch_user(store, "ANNA", 4, &id, &err), &err);
	assert_int_equal(number(db,
			     "SELECT count(*) FROM User WHERE"
			     " hex(username) IN ('610062', '', '414E4E41')"),
	    3);
	assert_int_equal(store_scratch_user(store, "anna", 4, &id, &err), -1);
	assert_int_equal(err.code, ERR_DB);
}

static void
config_is_never_configured(void **state)
{
	struct value v[SCRATCH_CONFIG_KEYS] = { { .kind = VALUE_NULL } };
	struct err err = { 0 };

	(void)state;
	v[0] = text("http://jellyfin");
	v[9] = text("server");
	must(store_scratch_config(store, v, &err), &err);
	assert_int_equal(number(db,
			     "SELECT count(*) FROM SystemConfig WHERE"
			     " id = 1 AND jellyfinUrl = 'http://jellyfin'"
			     " AND jellyfinServerId = 'server'"
			     " AND geminiModel IS NULL AND isConfigured = 0"),
	    1);
}

static void
keep_is_a_users_or_nobodys(void **state)
{
	struct err err = { 0 };

	(void)state;
	must(store_scratch_keep(store, anna, "unresolved", "\"T\"", 3, &err),
	    &err);
	must(store_scratch_keep(store, 0, "rejected", "{}", 2, &err), &err);
	assert_int_equal(
	    number(db,
		"SELECT count(*) FROM JairKept WHERE"
		" (userId, kind, value) IN (VALUES (1, 'unresolved', '\"T\"'))"
		" OR userId IS NULL AND kind = 'rejected' AND value = '{}'"),
	    2);
}

static void
item_on_a_full_disk_is_an_error(void **state)
{
	struct value v[ITEM_FIELDS];
	enum scratch_outcome outcome;
	struct err err = { 0 };
	int rc = 0;

	(void)state;
	exec(db, "PRAGMA max_page_count = 40");
	for (int64_t i = 0; i < 10000 && rc == 0; i++) {
		movie(v, i, NULL);
		v[ITEM_OVERVIEW] = text("words words words words words");
		rc = store_scratch_item(store, anna, v, &outcome, &err);
	}
	assert_int_equal(rc, -1);
	assert_int_equal(err.code, ERR_DISK);
}

static void
item_of_nobody_is_refused(void **state)
{
	struct value v[ITEM_FIELDS];
	enum scratch_outcome outcome;
	struct err err = { 0 };

	(void)state;
	movie(v, 1, NULL);
	assert_int_equal(store_scratch_item(store, 99, v, &outcome, &err), -1);
	assert_int_equal(number(db, "SELECT count(*) FROM UserMedia"), 0);
}

static void
open_without_tables_names_the_statement(void **state)
{
	struct store_scratch *none = NULL;
	struct db *empty = NULL;
	struct err err = { 0 };

	(void)state;
	must(db_open(&empty, folder_path("e.db"), DB_CREATE, &err), &err);
	assert_int_equal(store_scratch_open(empty, &none, &err), -1);
	assert_null(none);
	assert_non_null(strstr(err.msg, "scratch"));
	db_free(empty);
	store_scratch_free(NULL);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(item_of_two_users_is_one_title),
		CASE(item_fills_every_column_that_is_null),
		CASE(item_of_a_forgotten_title_is_found_again),
		CASE(item_of_an_odd_type_or_id_is_one_title_too),
		CASE(item_that_stands_twice_newest_wins),
		CASE(item_times_get_our_form_and_the_rest_stays),
		CASE(describe_gives_an_id_to_one_user_only),
		CASE(user_keeps_any_name_and_refuses_it_twice),
		CASE(config_is_never_configured),
		CASE(keep_is_a_users_or_nobodys),
		CASE(item_on_a_full_disk_is_an_error),
		CASE(item_of_nobody_is_refused),
		CASE(open_without_tables_names_the_statement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
