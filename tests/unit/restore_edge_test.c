/*
 * Without these tests what is unusual in an archive could make a restore
 * fail, change at the second time, or leave the house unusable after it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive.h"
#include "core/archive_read.h"
#include "core/db.h"
#include "core/restore.h"
#include "core/schema.h"
#include "tests/unit/folder.h"
#include "tests/unit/household.h"

static struct db *
fresh(void)
{
	folder_clean();
	return household("dev.db");
}

/* Restore the text of an archive. */
static struct restore_report
restored(struct db *db, const char *text, const struct restore_options *o)
{
	struct restore_report report;
	struct archive *a = archive_of(text);
	struct err err = { 0 };

	must(restore_apply(db, a, folder_make(), o, &report, &err), &err);
	archive_free(a);
	return report;
}

static void
restore_names_with_nul_are_told_whole(void **state)
{
	static const struct restore_options o = { .replace = false };
	struct db *db = fresh();
	struct restore_report r = restored(db,
	    "{\"users\":[{\"username\":\"a\\u0000b\",\"data\":{}},"
	    "{\"username\":\"a\\u0000c\",\"data\":{}}]}",
	    &o);

	(void)state;
	assert_int_equal(r.count, 2);
	assert_int_equal(r.users[0].name_len, 3);
	assert_memory_equal(r.users[0].name, "a\0b", 4);
	assert_memory_equal(r.users[1].name, "a\0c", 4);
	restore_report_free(&r);
	db_free(db);
}

/* A configuration that knows the model by one name is in sync at once. */
static void
restore_config_is_in_sync(void **state)
{
	static const char *const configs[] = {
		"\"geminiModel\":\"m\"",
		"\"aiModel\":\"m\"",
		"\"aiModel\":\"m\",\"aiProvider\":\"google\"",
		"\"geminiModel\":\"m\",\"aiProvider\":\"\"",
	};

	(void)state;
	for (int i = 0; i < 8; i++) {
		const struct restore_options o = { .config = true,
			.replace = i >= 4 };
		struct db *db = fresh();
		struct schema_plan *plan = NULL;
		struct restore_report r;
		struct err err = { 0 };
		char text[256];

		(void)snprintf(text, sizeof(text),
		    "{\"version\":\"2.0.3\",\"system_config\":{%s},"
		    "\"users\":[]}",
		    configs[i % 4]);
		r = restored(db, text, &o);
		restore_report_free(&r);
		must(schema_plan(db, true, &plan, &err), &err);
		if (schema_plan_count(plan) != 0)
			fail_msg("%s: %s", text, schema_plan_line(plan, 0));
		schema_plan_free(plan);
		assert_int_equal(number(db,
				     "SELECT count(*) FROM SystemConfig WHERE"
				     " geminiModel = 'm' AND aiModel = 'm'"),
		    1);
		db_free(db);
	}
}

static void
restore_empty_setting_replaces_none(void **state)
{
	static const char text[] =
	    "{\"version\":\"2.0.3\",\"system_config\":{\"geminiApiKey\":\"\","
	    "\"tmdbApiKey\":\"\",\"jellyfinUrl\":\"http://new\"},\"users\":[]}";
	struct restore_options o = { .config = true };
	struct db *db = fresh();
	struct restore_report r;

	(void)state;
	exec(db,
	    "INSERT INTO SystemConfig (id, jellyfinUrl, geminiApiKey)"
	    " VALUES (1, 'http://old', 'key')");
	r = restored(db, text, &o);
	restore_report_free(&r);
	assert_int_equal(number(db,
			     "SELECT geminiApiKey = 'key' AND tmdbApiKey = ''"
			     " AND jellyfinUrl = 'http://new'"
			     " FROM SystemConfig"),
	    1);
	o.replace = true;
	r = restored(db, text, &o);
	restore_report_free(&r);
	assert_int_equal(number(db,
			     "SELECT geminiApiKey = '' FROM"
			     " SystemConfig"),
	    1);
	db_free(db);
}

/* What won keeps its age, so that no older state can win after it. */
static void
restore_winner_keeps_its_age(void **state)
{
	static const struct restore_options o = { .replace = false };
	static const char newer[] =
	    "{\"users\":[{\"username\":\"u\",\"data\":{\"movies\":[{"
	    "\"tmdb_id\":1,\"added_at\":\"2025-03-01T00:00:00.000Z\"}]}}]}";
	static const char older[] =
	    "{\"users\":[{\"username\":\"u\",\"data\":{\"watchlist\":{"
	    "\"movies\":[{\"tmdb_id\":1,\"added_at\":"
	    "\"2025-02-01T00:00:00.000Z\"}]}}}]}";
	struct db *db = fresh();
	struct restore_report r;

	(void)state;
	exec(db,
	    "INSERT INTO User (id, username) VALUES (1, 'u');"
	    " INSERT INTO Media (id, tmdbId, mediaType) VALUES (1, 1, 'movie');"
	    " INSERT INTO UserMedia (userId, mediaId, status, addedAt) VALUES"
	    " (1, 1, 'WATCHLIST', '2025-01-01T00:00:00.000Z')");
	for (int i = 0; i < 3; i++) {
		r = restored(db, i < 2 ? newer : older, &o);
		assert_int_equal(r.total.updated, i == 0);
		assert_int_equal(r.total.kept, i > 0);
		restore_report_free(&r);
	}
	assert_int_equal(number(db,
			     "SELECT status = 'WATCHED' AND addedAt ="
			     " '2025-01-01T00:00:00.000Z' AND updatedAt ="
			     " '2025-03-01T00:00:00.000Z' FROM UserMedia"),
	    1);
	db_free(db);
}

/* An entry that no row can hold costs itself, not the file. */
static void
restore_id_beyond_all_numbers_is_set_aside(void **state)
{
	static const struct restore_options o = { .replace = false };
	struct db *db = fresh();
	struct restore_report r = restored(db,
	    "{\"users\":[{\"username\":\"u\",\"data\":{\"other\":["
	    "{\"tmdb_id\":1e400,\"title\":\"t\"},{\"tmdb_id\":2}]}}]}",
	    &o);

	(void)state;
	assert_int_equal(r.total.inserted, 1);
	assert_int_equal(r.refused, 1);
	assert_int_equal(number(db,
			     "SELECT count(*) FROM JairKept WHERE value LIKE"
			     " '%1e400%'"),
	    1);
	restore_report_free(&r);
	db_free(db);
}

/* A column of times would make a moment of 1970 of it. */
static void
restore_year_is_no_moment(void **state)
{
	static const struct restore_options o = { .replace = true };
	struct db *db = fresh();
	struct archive_stats stats;
	struct err err = { 0 };
	char *text;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct restore_report r = restored(db,
		    "{\"users\":[{\"username\":\"u\",\"created_at\":"
		    "\"20250101\",\"data\":{\"movies\":[{\"tmdb_id\":1,"
		    "\"added_at\":\"2025\",\"updated_at\":\" 1e3\"}]}}]}",
		    &o);

		restore_report_free(&r);
		must(archive_write(db, folder_path("out.json"), &stats, &err),
		    &err);
		text = folder_read(folder_path("out.json"), NULL);
		assert_non_null(strstr(text, "\"added_at\": \"2025\""));
		assert_non_null(strstr(text, "\"updated_at\": \" 1e3\""));
		assert_non_null(strstr(text, "\"created_at\": \"20250101\""));
		free(text);
		assert_int_equal(unlink(folder_path("out.json")), 0);
	}
	db_free(db);
}

/* A number that is no time is older than any time. */
static void
restore_duplicate_with_an_impossible_time_loses(void **state)
{
	static const struct restore_options o = { .replace = false };
	struct db *db = fresh();
	struct restore_report r = restored(db,
	    "{\"users\":[{\"username\":\"u\",\"data\":{\"movies\":[{"
	    "\"tmdb_id\":1,\"added_at\":\"2025-01-01T00:00:00.000Z\"}],"
	    "\"do_not_recommend\":[{\"tmdb_id\":1,\"added_at\":"
	    "9223372036854775807,\"media_type\":\"movie\"}]}}]}",
	    &o);

	(void)state;
	assert_int_equal(r.duplicates, 1);
	assert_int_equal(number(db, "SELECT status = 'WATCHED' FROM UserMedia"),
	    1);
	restore_report_free(&r);
	db_free(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(restore_names_with_nul_are_told_whole),
		cmocka_unit_test(restore_config_is_in_sync),
		cmocka_unit_test(restore_empty_setting_replaces_none),
		cmocka_unit_test(restore_winner_keeps_its_age),
		cmocka_unit_test(restore_id_beyond_all_numbers_is_set_aside),
		cmocka_unit_test(restore_year_is_no_moment),
		cmocka_unit_test(
		    restore_duplicate_with_an_impossible_time_loses),
	};

	(void)folder_make();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
