#include "core/store_user.h"

#include <sqlite3.h>
#include <stdlib.h>

enum { SQL_IDS, SQL_GET, SQL_NAMED, SQL_COUNT };

static const char *const sql[SQL_COUNT] = {
	/* Only keys are sorted: profiles may be long. */
	[SQL_IDS] = "SELECT \"id\" FROM \"User\""
		    " ORDER BY jair_name(\"username\"), \"id\"",
	[SQL_GET] =
	    "SELECT jair_name(\"username\"), \"username\", \"movieProfile\","
	    " \"tvProfile\", \"movieProfileAt\", \"tvProfileAt\","
	    " \"createdAt\", \"jellyfinUserId\""
	    " FROM \"User\" WHERE \"id\" = ?1",
	[SQL_NAMED] =
	    "SELECT 1 FROM \"User\" WHERE jair_name(\"username\") = ?1",
};

const struct db_table store_user_table = { "store_user", sql, SQL_COUNT };

struct store_user {
	struct db_stmts *stmts;
	sqlite3_stmt *ids; /* NULL before the first user */
};

int
store_user_open(struct db *db, struct store_user **out, struct err *err)
{
	struct store_user *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a store.");
	if (db_prepare(db, &store_user_table, &store->stmts, err)) {
		store_user_free(store);
		return -1;
	}
	*out = store;
	return 0;
}

void
store_user_free(struct store_user *store)
{
	if (store == NULL)
		return;
	db_stmts_free(store->stmts);
	free(store);
}

int
store_user_next(struct store_user *store, struct user *user, struct err *err)
{
	sqlite3_stmt *get;
	int rc;

	if (store->ids == NULL)
		store->ids = db_stmt(store->stmts, SQL_IDS);
	if ((rc = db_step(store->stmts, store->ids, err)) != 1) {
		store->ids = NULL;
		return rc;
	}
	user->id = sqlite3_column_int64(store->ids, 0);
	get = db_stmt(store->stmts, SQL_GET);
	(void)sqlite3_bind_int64(get, 1, user->id);
	if ((rc = db_step(store->stmts, get, err)) == 0)
		return err_set(err, ERR_CORRUPT,
		    "User %lld is listed but "
		    "cannot be found.",
		    (long long)user->id);
	if (rc < 0 || store_value_read(get, 0, &user->name, 1, err) ||
	    store_value_read(get, 1, user->v, USER_FIELDS, err))
		return -1;
	return 1;
}

int
store_user_named(struct store_user *store, const char *name, size_t len,
    bool *found, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(store->stmts, SQL_NAMED);
	int rc;

	(void)sqlite3_bind_text64(stmt, 1, name, len, SQLITE_STATIC,
	    SQLITE_UTF8);
	rc = db_step(store->stmts, stmt, err);
	(void)sqlite3_reset(stmt);
	*found = rc == 1;
	return rc < 0 ? -1 : 0;
}
