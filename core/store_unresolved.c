#include "core/store_unresolved.h"

#include <sqlite3.h>

#include "core/store_kept.h"
#include "core/store_value.h"

enum { COUNT, NEXT, DROP, NAMES, STATEMENTS };

#define OF_USER                                                                \
	" FROM \"JairKept\" WHERE \"userId\" = ?1"                             \
	" AND \"kind\" = 'unresolved' "

static const char *const sql[STATEMENTS] = {
	[COUNT] = "SELECT count(*)" OF_USER,
	[NEXT] = "SELECT \"id\", CASE WHEN length(CAST(\"value\" AS BLOB))"
		 " <= ?3 THEN \"value\" END" OF_USER
		 "AND \"id\" > ?2 ORDER BY \"id\" LIMIT 1",
	[DROP] = "DELETE" OF_USER "AND \"id\" = ?2",
	[NAMES] = "SELECT" STORE_KEPT_NAMES OF_USER "ORDER BY \"id\" LIMIT ?2",
};

const struct db_table store_unresolved_table = { "unresolved", sql,
	STATEMENTS };

/* Compile, and bind the user. */
static sqlite3_stmt *
begin(struct db *db, size_t which, int64_t user, struct db_stmts **s,
    struct err *err)
{
	sqlite3_stmt *stmt;

	if (db_prepare(db, &store_unresolved_table, s, err))
		return NULL;
	stmt = db_stmt(*s, which);
	(void)sqlite3_bind_int64(stmt, 1, user);
	return stmt;
}

int
store_unresolved_count(struct db *db, int64_t user, int64_t *count,
    struct err *err)
{
	struct db_stmts *s;
	sqlite3_stmt *stmt = begin(db, COUNT, user, &s, err);
	int rc;

	*count = 0;
	if (stmt == NULL)
		return -1;
	if ((rc = db_step(s, stmt, err)) == 1)
		*count = sqlite3_column_int64(stmt, 0);
	db_stmts_free(s);
	return rc < 0 ? -1 : 0;
}

int
store_unresolved_next(struct db *db, int64_t user, int64_t after,
    struct unresolved *title, struct err *err)
{
	struct db_stmts *s;
	sqlite3_stmt *stmt = begin(db, NEXT, user, &s, err);
	int rc;

	*title = (struct unresolved){ .json = NULL };
	if (stmt == NULL)
		return -1;
	(void)sqlite3_bind_int64(stmt, 2, after);
	(void)sqlite3_bind_int(stmt, 3, UNRESOLVED_MAX);
	if ((rc = db_step(s, stmt, err)) == 1) {
		title->id = sqlite3_column_int64(stmt, 0);
		if (store_value_text(stmt, 1, &title->json, err))
			rc = -1;
	}
	db_stmts_free(s);
	return rc;
}

int
store_unresolved_drop(struct db *db, int64_t user, int64_t id, struct err *err)
{
	struct db_stmts *s;
	sqlite3_stmt *stmt = begin(db, DROP, user, &s, err);
	int rc;

	if (stmt == NULL)
		return -1;
	(void)sqlite3_bind_int64(stmt, 2, id);
	rc = db_run(s, stmt, err);
	if (rc == 0 && sqlite3_changes(db_handle(db)) == 0)
		rc = err_set(err, ERR_MISSING,
		    "The title %lld waits no more for its id.", (long long)id);
	db_stmts_free(s);
	return rc;
}

int
store_unresolved_names(struct db *db, int64_t user, const char *key,
    struct json_out *j, struct err *err)
{
	struct db_stmts *s;
	sqlite3_stmt *stmt = begin(db, NAMES, user, &s, err);
	int rc;

	if (stmt == NULL)
		return -1;
	(void)sqlite3_bind_int(stmt, 2, STORE_KEPT_NAMES_MAX);
	rc = store_kept_names(s, stmt, key, j, err);
	db_stmts_free(s);
	return rc;
}
