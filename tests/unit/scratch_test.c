/*
 * Without this a part of an archive could get lost between its reader and the
 * merge, or a failed restore could leave its scratch file behind.
 */

#include "core/scratch.h"
#include "tests/unit/household.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/store_merge.h"

#define FULL(users) "{\"version\":\"2.0.3\",\"users\":[" users "]}"
#define ITEM(id, more) "{\"title\":\"T\",\"tmdb_id\":" id more "}"

static int
setup(void **state)
{
	(void)state;
	(void)folder_make();
	folder_clean();
	return 0;
}

static struct scratch *
make(struct archive *a, const struct scratch_choice *choice)
{
	struct scratch *s = NULL;
	struct err err = { 0 };

	must(scratch_make(a, folder_make(), choice, &s, &err), &err);
	return s;
}

static void
make_puts_each_list_where_it_belongs(void **state)
{
	struct archive *a = archive_of(FULL(
	    "{\"username\":\"anna\",\"data\":{"
	    "\"movies\":[" ITEM("1", "") "],\"series\":[" ITEM("1",
		"") "],"
		    "\"watchlist\":{\"movies\":[" ITEM("2",
			"") "],\"series\":[" ITEM("2",
			"") "]},"
			    "\"do_not_recommend\":[" ITEM("3",
				",\"media_type\":\"tv\"") "],"
							  "\"other\":[" ITEM(
							      "4",
							      ",\"media_type\":\"movie\","
							      "\"status\":\"X\"") "]}}"));
	struct scratch *s = make(a, NULL);

	(void)state;
	assert_int_equal(
	    number(s->db,
		"SELECT count(*) FROM UserMedia JOIN Media m ON m.id = mediaId"
		" WHERE (mediaType, tmdbId, status) IN (VALUES"
		" ('movie', 1, 'WATCHED'), ('tv', 1, 'WATCHED'),"
		" ('movie', 2, 'WATCHLIST'), ('tv', 2, 'WATCHLIST'),"
		" ('tv', 3, 'BLOCKED'), ('movie', 4, 'X'))"),
	    6);
	assert_int_equal(s->users_count, 1);
	assert_int_equal(folder_mode(s->path), 0600);
	scratch_free(s);
	archive_free(a);
	/* in.json alone is left. */
	assert_int_equal(folder_count(), 1);
}

static bool
not_ben(void *ctx, const struct archive_user_info *user)
{
	++*(int *)ctx;
	return strcmp(user->name, "ben") != 0;
}

static void
make_of_some_users_skips_the_others(void **state)
{
	int asked = 0;
	const struct scratch_choice choice = { .want = not_ben, .ctx = &asked };
	struct archive *a = archive_of(
	    FULL("{\"username\":\"anna\",\"data\":{\"movies\":[" ITEM("1",
		"") "]}},"
		    "{\"username\":\"ben\",\"movieProfile\":\"p\",\"data\":{\"movies\":[" ITEM(
			"2", "") ",\"bare\",7]}},"
				 "{\"username\":\"cleo\",\"data\":{}}"));
	struct scratch *s = make(a, &choice);

	(void)state;
	assert_int_equal(asked, 3);
	assert_int_equal(s->users_count, 2);
	assert_string_equal(s->users[1].info->name, "cleo");
	assert_int_equal(number(s->db,
			     "SELECT group_concat(username) ="
			     " 'anna,cleo' FROM User"),
	    1);
	assert_int_equal(number(s->db, "SELECT count(*) FROM Media"), 1);
	assert_int_equal(number(s->db, "SELECT count(*) FROM JairKept"), 0);
	scratch_free(s);
	archive_free(a);
}

static void
make_gives_nameless_lists_to_whom_is_said(void **state)
{
	const struct scratch_choice choice = { .assign_to = "Åsa" };
	struct archive *a = archive_of("{\"movies\":[" ITEM("1", "") "]}");
	struct scratch *s = make(a, &choice);

	(void)state;
	assert_int_equal(number(s->db,
			     "SELECT count(*) FROM User JOIN"
			     " UserMedia ON userId = User.id WHERE"
			     " username = 'Åsa'"),
	    1);
	scratch_free(s);
	archive_free(a);
}

/* The value of the only entry of JairKept with that kind. */
static void
assert_kept(struct db *db, const char *kind, const char *value)
{
	char sql[512];

	(void)snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM JairKept WHERE kind = '%s' AND value = '%s'",
	    kind, value);
	assert_int_equal(number(db, sql), 1);
}

static void
make_keeps_titles_without_an_id(void **state)
{
	struct archive *a = archive_of(
	    "{\"anna\":{\"movies\":[\"A\",{\"title\":\"B\",\"x\":1}],"
	    "\"series\":[\"C\"],\"watchlist\":{\"movies\":[\"D\"],"
	    "\"series\":[\"E\"]},\"do_not_recommend\":[\"F\"]}}");
	struct scratch *s = make(a, NULL);

	(void)state;
	assert_kept(s->db, "unresolved",
	    "{\"title\":\"A\",\"media_type\":\"movie\",\"list\":\"movies\"}");
	assert_kept(s->db, "unresolved",
	    "{\"title\":\"B\",\"x\":1,\"list\":\"movies\"}");
	assert_kept(s->db, "unresolved",
	    "{\"title\":\"C\",\"media_type\":\"tv\",\"list\":\"series\"}");
	assert_kept(s->db, "unresolved",
	    "{\"title\":\"D\",\"media_type\":\"movie\","
	    "\"list\":\"watchlist.movies\"}");
	assert_kept(s->db, "unresolved",
	    "{\"title\":\"E\",\"media_type\":\"tv\","
	    "\"list\":\"watchlist.series\"}");
	assert_kept(s->db, "unresolved",
	    "{\"title\":\"F\",\"list\":\"do_not_recommend\"}");
	scratch_free(s);
	archive_free(a);
}

static void
make_sets_aside_what_is_refused(void **state)
{
	struct archive *a = archive_of(
	    "{\"version\":\"2.0.3\",\"users\":[{\"username\":\"anna\","
	    "\"data\":{\"movies\":[{\"title\":\"T\",\"tmdb_id\":\"abc\"}],"
	    "\"unresolved\":[\"U\"],\"rejected\":[{\"where\":\"w\"}]}},"
	    "{\"data\":{\"movies\":[" ITEM("9",
		"") "]}},17],"
		    "\"rejected\":[{\"where\":\"root\"}]}");
	struct scratch *s = make(a, NULL);

	(void)state;
	assert_int_equal(s->users_count, 1);
	assert_int_equal(s->users[0].refused, 1);
	assert_int_equal(s->nobodys, 3);
	assert_kept(s->db, "rejected",
	    "{\"where\":\"users[0].data.movies[0]\",\"reason\":\"tmdb_id is"
	    " \\\"abc\\\"\",\"value\":{\"title\":\"T\",\"tmdb_id\":\"abc\"}}");
	assert_kept(s->db, "unresolved", "\"U\"");
	assert_kept(s->db, "rejected", "{\"where\":\"w\"}");
	assert_kept(s->db, "rejected", "{\"where\":\"root\"}");
	assert_kept(s->db, "rejected",
	    "{\"where\":\"users[1].data.movies[0]\",\"reason\":\"its user has"
	    " no usable name\",\"value\":{\"title\":\"T\",\"tmdb_id\":9}}");
	assert_int_equal(number(s->db,
			     "SELECT count(*) FROM JairKept"
			     " WHERE userId IS NULL"),
	    3);
	scratch_free(s);
	archive_free(a);
}

static void
make_counts_what_stands_twice(void **state)
{
	struct archive *a = archive_of(
	    FULL("{\"username\":\"anna\",\"data\":{\"movies\":[" ITEM("1",
		"") "," ITEM("1", "") "," ITEM("\"1\"",
		"") "]}},"
		    "{\"username\":\"ben\",\"data\":{\"movies\":[" ITEM("1",
			"") "]}}"));
	struct scratch *s = make(a, NULL);

	(void)state;
	assert_int_equal(s->users[0].duplicates, 2);
	assert_int_equal(s->users[1].duplicates, 0);
	assert_int_equal(s->duplicates, 2);
	scratch_free(s);
	archive_free(a);
}

/* An archive of ${count} movies. */
static struct archive *
many(int count)
{
	static char text[400000];
	size_t n = (size_t)snprintf(text, sizeof(text),
	    "{\"version\":\"2.0.3\",\"users\":[{\"username\":\"anna\","
	    "\"data\":{\"movies\":[");

	for (int i = 0; i < count; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "%s{\"title\":\"T\",\"tmdb_id\":%d}", i > 0 ? "," : "", i);
	(void)snprintf(text + n, sizeof(text) - n, "]}}]}");
	return archive_of(text);
}

static void
on_progress(void *ctx, uint64_t items)
{
	uint64_t *last = ctx;

	assert_true(items > *last);
	*last = items;
}

static void
make_tells_its_progress(void **state)
{
	uint64_t last = 0;
	const struct scratch_choice choice = { .progress = on_progress,
		.ctx = &last };
	struct archive *a = many(5000);

	(void)state;
	scratch_free(make(a, &choice));
	assert_true(last > 0 && last <= 5000);
	archive_free(a);
}

static void
make_of_a_file_that_changed_leaves_nothing(void **state)
{
	struct archive *a = many(3);
	struct scratch *s = NULL;
	struct err err = { 0 };
	char *text = folder_read(folder_path("in.json"), NULL);

	(void)state;
	*strchr(text, 'T') = 'U';
	folder_write(folder_path("in.json"), text);
	free(text);
	assert_int_equal(scratch_make(a, folder_make(), NULL, &s, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_null(s);
	assert_int_equal(folder_count(), 1);
	archive_free(a);
}

static int
make_on_a_full_disk(void)
{
	struct archive *a = NULL;
	struct scratch *s = NULL;
	struct err err = { 0 };

	if (archive_open(&a, folder_path("in.json"), NULL, &err))
		return 2;
	if (scratch_make(a, folder_make(), NULL, &s, &err) == 0)
		return 3;
	archive_free(a);
	return err.code == ERR_DISK ? 0 : 4;
}

static void
make_that_fails_leaves_nothing(void **state)
{
	struct archive *a = many(5000);
	struct scratch *s = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(scratch_make(a, folder_path("missing"), NULL, &s,
			     &err),
	    -1);
	assert_int_equal(err.code, ERR_MISSING);
	/* Too little for the tables, and enough for them but no more. */
	with_full_disk(4096, make_on_a_full_disk);
	with_full_disk(150000, make_on_a_full_disk);
	assert_int_equal(folder_count(), 1);
	archive_free(a);
}

static void
close_lets_another_attach_it(void **state)
{
	struct archive *a = many(3);
	struct scratch *s = make(a, NULL);
	struct db *db = household("dev.db");
	struct err err = { 0 };

	(void)state;
	must(scratch_close(s, &err), &err);
	assert_null(s->db);
	must(store_merge_attach(db, s->path, &err), &err);
	assert_int_equal(number(db, "SELECT count(*) FROM src.UserMedia"), 3);
	store_merge_detach(db);
	scratch_free(s);
	scratch_free(NULL);
	db_free(db);
	archive_free(a);
}

#define CASE(f) cmocka_unit_test_setup(f, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(make_puts_each_list_where_it_belongs),
		CASE(make_of_some_users_skips_the_others),
		CASE(make_gives_nameless_lists_to_whom_is_said),
		CASE(make_keeps_titles_without_an_id),
		CASE(make_sets_aside_what_is_refused),
		CASE(make_counts_what_stands_twice),
		CASE(make_tells_its_progress),
		CASE(make_of_a_file_that_changed_leaves_nothing),
		CASE(make_that_fails_leaves_nothing),
		CASE(close_lets_another_attach_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
