/*
 * Without this test a digest that was computed without sorting could pass for
 * that of an archive, or every backup be sorted twice.
 */
#include "tests/unit/archive_fixture.h"

#include <stdbool.h>

/* Two people's rows, put in as ${values} has them. */
static struct db *
stored(const char *values)
{
	struct db *db = fixture_db("a.db");
	char sql[512];

	fixture_exec(db,
	    "INSERT INTO User (username) VALUES ('anna'), ('ben');"
	    "INSERT INTO Media (tmdbId, mediaType, title) VALUES"
	    " (1, 'movie', 'One'), (2, 'tv', 'Two'), (3, 'movie', 'Three')");
	(void)snprintf(sql, sizeof(sql),
	    "INSERT INTO UserMedia (userId, mediaId, addedAt, status) VALUES"
	    " %s",
	    values);
	fixture_exec(db, sql);
	return db;
}

/* Is the digest the same without sorting? */
static void
assert_same(const char *values, bool same)
{
	struct db *db = stored(values);
	struct archive_stats sorted;
	struct archive_stats unsorted;
	struct err err = { 0 };

	if (archive_digest(db, &sorted, &err) ||
	    archive_digest_stored(db, &unsorted, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(unsorted.users, sorted.users);
	assert_int_equal(unsorted.items, sorted.items);
	assert_int_equal(strcmp(unsorted.content_sha256,
			     sorted.content_sha256) == 0,
	    same);
	db_free(db);
}

static void
digest_stored_of_rows_in_order(void **state)
{
	(void)state;
	assert_same("(2, 1, '2025-01-01', 'WATCHED'),"
		    " (1, 1, '2025-01-01', 'WATCHED'),"
		    " (2, 3, '2025-01-02', 'WATCHED'),"
		    " (1, 2, '2024-01-01', 'WATCHED'),"
		    " (1, 3, '2024-01-01', 'BLOCKED')",
	    true);
}

static void
digest_stored_of_rows_in_another_order(void **state)
{
	(void)state;
	assert_same("(1, 1, '2025-01-02', 'WATCHED'),"
		    " (1, 3, '2025-01-01', 'WATCHED')",
	    false);
}

static void
digest_stored_of_mixed_lists(void **state)
{
	struct db *db = stored("(1, 2, '2025-01-01', 'WATCHED'),"
			       " (1, 1, '2025-01-01', 'WATCHED')");
	struct archive_stats st;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(archive_digest_stored(db, &st, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	db_free(db);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(digest_stored_of_rows_in_order),
		cmocka_unit_test(digest_stored_of_rows_in_another_order),
		cmocka_unit_test(digest_stored_of_mixed_lists),
	};

	return cmocka_run_group_tests(tests, fixture_make, fixture_free);
}
