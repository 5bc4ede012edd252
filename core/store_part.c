#include "core/store_part.h"

#include <sqlite3.h>

#include "core/store_kept.h"

enum { LISTS, NAMES, STATEMENTS };

#define WATCHED_AS(type)                                                       \
	"count(*) FILTER (WHERE u.\"status\" = 'WATCHED'"                      \
	" AND m.\"mediaType\" = '" type "')"
#define WITH_STATUS(s) "count(*) FILTER (WHERE u.\"status\" = '" s "')"

static const char *const sql[STATEMENTS] = {
	[LISTS] = "SELECT " WATCHED_AS("movie") ", " WATCHED_AS("tv") ", " WITH_STATUS(
	    "WATCHLIST") ", " WITH_STATUS("BLOCKED") " FROM src.\"UserMedia\" u JOIN src.\"Media\" m"
						     " ON m.\"id\" = u.\"mediaId\"",
	[NAMES] = "SELECT" STORE_KEPT_NAMES "FROM src.\"JairKept\""
		  " WHERE \"kind\" = ?1 ORDER BY \"id\" LIMIT ?2",
};

const struct db_table store_part_table = { "part", sql, STATEMENTS };

int
store_part_lists(struct db *db, struct part_lists *lists, struct err *err)
{
	struct db_stmts *s;
	sqlite3_stmt *stmt;
	int rc;

	*lists = (struct part_lists){ 0 };
	if (db_prepare(db, &store_part_table, &s, err))
		return -1;
	stmt = db_stmt(s, LISTS);
	if ((rc = db_step(s, stmt, err)) == 1) {
		lists->movies = sqlite3_column_int64(stmt, 0);
		lists->series = sqlite3_column_int64(stmt, 1);
		lists->watchlist = sqlite3_column_int64(stmt, 2);
		lists->blocked = sqlite3_column_int64(stmt, 3);
	}
	db_stmts_free(s);
	return rc < 0 ? -1 : 0;
}

int
store_part_names(struct db *db, const char *kind, const char *key,
    struct json_out *j, struct err *err)
{
	struct db_stmts *s;
	sqlite3_stmt *stmt;
	int rc;

	if (db_prepare(db, &store_part_table, &s, err))
		return -1;
	stmt = db_stmt(s, NAMES);
	(void)sqlite3_bind_text(stmt, 1, kind, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int(stmt, 2, STORE_KEPT_NAMES_MAX);
	rc = store_kept_names(s, stmt, key, j, err);
	db_stmts_free(s);
	return rc;
}
