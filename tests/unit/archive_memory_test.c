/*
 * Without this test the writer could come to hold a list, a user or a whole
 * archive in memory, and fail on the small machines that it is for.
 */
#include "tests/unit/archive_fixture.h"

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define LIMIT_KIB (16 * 1024)
#define USERS 50
#define ITEMS 1000000

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

/* ${users} who share ${items} items, with a description each. */
static void
fill(struct db *db, int users, int items)
{
	char sql[2048];

	(void)snprintf(sql, sizeof(sql),
	    "BEGIN;"
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < %d) INSERT INTO \"User\" (\"id\", \"username\")"
	    " SELECT i, 'user' || i FROM n;"
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < %d) INSERT INTO \"Media\" (\"id\", \"tmdbId\","
	    " \"mediaType\", \"title\", \"overview\", \"voteAverage\")"
	    " SELECT i, i * 7, CASE i %% 3 WHEN 0 THEN 'tv' ELSE 'movie' END,"
	    " 'Title ' || i, hex(zeroblob(60)), i %% 100 / 10.0 FROM n;"
	    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < %d) INSERT INTO \"UserMedia\" (\"userId\","
	    " \"mediaId\", \"status\", \"updatedAt\", \"addedAt\")"
	    " SELECT i / %d + 1, i %% %d + 1, CASE i %% 4 WHEN 0 THEN"
	    " 'WATCHLIST' ELSE 'WATCHED' END, 1700000000000 + i * 7919"
	    " %% 1000003, 1700000000000 + i * 7919 %% 1000003 FROM n;"
	    "COMMIT",
	    users, items / users, items - 1, items / users, items / users);
	fixture_exec(db, sql);
}

/* Write the archive in a process of its own; return its peak in KiB. */
static long
peak_of(const char *db_path, const char *path, int64_t items)
{
	struct rusage usage;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		char count[32];

		(void)snprintf(count, sizeof(count), "%lld", (long long)items);
		/* A fresh image: the peak of this one is inherited. */
		(void)execl("/proc/self/exe", "archive_memory_test", db_path,
		    path, count, (char *)NULL);
		_exit(127);
	}
	assert_true(pid > 0);
	assert_int_equal(wait4(pid, &status, 0, &usage), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	return usage.ru_maxrss;
}

/* What the other process does: 0 when the archive was written. */
static int
write_archive(const char *db_path, const char *path, const char *items)
{
	struct archive_stats st;
	struct err err = { 0 };
	struct db *db = NULL;
	int rc = 1;

	if (db_open(&db, db_path, DB_READ, &err) == 0 &&
	    archive_write(db, path, &st, &err) == 0 &&
	    st.items == strtoll(items, NULL, 10))
		rc = 0;
	if (rc != 0)
		(void)fprintf(stderr, "%s\n", err.msg);
	(void)unlink(path);
	db_free(db);
	return rc;
}

static void
assert_bounded(int users, int items)
{
	struct db *db = fixture_db("a.db");
	long peak;

	fill(db, users, items);
	db_free(db);
	peak = peak_of(fixture_path("a.db"), fixture_path("a.json"), items);
	print_message("%d users, %d items: %ld KiB\n", users, items, peak);
	if (!SANITIZED)
		assert_true(peak < LIMIT_KIB);
}

static void
archive_write_million_items_stays_small(void **state)
{
	(void)state;
	assert_bounded(USERS, SANITIZED ? ITEMS / 50 : ITEMS);
}

static void
archive_write_one_user_with_very_many_items_stays_small(void **state)
{
	(void)state;
	assert_bounded(1, SANITIZED ? ITEMS / 50 : ITEMS / 4);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(archive_write_million_items_stays_small),
		cmocka_unit_test(
		    archive_write_one_user_with_very_many_items_stays_small),
	};

	if (argc == 4)
		return write_archive(argv[1], argv[2], argv[3]);
	return cmocka_run_group_tests(tests, fixture_make, fixture_free);
}
