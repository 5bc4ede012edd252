/*
 * Without these tests an item could be refused that is good, or come back as
 * another than was written.
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

#define AT "users[0].data.movies[0]: "

/* One user's movies in the form of a full archive. */
static void
reads_movies(const char *items, const char *events, const char *warnings)
{
	struct buf text;
	struct buf all;

	buf_init(&text, 1 << 20);
	buf_init(&all, 1 << 20);
	buf_addf(&text,
	    "{\"users\":[{\"username\":\"u\",\"data\":"
	    "{\"movies\":[%s]}}]}",
	    items);
	buf_addf(&all, "begin u\n%send------\n", events);
	events_read(buf_str(&text), ARCHIVE_FULL, buf_str(&all), warnings);
	buf_free(&text);
	buf_free(&all);
}

static void
archive_walk_accepts_any_integer_as_id(void **state)
{
	static const char *const ids[][2] = {
		{ "603", "603" },
		{ "\"603\"", "603" },
		{ "603.0", "603" },
		{ "6.03e2", "603" },
		{ "\"\\u0036\"", "6" },
		{ "9223372036854775807", "9223372036854775807" },
		{ "9007199254740991.0", "9007199254740991" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		char item[64];
		char event[128];

		(void)snprintf(item, sizeof(item), "{\"tmdb_id\":%s}",
		    ids[i][0]);
		(void)snprintf(event, sizeof(event),
		    AT "movies %s media_type=\"movie\"\n", ids[i][1]);
		reads_movies(item, event, "");
	}
	reads_movies("{\"tmdb_id\":0}", AT "movies 0 media_type=\"movie\"\n",
	    AT "tmdb_id is 0, which no title has\n");
	reads_movies("{\"tmdb_id\":-9223372036854775808}",
	    AT "movies -9223372036854775808 media_type=\"movie\"\n",
	    AT "tmdb_id is -9223372036854775808, which no title has\n");
}

static void
archive_walk_sets_items_aside(void **state)
{
	static const char *const rows[][2] = {
		{ "{\"title\":\"x\",\"tmdb_id\":\"abc\"}",
		    "tmdb_id is \"abc\"" },
		{ "{\"tmdb_id\":1.5}", "tmdb_id is 1.5" },
		/* No double holds it: another title's id would come of it. */
		{ "{\"tmdb_id\":9007199254740993.0}",
		    "tmdb_id is 9007199254740993.0" },
		{ "{\"tmdb_id\":true}", "tmdb_id is true" },
		{ "{\"tmdb_id\":[1]}", "tmdb_id is [1]" },
		{ "{\"tmdb_id\":\"\"}", "tmdb_id is \"\"" },
		{ "{\"tmdb_id\":\" 1\"}", "tmdb_id is \" 1\"" },
		{ "{\"tmdb_id\":1e400}", "tmdb_id is 1e400" },
		{ "{\"tmdb_id\":9007199254740994.0}",
		    "tmdb_id is 9007199254740994.0" },
		{ "{\"tmdb_id\":9223372036854775808}",
		    "tmdb_id is 9223372036854775808, beyond 64 bits" },
		{ "{\"tmdb_id\":\"-9223372036854775809\"}",
		    "tmdb_id is \"-9223372036854775809\", beyond 64 bits" },
		{ "{\"title\":\"x\"}", "tmdb_id is missing" },
		{ "{\"title\":\"x\",\"tmdb_id\":null}", "tmdb_id is missing" },
		{ "{}", "title and tmdb_id are missing" },
		{ "{\"title\":\"\"}", "title and tmdb_id are missing" },
		{ "17", "it is a number, not an item" },
		{ "null", "it is null, true or false, not an item" },
		{ "[]", "it is a list, not an item" },
		{ "\"\"", "the title is empty" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char event[256];
		char warning[256];

		(void)snprintf(event, sizeof(event), AT "%s: refused %s\n",
		    rows[i][1], rows[i][0]);
		(void)snprintf(warning, sizeof(warning), AT "%s\n", rows[i][1]);
		reads_movies(rows[i][0], event, warning);
	}
}

static void
archive_walk_delivers_values_as_they_are(void **state)
{
	(void)state;
	reads_movies(
	    "{\"title\":\"\",\"tmdb_id\":1,\"media_type\":\"game\","
	    "\"release_year\":2019,\"vote_average\":8.4,"
	    "\"added_at\":1767608437037,\"permanent_block\":false,"
	    "\"redemption_attempts\":2.5,\"overview\":null,"
	    "\"genres\":[\"a\", {\"b\": 1}],\"keywords\":\"[\\\"k\\\"]\"}",
	    AT "movies 1 title=\"\" media_type=\"game\" "
	       "release_year=\"2019\" vote_average=8.4000000000000004 "
	       "added_at=1767608437037 genres=\"[\"a\",{\"b\":1}]\" "
	       "keywords=\"[\"k\"]\" permanent_block=0 "
	       "redemption_attempts=2.5\n",
	    "");
	/* A number where text belongs keeps its digits. */
	reads_movies("{\"tmdb_id\":1,\"title\":9223372036854775808,"
		     "\"release_year\":2010.50,\"tagline\":1e400}",
	    AT "movies 1 title=\"9223372036854775808\" media_type=\"movie\" "
	       "release_year=\"2010.50\" tagline=\"1e400\"\n",
	    "");
	reads_movies("{\"tmdb_id\":1,\"rating\":8,\"release_year\":null}",
	    AT "movies 1 media_type=\"movie\" vote_average=8\n", "");
	reads_movies("{\"tmdb_id\":1,\"rating\":8,\"vote_average\":7.5}",
	    AT "movies 1 media_type=\"movie\" vote_average=7.5\n", "");
}

static void
archive_walk_reports_what_it_tolerates(void **state)
{
	(void)state;
	reads_movies("{\"tmdb_id\":1,\"x\":1,\"x\":2},{\"tmdb_id\":2,\"x\":3}",
	    AT "movies 1 media_type=\"movie\"\n"
	       "users[0].data.movies[1]: movies 2 media_type=\"movie\"\n",
	    AT "unknown key \"x\" was not restored (3 times)\n");
	reads_movies("{\"tmdb_id\":1,\"tmdb_id\":2,\"status\":\"X\"}",
	    AT "movies 2 media_type=\"movie\"\n",
	    AT "\"tmdb_id\" is written twice; the last one counts\n" AT
	       "unknown key \"status\" was not restored\n");
	reads_movies("{\"tmdb_id\":1,\"title\":\"\\ud800\"}",
	    AT "movies 1 title=\"\xef\xbf\xbd\" media_type=\"movie\"\n",
	    AT "a half of a surrogate pair became U+FFFD\n");
	reads_movies("{\"tmdb_id\":1,\"title\":[1],\"vote_average\":-1e400}",
	    AT "movies 1 title=\"[1]\" media_type=\"movie\"\n",
	    AT "title is a list; it is kept as JSON text\n" AT
	       "vote_average is too large a number; it is left out\n");
	reads_movies("{\"\\u0074mdb_id\":1}",
	    AT "movies 1 media_type=\"movie\"\n", "");
	reads_movies("\"A title\"", AT "unresolved movies \"A title\"\n", "");
}

static void
archive_walk_takes_anything_in_other(void **state)
{
	(void)state;
	events_read("{\"other\":[{\"tmdb_id\":\"abc\",\"status\":7,"
		    "\"media_type\":\"tv\"},{\"tmdb_id\":\"5\"},\"t\"]}",
	    ARCHIVE_BARE,
	    "begin \nother[0]: other 0 tmdb_id=\"abc\" media_type=\"tv\" "
	    "status=\"7\"\nother[1]: other 5\n"
	    "other[2]: it is a text, not an item: refused \"t\"\nend------\n",
	    "other[2]: it is a text, not an item\n");
	/* But nothing that no row can hold. */
	events_read("{\"other\":[{\"tmdb_id\":1e400},{\"tmdb_id\":1.5}]}",
	    ARCHIVE_BARE,
	    "begin \nother[0]: tmdb_id is 1e400: refused "
	    "{\"tmdb_id\":1e400}\nother[1]: other 0 tmdb_id=1.5\nend------\n",
	    "other[0]: tmdb_id is 1e400\n");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(archive_walk_accepts_any_integer_as_id),
		cmocka_unit_test(archive_walk_sets_items_aside),
		cmocka_unit_test(archive_walk_delivers_values_as_they_are),
		cmocka_unit_test(archive_walk_reports_what_it_tolerates),
		cmocka_unit_test(archive_walk_takes_anything_in_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
