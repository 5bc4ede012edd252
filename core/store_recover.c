#include "core/store_recover.h"

#include <sqlite3.h>

enum {
	WORTH,
	CONFIGURED,
	IS_CONFIGURED,
	HAS_CONFIG,
	DROP_CONFIG,
	TAKE_CONFIG,
	USERS,
	JOBS,
	COUNTS,
	EACH_USER,
	HAS_TABLE,
	STATEMENTS
};

#define CONFIG                                                                 \
	"\"id\", \"jellyfinUrl\", \"jellyseerrUrl\", \"jellyseerrApiKey\","    \
	" \"geminiApiKey\", \"geminiModel\", \"tmdbApiKey\", \"aiProvider\","  \
	" \"openrouterApiKey\", \"aiModel\", \"isConfigured\","                \
	" \"jellyfinServerId\""

static const char *const sql[STATEMENTS] = {
	[WORTH] =
	    "SELECT (SELECT count(*) FROM main.\"User\"),"
	    " (SELECT count(*) FROM main.\"UserMedia\"),"
	    " max(coalesce((SELECT max(max(coalesce(jair_ms(\"updatedAt\"),"
	    " -9223372036854775808), coalesce(jair_ms(\"addedAt\"),"
	    " -9223372036854775808), coalesce(jair_ms(\"blockedAt\"),"
	    " -9223372036854775808))) FROM main.\"UserMedia\"),"
	    " -9223372036854775808),"
	    " coalesce((SELECT max(max(coalesce(jair_ms(\"createdAt\"),"
	    " -9223372036854775808), coalesce(jair_ms(\"lastLoginAt\"),"
	    " -9223372036854775808), coalesce(jair_ms(\"movieProfileAt\"),"
	    " -9223372036854775808), coalesce(jair_ms(\"tvProfileAt\"),"
	    " -9223372036854775808))) FROM main.\"User\"),"
	    " -9223372036854775808))",
	[CONFIGURED] = "UPDATE main.\"SystemConfig\" SET"
		       " \"isConfigured\" = 1 WHERE \"id\" = 1",
	[IS_CONFIGURED] = "SELECT count(*) FROM main.\"SystemConfig\" WHERE"
			  " \"id\" = 1 AND \"isConfigured\"",
	[HAS_CONFIG] = "SELECT count(*) FROM src.\"SystemConfig\" WHERE"
		       " \"id\" = 1 AND coalesce(\"jellyfinUrl\", '') <> ''",
	[DROP_CONFIG] = "DELETE FROM main.\"SystemConfig\" WHERE \"id\" = 1",
	[TAKE_CONFIG] =
	    "INSERT INTO main.\"SystemConfig\" (" CONFIG ")"
	    " SELECT " CONFIG " FROM src.\"SystemConfig\" WHERE \"id\" = 1",
	[USERS] = "UPDATE main.\"User\" AS m SET"
		  " \"passwordHash\" = coalesce(m.\"passwordHash\","
		  " s.\"passwordHash\"), \"lastLoginAt\" ="
		  " coalesce(m.\"lastLoginAt\", s.\"lastLoginAt\")"
		  " FROM src.\"User\" s WHERE s.\"username\" = m.\"username\"",
	[JOBS] = "UPDATE main.\"Job\" SET \"userId\" = (SELECT m.\"id\" FROM"
		 " src.\"User\" s JOIN main.\"User\" m ON"
		 " m.\"username\" = s.\"username\""
		 " WHERE s.\"id\" = \"Job\".\"userId\")",
	[COUNTS] = "SELECT (SELECT count(*) FROM main.\"User\"),"
		   " (SELECT count(*) FROM main.\"Media\"),"
		   " (SELECT count(*) FROM main.\"UserMedia\"),"
		   " (SELECT count(*) FROM main.\"SystemConfig\"),"
		   " (SELECT count(*) FROM main.\"JairKept\")",
	[EACH_USER] = "SELECT u.\"username\", (SELECT count(*) FROM"
		      " main.\"UserMedia\" e WHERE e.\"userId\" = u.\"id\")"
		      " FROM main.\"User\" u ORDER BY u.\"id\"",
	[HAS_TABLE] = "SELECT count(*) FROM main.sqlite_schema WHERE"
		      " type = 'table' AND name = ?1",
};

const struct db_table store_recover_table = { "recover", sql, STATEMENTS };

/* Run the one statement ${which}; the columns of a row into ${out}. */
static int
run(struct db *db, size_t which, int64_t *out, int columns, struct err *err)
{
	const struct db_table one = { "recover", &sql[which], 1 };
	struct db_stmts *s = NULL;
	sqlite3_stmt *stmt;
	int rc;

	if (db_prepare(db, &one, &s, err))
		return -1;
	stmt = db_stmt(s, 0);
	rc = db_step(s, stmt, err);
	for (int i = 0; i < columns && rc == 1; i++)
		out[i] = sqlite3_column_int64(stmt, i);
	db_stmts_free(s);
	return rc < 0 ? -1 : 0;
}

int
store_recover_worth(struct db *db, struct recover_worth *worth, struct err *err)
{
	int64_t out[3] = { 0, 0, INT64_MIN };

	if (run(db, WORTH, out, 3, err))
		return -1;
	*worth = (struct recover_worth){ out[0], out[1], out[2] };
	return 0;
}

int
store_recover_configured(struct db *db, struct err *err)
{
	return run(db, CONFIGURED, NULL, 0, err);
}

int
store_recover_is_configured(struct db *db, bool *yes, struct err *err)
{
	int64_t count = 0;

	if (run(db, IS_CONFIGURED, &count, 1, err))
		return -1;
	*yes = count > 0;
	return 0;
}

int
store_recover_users(struct db *db, struct err *err)
{
	return run(db, USERS, NULL, 0, err);
}

int
store_recover_jobs(struct db *db, struct err *err)
{
	return run(db, JOBS, NULL, 0, err);
}

int
store_recover_counts(struct db *db, const char **names, int64_t *rows,
    struct err *err)
{
	static const char *const tables[STORE_RECOVER_TABLES] = { "User",
		"Media", "UserMedia", "SystemConfig", "JairKept" };

	for (size_t i = 0; i < STORE_RECOVER_TABLES; i++)
		names[i] = tables[i];
	return run(db, COUNTS, rows, STORE_RECOVER_TABLES, err);
}

int
store_recover_each_user(struct db *db,
    int (*note)(void *ctx, const char *name, int64_t items, struct err *err),
    void *ctx, struct err *err)
{
	const struct db_table one = { "recover", &sql[EACH_USER], 1 };
	struct db_stmts *s = NULL;
	sqlite3_stmt *stmt;
	int rc;

	if (db_prepare(db, &one, &s, err))
		return -1;
	stmt = db_stmt(s, 0);
	while ((rc = db_step(s, stmt, err)) == 1) {
		const unsigned char *name = sqlite3_column_text(stmt, 0);

		if (name != NULL &&
		    note(ctx, (const char *)name, sqlite3_column_int64(stmt, 1),
			err)) {
			rc = -1;
			break;
		}
	}
	db_stmts_free(s);
	return rc < 0 ? -1 : 0;
}

int
store_recover_has_table(struct db *db, const char *name, bool *yes,
    struct err *err)
{
	const struct db_table one = { "recover", &sql[HAS_TABLE], 1 };
	struct db_stmts *s = NULL;
	sqlite3_stmt *stmt;
	int rc;

	if (db_prepare(db, &one, &s, err))
		return -1;
	stmt = db_stmt(s, 0);
	(void)sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	rc = db_step(s, stmt, err);
	*yes = rc == 1 && sqlite3_column_int64(stmt, 0) > 0;
	db_stmts_free(s);
	return rc < 0 ? -1 : 0;
}

int
store_recover_config(struct db *db, bool *taken, struct err *err)
{
	int64_t there = 0;

	*taken = false;
	if (run(db, HAS_CONFIG, &there, 1, err) || there == 0)
		return there == 0 && err->code == ERR_NONE ? 0 : -1;
	if (run(db, DROP_CONFIG, NULL, 0, err) ||
	    run(db, TAKE_CONFIG, NULL, 0, err))
		return -1;
	*taken = true;
	return 0;
}
