#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/db.h"

/* So many values of a wrong type are no accident. */
#define TYPES_MIN 3

/* A message of integrity_check without the heading above it. */
static const char *
message_of(const char *text)
{
	const char *end;

	if (strncmp(text, "*** in ", 7) == 0 &&
	    (end = strchr(text, '\n')) != NULL)
		return end + 1;
	return text;
}

/*
 * Whether ${line} is about a value in a table WITHOUT ROWID: SQLite 3.40 looks
 * at another column there when the key does not come first, and the table is
 * as it should be.
 * Source: https://www.sqlite.org/releaselog/3_41_1.html
 */
static bool
is_false_alarm(struct db *db, const char *line)
{
	sqlite3_stmt *stmt = NULL;
	bool found;

	if (strstr(line, " value in ") == NULL)
		return false;
	found =
	    sqlite3_prepare_v2(db_handle(db),
		"SELECT 1 FROM pragma_table_list WHERE schema = 'main' AND wr"
		" AND instr(?1, ' value in ' || name || '.') > 0",
		-1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_bind_text(stmt, 1, line, -1, SQLITE_STATIC) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW;
	(void)sqlite3_finalize(stmt);
	return found;
}

/* Sort one line of integrity_check; -1 when it tells of damage. */
static int
sort_message(const char *line, struct db_findings *f)
{
	static const struct {
		const char *part;
		enum { INDEX, CONSTRAINT, EMPTY, TYPE } kind;
	} kinds[] = {
		{ " missing from index ", INDEX },
		{ "wrong # of entries in index ", INDEX },
		{ " values differ from index ", INDEX },
		{ "non-unique entry in index ", CONSTRAINT },
		{ "NULL value in ", EMPTY },
		{ "CHECK constraint failed in ", CONSTRAINT },
		{ " value in ", TYPE },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strstr(line, kinds[i].part) == NULL)
			continue;
		if (kinds[i].kind == INDEX)
			f->indexes++;
		else
			f->constraints++;
		f->types += kinds[i].kind == TYPE;
		f->nulls += kinds[i].kind == EMPTY;
		if (f->first[0] == '\0')
			(void)snprintf(f->first, sizeof(f->first), "%s", line);
		return 0;
	}
	return -1;
}

/* How many rows ${sql} counts for ${table} by ${index}; -1: not to be asked. */
static int64_t
count_by(struct db *db, const char *sql, const char *table, const char *index)
{
	char *text = sqlite3_mprintf(sql, table, index);
	struct err ignored = { 0 };
	int64_t n = -1;

	if (text == NULL || db_int(db, text, &n, &ignored))
		n = -1;
	sqlite3_free(text);
	return n;
}

/* Whether the index, of the table in the row, knows about as many rows. */
static int
check_index(struct db *db, sqlite3_stmt *row, struct err *err)
{
	const char *t;
	const char *i;
	int64_t rows;
	int64_t known;

	if (db_text(row, 0, &t, err) || db_text(row, 1, &i, err))
		return -1;
	rows = count_by(db, "SELECT sum(1) FROM \"%w\" NOT INDEXED", t, i);
	known =
	    count_by(db, "SELECT sum(1) FROM \"%w\" INDEXED BY \"%w\"", t, i);
	if (rows < 0 || known <= rows + rows / 8 + 1)
		return 0;
	return err_set(err, ERR_CORRUPT,
	    "%s is damaged: the table %s has %lld rows, and its index %s knows"
	    " %lld",
	    db_path(db), t, (long long)rows, i, (long long)known);
}

/*
 * An index that knows many more rows than its table has tells of damage to
 * the table, though each page is sound: it is not the index that is to be
 * built anew.
 */
static int
check_tables(struct db *db, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int rc = 0;

	if (sqlite3_prepare_v2(db_handle(db),
		"SELECT tbl_name, name FROM sqlite_schema WHERE type = 'index'"
		" AND coalesce(sql, '') NOT LIKE '%WHERE%'",
		-1, &stmt, NULL) != SQLITE_OK)
		return db_fail(db, err, "Cannot check the database");
	while (rc == 0 &&
	    (rc = db_next(db, stmt, "Cannot check the database", err)) == 1)
		rc = check_index(db, stmt, err);
	(void)sqlite3_finalize(stmt);
	return rc;
}

int
db_check(struct db *db, struct db_findings *findings, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int step;
	int rc = 0;

	*findings = (struct db_findings){ 0 };
	if (sqlite3_prepare_v2(db_handle(db), "PRAGMA integrity_check(1000000)",
		-1, &stmt, NULL) != SQLITE_OK)
		return db_fail(db, err, "Cannot check the database");
	while (rc == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
		const char *line = (const char *)sqlite3_column_text(stmt, 0);

		if (line == NULL || strcmp(line, "ok") == 0 ||
		    is_false_alarm(db, line))
			continue;
		if (sort_message(line, findings))
			rc = db_read_failed(db)
			    ? db_fail_read(db, err)
			    : err_set(err, ERR_CORRUPT, "%s is damaged: %s",
				  db_path(db), message_of(line));
	}
	if (rc == 0 && step != SQLITE_DONE)
		rc = db_fail(db, err, "Cannot check the database");
	(void)sqlite3_finalize(stmt);
	/* SQLite converts what is written, and refuses NULL where none may be:
	   a table with such values, and with indexes that know others, has the
	   rows of another. */
	if (rc == 0 &&
	    (findings->types >= TYPES_MIN ||
		(findings->indexes > 0 &&
		    findings->types + findings->nulls > 0)))
		rc = err_set(err, ERR_CORRUPT,
		    "%s is damaged: values stand where none like them can be"
		    " written: %s",
		    db_path(db), findings->first);
	if (rc == 0 && findings->indexes > 0)
		rc = check_tables(db, err);
	return rc;
}
