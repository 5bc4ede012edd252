/* Without this an old household's database would not open, or lose data. */

#include "tests/unit/dbcompare.h"
#include "tests/unit/schema_versions.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
make(const char *sql)
{
	(void)unlink(db_file);
	file_exec(db_file, sql);
}

static void
apply_fixtures_keep_every_value(void **state)
{
	static const char *const names[] = { "v2.0.3-small", "v2.2.0-upgraded",
		"v2.3.7-upgraded", "v2.8.10-small", "v2.8.10-medium" };
	char from[100];

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		(void)snprintf(from, sizeof(from), "tests/fixtures/db/%s.db",
		    names[i]);
		copy_file(from, db_file);
		assert_int_equal(sync_checked(false, NULL).rejected, 0);
		assert_int_equal(
		    file_int(db_file,
			"SELECT count(*) FROM "
			"UserMedia WHERE addedAt IS NOT updatedAt OR "
			"typeof(addedAt) <> typeof(updatedAt)"),
		    0);
	}
}

static void
apply_fresh_versions_keep_every_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(versions); i++) {
		make(versions[i].sql);
		assert_int_equal(sync_checked(false, NULL).rejected, 0);
	}
}

static void
apply_upgraded_versions_keep_every_value(void **state)
{
	(void)state;
	for (size_t n = 1; n <= COUNT(upgrades); n++) {
		(void)unlink(db_file);
		for (size_t i = 0; i < n; i++)
			file_exec(db_file, upgrades[i]);
		assert_int_equal(sync_checked(false, NULL).rejected, 0);
	}
}

static void
apply_empty_file_creates_the_target(void **state)
{
	struct err err = { 0 };
	struct db *db = NULL;

	(void)state;
	make("");
	(void)sync_checked(false, NULL);
	(void)unlink(db_file);
	assert_int_equal(db_open(&db, db_file, DB_CREATE, &err), 0);
	assert_int_equal(schema_create(db, &err), 0);
	assert_int_equal(db_close(&db, &err), 0);
	assert_synced(true);
}

static void
apply_missing_tables_are_created(void **state)
{
	static const char *const tables[] = { "User", "Media", "UserMedia",
		"SystemConfig" };
	char sql[200];

	(void)state;
	for (size_t i = 0; i < COUNT(tables); i++) {
		make(USER_2 MEDIA_4 UM_2 CFG_4 ROWS);
		(void)snprintf(sql, sizeof(sql), "DROP TABLE \"%s\"",
		    tables[i]);
		file_exec(db_file, sql);
		(void)sync_checked(false, NULL);
	}
}

static void
apply_unknown_columns_and_tables_stay_as_written(void **state)
{
	(void)state;
	make(
	    "CREATE TABLE \"User\" (" ID ", \"username\" TEXT NOT NULL,"
	    "/* a, comment */ \"note\" TEXT COLLATE NOCASE DEFAULT 'a,(b' "
	    "CHECK (length(note) < 9), -- more\n [shout] TEXT GENERATED ALWAYS "
	    "AS (upper(username)) STORED, `num ber` NUMERIC REFERENCES "
	    "\"Other\"(\"k\"), \"createdAt\" " AT ", "
	    "CHECK (\"note\" <> 'no' OR username <> 'no'), UNIQUE (note, "
	    "username));" MEDIA_1 UM_1 CFG_1
	    "CREATE TABLE \"Other\" (k TEXT PRIMARY KEY, \"user\" INTEGER "
	    "REFERENCES \"User\"(id) ON DELETE CASCADE) WITHOUT ROWID;"
	    "INSERT INTO \"Other\" VALUES ('a', 1);"
	    "INSERT INTO \"User\" (id, username, note, \"num ber\") VALUES "
	    "(1, 'anna', 'N', 'a'), (40, 'bo', NULL, NULL);"
	    "CREATE INDEX \"odd idx\" ON \"User\"(note, lower(username));"
	    "CREATE VIEW v AS SELECT username FROM \"User\";"
	    "CREATE VIEW broken AS SELECT * FROM nowhere;"
	    "CREATE TABLE log(what);"
	    "CREATE TRIGGER tr AFTER DELETE ON \"User\" BEGIN INSERT INTO log "
	    "VALUES (old.id); END;"
	    "DELETE FROM \"User\" WHERE id = 40; DELETE FROM log;");
	(void)sync_checked(false, NULL);
	assert_int_equal(
	    file_int(db_file,
		"SELECT count(*) FROM "
		"sqlite_schema WHERE name IN ('odd idx', 'v', 'broken', 'tr', "
		"'Other', 'log')"),
	    6);
	assert_int_equal(file_int(db_file, "SELECT count(*) FROM log"), 0);
	assert_int_equal(file_int(db_file,
			     "SELECT seq FROM sqlite_sequence "
			     "WHERE name = 'User'"),
	    40);
	assert_int_equal(file_int(db_file,
			     "SELECT shout = 'ANNA' AND note = "
			     "'n' FROM \"User\""),
	    1);
	/* The definitions are alive: CHECK, DEFAULT, UNIQUE, trigger. */
	file_exec(db_file,
	    "INSERT OR IGNORE INTO \"User\" (username, note) "
	    "VALUES ('c', '0123456789'), ('no', 'no'), ('anna2', 'N');"
	    "INSERT INTO \"User\"(username) VALUES ('d');"
	    "DELETE FROM \"User\" WHERE username = 'd'");
	assert_int_equal(file_int(db_file, "SELECT count(*) FROM \"User\""), 2);
	assert_int_equal(file_int(db_file, "SELECT count(*) FROM log"), 1);
}

static void
apply_unique_tmdb_id_goes_in_every_form(void **state)
{
	static const char *const forms[] = {
		MEDIA_4,
		"CREATE TABLE Media(id INTEGER PRIMARY KEY, tmdbId INTEGER NOT "
		"NULL UNIQUE, title TEXT, mediaType TEXT);",
		"CREATE TABLE Media(mediaType TEXT, tmdbId INT, id INTEGER "
		"PRIMARY KEY, title, CONSTRAINT u UNIQUE (tmdbId) "
		"CHECK (mediaType IN ('movie', 'tv')));",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(forms); i++) {
		make(forms[i]);
		file_exec(db_file,
		    "INSERT INTO Media(id, tmdbId, title, "
		    "mediaType) VALUES (1, 1396, 'A', 'tv')");
		(void)sync_checked(false, NULL);
		file_exec(db_file,
		    "INSERT INTO Media(tmdbId, mediaType) "
		    "VALUES (1396, 'movie'), (7, 'other')");
	}
}

static void
apply_unique_tmdb_id_stays_when_referenced(void **state)
{
	(void)state;
	make(MEDIA_4 "CREATE TABLE Poster(t INTEGER REFERENCES "
		     "Media(tmdbId));");
	(void)sync_checked(false, NULL);
	assert_int_equal(file_int(db_file,
			     "SELECT count(*) FROM "
			     "sqlite_schema WHERE name = 'Media_tmdbId_key'"),
	    1);
}

static void
apply_other_types_and_keys_convert_nothing(void **state)
{
	(void)state;
	make(
	    "CREATE TABLE Media(\"TMDBID\" TEXT, \"mediatype\" BLOB, "
	    "\"releaseYear\" INTEGER, \"voteAverage\" TEXT, title ANY, "
	    "uuid TEXT PRIMARY KEY DESC ON CONFLICT FAIL, id INT NOT NULL);"
	    "INSERT INTO Media VALUES ('007', x'41', '20x', '8.40', '5', 'u', "
	    "5), ('7', 'tv', 1999, 8.5, 5, 'v', 7);"
	    "CREATE TABLE \"user\"(uid ANY NOT NULL PRIMARY KEY, username TEXT "
	    "COLLATE NOCASE NOT NULL, any ANY, id INTEGER, createdAt ANY) "
	    "STRICT; INSERT INTO \"user\" VALUES ('1', 'a', '08', 3, '12'), "
	    "(2, 'b', 8, 4, 10.0);"
	    "CREATE TABLE UserMedia(id INTEGER PRIMARY KEY, userId INTEGER, "
	    "mediaId INTEGER, updatedAt TEXT, CHECK (id > 0)) WITHOUT ROWID;"
	    "INSERT INTO UserMedia VALUES (1, 3, 5, '1764066600000');");
	assert_int_equal(sync_checked(false, NULL).rejected, 0);
	assert_int_equal(file_int(db_file,
			     "SELECT typeof(addedAt) = 'text' "
			     "FROM UserMedia"),
	    1);
	file_exec(db_file,
	    "INSERT INTO \"User\"(username, uid) VALUES "
	    "('A', 9)");
}

static void
apply_a_key_of_two_columns_becomes_an_index(void **state)
{
	(void)state;
	make("CREATE TABLE Media(id INTEGER, tmdbId INT NOT NULL, title, "
	     "mediaType TEXT, PRIMARY KEY (mediaType, tmdbId)) WITHOUT ROWID;"
	     "INSERT INTO Media VALUES (1, 7, 'A', 'tv'), (2, 7, 'B', 'movie');"
	     "CREATE TABLE UserMedia(id INTEGER UNIQUE, userId INT, mediaId "
	     "INT, PRIMARY KEY (userId, mediaId));");
	(void)sync_checked(false, NULL);
	file_exec(db_file,
	    "INSERT INTO Media(tmdbId, mediaType, title) VALUES (7, 'tv', 'C')"
	    " ON CONFLICT (mediaType, tmdbId) DO UPDATE SET title = 'C';"
	    "INSERT INTO User(username) VALUES ('a');"
	    "INSERT INTO UserMedia(userId, mediaId) VALUES (1, 1)"
	    " ON CONFLICT (userId, mediaId) DO NOTHING");
	assert_int_equal(file_int(db_file,
			     "SELECT count(*) FROM Media WHERE title IN "
			     "('C', 'B')"),
	    2);
}

static void
apply_columns_that_nobody_knows_may_be_empty(void **state)
{
	(void)state;
	make(USER_1
	    "CREATE TABLE BackupRun(\"run id\" TEXT NOT NULL PRIMARY KEY, "
	    "how TEXT CONSTRAINT \"how?\" NOT NULL ON CONFLICT FAIL CHECK "
	    "(how NOT NULL OR 1) COLLATE NOCASE, at TEXT NOT NULL DEFAULT "
	    "'now', n INT NOT NULL DEFAULT NULL, loud TEXT NOT NULL AS "
	    "(coalesce(upper(how), ''))) WITHOUT ROWID;"
	    "ALTER TABLE User ADD COLUMN plain TEXT;");
	(void)sync_checked(false, NULL);
	file_exec(db_file,
	    "INSERT INTO BackupRun(kind, startedAt, ms, verified) "
	    "VALUES ('archive', 'x', 1, 1);"
	    "INSERT INTO BackupRun(kind, startedAt, ms, verified, how) "
	    "VALUES ('archive', 'x', 1, 1, 'Loud')");
	assert_int_equal(file_int(db_file,
			     "SELECT count(*) FROM BackupRun WHERE at = 'now' "
			     "AND how IS NULL OR how = 'LOUD' AND loud = how "
			     "COLLATE BINARY OR loud = 'LOUD'"),
	    2);
	assert_int_equal(file_int(db_file,
			     "SELECT count(*) FROM pragma_table_info("
			     "'BackupRun') WHERE name = 'at' AND \"notnull\""),
	    1);
}

static void
apply_foreign_keys_of_another_kind_are_replaced(void **state)
{
	(void)state;
	make(USER_1 MEDIA_1
	    "CREATE TABLE UserMedia(id INTEGER PRIMARY KEY, "
	    "userId INTEGER NOT NULL REFERENCES User(id) ON DELETE CASCADE, "
	    "mediaId INTEGER NOT NULL, status TEXT, updatedAt DATETIME);" CFG_1
		ROWS);
	(void)sync_checked(false, NULL);
	assert_int_equal(
	    file_int(db_file,
		"SELECT count(*) FROM "
		"pragma_foreign_key_list('UserMedia') WHERE on_delete = "
		"'RESTRICT'"),
	    2);
}

static void
apply_names_that_are_taken_are_avoided(void **state)
{
	(void)state;
	make(USER_1
	    "CREATE TABLE \"_jair_new0_User\"(a);"
	    "CREATE TABLE t(a); CREATE INDEX \"Media_mediaType_tmdbId_key\" "
	    "ON t(a);" MEDIA_1 UM_1 CFG_1 ROWS);
	(void)sync_checked(false, NULL);
}

static void
apply_view_with_our_name_is_refused(void **state)
{
	(void)state;
	make(USER_1 "CREATE VIEW Media AS SELECT 1 AS id");
	sync_refused(ERR_SCHEMA, "\"Media\" is a view");
	make("CREATE VIRTUAL TABLE Job USING fts5(x)");
	sync_refused(ERR_SCHEMA, "\"Job\" is a virtual table");
}

static void
apply_newer_schema_is_refused(void **state)
{
	(void)state;
	make(USER_1 "PRAGMA user_version = 2");
	sync_refused(ERR_NEWER, "version 2, this program knows version 1");
}

static void
compare_notices_a_changed_cell(void **state)
{
	/* A comparer that sees nothing would prove nothing. */
	sqlite3 *h;
	char sql[1500];

	(void)state;
	make(USER_1 "INSERT INTO User(id, username) VALUES (1, '7')");
	copy_file(db_file, old_file);
	h = raw_open(":memory:");
	(void)snprintf(sql, sizeof(sql),
	    "ATTACH '%s' AS old; ATTACH '%s' AS "
	    "new",
	    old_file, db_file);
	raw_exec(h, sql);
	compare_table(h, "User", NULL);
	raw_exec(h, "UPDATE new.User SET username = x'37'");
	assert_int_equal(
	    raw_int(h,
		"SELECT count(*) FROM (SELECT "
		"typeof(username), username FROM old.User EXCEPT SELECT "
		"typeof(username), username FROM new.User)"),
	    1);
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
}

#define T(f) cmocka_unit_test_setup_teardown(f, dir_setup, dir_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(apply_fixtures_keep_every_value),
		T(apply_fresh_versions_keep_every_value),
		T(apply_upgraded_versions_keep_every_value),
		T(apply_empty_file_creates_the_target),
		T(apply_missing_tables_are_created),
		T(apply_unknown_columns_and_tables_stay_as_written),
		T(apply_unique_tmdb_id_goes_in_every_form),
		T(apply_unique_tmdb_id_stays_when_referenced),
		T(apply_other_types_and_keys_convert_nothing),
		T(apply_a_key_of_two_columns_becomes_an_index),
		T(apply_columns_that_nobody_knows_may_be_empty),
		T(apply_foreign_keys_of_another_kind_are_replaced),
		T(apply_names_that_are_taken_are_avoided),
		T(apply_view_with_our_name_is_refused),
		T(apply_newer_schema_is_refused),
		T(compare_notices_a_changed_cell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
