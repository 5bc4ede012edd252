#include <sqlite3.h>

#include "core/salvage_int.h"

/* Entries that name a title or a user that is not there. */
static const char dangling_sql[] =
    "SELECT (SELECT count(*) FROM \"UserMedia\" WHERE \"mediaId\" NOT IN"
    " (SELECT \"id\" FROM \"Media\")) + (SELECT count(*) FROM \"UserMedia\""
    " WHERE \"userId\" NOT IN (SELECT \"id\" FROM \"User\"))";

/* Rows with one id in both databases; and those that are then different. */
static const char common_sql[] =
    "SELECT (SELECT count(*) FROM main.\"Media\" m JOIN ref.\"Media\" r"
    " ON r.\"id\" = m.\"id\") + (SELECT count(*) FROM main.\"User\" m"
    " JOIN ref.\"User\" r ON r.\"id\" = m.\"id\")";
static const char other_sql[] =
    "SELECT (SELECT count(*) FROM main.\"Media\" m JOIN ref.\"Media\" r"
    " ON r.\"id\" = m.\"id\" WHERE r.\"tmdbId\" IS NOT m.\"tmdbId\""
    " OR r.\"mediaType\" IS NOT m.\"mediaType\") + (SELECT count(*) FROM"
    " main.\"User\" m JOIN ref.\"User\" r ON r.\"id\" = m.\"id\""
    " WHERE r.\"username\" IS NOT m.\"username\")";

/*
 * What a row is, and a former state tells differently: a title's numbers,
 * whose entry it is and of what, a name.  Nobody changes that, schema sync
 * aside, which will do it again.  A byte that was damaged there is a number
 * like any other, so nothing else finds it.  Rows that say when they were
 * made, or how they are called, are the same when they say the same.
 */
static const char *const heal_sql[] = {
	"UPDATE OR IGNORE main.\"Media\" AS m SET \"tmdbId\" = r.\"tmdbId\","
	" \"mediaType\" = r.\"mediaType\" FROM ref.\"Media\" r"
	" WHERE r.\"id\" = m.\"id\" AND r.\"title\" = m.\"title\""
	" AND (r.\"tmdbId\" IS NOT m.\"tmdbId\""
	" OR r.\"mediaType\" IS NOT m.\"mediaType\")",
	"UPDATE OR IGNORE main.\"UserMedia\" AS m SET"
	" \"userId\" = r.\"userId\", \"mediaId\" = r.\"mediaId\""
	" FROM ref.\"UserMedia\" r"
	" WHERE r.\"id\" = m.\"id\" AND r.\"addedAt\" = m.\"addedAt\""
	" AND (r.\"userId\" IS NOT m.\"userId\""
	" OR r.\"mediaId\" IS NOT m.\"mediaId\")",
	/* Somebody who was renamed has mostly a name of another length. */
	"UPDATE OR IGNORE main.\"User\" AS m SET"
	" \"username\" = r.\"username\" FROM ref.\"User\" r"
	" WHERE r.\"id\" = m.\"id\" AND r.\"createdAt\" = m.\"createdAt\""
	" AND r.\"username\" IS NOT m.\"username\""
	" AND length(CAST(r.\"username\" AS BLOB)) ="
	" length(CAST(m.\"username\" AS BLOB))",
};

/* The columns of ?1 that both databases have, quoted. */
static const char columns_sql[] =
    "SELECT group_concat('\"' || replace(name, '\"', '\"\"') || '\"', ', ')"
    " FROM pragma_table_info(?1) WHERE arg = ?1 AND schema = 'main' AND name"
    " IN (SELECT name FROM pragma_table_info(?1) WHERE schema = 'ref')";

/* Copy the rows of ${table} that UserMedia names in ${by} and that lack. */
static int
copy_missing(struct db *out, const char *table, const char *by, int64_t *filled,
    struct err *err)
{
	sqlite3 *h = db_handle(out);
	sqlite3_stmt *stmt = NULL;
	char *text = NULL;
	int rc = -1;

	if (sqlite3_prepare_v2(h, columns_sql, -1, &stmt, NULL) == SQLITE_OK) {
		(void)sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC);
		if (sqlite3_step(stmt) == SQLITE_ROW)
			text = sqlite3_mprintf(
			    "INSERT OR IGNORE INTO main.\"%w\" (%s)"
			    " SELECT %s FROM ref.\"%w\" WHERE \"id\" IN"
			    " (SELECT \"%w\" FROM main.\"UserMedia\")"
			    " AND \"id\" NOT IN (SELECT \"id\" FROM"
			    " main.\"%w\")",
			    table, sqlite3_column_text(stmt, 0),
			    sqlite3_column_text(stmt, 0), table, by, table);
	}
	(void)sqlite3_finalize(stmt);
	if (text == NULL)
		return db_starved(out, "Cannot read the columns", err);
	if ((rc = db_exec(out, text, err)) == 0)
		*filled += sqlite3_changes64(h);
	sqlite3_free(text);
	return rc;
}

/* Tables of an earlier release may lack a column: they stay as they are. */
static int
heal(struct db *out, int64_t *healed, struct err *err)
{
	for (size_t i = 0; i < sizeof(heal_sql) / sizeof(heal_sql[0]); i++) {
		struct err refused = { 0 };

		if (db_exec(out, heal_sql[i], &refused) == 0) {
			*healed += sqlite3_changes64(db_handle(out));
		} else if (refused.code != ERR_DB) {
			*err = refused;
			return -1;
		}
	}
	return 0;
}

/* Take what lacks from the attached database when it is a former state. */
static int
fill_from(struct db *out, bool pure, struct salvage_filling *f, struct err *err)
{
	int64_t common;
	int64_t other;

	if (db_int(out, common_sql, &common, err) ||
	    db_int(out, other_sql, &other, err))
		return -1;
	/* A title may have been found anew, but ids are not given twice. */
	if (common == 0 || other * 20 > common)
		return 0;
	/* The newest one in which nothing is odd tells what the rows were. */
	if (pure && !f->compared && heal(out, &f->healed, err))
		return -1;
	f->compared = f->compared || pure;
	if (copy_missing(out, "User", "userId", &f->filled, err))
		return -1;
	return copy_missing(out, "Media", "mediaId", &f->filled, err);
}

static int
attach(struct db *out, const char *path, struct err *err)
{
	char *text = sqlite3_mprintf("ATTACH %Q AS ref", path);
	int rc = text != NULL
	    ? db_exec(out, text, err)
	    : err_set(err, ERR_NOMEM, "No memory for a statement.");

	sqlite3_free(text);
	return rc;
}

/*
 * Whether the whole of a reference can be read: 1, and with ${pure} nothing
 * in it contradicts itself; 0, or -1 with ${err} when the machine failed.
 */
static int
is_sound(const char *path, bool *pure, struct err *err)
{
	struct db_findings found;
	struct err refused = { 0 };
	struct db *db = NULL;
	int rc = db_open(&db, path, DB_READ, &refused) == 0 &&
		db_check(db, &found, &refused) == 0
	    ? 1
	    : 0;

	db_free(db);
	/* A byte that was damaged in a number shows in its index. */
	*pure = rc == 1 && found.indexes == 0 && found.constraints == 0;
	if (refused.code != ERR_NOMEM && refused.code != ERR_DISK)
		return rc;
	*err = refused;
	return -1;
}

/* What one reference gives. */
static int
fill_by(struct db *out, const char *path, struct salvage_filling *f,
    struct err *err)
{
	struct err refused = { 0 };
	bool pure;
	int rc = is_sound(path, &pure, err);

	if (rc <= 0)
		return rc;
	if (attach(out, path, &refused) == 0) {
		(void)fill_from(out, pure, f, &refused);
		if (db_exec(out, "DETACH ref", err))
			return -1;
	}
	if (refused.code != ERR_NOMEM && refused.code != ERR_DISK)
		return 0;
	*err = refused;
	return -1;
}

int
salvage_fill(struct db *out, const char *const *references,
    struct salvage_filling *f, struct err *err)
{
	int64_t dangling = 0;

	/* Without these tables there is nothing to fill. */
	if (db_int(out, dangling_sql, &dangling, err)) {
		if (err->code != ERR_DB)
			return -1;
		err_clear(err);
		return 0;
	}
	for (size_t i = 0; references != NULL && references[i] != NULL &&
	     (dangling > 0 || !f->compared);
	     i++) {
		if (fill_by(out, references[i], f, err) ||
		    db_int(out, dangling_sql, &dangling, err))
			return -1;
	}
	return 0;
}
