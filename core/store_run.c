#include "core/store_run.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "core/store_value.h"

enum { ADD, TRIM, LAST, LAST_VERIFIED, OF_FILE, STATEMENTS };

#define COLUMNS                                                                \
	"\"kind\", coalesce(\"file\", ''), \"startedAt\", \"ms\","             \
	" coalesce(\"bytes\", 0), coalesce(\"sha256\", ''), \"verified\","     \
	" coalesce(\"error\", '')"

static const char *const sql[STATEMENTS] = {
	[ADD] = "INSERT INTO \"BackupRun\" (\"kind\", \"file\", \"startedAt\","
		" \"ms\", \"bytes\", \"sha256\", \"verified\", \"error\")"
		" VALUES (?1, nullif(?2, ''), ?3, ?4, ?5, nullif(?6, ''), ?7,"
		" nullif(?8, ''))",
	[TRIM] = "DELETE FROM \"BackupRun\" WHERE \"kind\" = ?1 AND \"id\" <="
		 " (SELECT \"id\" FROM \"BackupRun\" WHERE \"kind\" = ?1"
		 " ORDER BY \"id\" DESC LIMIT 1 OFFSET 500)",
	[LAST] = "SELECT " COLUMNS " FROM \"BackupRun\" WHERE \"kind\" = ?1"
		 " ORDER BY \"id\" DESC LIMIT 1",
	[LAST_VERIFIED] = "SELECT " COLUMNS " FROM \"BackupRun\" WHERE"
			  " \"kind\" = ?1 AND \"verified\" = 1"
			  " ORDER BY \"id\" DESC LIMIT 1",
	[OF_FILE] = "SELECT " COLUMNS " FROM \"BackupRun\" WHERE \"file\" = ?1"
		    " ORDER BY \"id\" DESC LIMIT 1",
};

const struct db_table store_run_table = { "BackupRun", sql, STATEMENTS };

static const char *const kinds[] = {
	[RUN_SNAPSHOT] = "snapshot",
	[RUN_ARCHIVE] = "archive",
	[RUN_RESTORE] = "restore",
	[RUN_RECOVERY] = "recovery",
};

static int
insert(struct db_stmts *s, const struct run *run, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s, ADD);

	store_value_bind_text(stmt, 1, kinds[run->kind]);
	store_value_bind_text(stmt, 2, run->file);
	store_value_bind_text(stmt, 3, run->started);
	(void)sqlite3_bind_int64(stmt, 4, run->ms);
	(void)sqlite3_bind_int64(stmt, 5, run->bytes);
	store_value_bind_text(stmt, 6, run->sha256);
	(void)sqlite3_bind_int(stmt, 7, run->verified);
	store_value_bind_text(stmt, 8, run->error);
	if (db_run(s, stmt, err))
		return -1;
	stmt = db_stmt(s, TRIM);
	store_value_bind_text(stmt, 1, kinds[run->kind]);
	return db_run(s, stmt, err);
}

int
store_run_add(struct db *db, const struct run *run, struct err *err)
{
	struct db_stmts *s;
	int rc;

	if (db_prepare(db, &store_run_table, &s, err))
		return -1;
	rc = insert(s, run, err);
	db_stmts_free(s);
	return rc;
}

static int
copy_text(char *out, size_t size, sqlite3_stmt *stmt, int column,
    struct err *err)
{
	const char *s;

	if (db_text(stmt, column, &s, err))
		return -1;
	(void)snprintf(out, size, "%s", s != NULL ? s : "");
	return 0;
}

static int
read_row(sqlite3_stmt *stmt, struct run *run, struct err *err)
{
	char kind[16];

	*run = (struct run){ 0 };
	if (copy_text(kind, sizeof(kind), stmt, 0, err) ||
	    copy_text(run->file, sizeof(run->file), stmt, 1, err) ||
	    copy_text(run->started, sizeof(run->started), stmt, 2, err) ||
	    copy_text(run->sha256, sizeof(run->sha256), stmt, 5, err) ||
	    copy_text(run->error, sizeof(run->error), stmt, 7, err))
		return -1;
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		if (strcmp(kind, kinds[k]) == 0)
			run->kind = (enum run_kind)k;
	}
	run->ms = sqlite3_column_int64(stmt, 3);
	run->bytes = sqlite3_column_int64(stmt, 4);
	run->verified = sqlite3_column_int(stmt, 6) != 0;
	return 0;
}

/* The first row of statement ${which} with ${key} bound. */
static int
find(struct db *db, int which, const char *key, struct run *run, bool *found,
    struct err *err)
{
	struct db_stmts *s;
	sqlite3_stmt *stmt;
	int rc;

	*found = false;
	if (db_prepare(db, &store_run_table, &s, err))
		return -1;
	stmt = db_stmt(s, (size_t)which);
	store_value_bind_text(stmt, 1, key);
	if ((rc = db_step(s, stmt, err)) == 1) {
		rc = read_row(stmt, run, err);
		*found = rc == 0;
	}
	db_stmts_free(s);
	return rc < 0 ? -1 : 0;
}

int
store_run_last(struct db *db, enum run_kind kind, struct run *run, bool *found,
    struct err *err)
{
	return find(db, LAST, kinds[kind], run, found, err);
}

int
store_run_last_verified(struct db *db, enum run_kind kind, struct run *run,
    bool *found, struct err *err)
{
	return find(db, LAST_VERIFIED, kinds[kind], run, found, err);
}

int
store_run_of(struct db *db, const char *file, struct run *run, bool *found,
    struct err *err)
{
	return find(db, OF_FILE, file, run, found, err);
}
