#include "core/store_setup.h"

enum { REOPEN, STATEMENTS };

static const char *const sql[STATEMENTS] = {
	[REOPEN] = "UPDATE \"SystemConfig\" SET \"isConfigured\" = 0 WHERE"
		   " \"id\" = 1",
};

const struct db_table store_setup_table = { "Setup", sql, STATEMENTS };

int
store_setup_reopen(struct db *db, struct err *err)
{
	struct db_stmts *s;
	int rc;

	if (db_prepare(db, &store_setup_table, &s, err))
		return -1;
	rc = db_run(s, db_stmt(s, REOPEN), err);
	db_stmts_free(s);
	return rc;
}
