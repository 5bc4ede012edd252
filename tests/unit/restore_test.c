/*
 * Without this test a restore could overwrite what is newer, move times, give
 * lists to the wrong user, or leave half of an archive behind after a crash.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/archive.h"
#include "core/archive_read.h"
#include "core/db.h"
#include "core/restore.h"
#include "core/schema.h"
#include "tests/unit/folder.h"
#include "tests/unit/must.h"

#define KILLS 40

/* One movie in a list of one user's. */
#define ONE(times)                                                             \
	"{\"username\":\"anna\",\"data\":{\"movies\":[{\"title\":\"A\","       \
	"\"tmdb_id\":1" times "}]}}"

static struct db *
fresh(void)
{
	struct err err = { 0 };
	struct db *db = NULL;

	folder_clean();
	must(db_open(&db, folder_path("dev.db"), DB_CREATE, &err), &err);
	must(schema_create(db, &err), &err);
	return db;
}

static void
exec(struct db *db, const char *sql)
{
	struct err err = { 0 };

	must(db_exec(db, sql, &err), &err);
}

static int64_t
number(struct db *db, const char *sql)
{
	struct err err = { 0 };
	int64_t n = 0;

	must(db_int(db, sql, &n, &err), &err);
	return n;
}

/* Restore the text of an archive. */
static void
restore(struct db *db, const char *text, const struct restore_options *o,
    struct restore_report *report)
{
	struct archive *a = NULL;
	struct err err = { 0 };

	folder_write(folder_path("in.json"), text);
	must(archive_open(&a, folder_path("in.json"), NULL, &err), &err);
	must(restore_apply(db, a, folder_make(), o, report, &err), &err);
	archive_free(a);
}

static struct merge_counts
merged(struct db *db, const char *text, bool replace)
{
	const struct restore_options o = { .replace = replace };
	struct restore_report report;
	struct merge_counts c;

	restore(db, text, &o, &report);
	c = report.total;
	restore_report_free(&report);
	return c;
}

/* A user with one movie, WATCHLIST, whose times are ${added}, ${updated}. */
static struct db *
with_movie(const char *added, const char *updated)
{
	struct db *db = fresh();
	char sql[512];

	exec(db,
	    "INSERT INTO User (username) VALUES ('anna');"
	    " INSERT INTO Media (tmdbId, mediaType, title, director)"
	    " VALUES (1, 'movie', 'Ours', 'D')");
	(void)snprintf(sql, sizeof(sql),
	    "INSERT INTO UserMedia (userId,"
	    " mediaId, status, addedAt, updatedAt) VALUES (1, 1, 'WATCHLIST',"
	    " %s, %s)",
	    added, updated);
	exec(db, sql);
	return db;
}

static void
restore_present_newer_wins(void **state)
{
	static const struct {
		const char *added, *updated, *times;
		bool wins;
	} cases[] = {
		{ "'2025-01-01T00:00:00.000Z'", "NULL",
		    ",\"updated_at\":\"2025-01-02T00:00:00.000Z\"", true },
		{ "'2025-01-01T00:00:00.000Z'", "'2025-01-03T00:00:00.000Z'",
		    ",\"updated_at\":\"2025-01-02T00:00:00.000Z\"", false },
		/* updated_at is missing: added_at. */
		{ "'2025-01-01T00:00:00.000Z'", "NULL",
		    ",\"added_at\":\"2025-01-01T00:00:00.001Z\"", true },
		{ "'2025-01-01T00:00:00.000Z'", "NULL",
		    ",\"added_at\":\"2024-01-01T00:00:00.000Z\"", false },
		/* The same moment keeps; so it does in another form. */
		{ "1735689600000", "NULL",
		    ",\"added_at\":\"2025-01-01T00:00:00.000Z\"", false },
		{ "1735689600000", "NULL",
		    ",\"added_at\":\"2025-01-01 00:00:01\"", true },
		/* What cannot be read is the oldest. */
		{ "'yesterday'", "NULL",
		    ",\"added_at\":\"1970-01-01T00:00:00.000Z\"", true },
		{ "'yesterday'", "NULL", ",\"added_at\":\"tomorrow\"", false },
		{ "'2025-01-01T00:00:00.000Z'", "NULL",
		    ",\"updated_at\":\"tomorrow\"", false },
		{ "NULL", "NULL", "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct db *db = with_movie(cases[i].added, cases[i].updated);
		struct merge_counts c;
		char text[1024];
		char sql[256];

		(void)snprintf(text, sizeof(text),
		    "{\"version\":\"2.0.3\","
		    "\"users\":[{\"username\":\"anna\",\"data\":{\"movies\":["
		    "{\"title\":\"Theirs\",\"overview\":\"O\",\"tmdb_id\":1%s"
		    "}]}}]}",
		    cases[i].times);
		c = merged(db, text, false);
		if (c.updated != cases[i].wins || c.kept == cases[i].wins ||
		    c.inserted != 0)
			fail_msg("case %zu: %lld updated, %lld kept", i,
			    (long long)c.updated, (long long)c.kept);
		assert_int_equal(number(db,
				     "SELECT status = 'WATCHED' FROM"
				     " UserMedia"),
		    cases[i].wins);
		/* addedAt never moves; what we lack of a title comes. */
		(void)snprintf(sql, sizeof(sql),
		    "SELECT addedAt IS %s FROM"
		    " UserMedia",
		    cases[i].added);
		assert_int_equal(number(db, sql), 1);
		assert_int_equal(
		    number(db,
			"SELECT title = 'Ours' AND"
			" director = 'D' AND overview = 'O' FROM Media"),
		    1);
		db_free(db);
	}
}

static void
restore_absent_comes_whole(void **state)
{
	struct db *db = fresh();
	struct merge_counts c;

	(void)state;
	c = merged(db,
	    "{\"version\":\"2.0.3\",\"users\":[" ONE(
		",\"added_at\":\"2025-01-01 00:00:00\",\"genres\":\"[1, 2]\","
		"\"vote_average\":8.4,\"enriched_at\":\"x\",\"tagline\":\"\","
		"\"redemption_attempts\":0,\"permanent_block\":false") "]}",
	    false);
	assert_int_equal(c.inserted, 1);
	assert_int_equal(
	    number(db,
		"SELECT addedAt ="
		" '2025-01-01T00:00:00.000Z' AND updatedAt IS NULL AND"
		" redemptionAttempts = 0 AND permanentBlock = 0 AND blockedAt IS"
		" NULL FROM UserMedia"),
	    1);
	assert_int_equal(
	    number(db,
		"SELECT genres = '[1, 2]' AND voteAverage"
		" = 8.4 AND enrichedAt = 'x' AND tagline = '' AND overview IS NULL"
		" AND mediaType = 'movie' FROM Media"),
	    1);
	db_free(db);
}

static void
restore_profile_replaces_empty_or_older(void **state)
{
	static const struct {
		const char *ours, *ours_at, *theirs_at;
		bool wins;
	} cases[] = {
		{ "NULL", "NULL", "", true },
		{ "''", "'2025-01-02'", "", true },
		{ "'mine'", "NULL", "", false },
		{ "'mine'", "'2025-01-02'", "", false },
		{ "'mine'", "NULL",
		    ",\"profile_movie_at\":\"2025-01-01T00:00:00Z\"", true },
		{ "'mine'", "'2025-01-02'",
		    ",\"profile_movie_at\":\"2025-01-01T00:00:00Z\"", false },
		{ "'mine'", "'2025-01-02T00:00:00Z'",
		    ",\"profile_movie_at\":\"2025-01-03T00:00:00Z\"", true },
		{ "'mine'", "'2025-01-02T00:00:00Z'",
		    ",\"profile_movie_at\":\"whenever\"", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct db *db = fresh();
		struct merge_counts c;
		char sql[256];

		(void)snprintf(sql, sizeof(sql),
		    "INSERT INTO User (username,"
		    " movieProfile, movieProfileAt) VALUES ('anna', %s, %s)",
		    cases[i].ours, cases[i].ours_at);
		exec(db, sql);
		(void)snprintf(sql, sizeof(sql),
		    "{\"version\":\"2.0.3\","
		    "\"users\":[{\"username\":\"anna\",\"movieProfile\":"
		    "\"theirs\"%s,\"data\":{}}]}",
		    cases[i].theirs_at);
		c = merged(db, sql, false);
		if (c.profiles != cases[i].wins ||
		    number(db,
			"SELECT"
			" movieProfile IS 'theirs' FROM User") != cases[i].wins)
			fail_msg("case %zu", i);
		db_free(db);
	}
}

/* Whoever logs in to get a history back is not younger than it. */
static void
restore_earlier_created_wins(void **state)
{
	static const struct {
		const char *ours, *theirs;
		bool wins;
	} cases[] = {
		{ "'2026-01-02T00:00:00.000Z'", "2025-01-01T00:00:00.000Z",
		    true },
		{ "NULL", "2025-01-01T00:00:00.000Z", true },
		{ "'2024-01-02'", "2025-01-01T00:00:00.000Z", false },
		{ "'2026-01-02'", "whenever", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct db *db = fresh();
		char sql[256];

		(void)snprintf(sql, sizeof(sql),
		    "INSERT INTO User (username, createdAt)"
		    " VALUES ('anna', %s)",
		    cases[i].ours);
		exec(db, sql);
		(void)snprintf(sql, sizeof(sql),
		    "{\"version\":\"2.0.3\",\"users\":[{\"username\":"
		    "\"anna\",\"created_at\":\"%s\",\"data\":{}}]}",
		    cases[i].theirs);
		(void)merged(db, sql, false);
		(void)snprintf(sql, sizeof(sql),
		    "SELECT createdAt IS '%s' FROM User", cases[i].theirs);
		if (number(db, sql) != cases[i].wins)
			fail_msg("case %zu", i);
		db_free(db);
	}
}

static void
restore_replace_makes_lists_equal(void **state)
{
	struct db *db = with_movie("'2030-01-01T00:00:00.000Z'", "NULL");
	struct merge_counts c;

	(void)state;
	exec(db,
	    "INSERT INTO Media (tmdbId, mediaType) VALUES (2, 'tv');"
	    " INSERT INTO UserMedia (userId, mediaId) VALUES (1, 2);"
	    " INSERT INTO User (username) VALUES ('bob');"
	    " INSERT INTO UserMedia (userId, mediaId) VALUES (2, 2)");
	c = merged(db,
	    "{\"version\":\"2.0.3\",\"users\":[" ONE(
		",\"added_at\":\"2020-01-01T00:00:00.000Z\"") "]}",
	    true);
	assert_int_equal(c.updated, 1);
	assert_int_equal(c.removed, 1);
	assert_int_equal(
	    number(db,
		"SELECT count(*) FROM UserMedia WHERE"
		" userId = 1 AND status = 'WATCHED' AND addedAt LIKE '2020%'"),
	    1);
	/* Who is not in the archive stays as they are. */
	assert_int_equal(number(db, "SELECT count(*) FROM UserMedia"), 2);
	db_free(db);
}

static void
restore_users_are_told_apart(void **state)
{
	static const char *const names[] = { "Anna" };
	const struct restore_options o = { .users = names, .users_count = 1 };
	static const char text[] = "{\"version\":\"2.0.3\",\"users\":[" ONE(
	    "") ",{\"username\":\"Anna\",\"data\":{\"movies\":[{\"title\":"
		"\"B\",\"tmdb_id\":7}],\"series\":[{\"title\":\"C\",\"tmdb_id\":7"
		"}]}}]}";
	struct restore_report report;
	struct db *db = fresh();

	(void)state;
	restore(db, text, &o, &report);
	assert_int_equal(report.count, 1);
	assert_true(report.users[0].created);
	restore_report_free(&report);
	assert_int_equal(number(db, "SELECT count(*) FROM User"), 1);
	/* A movie and a series with the same number. */
	assert_int_equal(number(db, "SELECT count(*) FROM UserMedia"), 2);
	assert_int_equal(merged(db, text, false).inserted, 1);
	assert_int_equal(number(db, "SELECT count(*) FROM User"), 2);
	db_free(db);
}

static void
restore_unknown_user_is_refused(void **state)
{
	static const char *const names[] = { "nobody" };
	const struct restore_options o = { .users = names, .users_count = 1 };
	struct restore_report report;
	struct archive *a = NULL;
	struct db *db = fresh();
	struct err err = { 0 };

	(void)state;
	folder_write(folder_path("in.json"),
	    "{\"version\":\"2.0.3\",\"users\":[" ONE("") "]}");
	must(archive_open(&a, folder_path("in.json"), NULL, &err), &err);
	assert_int_equal(restore_apply(db, a, folder_make(), &o, &report, &err),
	    -1);
	assert_int_equal(err.code, ERR_MISSING);
	assert_non_null(strstr(err.msg, "\"nobody\""));
	archive_free(a);
	db_free(db);
}

static void
restore_duplicates_newest_wins(void **state)
{
	struct db *db = fresh();
	const struct restore_options o = { .replace = false };
	struct restore_report report;

	(void)state;
	restore(db,
	    "{\"version\":\"2.0.3\",\"users\":[{\"username\":\"anna\","
	    "\"data\":{\"movies\":[{\"title\":\"A\",\"tmdb_id\":1,"
	    "\"added_at\":\"2025-01-01\"},{\"title\":\"B\",\"tmdb_id\":2,"
	    "\"added_at\":\"2025-01-01\"}],\"watchlist\":{\"movies\":["
	    "{\"title\":\"A\",\"tmdb_id\":1,\"added_at\":\"2025-01-02\"},"
	    "{\"title\":\"B\",\"tmdb_id\":2,\"added_at\":\"2025-01-01\"}]}}}]}",
	    &o, &report);
	assert_int_equal(report.duplicates, 2);
	assert_int_equal(report.total.items, 4);
	assert_int_equal(report.total.inserted, 2);
	assert_int_equal(report.total.kept, 2);
	restore_report_free(&report);
	assert_int_equal(
	    number(db,
		"SELECT count(*) FROM UserMedia JOIN Media"
		" m ON m.id = mediaId WHERE (m.tmdbId, status) IN (VALUES (1,"
		" 'WATCHLIST'), (2, 'WATCHED'))"),
	    2);
	db_free(db);
}

static void
restore_keeps_what_fits_nowhere(void **state)
{
	static const char text[] =
	    "{\"version\":\"2.0.3\",\"users\":["
	    "{\"username\":\"anna\",\"data\":{\"movies\":[{\"title\":\"A\","
	    "\"tmdb_id\":\"abc\"},\"Bare title\"],\"other\":[{\"title\":\"O\","
	    "\"tmdb_id\":\"tt1\",\"media_type\":\"movie\",\"status\":\"X\"}],"
	    "\"rejected\":[{\"where\":\"UserMedia 1\",\"reason\":\"r\","
	    "\"value\":{}}]}}]}";
	const struct restore_options o = { .replace = false };
	struct restore_report report;
	struct archive_stats st;
	struct err err = { 0 };
	struct db *db = fresh();

	(void)state;
	restore(db, text, &o, &report);
	assert_int_equal(report.refused, 1);
	assert_int_equal(report.total.unresolved, 1);
	assert_int_equal(report.total.rejected, 1);
	assert_int_equal(report.total.inserted, 1);
	restore_report_free(&report);
	assert_int_equal(number(db,
			     "SELECT count(*) FROM Media WHERE"
			     " typeof(tmdbId) = 'text' AND tmdbId = 'tt1'"),
	    1);
	must(archive_digest(db, &st, &err), &err);
	assert_int_equal(st.rejected, 2);
	/* Once more doubles nothing. */
	(void)merged(db, text, false);
	assert_int_equal(number(db, "SELECT count(*) FROM JairKept"), 3);
	db_free(db);
}

static void
restore_ids_only_from_this_server(void **state)
{
	static const char text[] =
	    "{\"version\":\"2.0.3\",\"system_config\":"
	    "{\"jellyfinServerId\":\"s1\",\"isConfigured\":true},\"users\":["
	    "{\"username\":\"anna\",\"jellyfin_user_id\":\"id-1\","
	    "\"isSystemAdmin\":true,\"passwordHash\":\"h\",\"data\":{}}]}";
	const struct restore_options o = { .config = true };
	struct restore_report report;
	struct db *db = fresh();

	(void)state;
	exec(db,
	    "INSERT INTO SystemConfig (id, jellyfinServerId) VALUES (1,"
	    " 's2')");
	(void)merged(db, text, false);
	assert_int_equal(
	    number(db,
		"SELECT count(*) FROM User WHERE"
		" jellyfinUserId IS NULL AND isSystemAdmin = 0 AND passwordHash"
		" IS NULL"),
	    1);
	exec(db, "UPDATE SystemConfig SET jellyfinServerId = 's1'");
	(void)merged(db, text, false);
	assert_int_equal(number(db,
			     "SELECT count(*) FROM User WHERE"
			     " jellyfinUserId = 'id-1' AND isSystemAdmin = 0"),
	    1);
	restore(db, text, &o, &report);
	assert_true(report.config);
	restore_report_free(&report);
	assert_int_equal(number(db, "SELECT isConfigured FROM SystemConfig"),
	    0);
	db_free(db);
}

static void
restore_fixture_archives_are_accounted_for(void **state)
{
	/* Counted by hand with jq in tests/e2e/restore.sh, too. */
	static const char *const names[] = { "v1-objects-database",
		"v1-strings-database", "v2.0.3-small", "v2.8.10-small",
		"v2.8.10-small-export-all-users", "v2.8.10-user-jesse",
		"v2.8.10-user-makinen", "v2.8.10-user-obrien" };
	const struct restore_options o = { .config = true };
	struct restore_report r;
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		const struct archive_info *info;
		struct archive *a = NULL;
		struct db *db = fresh();
		char path[128];

		(void)snprintf(path, sizeof(path),
		    "tests/fixtures/archives/%s.json", names[i]);
		must(archive_open(&a, path, NULL, &err), &err);
		info = archive_info(a);
		must(restore_apply(db, a, folder_make(), &o, &r, &err), &err);
		assert_int_equal(r.total.inserted + r.total.kept +
			r.total.unresolved + r.refused,
		    info->items + info->unresolved + info->refused);
		assert_true(info->items + info->unresolved > 0);
		assert_int_equal(number(db, "SELECT count(*) FROM UserMedia"),
		    r.total.inserted);
		assert_int_equal(number(db,
				     "SELECT count(*) FROM UserMedia"
				     " WHERE updatedAt IS NOT NULL"),
		    0);
		restore_report_free(&r);
		archive_free(a);
		db_free(db);
	}
}

/* The medium household as an archive in in.json. */
static void
write_medium(void)
{
	struct schema_report report;
	struct archive_stats st;
	struct err err = { 0 };
	struct db *from = NULL;
	struct db *db = NULL;

	must(db_open(&from, "tests/fixtures/db/v2.8.10-medium.db", DB_READ,
		 &err),
	    &err);
	must(db_open(&db, folder_path("m.db"), DB_SCRATCH, &err), &err);
	must(db_copy(from, db, &err), &err);
	must(schema_apply(db, false, &report, &err), &err);
	must(archive_write(db, folder_path("in.json"), &st, &err), &err);
	db_free(from);
	db_free(db);
	db_remove(folder_path("m.db"));
}

static int
restore_medium(struct db *db, struct err *err)
{
	const struct restore_options o = { .replace = true, .config = true };
	struct restore_report report;
	struct archive *a = NULL;
	int rc;

	if (archive_open(&a, folder_path("in.json"), NULL, err))
		return -1;
	rc = restore_apply(db, a, folder_make(), &o, &report, err);
	if (rc == 0)
		restore_report_free(&report);
	archive_free(a);
	return rc;
}

static void
restore_killed_is_all_or_nothing(void **state)
{
	char old[DIGEST_HEX_MAX];
	struct db *db = fresh();
	struct archive_stats st;
	struct err err = { 0 };
	int done = 0;

	(void)state;
	write_medium();
	exec(db, "INSERT INTO User (username) VALUES ('old')");
	must(archive_digest(db, &st, &err), &err);
	memcpy(old, st.content_sha256, sizeof(old));
	db_free(db);
	for (int i = 0; i < KILLS && done == 0; i++) {
		pid_t pid = fork();
		int status;

		assert_true(pid >= 0);
		if (pid == 0) {
			if (db_open(&db, folder_path("dev.db"), DB_WRITE,
				&err) == 0)
				(void)restore_medium(db, &err);
			_exit(0);
		}
		(void)usleep((useconds_t)(i + 1) * 15000);
		(void)kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		must(db_open(&db, folder_path("dev.db"), DB_WRITE, &err), &err);
		must(archive_digest(db, &st, &err), &err);
		if (strcmp(st.content_sha256, old) != 0) {
			assert_int_equal(st.items, 5000);
			done++;
		}
		db_free(db);
	}
}

static void
restore_full_disk_changes_nothing(void **state)
{
	struct archive_stats st;
	char old[DIGEST_HEX_MAX];
	struct db *db = fresh();
	struct err err = { 0 };

	(void)state;
	write_medium();
	exec(db, "INSERT INTO User (username) VALUES ('old')");
	must(archive_digest(db, &st, &err), &err);
	memcpy(old, st.content_sha256, sizeof(old));
	for (int pages = 60; pages < 400; pages += 40) {
		char sql[64];

		(void)snprintf(sql, sizeof(sql), "PRAGMA max_page_count = %d",
		    pages);
		exec(db, sql);
		err_clear(&err);
		assert_int_equal(restore_medium(db, &err), -1);
		assert_int_equal(err.code, ERR_DISK);
		err_clear(&err);
		must(archive_digest(db, &st, &err), &err);
		assert_string_equal(st.content_sha256, old);
	}
	/* dev.db, its emptied journal, in.json: no scratch is left. */
	assert_int_equal(folder_count(), 3);
	db_free(db);
}

static void
restore_preview_changes_nothing(void **state)
{
	const struct restore_options o = { .replace = true };
	struct restore_report report;
	struct archive *a = NULL;
	struct db *db = fresh();
	struct err err = { 0 };

	(void)state;
	write_medium();
	must(archive_open(&a, folder_path("in.json"), NULL, &err), &err);
	must(restore_preview(db, a, folder_make(), &o, &report, &err), &err);
	assert_int_equal(report.total.inserted, 5000);
	restore_report_free(&report);
	archive_free(a);
	assert_int_equal(number(db, "SELECT count(*) FROM User"), 0);
	assert_int_equal(folder_count(), 3);
	db_free(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(restore_present_newer_wins),
		cmocka_unit_test(restore_absent_comes_whole),
		cmocka_unit_test(restore_profile_replaces_empty_or_older),
		cmocka_unit_test(restore_earlier_created_wins),
		cmocka_unit_test(restore_replace_makes_lists_equal),
		cmocka_unit_test(restore_users_are_told_apart),
		cmocka_unit_test(restore_unknown_user_is_refused),
		cmocka_unit_test(restore_duplicates_newest_wins),
		cmocka_unit_test(restore_keeps_what_fits_nowhere),
		cmocka_unit_test(restore_ids_only_from_this_server),
		cmocka_unit_test(restore_fixture_archives_are_accounted_for),
		cmocka_unit_test(restore_killed_is_all_or_nothing),
		cmocka_unit_test(restore_full_disk_changes_nothing),
		cmocka_unit_test(restore_preview_changes_nothing),
	};

	(void)folder_make();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
