/*
 * Without this test a new column could be forgotten by the archive, and a
 * household would lose it with its server.
 */
#include "tests/unit/archive_fixture.h"

#include <sqlite3.h>
#include <stdbool.h>

/* Not exported, on purpose; docs/format.md has the reasons. */
static const char *const kept_here[] = {
	"User.id",
	"User.passwordHash",
	"User.isSystemAdmin",
	"User.lastLoginAt",
	"Media.id",
	"UserMedia.id",
	"UserMedia.userId",
	"UserMedia.mediaId",
	"SystemConfig.id",
	"JairSession.",
	"Job.",
	"JairKept.id",
	"JairKept.userId",
	"StagedRestore.",
	"StagedUser.",
	"BackupRun.",
	"sqlite_sequence.",
};

static bool
is_kept_here(const char *table, const char *column)
{
	char name[128];

	for (size_t i = 0; i < sizeof(kept_here) / sizeof(kept_here[0]); i++) {
		(void)snprintf(name, sizeof(name), "%s.%s", table,
		    kept_here[i][strlen(kept_here[i]) - 1] == '.' ? ""
								  : column);
		if (strcmp(name, kept_here[i]) == 0)
			return true;
	}
	return false;
}

/* Whether the archive changes when this column of the only row does. */
static bool
is_exported(struct db *db, const char *table, const char *column,
    const char *value)
{
	struct archive_stats before;
	struct archive_stats after;
	struct buf a;
	struct buf b;
	char sql[512];
	bool differs;

	a = fixture_archive(db, &before);
	(void)snprintf(sql, sizeof(sql),
	    "BEGIN; UPDATE \"%s\" SET \"%s\" = %s;"
	    "COMMIT",
	    table, column, value);
	fixture_exec(db, sql);
	b = fixture_archive(db, &after);
	differs = strcmp(before.content_sha256, after.content_sha256) != 0;
	/* The one value that is not part of the content. */
	if (strcmp(column, "isConfigured") == 0)
		differs = strstr(b.data, "\"isConfigured\": true") != NULL;
	buf_free(&a);
	buf_free(&b);
	return differs;
}

static void
fill(struct db *db)
{
	fixture_exec(db,
	    "INSERT INTO \"User\" (\"id\", \"username\") VALUES (1, 'u');"
	    "INSERT INTO \"Media\" (\"id\", \"tmdbId\", \"mediaType\")"
	    " VALUES (1, 603, 'movie');"
	    "INSERT INTO \"UserMedia\" (\"id\", \"userId\", \"mediaId\","
	    " \"status\") VALUES (1, 1, 1, 'WATCHED');"
	    "INSERT INTO \"SystemConfig\" (\"id\") VALUES (1);"
	    "INSERT INTO \"JairKept\" (\"userId\", \"kind\", \"value\")"
	    " VALUES (1, 'unresolved', '{}')");
}

static void
archive_write_exports_every_column_or_says_why_not(void **state)
{
	static const char list[] =
	    "SELECT s.name, c.name, c.type"
	    " FROM sqlite_schema s JOIN pragma_table_xinfo(s.name) c"
	    " WHERE s.type = 'table'";
	struct db *db = fixture_db("a.db");
	struct db *other = fixture_db("b.db");
	sqlite3_stmt *stmt = NULL;
	int seen = 0;

	(void)state;
	fill(db);
	assert_int_equal(sqlite3_prepare_v2(db_handle(other), list, -1, &stmt,
			     NULL),
	    SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *table = (const char *)sqlite3_column_text(stmt, 0);
		const char *column = (const char *)sqlite3_column_text(stmt, 1);
		const char *type = (const char *)sqlite3_column_text(stmt, 2);

		seen++;
		if (is_kept_here(table, column))
			continue;
		if (!is_exported(db, table, column,
			strcmp(type, "TEXT") == 0 ? "'marked'" : "1"))
			fail_msg("%s.%s is not exported", table, column);
	}
	(void)sqlite3_finalize(stmt);
	assert_true(seen > 50);
	db_free(other);
	db_free(db);
}

/* Whether the list of reasons has ${name} in a row of its table. */
static bool
has_reason(const char *reasons, const char *name)
{
	char quoted[160];

	(void)snprintf(quoted, sizeof(quoted), "`%s`", name);
	return strstr(reasons, quoted) != NULL;
}

/* What is left out on purpose stands in the documentation, with its reason. */
static void
archive_columns_left_out_have_a_reason(void **state)
{
	struct err err = { 0 };
	struct buf text;
	char *reasons;
	char *end;

	(void)state;
	assert_int_equal(file_read("docs/format.md", 1 << 20, &text, &err), 0);
	reasons = strstr(buf_str(&text), "## What is not exported");
	assert_non_null(reasons);
	assert_non_null(end = strstr(reasons, "\n# "));
	*end = '\0';
	for (size_t i = 0; i < sizeof(kept_here) / sizeof(kept_here[0]); i++) {
		char name[128];
		char *column;

		(void)snprintf(name, sizeof(name), "%s", kept_here[i]);
		assert_non_null(column = strchr(name, '.'));
		/* A whole table, a column, or a name that many columns bear. */
		if (column[1] == '\0')
			*column = '\0';
		if (!has_reason(reasons, name) &&
		    (*column == '\0' || !has_reason(reasons, column + 1)))
			fail_msg("docs/format.md has no reason for %s", name);
	}
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    archive_write_exports_every_column_or_says_why_not),
		cmocka_unit_test(archive_columns_left_out_have_a_reason),
	};

	return cmocka_run_group_tests(tests, fixture_make, fixture_free);
}
