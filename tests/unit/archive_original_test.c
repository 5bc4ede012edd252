/*
 * Without this test our archive of an original's database could hold other
 * values than the archive that the original itself wrote of it.
 */
#include "tests/unit/archive_fixture.h"

#include <json-c/json.h>
#include <stdbool.h>

#include "core/schema.h"

static struct json_object *
parse(const char *path)
{
	struct json_object *o = json_object_from_file(path);

	if (o == NULL)
		fail_msg("%s: %s", path, json_util_get_last_err());
	return o;
}

static struct json_object *
member(struct json_object *o, const char *path)
{
	struct json_object *v = NULL;

	if (json_pointer_get(o, path, &v) != 0)
		fail_msg("no %s", path);
	return v;
}

/* Every member of ${theirs} stands in ${ours} with the same value. */
static bool
holds(struct json_object *ours, struct json_object *theirs)
{
	json_object_object_foreach(theirs, key, value)
	{
		struct json_object *v = NULL;

		if (!json_object_object_get_ex(ours, key, &v) ||
		    !json_object_equal(v, value))
			return false;
	}
	return true;
}

static void
assert_same_items(struct json_object *ours, struct json_object *theirs)
{
	size_t count = json_object_array_length(theirs);

	assert_int_equal(json_object_array_length(ours), count);
	for (size_t i = 0; i < count; i++) {
		struct json_object *item = json_object_array_get_idx(theirs, i);
		size_t found = 0;

		for (size_t k = 0; k < count; k++)
			found +=
			    holds(json_object_array_get_idx(ours, k), item);
		if (found != 1)
			fail_msg("%zu times: %s", found,
			    json_object_to_json_string(item));
	}
}

static void
assert_same_user(struct json_object *ours, struct json_object *theirs)
{
	static const char *const lists[] = { "/data/movies", "/data/series",
		"/data/watchlist/movies", "/data/watchlist/series",
		"/data/do_not_recommend" };

	json_object_object_foreach(theirs, key, value)
	{
		struct json_object *v = NULL;

		if (strcmp(key, "data") == 0)
			continue;
		assert_true(json_object_object_get_ex(ours, key, &v));
		assert_true(json_object_equal(v, value));
	}
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		assert_same_items(member(ours, lists[i]),
		    member(theirs, lists[i]));
}

static void
assert_same(struct json_object *ours, struct json_object *theirs)
{
	struct json_object *a = member(ours, "/users");
	struct json_object *b = member(theirs, "/users");
	size_t count = json_object_array_length(b);

	assert_int_equal(json_object_array_length(a), count);
	for (size_t i = 0; i < count; i++) {
		struct json_object *user = json_object_array_get_idx(b, i);
		bool found = false;

		for (size_t k = 0; k < count; k++) {
			struct json_object *u = json_object_array_get_idx(a, k);

			if (!json_object_equal(member(u, "/username"),
				member(user, "/username")))
				continue;
			assert_same_user(u, user);
			found = true;
		}
		assert_true(found);
	}
}

static void
compare(const char *name)
{
	struct json_object *ours;
	struct json_object *theirs;
	struct schema_report report;
	struct archive_stats st;
	struct err err = { 0 };
	struct db *db = NULL;
	char path[128];

	(void)snprintf(path, sizeof(path), "tests/fixtures/db/%s.db", name);
	assert_int_equal(file_copy(path, fixture_path("a.db"), &err), 0);
	assert_int_equal(db_open(&db, fixture_path("a.db"), DB_WRITE, &err), 0);
	if (schema_apply(db, false, &report, &err))
		fail_msg("%s", err.msg);
	/* The original repeats the model, also of another provider, there. */
	fixture_exec(db,
	    "UPDATE \"SystemConfig\" SET \"geminiModel\" ="
	    " coalesce(\"geminiModel\", \"aiModel\")");
	assert_int_equal(archive_write(db, fixture_path("b.json"), &st, &err),
	    0);
	assert_int_equal(st.odd, 0);
	(void)snprintf(path, sizeof(path), "tests/fixtures/archives/%s.json",
	    name);
	ours = parse(fixture_path("b.json"));
	theirs = parse(path);
	assert_true(holds(member(ours, "/system_config"),
	    member(theirs, "/system_config")));
	assert_same(ours, theirs);
	assert_int_equal(unlink(fixture_path("b.json")), 0);
	json_object_put(ours);
	json_object_put(theirs);
	db_free(db);
}

static void
archive_write_v2_0_3_holds_what_the_original_wrote(void **state)
{
	(void)state;
	compare("v2.0.3-small");
}

static void
archive_write_v2_8_10_holds_what_the_original_wrote(void **state)
{
	(void)state;
	compare("v2.8.10-small");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    archive_write_v2_0_3_holds_what_the_original_wrote),
		cmocka_unit_test(
		    archive_write_v2_8_10_holds_what_the_original_wrote),
	};

	return cmocka_run_group_tests(tests, fixture_make, fixture_free);
}
