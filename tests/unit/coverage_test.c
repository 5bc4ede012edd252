/*
 * Without this a column could be neither exported nor on the list of what
 * docs/format.md says is not, and a household would lose it with its server.
 */

#include "tests/unit/archive_fixture.h"

#include <sqlite3.h>
#include <stdbool.h>

#define COLUMNS_MAX 128

/* What one column was filled with, and how the archive shows it. */
struct mark {
	char name[96];
	char shown[128];
};

static struct mark marks[COLUMNS_MAX];
static size_t marks_count;
static int booleans;

/* The words in the first column of the list, each in back quotes. */
static char list[4096];

static void
read_list(void)
{
	struct buf doc = fixture_read("docs/format.md");
	char *line = strstr(doc.data, "\n## What is not exported");

	assert_non_null(line);
	for (line = strchr(line + 1, '\n'); line != NULL;
	     line = strchr(line + 1, '\n')) {
		const char *cell = line + 1;
		size_t len = strcspn(cell + (*cell == '|'), "|\n");
		size_t used = strlen(list);

		if (*cell == '#')
			break;
		/* A row about some rows of a table excuses no column. */
		if (*cell == '|' && memmem(cell, len, "` rows ", 7) == NULL)
			(void)snprintf(list + used, sizeof(list) - used, "%.*s",
			    (int)len, cell);
	}
	buf_free(&doc);
	assert_true(strlen(list) > 100);
}

static bool
is_listed(const char *table, const char *column)
{
	char word[128];

	(void)snprintf(word, sizeof(word), "`%s%s%s`", table,
	    *table != '\0' && *column != '\0' ? "." : "", column);
	return strstr(list, word) != NULL;
}

static bool
is_excused(const char *table, const char *column)
{
	return is_listed(table, "") || is_listed(table, column) ||
	    is_listed("", column);
}

/* A value that stands nowhere else, and the text to look for. */
static void
choose(const char *table, const char *column, const char *type, char *value,
    size_t size)
{
	struct mark *m = &marks[marks_count++];
	int n = (int)marks_count;

	assert_true(marks_count < COLUMNS_MAX);
	(void)snprintf(m->name, sizeof(m->name), "%.40s.%.40s", table, column);
	if (strcmp(m->name, "JairKept.kind") == 0)
		(void)snprintf(m->shown, sizeof(m->shown), "unresolved");
	else if (strcmp(type, "TEXT") == 0)
		(void)snprintf(m->shown, sizeof(m->shown), "<%.40s.%.40s>",
		    table, column);
	else if (strcmp(type, "DATETIME") == 0)
		(void)snprintf(m->shown, sizeof(m->shown),
		    "2001-02-03T04:05:06.%03dZ", n);
	else if (strcmp(type, "REAL") == 0)
		(void)snprintf(m->shown, sizeof(m->shown), "%d.125", n);
	else if (strcmp(type, "BOOLEAN") == 0)
		(void)snprintf(m->shown, sizeof(m->shown), "true");
	else
		(void)snprintf(m->shown, sizeof(m->shown), "%d", 900000 + n);
	booleans += strcmp(type, "BOOLEAN") == 0;
	if (strcmp(type, "TEXT") == 0 || strcmp(type, "DATETIME") == 0)
		(void)snprintf(value, size, "'%s'", m->shown);
	else
		(void)snprintf(value, size, "%s", m->shown);
}

/* One row in ${table} with a mark in every column that is not excused. */
static void
fill_table(struct db *db, const char *table)
{
	sqlite3_stmt *stmt = NULL;
	char names[2048] = "";
	char values[4096] = "";
	char sql[8192];

	assert_int_equal(sqlite3_prepare_v2(db_handle(db),
			     "SELECT name, type "
			     "FROM pragma_table_xinfo(?1)",
			     -1, &stmt, NULL),
	    SQLITE_OK);
	(void)sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *c = (const char *)sqlite3_column_text(stmt, 0);
		const char *t = (const char *)sqlite3_column_text(stmt, 1);
		char value[256] = "1";
		size_t n = strlen(names);
		size_t v = strlen(values);

		if (is_listed(table, c))
			continue;
		/* Numbers of this database: they tie the rows together. */
		if (!is_listed("", c))
			choose(table, c, t, value, sizeof(value));
		(void)snprintf(names + n, sizeof(names) - n, "%s\"%s\"",
		    n > 0 ? "," : "", c);
		(void)snprintf(values + v, sizeof(values) - v, "%s%s",
		    v > 0 ? "," : "", value);
	}
	(void)sqlite3_finalize(stmt);
	(void)snprintf(sql, sizeof(sql), "INSERT INTO \"%s\" (%s) VALUES (%s)",
	    table, names, values);
	fixture_exec(db, sql);
}

static void
fill(struct db *db)
{
	sqlite3_stmt *stmt = NULL;
	char tables[32][64];
	int n = 0;

	assert_int_equal(
	    sqlite3_prepare_v2(db_handle(db),
		"SELECT name FROM "
		"sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
		-1, &stmt, NULL),
	    SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW && n < 32)
		(void)snprintf(tables[n++], sizeof(tables[0]), "%s",
		    (const char *)sqlite3_column_text(stmt, 0));
	(void)sqlite3_finalize(stmt);
	assert_true(n > 5);
	for (int i = 0; i < n; i++) {
		if (!is_listed(tables[i], ""))
			fill_table(db, tables[i]);
	}
}

static int
count(const char *text, const char *part)
{
	int n = 0;

	for (; (text = strstr(text, part)) != NULL; text++)
		n++;
	return n;
}

static void
archive_holds_every_column_that_the_manual_does_not_excuse(void **state)
{
	struct archive_stats stats;
	struct db *db = fixture_db("a.db");
	struct buf text;

	(void)state;
	read_list();
	fill(db);
	text = fixture_archive(db, &stats);
	assert_true(marks_count > 40);
	for (size_t i = 0; i < marks_count; i++) {
		if (strstr(text.data, marks[i].shown) == NULL)
			fail_msg("%s is neither exported nor listed in "
				 "docs/format.md",
			    marks[i].name);
	}
	assert_int_equal(count(text.data, ": true"), booleans);
	buf_free(&text);
	db_free(db);
}

static void
list_excuses_only_what_it_names(void **state)
{
	(void)state;
	assert_true(is_excused("JairSession", "tokenHash"));
	assert_true(is_excused("User", "passwordHash"));
	assert_true(is_excused("UserMedia", "mediaId"));
	assert_false(is_excused("User", "username"));
	assert_false(is_excused("Media", "title"));
	assert_false(is_excused("Forgotten", "column"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    archive_holds_every_column_that_the_manual_does_not_excuse),
		cmocka_unit_test(list_excuses_only_what_it_names),
	};

	return cmocka_run_group_tests(tests, fixture_make, fixture_free);
}
