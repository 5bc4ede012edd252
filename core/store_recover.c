#include "core/store_recover.h"

#include <sqlite3.h>

enum { WORTH, CONFIGURED, HAS_CONFIG, DROP_CONFIG, TAKE_CONFIG, STATEMENTS };

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
	    " -9223372036854775808))) FROM main.\"UserMedia\"),"
	    " -9223372036854775808),"
	    " coalesce((SELECT max(max(coalesce(jair_ms(\"createdAt\"),"
	    " -9223372036854775808), coalesce(jair_ms(\"lastLoginAt\"),"
	    " -9223372036854775808))) FROM main.\"User\"),"
	    " -9223372036854775808))",
	[CONFIGURED] = "UPDATE main.\"SystemConfig\" SET"
		       " \"isConfigured\" = 1 WHERE \"id\" = 1",
	[HAS_CONFIG] = "SELECT count(*) FROM src.\"SystemConfig\" WHERE"
		       " \"id\" = 1 AND coalesce(\"jellyfinUrl\", '') <> ''",
	[DROP_CONFIG] = "DELETE FROM main.\"SystemConfig\" WHERE \"id\" = 1",
	[TAKE_CONFIG] =
	    "INSERT INTO main.\"SystemConfig\" (" CONFIG ")"
	    " SELECT " CONFIG " FROM src.\"SystemConfig\" WHERE \"id\" = 1",
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
