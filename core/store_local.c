#include "core/store_local.h"

enum { FORGET };

/* In an order in which no row waits for one that is not there yet. */
static const char *const sql[] = {
	[FORGET] = "DELETE FROM main.\"JairSession\"",
	"DELETE FROM main.\"StagedUser\"",
	"DELETE FROM main.\"StagedRestore\"",
	"DELETE FROM main.\"Job\"",
	"DELETE FROM main.\"BackupRun\"",
	"INSERT INTO main.\"StagedRestore\" (\"id\", \"file\", \"state\","
	" \"sha256\", \"preview\", \"config\", \"assignTo\", \"createdAt\")"
	" SELECT \"id\", \"file\", \"state\", \"sha256\", \"preview\","
	" \"config\", \"assignTo\", \"createdAt\""
	" FROM src.\"StagedRestore\"",
	"INSERT INTO main.\"StagedUser\" (\"id\", \"restoreId\","
	" \"username\", \"state\", \"jellyfinUserId\", \"claimedAt\","
	" \"result\") SELECT \"id\", \"restoreId\", \"username\","
	" \"state\", \"jellyfinUserId\", \"claimedAt\", \"result\""
	" FROM src.\"StagedUser\"",
	"INSERT INTO main.\"Job\" (\"id\", \"type\", \"state\", \"userId\","
	" \"input\", \"result\", \"error\", \"createdAt\", \"startedAt\","
	" \"endedAt\", \"attempts\") SELECT \"id\", \"type\", \"state\","
	" \"userId\", \"input\", \"result\", \"error\", \"createdAt\","
	" \"startedAt\", \"endedAt\", \"attempts\" FROM src.\"Job\"",
	"INSERT INTO main.\"BackupRun\" (\"id\", \"kind\", \"file\","
	" \"startedAt\", \"ms\", \"bytes\", \"sha256\", \"verified\","
	" \"error\") SELECT \"id\", \"kind\", \"file\", \"startedAt\","
	" \"ms\", \"bytes\", \"sha256\", \"verified\", \"error\""
	" FROM src.\"BackupRun\"",
};

#define STATEMENTS (sizeof(sql) / sizeof(sql[0]))

const struct db_table store_local_table = { "local", sql, STATEMENTS };

/* Run the first ${count} statements of the table. */
static int
run(struct db *db, size_t count, struct err *err)
{
	struct db_stmts *s;
	int rc = 0;

	/* One by one: "src" is not attached where only the first run. */
	for (size_t i = 0; i < count && rc == 0; i++) {
		const struct db_table one = { "local", &sql[i], 1 };

		if (db_prepare(db, &one, &s, err))
			return -1;
		rc = db_run(s, db_stmt(s, 0), err);
		db_stmts_free(s);
	}
	return rc;
}

int
store_local_take_over(struct db *db, struct err *err)
{
	return run(db, STATEMENTS, err);
}

int
store_local_forget_sessions(struct db *db, struct err *err)
{
	return run(db, FORGET + 1, err);
}
