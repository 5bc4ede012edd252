/* Without this a bad moment could cost the newest archive. */

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/archive_verify.h"
#include "core/backup.h"
#include "core/clock.h"
#include "core/schema.h"
#include "tests/unit/dbcompare.h"
#include "tests/unit/folder.h"

#define LATEST folder_path(BACKUP_LATEST)

/* 2026-01-05T10:30:00.037Z */
static int64_t
fixed_time(void)
{
	return INT64_C(1767609000037);
}

static int
setup(void **state)
{
	(void)state;
	folder_clean();
	clock_set_source(fixed_time);
	return 0;
}

static int64_t
file_size_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

/* A database with our tables; ${sql} fills it. */
static struct db *
database(const char *sql)
{
	struct err err = { 0 };
	struct db *db = NULL;

	if (db_open(&db, folder_path("dev.db"), DB_CREATE, &err) ||
	    schema_create(db, &err) || db_exec(db, sql, &err))
		fail_msg("%s", err.msg);
	return db;
}

static struct backup
make(struct db *db)
{
	struct backup backup;
	struct err err = { 0 };

	if (backup_make(db, folder_make(), &backup, &err))
		fail_msg("%s", err.msg);
	return backup;
}

/* Tables whose columns have the declared type ${type}. */
static struct db *
odd_database(const char *type)
{
	/* clang-format off */
	static const char sql[] =
	    "CREATE TABLE User(id INTEGER PRIMARY KEY, username T NOT NULL,"
	    " createdAt T);"
	    "INSERT INTO User VALUES (1, 'a', '1764066600000'), (2, 8.5, 1);"
	    "CREATE TABLE Media(id INTEGER PRIMARY KEY, tmdbId T NOT NULL,"
	    " title T, mediaType T, voteAverage T);"
	    "INSERT INTO Media VALUES (1, '603', 5, 'movie', '8.4'),"
	    " (2, x'31333936', 8.0, 'tv', '8'), (3, 'abc', 'z', 'movie', 1e21),"
	    " (4, ' 12 ', 9e999, 7, -9e999), (5, '13.0', 'v', 8.0, ' +3e0 '),"
	    " (6, 1152921504606846976.0, 'v', 'tv', 1152921504606846976),"
	    " (7, '9223372036854775807', 'v', 'tv', '1e400');"
	    "CREATE TABLE UserMedia(id INTEGER PRIMARY KEY, userId INT,"
	    " mediaId INT, status T, addedAt T, updatedAt T,"
	    " permanentBlock T, redemptionAttempts T);"
	    "INSERT INTO UserMedia VALUES (1, 1, 1, 'WATCHED',"
	    " '1764066600000', 1764066600000.0, '1', '3'),"
	    " (2, 1, 2, 'WATCHED', 9e999, '-1e1', 1.0, 'x'),"
	    " (3, 1, 3, 'BLOCKED', -62135596800001, '1.5', 'true', '4.0'),"
	    " (4, 1, 4, 'WATCHED', '2025-11-25', '20251125', x'31', 1.5),"
	    " (5, 1, 5, 'WATCHED', '1e3', '', 'yes', 9e999),"
	    " (6, 1, 6, 'WATCHED', x'3130', x'00', NULL, '-0.0'),"
	    " (7, 1, 7, 'WATCHED', '99999999999999999999', 5.5, 2, ' 7');";
	/* clang-format on */
	struct schema_report report;
	struct err err = { 0 };
	struct db *db = NULL;
	struct buf text;

	buf_init(&text, sizeof(sql) * 8);
	for (const char *p = sql; *p != '\0'; p++) {
		if (p[0] == 'T' && p[-1] == ' ' && strchr(" ,)", p[1]) != NULL)
			buf_addz(&text, type);
		else
			buf_addc(&text, *p);
	}
	if (db_open(&db, folder_path("dev.db"), DB_CREATE, &err) ||
	    db_exec(db, buf_str(&text), &err) ||
	    schema_apply(db, false, &report, &err))
		fail_msg("%s: %s", type, err.msg);
	buf_free(&text);
	return db;
}

static void
make_survives_odd_values_in_columns_of_every_type(void **state)
{
	static const char *const types[] = { "TEXT", "", "BLOB", "NUMERIC",
		"REAL", "INTEGER", "VARCHAR(40)", "DATETIME" };

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct db *db = odd_database(types[i]);

		assert_int_equal(make(db).stats.items, 7);
		db_free(db);
		folder_clean();
	}
}

static void
make_survives_titles_that_an_archive_cannot_tell_apart(void **state)
{
	static const struct {
		const char *titles; /* two, with the ids 1 and 2 */
		int items; /* that stay in the lists */
	} rows[] = {
		{ "(1, 7, NULL), (2, 7, NULL)", 1 },
		{ "(1, 7, 'movie'), (2, 7, x'6d6f766965')", 1 },
		{ "(1, x'37', 'tv'), (2, 7, 'tv')", 1 },
		{ "(1, 7, CAST(x'ff' AS TEXT)), (2, 7, CAST(x'fe' AS TEXT))",
		    1 },
		{ "(1, 'abc', 'movie'), (2, x'616263', 'movie')", 1 },
		{ "(1, 9e999, 'movie'), (2, -9e999, 'movie')", 0 },
		{ "(1, 7, NULL), (2, 7, 'movie')", 2 },
		{ "(1, 7, 'movie'), (2, 7, 'tv')", 2 },
		{ "(1, 7, ''), (2, 7, 'Movie')", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct db *db;
		struct backup backup;
		char sql[512];

		(void)snprintf(sql, sizeof(sql),
		    "INSERT INTO User (username) VALUES ('a');"
		    "INSERT INTO Media (id, tmdbId, mediaType) VALUES %s;"
		    "INSERT INTO UserMedia (userId, mediaId, status)"
		    " VALUES (1, 1, 'WATCHED'), (1, 2, 'BLOCKED')",
		    rows[i].titles);
		db = database(sql);
		backup = make(db);
		if (backup.stats.items != rows[i].items ||
		    backup.stats.rejected != 2 - rows[i].items)
			fail_msg("%s", rows[i].titles);
		db_free(db);
		folder_clean();
	}
}

static void
make_survives_kept_entries_of_any_kind(void **state)
{
	static const char *const values[] = { "garbage", "5", "[1]", "\"\"",
		"{\"title\":\"\"}", "{\"title\":7}", "{\"media_type\":\"tv\"}",
		"\"a title\"", "{\"title\":\"x\",\"other\":[]}", "" };

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(values) / sizeof(values[0]); i++) {
		struct db *db;
		char sql[256];

		(void)snprintf(sql, sizeof(sql),
		    "INSERT INTO User (username) VALUES ('a');"
		    "INSERT INTO JairKept (userId, kind, value)"
		    " VALUES (1, '%s', '%s')",
		    i % 2 == 0 ? "unresolved" : "rejected", values[i / 2]);
		db = database(sql);
		(void)make(db);
		db_free(db);
		folder_clean();
	}
}

#define USER "INSERT INTO User (username) VALUES ('anna')"

static void
make_names_by_the_clock_and_the_next_free_second(void **state)
{
	struct db *db = database(USER);
	struct backup b;
	struct stat one;
	struct stat latest;

	(void)state;
	b = make(db);
	assert_string_equal(b.name, "backup_2026-01-05T10-30-00.json");
	assert_int_equal(b.stats.users, 1);
	folder_write(folder_path("backup_2026-01-05T10-30-01.json"), "taken");
	b = make(db);
	assert_string_equal(b.name, "backup_2026-01-05T10-30-02.json");
	assert_int_equal(
	    file_size_of(folder_path("backup_2026-01-05T10-30-01.json")), 5);
	assert_int_equal(stat(folder_path(b.name), &one), 0);
	assert_int_equal(stat(LATEST, &latest), 0);
	assert_int_not_equal(one.st_ino, latest.st_ino);
	assert_int_equal(latest.st_nlink, 1);
	assert_same_bytes(folder_path(b.name), LATEST);
	assert_int_equal(folder_mode(LATEST), 0600);
	assert_int_equal(folder_mode(folder_path(b.name)), 0600);
	db_free(db);
}

static void
make_result_verifies_and_is_recorded(void **state)
{
	struct archive_summary summary;
	struct err err = { 0 };
	struct run run = { .kind = RUN_ARCHIVE };
	struct db *db = database(USER);
	struct backup b = make(db);

	(void)state;
	assert_int_equal(archive_rehearse(LATEST, folder_make(), &summary,
			     &err),
	    0);
	assert_string_equal(summary.integrity, "ok");
	assert_string_equal(summary.content_sha256, b.stats.content_sha256);
	backup_to_run(&b, &run);
	assert_string_equal(run.file, b.name);
	assert_string_equal(run.sha256, b.stats.content_sha256);
	assert_int_equal(run.bytes, file_size_of(LATEST));
	assert_true(run.verified);
	db_free(db);
}

/* An empty database's archive leaves a latest one of ${text} alone. */
static void
withheld(const char *text)
{
	struct db *db;
	struct backup b;
	char *left;

	folder_clean();
	folder_write(LATEST, text);
	db = database("");
	b = make(db);
	assert_true(b.withheld);
	left = folder_read(LATEST, NULL);
	assert_string_equal(left, text);
	free(left);
	db_free(db);
}

static void
make_empty_never_replaces_a_latest_with_content(void **state)
{
	(void)state;
	withheld("{\"version\":\"2.0.3\",\"users\":[{\"username\":\"a\"}]}");
	withheld("{\"version\":\"2.0.3\",\"system_config\":{\"jellyfinUrl\":"
		 "\"http://x\"},\"users\":[]}");
	withheld("this cannot be read");
	withheld("");
}

static void
make_empty_replaces_an_empty_latest(void **state)
{
	struct db *db = database("");
	struct backup b;

	(void)state;
	b = make(db);
	assert_false(b.withheld);
	b = make(db);
	assert_false(b.withheld);
	assert_same_bytes(folder_path(b.name), LATEST);
	db_free(db);
}

static void
make_latest_that_cannot_be_replaced_is_an_error(void **state)
{
	struct backup backup;
	struct err err = { 0 };
	struct db *db = database(USER);

	(void)state;
	assert_int_equal(mkdir(LATEST, 0700), 0);
	assert_int_equal(backup_make(db, folder_make(), &backup, &err), -1);
	assert_non_null(strstr(err.msg, BACKUP_LATEST));
	db_free(db);
	/* dev.db, its emptied journal, the new archive, the folder. */
	assert_int_equal(folder_count(), 4);
	assert_int_equal(rmdir(LATEST), 0);
}

static void
make_full_disk_leaves_every_file(void **state)
{
	struct db *db = database(USER);
	size_t before;
	int status = 0;
	pid_t pid;

	(void)state;
	(void)make(db);
	copy_file(LATEST, folder_path("kept"));
	assert_int_equal(db_exec(db,
			     "UPDATE User SET movieProfile ="
			     " hex(zeroblob(20000))",
			     &(struct err){ 0 }),
	    0);
	db_free(db);
	before = folder_count();
	if ((pid = fork()) == 0) {
		const struct rlimit limit = { 20000, 20000 };
		struct backup backup;
		struct err err = { 0 };

		(void)signal(SIGXFSZ, SIG_IGN);
		(void)setrlimit(RLIMIT_FSIZE, &limit);
		if (db_open(&db, folder_path("dev.db"), DB_READ, &err))
			_exit(3);
		if (backup_make(db, folder_make(), &backup, &err) == 0)
			_exit(1);
		_exit(err.msg[0] != '\0' ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_same_bytes(LATEST, folder_path("kept"));
	assert_int_equal(folder_count(), before);
}

#define T(f) cmocka_unit_test_setup(f, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(make_names_by_the_clock_and_the_next_free_second),
		T(make_result_verifies_and_is_recorded),
		T(make_survives_odd_values_in_columns_of_every_type),
		T(make_survives_titles_that_an_archive_cannot_tell_apart),
		T(make_survives_kept_entries_of_any_kind),
		T(make_empty_never_replaces_a_latest_with_content),
		T(make_empty_replaces_an_empty_latest),
		T(make_latest_that_cannot_be_replaced_is_an_error),
		T(make_full_disk_leaves_every_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
