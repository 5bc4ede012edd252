#include "core/store_config.h"

#include <stdlib.h>

enum { SQL_GET, SQL_COUNT };

static const char *const sql[SQL_COUNT] = {
	[SQL_GET] =
	    "SELECT \"jellyfinUrl\", \"jellyseerrUrl\", \"jellyseerrApiKey\","
	    " \"geminiApiKey\", \"geminiModel\", \"aiProvider\","
	    " \"openrouterApiKey\", \"aiModel\", \"tmdbApiKey\","
	    " \"jellyfinServerId\", \"isConfigured\""
	    " FROM \"SystemConfig\" WHERE \"id\" = 1",
};

const struct db_table store_config_table = { "store_config", sql, SQL_COUNT };

struct store_config {
	struct db_stmts *stmts;
};

int
store_config_open(struct db *db, struct store_config **out, struct err *err)
{
	struct store_config *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a store.");
	if (db_prepare(db, &store_config_table, &store->stmts, err)) {
		store_config_free(store);
		return -1;
	}
	*out = store;
	return 0;
}

void
store_config_free(struct store_config *store)
{
	if (store == NULL)
		return;
	db_stmts_free(store->stmts);
	free(store);
}

int
store_config_get(struct store_config *store, struct config *config,
    struct err *err)
{
	struct sqlite3_stmt *stmt = db_stmt(store->stmts, SQL_GET);
	int rc = db_step(store->stmts, stmt, err);

	if (rc == 1 && store_value_read(stmt, 0, config->v, CONFIG_FIELDS, err))
		return -1;
	return rc;
}
