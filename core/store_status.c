#include "core/store_status.h"

#include <sqlite3.h>
#include <stdlib.h>

enum { READ, VERSION, STATEMENTS };

static const char *const sql[STATEMENTS] = {
	/* The original's databases may say 'true' where 1 belongs. */
	[READ] = "SELECT EXISTS (SELECT 1 FROM \"SystemConfig\" WHERE"
		 " \"id\" = 1 AND lower(\"isConfigured\") IN ('1', 'true')),"
		 " EXISTS (SELECT 1 FROM \"StagedRestore\" WHERE"
		 " \"state\" IN ('ready', 'pending')),"
		 " EXISTS (SELECT 1 FROM \"User\")",
	[VERSION] = "PRAGMA user_version",
};

const struct db_table store_status_table = { "Status", sql, STATEMENTS };

struct store_status {
	struct db_stmts *stmts;
};

struct store_status *
store_status_new(struct db *db, struct err *err)
{
	struct store_status *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		err_set(err, ERR_NOMEM, "No memory for the status.");
		return NULL;
	}
	if (db_prepare(db, &store_status_table, &s->stmts, err) == 0)
		return s;
	free(s);
	return NULL;
}

void
store_status_free(struct store_status *s)
{
	if (s == NULL)
		return;
	db_stmts_free(s->stmts);
	free(s);
}

/*
 * Step to the only row of ${index}.  Its reader resets the statement, which
 * would otherwise keep the lock of a reader.
 */
static struct sqlite3_stmt *
one_row(struct store_status *s, size_t index, struct err *err)
{
	struct sqlite3_stmt *stmt = db_stmt(s->stmts, index);
	int step = db_step(s->stmts, stmt, err);

	if (step == 0)
		err_set(err, ERR_DB,
		    "The database gave no row for its "
		    "status.");
	return step == 1 ? stmt : NULL;
}

int
store_status_read(struct store_status *s, struct status *status,
    struct err *err)
{
	struct sqlite3_stmt *stmt = one_row(s, READ, err);

	if (stmt == NULL)
		return -1;
	status->configured = sqlite3_column_int(stmt, 0) != 0;
	status->staged = sqlite3_column_int(stmt, 1) != 0;
	status->users = sqlite3_column_int(stmt, 2) != 0;
	(void)sqlite3_reset(stmt);
	return 0;
}

int
store_status_version(struct store_status *s, int64_t *version, struct err *err)
{
	struct sqlite3_stmt *stmt = one_row(s, VERSION, err);

	if (stmt == NULL)
		return -1;
	*version = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_reset(stmt);
	return 0;
}
