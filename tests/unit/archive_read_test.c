/*
 * Without these tests one of the forms that were ever written could be refused,
 * or be taken for another one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/archive_events.h"

#define AT "users[0].data.movies[0]: "

static void
archive_open_of_a_full_archive(void **state)
{
	(void)state;
	events_read("{\"users\":[{\"data\":{\"series\":[{\"tmdb_id\":1}],"
		    "\"watchlist\":{\"movies\":[{\"tmdb_id\":2}],"
		    "\"series\":[{\"tmdb_id\":3}],\"x\":1},"
		    "\"do_not_recommend\":[{\"tmdb_id\":4}],"
		    "\"other\":[{\"tmdb_id\":5,\"status\":\"SEEN\","
		    "\"permanent_block\":true,\"vote_average\":\"abc\"}],"
		    "\"unresolved\":[\"t\",{\"title\":\"q\"},{}],"
		    "\"rejected\":[{\"where\":\"UserMedia 17\"}]},"
		    "\"profile_movie_at\":17,\"created_at\":\"c\","
		    "\"movieProfile\":\"m\",\"tvProfile\":\"\","
		    "\"jellyfin_user_id\":\"j\",\"username\":\"late\"},"
		    "{\"username\":\"b\",\"data\":null}],\"rejected\":[1],"
		    "\"version\":\"2.0.3\"}",
	    ARCHIVE_FULL,
	    "begin late\n"
	    "users[0].data.series[0]: series 1 media_type=\"tv\"\n"
	    "users[0].data.watchlist.movies[0]: watchlist.movies 2 "
	    "media_type=\"movie\"\n"
	    "users[0].data.watchlist.series[0]: watchlist.series 3 "
	    "media_type=\"tv\"\n"
	    "users[0].data.do_not_recommend[0]: do_not_recommend 4 "
	    "media_type=\"movie\"\n"
	    "users[0].data.other[0]: other 5 vote_average=\"abc\" "
	    "permanent_block=1 status=\"SEEN\"\n"
	    "users[0].data.unresolved[0]: unresolved unresolved \"t\"\n"
	    "users[0].data.unresolved[1]: unresolved unresolved "
	    "{\"title\":\"q\"}\n"
	    "users[0].data.unresolved[2]: it has no title: refused {}\n"
	    "users[0].data.rejected[0]: rejected late "
	    "{\"where\":\"UserMedia 17\"}\n"
	    "end\"m\"\"\"17-\"c\"\"j\"\nbegin b\nend------\n"
	    "rejected[0]: rejected (nobody) 1\n",
	    "users[0].data.unresolved[2]: it has no title\n"
	    "users[0].data.watchlist: unknown key \"x\" was not restored\n"
	    "users[0].data.do_not_recommend[0]: media_type is missing; taken "
	    "as a movie\n");
}

static void
archive_open_of_users_without_names(void **state)
{
	(void)state;
	events_read(
	    "{\"users\":[7,{\"data\":{\"movies\":[{\"tmdb_id\":1},\"t\"]}},"
	    "{\"username\":5},{\"username\":\"ok\"}]}",
	    ARCHIVE_FULL,
	    "users[0]: it is not a user: refused 7\n"
	    "users[1].data.movies[0]: its user has no usable name: refused "
	    "{\"tmdb_id\":1}\n"
	    "users[1].data.movies[1]: its user has no usable name: refused "
	    "\"t\"\n"
	    "begin ok\nend------\n",
	    "users[0]: it is not a user\n"
	    "users[1]: the username is missing; 2 items are set aside\n"
	    "users[2]: username is not text; it is left out\n"
	    "users[2]: the username is missing; 0 items are set aside\n");
}

static void
archive_open_of_one_users_export(void **state)
{
	(void)state;
	events_read("{\"data\":{\"movies\":[{\"tmdb_id\":1,\"rating\":8}]},"
		    "\"exported_at\":\"x\",\"username\":\"bob\"}",
	    ARCHIVE_USER_EXPORT,
	    "begin bob\ndata.movies[0]: movies 1 media_type=\"movie\" "
	    "vote_average=8\nend------\n",
	    "");
	/* Without "data": any of the lists will do, a watchlist too. */
	events_read("{\"username\":\"bob\",\"watchlist\":{\"movies\":[{"
		    "\"tmdb_id\":1}]}}",
	    ARCHIVE_USER_EXPORT,
	    "begin bob\nwatchlist.movies[0]: watchlist.movies 1 "
	    "media_type=\"movie\"\nend------\n",
	    "");
}

static void
archive_open_of_all_users_export(void **state)
{
	(void)state;
	events_read(
	    "{\"data\":{\"username\":\"data\",\"data\":{\"movies\":[]}},"
	    "\"__proto__\":{\"username\":\"other\",\"data\":{\"series\":"
	    "[{\"tmdb_id\":1}]}},\"\":{\"data\":{}},\"note\":\"x\"}",
	    ARCHIVE_ALL_USERS,
	    "begin data\nend------\nbegin __proto__\n"
	    "[\"__proto__\"].data.series[0]: series 1 media_type=\"tv\"\n"
	    "end------\nbegin \nend------\n",
	    "[\"__proto__\"]: \"username\" says another name than the key; "
	    "the key counts\n"
	    ": unknown key \"note\" was not restored\n");
}

static void
archive_open_of_a_legacy_file(void **state)
{
	(void)state;
	events_read("{\"users\":{\"movies\":[\"Heat\",{\"title\":\"Ran\"},"
		    "{\"title\":\"x\",\"tmdb_id\":\"y\"}],\"_x\":1},"
		    "\"data\":{\"series\":[]},\"version\":{\"movies\":[]},"
		    "\"username\":{\"watchlist\":{\"movies\":[\"S\"]}},"
		    "\"_private\":{\"a\":1},\"new\":{},"
		    "\"_migration_status_v1_tmdb_backfill\":{\"movies\":[]}}",
	    ARCHIVE_LEGACY,
	    "begin users\n[\"users\"].movies[0]: unresolved movies \"Heat\"\n"
	    "[\"users\"].movies[1]: unresolved movies {\"title\":\"Ran\"}\n"
	    "[\"users\"].movies[2]: tmdb_id is \"y\": refused "
	    "{\"title\":\"x\",\"tmdb_id\":\"y\"}\nend------\n"
	    "begin data\nend------\nbegin version\nend------\n"
	    "begin username\n[\"username\"].watchlist.movies[0]: unresolved "
	    "watchlist.movies \"S\"\nend------\nbegin new\nend------\n",
	    "[\"users\"].movies[2]: tmdb_id is \"y\"\n"
	    "[\"users\"]: unknown key \"_x\" was not restored\n"
	    ": unknown key \"_private\" was not restored\n"
	    ": unknown key \"_migration_status_v1_tmdb_backfill\" was not "
	    "restored\n");
}

static void
archive_open_of_bare_data(void **state)
{
	static const char event[] = "begin \n%s.movies[0]: movies 1 "
				    "media_type=\"movie\"\nend------\n";
	char text[128];

	(void)state;
	(void)snprintf(text, sizeof(text), event, "data");
	events_read("\xef\xbb\xbf{\"data\":\r\n{\"movies\":[{\"tmdb_id\":1}]}}",
	    ARCHIVE_BARE, text, "");
	events_read("{\"watchlist.movies\":[{\"tmdb_id\":1}],\"series\":null}",
	    ARCHIVE_BARE,
	    "begin \n[\"watchlist.movies\"][0]: "
	    "watchlist.movies 1 media_type=\"movie\"\nend------\n",
	    "");
	events_read("{\"watchlist\":{\"series\":[{\"tmdb_id\":1}]}}",
	    ARCHIVE_BARE,
	    "begin \nwatchlist.series[0]: "
	    "watchlist.series 1 media_type=\"tv\"\nend------\n",
	    "");
	events_read("{\"data\":{}}", ARCHIVE_BARE, "begin \nend------\n", "");
}

static void
archive_open_of_lists_that_are_none(void **state)
{
	(void)state;
	events_read("{\"users\":[{\"username\":\"u\",\"data\":{\"movies\":{},"
		    "\"series\":null,\"watchlist\":[\"x\"],\"other\":\"y\"}},"
		    "{\"username\":\"v\",\"data\":5}]}",
	    ARCHIVE_FULL,
	    "begin u\nusers[0].data.movies: it is not a list: refused {}\n"
	    "users[0].data.watchlist: it is not an object: refused [\"x\"]\n"
	    "users[0].data.other: it is not a list: refused \"y\"\n"
	    "end------\nbegin v\n"
	    "users[1].data: it is not an object: refused 5\nend------\n",
	    "users[0].data.movies: it is not a list\n"
	    "users[0].data.watchlist: it is not an object\n"
	    "users[0].data.other: it is not a list\n"
	    "users[1].data: it is not an object\n");
}

static void
archive_open_of_keys_written_twice(void **state)
{
	(void)state;
	events_read(
	    "{\"users\":[{\"username\":\"a\",\"username\":\"b\",\"data\":"
	    "{\"movies\":[{\"tmdb_id\":1}],\"movies\":[{\"tmdb_id\":2}]}}]}",
	    ARCHIVE_FULL,
	    "begin b\n" AT "movies 1 media_type=\"movie\"\n" AT
	    "movies 2 media_type=\"movie\"\nend------\n",
	    "users[0]: \"username\" is written twice; the last one counts\n"
	    "users[0].data.movies: \"movies\" is written twice; both are "
	    "read\n");
}

static void
archive_open_reads_the_configuration(void **state)
{
	struct archive *a = events_open_text(
	    "{\"version\":\"2.4.1\",\"system_config\""
	    ":{\"jellyfinUrl\":\"http:\\/\\/j\",\"geminiModel\":25,"
	    "\"tmdbApiKey\":null,\"aiModel\":[],\"isConfigured\":true,"
	    "\"aiProvider\":\"x\",\"aiProvider\":\"google\"},"
	    "\"generator\":{\"name\":\"jair\",\"version\":\"0.1.0\","
	    "\"schema\":1},\"exported_at\":\"2026-01-01\"}");
	const struct archive_info *info = archive_info(a);
	const struct value *v = info->config;

	(void)state;
	assert_int_equal(info->form, ARCHIVE_FULL);
	assert_true(info->has_config);
	assert_memory_equal(v[ARCHIVE_JELLYFIN_URL].s, "http://j", 8);
	assert_memory_equal(v[ARCHIVE_GEMINI_MODEL].s, "25", 2);
	assert_int_equal(v[ARCHIVE_TMDB_KEY].kind, VALUE_NULL);
	assert_int_equal(v[ARCHIVE_AI_MODEL].kind, VALUE_NULL);
	assert_memory_equal(v[ARCHIVE_AI_PROVIDER].s, "google", 6);
	assert_string_equal(info->version, "2.4.1");
	assert_string_equal(info->generator, "jair 0.1.0");
	assert_int_equal(info->generator_schema, 1);
	assert_string_equal(info->exported_at, "2026-01-01");
	assert_int_equal(info->integrity, ARCHIVE_CHANGED);
	assert_int_equal(info->warnings_total, 3);
	archive_free(a);
}

/* How far opening was; each call must go on from the last. */
struct seen {
	uint64_t bytes, of;
	int calls;
};

static void
see(void *ctx, uint64_t bytes, uint64_t of)
{
	struct seen *s = ctx;

	assert_true(bytes >= s->bytes && bytes <= of);
	s->bytes = bytes;
	s->of = of;
	s->calls++;
}

/* Open ${path}; return how often it was told how far that was. */
static int
watch_open(const char *path)
{
	struct seen seen = { 0, 0, 0 };
	const struct archive_limits limits = { .progress = see, .ctx = &seen };
	struct archive *a = NULL;
	struct err err = { 0 };

	if (archive_open(&a, path, &limits, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(seen.of, archive_info(a)->size);
	assert_true(seen.bytes + 1 >= seen.of);
	archive_free(a);
	return seen.calls;
}

/* What other forms are shows only at their end: they are read once more. */
static void
archive_open_tells_how_far_it_is(void **state)
{
	(void)state;
	assert_int_equal(
	    watch_open("tests/fixtures/archives/v2.0.3-small.json"), 1);
	assert_int_equal(
	    watch_open("tests/fixtures/archives/v2.8.10-user-jesse.json"), 2);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(archive_open_of_a_full_archive),
		cmocka_unit_test(archive_open_of_users_without_names),
		cmocka_unit_test(archive_open_of_one_users_export),
		cmocka_unit_test(archive_open_of_all_users_export),
		cmocka_unit_test(archive_open_of_a_legacy_file),
		cmocka_unit_test(archive_open_of_bare_data),
		cmocka_unit_test(archive_open_of_lists_that_are_none),
		cmocka_unit_test(archive_open_of_keys_written_twice),
		cmocka_unit_test(archive_open_reads_the_configuration),
		cmocka_unit_test(archive_open_tells_how_far_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
