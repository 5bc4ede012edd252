/*
 * Without this test the wizard could show other numbers than the archive
 * holds, or a key that nobody may see.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive_read.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/preview.h"
#include "tests/unit/folder.h"

#define FIXTURES "tests/fixtures/archives/"

static char text[1 << 20];
static struct json *doc;

static int
teardown(void **state)
{
	(void)state;
	json_free(doc);
	doc = NULL;
	return 0;
}

/* Read the preview of an archive into ${text} and ${doc}. */
static void
preview(const char *path)
{
	struct archive *a = NULL;
	struct err err = { 0 };
	struct json_out j;
	struct buf out;

	json_free(doc);
	doc = NULL;
	buf_init(&out, sizeof(text) - 1);
	if (archive_open(&a, path, NULL, &err))
		fail_msg("%s", err.msg);
	json_out_init(&j, NULL, &out);
	json_out_begin(&j, NULL, '{');
	assert_int_equal(preview_write(&j, 7, archive_info(a), &err), 0);
	json_out_end(&j, '}');
	assert_false(out.failed);
	memcpy(text, buf_str(&out), out.len + 1);
	assert_int_equal(json_parse(&doc, out.data, out.len, &err), 0);
	buf_free(&out);
	archive_free(a);
}

static void
preview_text(const char *json)
{
	folder_write(folder_path("a.json"), json);
	preview(folder_path("a.json"));
}

static const char *
word(const struct json *j, const char *key)
{
	return json_text(json_get(j, key), NULL);
}

static int64_t
number(const struct json *j, const char *key)
{
	int64_t n = -1;

	(void)json_int(json_get(j, key), &n);
	return n;
}

static const struct json *
user(size_t i)
{
	return json_at(json_get(doc, "users"), i);
}

static void
preview_write_has_every_member(void **state)
{
	(void)state;
	preview_text(
	    "{\"version\":\"2.0.3\",\"exported_at\":"
	    "\"2025-01-01T00:00:00.000Z\",\"system_config\":"
	    "{\"jellyfinUrl\":\"http://j\",\"jellyseerrApiKey\":"
	    "\"0123456789abcdef\",\"geminiApiKey\":\"short\"},"
	    "\"users\":[{\"username\":\"anna\",\"movieProfile\":\"p\","
	    "\"data\":{\"movies\":[{\"title\":\"A\",\"tmdb_id\":1}],"
	    "\"series\":[{\"title\":\"B\",\"tmdb_id\":2},"
	    "{\"title\":\"C\",\"tmdb_id\":3}],\"watchlist\":{"
	    "\"movies\":[{\"title\":\"D\",\"tmdb_id\":4}],"
	    "\"series\":[{\"title\":\"E\",\"tmdb_id\":5}]},"
	    "\"do_not_recommend\":[{\"title\":\"F\",\"tmdb_id\":6,\"media_type\":\"tv\"},"
	    "\"No id\",{\"title\":\"G\",\"tmdb_id\":\"abc\"}]}}]}");
	assert_string_equal(text,
	    "{\"id\":7,\"format\":\"archive\",\"version\":\"2.0.3\","
	    "\"exportedAt\":\"2025-01-01T00:00:00.000Z\",\"generator\":null,"
	    "\"integrity\":\"absent\",\"size\":513,\"config\":{"
	    "\"jellyfinUrl\":\"http://j\",\"jellyseerrUrl\":null,"
	    "\"jellyseerrApiKey\":\"********cdef\","
	    "\"geminiApiKey\":\"********\",\"geminiModel\":null},"
	    "\"users\":[{\"username\":\"anna\",\"movies\":1,\"series\":2,"
	    "\"watchlistMovies\":1,\"watchlistSeries\":1,\"blocked\":1,"
	    "\"unresolved\":1,\"movieProfile\":true,\"tvProfile\":false}],"
	    "\"refused\":1,\"warnings\":[{\"where\":"
	    "\"users[0].data.do_not_recommend[2]\","
	    "\"message\":\"tmdb_id is \\\"abc\\\"\"}],\"warningsTotal\":1}");
}

static void
preview_write_names_each_form(void **state)
{
	static const struct {
		const char *file;
		const char *format;
		size_t users;
	} forms[] = {
		{ FIXTURES "v2.8.10-small.json", "archive", 3 },
		{ FIXTURES "v2.0.3-small.json", "archive", 3 },
		{ FIXTURES "v2.8.10-user-jesse.json", "user-export", 1 },
		{ FIXTURES "v2.8.10-small-export-all-users.json",
		    "all-users-export", 3 },
		{ FIXTURES "v1-objects-database.json", "legacy-v1", 1 },
		{ FIXTURES "v1-strings-database.json", "legacy-v1", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t users;

		preview(forms[i].file);
		users = json_count(json_get(doc, "users"));
		assert_string_equal(word(doc, "format"), forms[i].format);
		assert_int_equal(users, forms[i].users);
		for (size_t u = 0; u < users; u++) {
			assert_non_null(word(user(u), "username"));
			assert_int_equal(json_count(user(u)), 9);
			assert_true(number(user(u), "movies") >= 0);
		}
	}
	preview_text("{\"data\":{\"movies\":[{\"title\":\"A\","
		     "\"tmdb_id\":1}]}}");
	assert_string_equal(word(doc, "format"), "bare-data");
	assert_string_equal(word(user(0), "username"), "");
	assert_int_equal(number(user(0), "movies"), 1);
	assert_null(word(doc, "version"));
	assert_int_equal(json_kind(json_get(doc, "config")), JSON_NULL);
}

static void
preview_write_shows_the_first_hundred_warnings(void **state)
{
	struct buf in;

	(void)state;
	buf_init(&in, sizeof(text) - 1);
	buf_addz(&in,
	    "{\"version\":\"2.0.3\",\"users\":[{\"username\":\"a\","
	    "\"data\":{\"movies\":[");
	for (int i = 0; i < 250; i++)
		buf_addf(&in, "%s{\"title\":\"T\",\"tmdb_id\":\"no%d\"}",
		    i > 0 ? "," : "", i);
	buf_addz(&in, "]}}]}");
	preview_text(buf_str(&in));
	buf_free(&in);
	assert_int_equal(json_count(json_get(doc, "warnings")), 100);
	assert_int_equal(number(doc, "warningsTotal"), 250);
	assert_int_equal(number(doc, "refused"), 250);
	assert_string_equal(word(json_at(json_get(doc, "warnings"), 99),
				"where"),
	    "users[0].data.movies[99]");
}

static void
preview_write_says_what_was_changed(void **state)
{
	char *whole =
	    folder_read("tests/fixtures/golden/everything.json", NULL);
	char *at;

	(void)state;
	preview_text(whole);
	assert_string_equal(word(doc, "integrity"), "ok");
	assert_non_null(word(doc, "generator"));
	at = strstr(whole, "\"title\": \"");
	assert_non_null(at);
	at[strlen("\"title\": \"")] = '#';
	preview_text(whole);
	assert_string_equal(word(doc, "integrity"), "changed");
	free(whole);
}

static void
preview_write_shows_no_key(void **state)
{
	(void)state;
	preview_text("{\"version\":\"2.4.1\",\"users\":[],\"system_config\":{"
		     "\"jellyseerrApiKey\":\"canary-seerr-1234\","
		     "\"geminiApiKey\":\"canary-gemini-5678\","
		     "\"openrouterApiKey\":\"canary-router-9012\","
		     "\"tmdbApiKey\":\"canary-tmdb-3456\"}}");
	assert_null(strstr(text, "canary"));
	assert_non_null(strstr(text, "********1234"));
	assert_non_null(strstr(text, "********5678"));
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_teardown(f, teardown)
	const struct CMUnitTest tests[] = {
		TEST(preview_write_has_every_member),
		TEST(preview_write_names_each_form),
		TEST(preview_write_shows_the_first_hundred_warnings),
		TEST(preview_write_says_what_was_changed),
		TEST(preview_write_shows_no_key),
	};

	(void)folder_make();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
