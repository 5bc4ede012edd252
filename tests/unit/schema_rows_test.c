/* Without this, rows that break a rule could stop a boot, or vanish. */

#include "tests/unit/dbcompare.h"
#include "tests/unit/schema_versions.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LATEST USER_2 MEDIA_4 UM_2 CFG_4

static void
make(const char *sql)
{
	(void)unlink(db_file);
	file_exec(db_file, "PRAGMA foreign_keys=OFF");
	file_exec(db_file, sql);
}

static void
apply_dangling_rows_are_put_aside(void **state)
{
	struct schema_report r;

	(void)state;
	make(LATEST ROWS
	    "INSERT INTO UserMedia(id, userId, mediaId, status, "
	    "updatedAt) VALUES (20, 99, 1, 'WATCHED', 'x'), (21, 1, 99, "
	    "x'00', 5), (22, 98, 98, 'WATCHED', 1.5);");
	r = sync_checked(false, NULL);
	assert_int_equal(r.rejected, 3);
	assert_int_equal(
	    file_int(db_file,
		"SELECT count(*) FROM "
		"_jair_rejected_UserMedia WHERE _jair_reason LIKE "
		"'userId names no row of User' AND _jair_at LIKE '20%Z'"),
	    2);
	/* And again, into the table that exists already. */
	file_exec(db_file,
	    "ALTER TABLE UserMedia ADD COLUMN extra;"
	    "INSERT INTO UserMedia(id, userId, mediaId, extra) "
	    "VALUES (30, 97, 1, '0x')");
	copy_file(db_file, old_file);
	r = sync_checked(false, NULL);
	assert_int_equal(r.rejected, 1);
	assert_int_equal(r.changes, 1);
	assert_int_equal(file_int(db_file,
			     "SELECT count(*) FROM "
			     "_jair_rejected_UserMedia WHERE extra = '0x'"),
	    1);
}

static void
apply_dangling_rows_of_others_are_counted(void **state)
{
	struct schema_report r;

	(void)state;
	make(LATEST ROWS WEEKLY
	    "UPDATE WeeklyWatchlist SET userId = 99;"
	    "CREATE TABLE odd(a REFERENCES nowhere(b), c REFERENCES "
	    "User(username)); INSERT INTO odd VALUES (1, 'nobody');"
	    "CREATE TABLE mismatch(a REFERENCES Media(title));"
	    "INSERT INTO mismatch VALUES ('x');");
	r = sync_checked(false, NULL);
	assert_int_equal(r.rejected, 0);
	assert_int_equal(r.foreign, 3);
}

static void
apply_duplicates_are_merged_into_the_newest(void **state)
{
	struct schema_report r;

	(void)state;
	make(LATEST ROWS
	    "DROP INDEX UserMedia_userId_mediaId_key;"
	    "INSERT INTO UserMedia(id, userId, mediaId, status, updatedAt) "
	    "VALUES (50, 1, 1, 'WATCHED', 'garbage'), "
	    "(51, 1, 1, 'BLOCKED', '2026-01-05T10:30:00.037+00:00'), "
	    "(52, 1, 1, 'WATCHED', '2026-01-05 10:30:00');");
	r = sync_checked(false, NULL);
	assert_int_equal(r.merged, 3);
	assert_int_equal(file_int(db_file,
			     "SELECT id FROM UserMedia WHERE "
			     "userId = 1 AND mediaId = 1"),
	    51);
}

static void
apply_merged_parents_take_their_children_along(void **state)
{
	struct schema_report r;

	(void)state;
	make(LATEST ROWS WEEKLY SESSION
	    "DROP INDEX User_username_key;"
	    "INSERT INTO \"User\"(id, username) VALUES (7, 'anna');"
	    "INSERT INTO UserMedia(id, userId, mediaId, status, updatedAt) "
	    "VALUES (60, 7, 1, 'WATCHED', '2026-02-01'), "
	    "(61, 7, 3, 'WATCHED', '2026-02-01');"
	    "INSERT INTO WeeklyWatchlist VALUES (2, 7, '[2]', 1764066600000), "
	    "(3, 7, '[3]', 5);"
	    "INSERT INTO Session VALUES (2, 'dummy2', 7);");
	r = sync_checked(false,
	    ",UserMedia.userId,WeeklyWatchlist.userId,"
	    ",WeeklyWatchlist.userId,,Session.userId,");
	assert_int_equal(r.merged, 2); /* User 7, UserMedia 1 */
	assert_int_equal(r.rejected, 1); /* WeeklyWatchlist 2 */
	assert_int_equal(
	    file_int(db_file,
		"SELECT count(*) = 3 AND "
		"sum(id IN (2, 60, 61)) = 3 FROM UserMedia WHERE userId = 1"),
	    1);
	assert_int_equal(file_int(db_file,
			     "SELECT count(*) FROM Session "
			     "WHERE userId = 1"),
	    2);
}

static void
apply_fires_no_trigger(void **state)
{
	(void)state;
	make(LATEST ROWS
	    "INSERT INTO UserMedia(id, userId, mediaId, status, "
	    "updatedAt) VALUES (20, 99, 1, 'WATCHED', 'x');"
	    "CREATE TRIGGER no_delete BEFORE DELETE ON UserMedia BEGIN "
	    "SELECT raise(ABORT, 'fired'); END;"
	    "CREATE TRIGGER no_update BEFORE UPDATE ON SystemConfig BEGIN "
	    "SELECT raise(ABORT, 'fired'); END;");
	assert_int_equal(sync_checked(false, NULL).rejected, 1);
	assert_int_equal(file_int(db_file,
			     "SELECT count(*) FROM "
			     "sqlite_schema WHERE type = 'trigger'"),
	    2);
}

static void
apply_names_that_differ_in_case_both_stay(void **state)
{
	struct schema_report r;

	(void)state;
	make("CREATE TABLE User(id INTEGER PRIMARY KEY, username TEXT);"
	     "INSERT INTO User VALUES (1, 'a'), (2, 'A');");
	r = sync_checked(false, NULL);
	assert_int_equal(r.merged + r.rejected, 0);
}

static void
apply_null_without_default_is_refused(void **state)
{
	(void)state;
	make("CREATE TABLE User(id INTEGER PRIMARY KEY, username TEXT);"
	     "INSERT INTO User VALUES (1, 'a'), (2, NULL), (3, NULL);");
	sync_refused(ERR_SCHEMA,
	    "Table \"User\": column \"username\" is "
	    "empty (NULL) in 2 rows");
	make("CREATE TABLE User(id INTEGER PRIMARY KEY, nick TEXT);"
	     "INSERT INTO User VALUES (1, 'a');");
	sync_refused(ERR_SCHEMA, "has no column \"username\"");
	make("CREATE TABLE User(id TEXT PRIMARY KEY, username TEXT);"
	     "INSERT INTO User VALUES ('x', 'a'), (NULL, 'b'), (3, 'c');");
	sync_refused(ERR_SCHEMA, "column \"id\" is not a whole number");
}

static void
apply_null_with_default_is_filled(void **state)
{
	(void)state;
	make("CREATE TABLE SystemConfig(id INTEGER PRIMARY KEY, isConfigured "
	     "BOOLEAN); INSERT INTO SystemConfig VALUES (1, NULL);");
	(void)sync_checked(false, ",SystemConfig.isConfigured,");
	assert_int_equal(file_int(db_file,
			     "SELECT isConfigured = 0 FROM "
			     "SystemConfig"),
	    1);
}

static void
apply_second_config_row_is_kept_and_counted(void **state)
{
	(void)state;
	make(LATEST ROWS "INSERT INTO SystemConfig(id, jellyfinUrl) VALUES "
			 "(2, 'b')");
	assert_int_equal(sync_checked(false, NULL).config_rows, 1);
}

static void
apply_model_is_filled_from_its_other_name(void **state)
{
	static const struct {
		const char *set;
		const char *expect;
	} cases[] = {
		{ "aiModel = 'm', aiProvider = 'google'", "m|google|m" },
		{ "aiModel = 'm', aiProvider = ''", "m||m" },
		{ "aiModel = 'm', aiProvider = 'openrouter'", "m|openrouter|" },
		{ "aiModel = ''", "|google|" },
		{ "aiModel = '', geminiModel = 'g'", "g|google|g" },
		{ "aiModel = '', geminiModel = 'g', aiProvider = ''",
		    "g|google|g" },
		{ "aiModel = '', geminiModel = 'g', aiProvider = 'openrouter'",
		    "|openrouter|g" },
		{ "aiModel = 'a', geminiModel = 'g'", "a|google|g" },
	};
	char sql[500];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		make(LATEST ROWS "ALTER TABLE SystemConfig ADD COLUMN "
				 "geminiModel TEXT");
		(void)snprintf(sql, sizeof(sql), "UPDATE SystemConfig SET %s",
		    cases[i].set);
		file_exec(db_file, sql);
		(void)sync_checked(false,
		    ",SystemConfig.aiModel,,SystemConfig."
		    "geminiModel,,SystemConfig.aiProvider,");
		(void)snprintf(sql, sizeof(sql),
		    "SELECT coalesce(aiModel, '')"
		    " || '|' || coalesce(aiProvider, '') || '|' || coalesce("
		    "geminiModel, '') = '%s' FROM SystemConfig",
		    cases[i].expect);
		if (file_int(db_file, sql) != 1)
			fail_msg("%s", cases[i].set);
	}
}

/* Change the schema's text behind SQLite's back, so that rows break it. */
static void
forge(const char *update)
{
	sqlite3 *h = raw_open(db_file);

	raw_exec(h, "PRAGMA writable_schema=ON");
	raw_exec(h, update);
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
}

static void
apply_recheck_finds_null_behind_not_null(void **state)
{
	struct schema_report r;

	(void)state;
	make("CREATE TABLE SystemConfig(id INTEGER PRIMARY KEY, isConfigured "
	     "BOOLEAN); INSERT INTO SystemConfig VALUES (1, NULL);"
	     "CREATE TABLE User(id INTEGER PRIMARY KEY, username TEXT, x);"
	     "INSERT INTO User VALUES (1, 'a', NULL), (2, 'b', 2);");
	forge("UPDATE sqlite_schema SET sql = 'CREATE TABLE SystemConfig(id "
	      "INTEGER PRIMARY KEY, isConfigured BOOLEAN NOT NULL DEFAULT "
	      "false)' WHERE name = 'SystemConfig'");
	forge("UPDATE sqlite_schema SET sql = 'CREATE TABLE User(id INTEGER "
	      "PRIMARY KEY, username TEXT, x NOT NULL DEFAULT 5)' WHERE name "
	      "= 'User'");
	r = sync_checked(true, ",SystemConfig.isConfigured,");
	assert_int_equal(
	    file_int(db_file,
		"SELECT isConfigured FROM "
		"SystemConfig WHERE typeof(isConfigured) = 'integer'"),
	    0);
	assert_int_equal(r.rejected,
	    1); /* an unknown NOT NULL with a default */
}

static void
apply_recheck_finds_duplicates_behind_an_index(void **state)
{
	struct schema_report r;

	(void)state;
	make(LATEST ROWS);
	(void)sync_checked(false, NULL);
	file_exec(db_file,
	    "DROP INDEX User_username_key; CREATE INDEX "
	    "User_username_key ON \"User\"(username); INSERT INTO "
	    "\"User\"(id, username) VALUES (70, 'anna')");
	forge("UPDATE sqlite_schema SET sql = 'CREATE UNIQUE INDEX "
	      "\"User_username_key\" ON \"User\"(\"username\")' WHERE name = "
	      "'User_username_key'");
	r = sync_checked(true, NULL);
	assert_int_equal(r.merged, 1);
	assert_int_equal(file_int(db_file,
			     "SELECT count(*) FROM "
			     "_jair_rejected_User WHERE id = 70"),
	    1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, dir_setup, dir_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(apply_dangling_rows_are_put_aside),
		T(apply_dangling_rows_of_others_are_counted),
		T(apply_duplicates_are_merged_into_the_newest),
		T(apply_merged_parents_take_their_children_along),
		T(apply_fires_no_trigger),
		T(apply_names_that_differ_in_case_both_stay),
		T(apply_null_without_default_is_refused),
		T(apply_null_with_default_is_filled),
		T(apply_second_config_row_is_kept_and_counted),
		T(apply_model_is_filled_from_its_other_name),
		T(apply_recheck_finds_null_behind_not_null),
		T(apply_recheck_finds_duplicates_behind_an_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
