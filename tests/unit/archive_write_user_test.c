/*
 * Without this test a person's export could hold somebody else's lists or the
 * household's keys, or lack a part of their own.
 */
#include "tests/unit/archive_fixture.h"

#include "core/clock.h"

#define GOLDEN "tests/fixtures/golden/everything"

static int64_t
golden_clock(void)
{
	return INT64_C(1764072000000); /* 2025-11-25T12:00:00.000Z */
}

static int64_t
number(struct db *db, const char *sql)
{
	struct err err = { 0 };
	int64_t value;

	if (db_int(db, sql, &value, &err))
		fail_msg("%s", err.msg);
	return value;
}

/* The text of "users" in ${text} without its brackets. */
static struct buf
users_of(const struct buf *text)
{
	static const char open[] = "  \"users\": [\n";
	static const char close[] = "\n  ]";
	const char *from = memmem(text->data, text->len, open, strlen(open));
	const char *to = NULL;
	struct buf part;

	assert_non_null(from);
	from += strlen(open);
	/* The last bracket at this depth is that of "users" or "rejected". */
	to = memmem(from, text->len - (size_t)(from - text->data), close,
	    strlen(close));
	assert_non_null(to);
	buf_init(&part, text->len);
	buf_add(&part, from, (size_t)(to - from));
	return part;
}

static void
archive_write_user_together_equal_everyones_archive(void **state)
{
	struct db *db = fixture_db("a.db");
	struct buf sql = fixture_read(GOLDEN ".sql");
	struct archive_stats st;
	struct buf all, whole, joined;
	struct err err = { 0 };
	int64_t users, id = 0;

	(void)state;
	clock_set_source(golden_clock);
	fixture_exec(db, buf_str(&sql));
	/* Only among others is a name marked that reads as another's. */
	fixture_exec(db,
	    "UPDATE \"User\" SET \"username\" = 'user ' || \"id\" WHERE"
	    " jair_name(\"username\") IN (SELECT jair_name(\"username\")"
	    " FROM \"User\" GROUP BY 1 HAVING count(*) > 1)");
	users = number(db, "SELECT count(*) FROM \"User\"");
	assert_true(users > 1);
	assert_int_equal(archive_write(db, fixture_path("b.json"), &st, &err),
	    0);
	all = fixture_read(fixture_path("b.json"));
	whole = users_of(&all);
	buf_init(&joined, whole.len + 16);
	while (users-- > 0) {
		/* The order of the archive's users is that of their names. */
		char next[128];
		struct buf own, part;

		(void)snprintf(next, sizeof(next),
		    "SELECT \"id\" FROM \"User\" ORDER BY"
		    " jair_name(\"username\"), \"id\" LIMIT 1 OFFSET %d",
		    (int)(number(db, "SELECT count(*) FROM \"User\"") - users -
			1));
		id = number(db, next);
		assert_int_equal(archive_write_user(db, id,
				     fixture_path("c.json"), &st, &err),
		    0);
		assert_int_equal(st.users, 1);
		own = fixture_read(fixture_path("c.json"));
		assert_non_null(memmem(own.data, own.len,
		    "\"system_config\": null", 21));
		part = users_of(&own);
		if (joined.len > 0)
			buf_addz(&joined, ",\n");
		buf_add(&joined, part.data, part.len);
		buf_free(&part);
		buf_free(&own);
		assert_int_equal(unlink(fixture_path("c.json")), 0);
	}
	assert_int_equal(joined.len, whole.len);
	assert_memory_equal(joined.data, whole.data, whole.len);
	buf_free(&joined);
	buf_free(&whole);
	buf_free(&all);
	buf_free(&sql);
	db_free(db);
}

static void
archive_write_user_unknown_is_refused(void **state)
{
	struct db *db = fixture_db("a.db");
	struct archive_stats st;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(archive_write_user(db, 42, fixture_path("a.json"), &st,
			     &err),
	    -1);
	assert_int_equal(err.code, ERR_MISSING);
	assert_int_equal(access(fixture_path("a.json"), F_OK), -1);
	db_free(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    archive_write_user_together_equal_everyones_archive),
		cmocka_unit_test(archive_write_user_unknown_is_refused),
	};

	return cmocka_run_group_tests(tests, fixture_make, fixture_free);
}
