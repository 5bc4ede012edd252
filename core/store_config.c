#include "core/store_config.h"

#include <sqlite3.h>
#include <stdlib.h>

enum { SQL_GET, SQL_ROW, SQL_SAVE, SQL_COUNT };

static const char *const sql[SQL_COUNT] = {
	[SQL_GET] =
	    "SELECT \"jellyfinUrl\", \"jellyseerrUrl\", \"jellyseerrApiKey\","
	    " \"geminiApiKey\", \"geminiModel\", \"aiProvider\","
	    " \"openrouterApiKey\", \"aiModel\", \"tmdbApiKey\","
	    " \"jellyfinServerId\", \"isConfigured\""
	    " FROM \"SystemConfig\" WHERE \"id\" = 1",
	[SQL_ROW] = "INSERT OR IGNORE INTO \"SystemConfig\" (\"id\","
		    " \"isConfigured\") VALUES (1, 0)",
	/* Later versions of the original read the model from aiModel. */
	[SQL_SAVE] = "UPDATE \"SystemConfig\" SET \"jellyfinUrl\" = ?1,"
		     " \"jellyfinServerId\" = ?2, \"jellyseerrUrl\" = ?3,"
		     " \"jellyseerrApiKey\" = ?4, \"geminiApiKey\" = ?5,"
		     " \"geminiModel\" = ?6, \"aiModel\" = CASE WHEN"
		     " coalesce(\"aiProvider\", 'google') = 'google' THEN ?6"
		     " ELSE \"aiModel\" END, \"isConfigured\" = 1"
		     " WHERE \"id\" = 1 AND ?7 ="
		     " (lower(\"isConfigured\") IN ('1', 'true'))",
};

const struct db_table store_config_table = { "store_config", sql, SQL_COUNT };

struct store_config {
	struct db *db;
	struct db_stmts *stmts;
};

int
store_config_open(struct db *db, struct store_config **out, struct err *err)
{
	struct store_config *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a store.");
	store->db = db;
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

static void
bind_text(struct sqlite3_stmt *stmt, int at, const char *text)
{
	/* No value is stored as NULL, whether it is empty or missing. */
	if (text != NULL && *text != '\0')
		(void)sqlite3_bind_text(stmt, at, text, -1, SQLITE_STATIC);
}

static void
bind_key(struct sqlite3_stmt *stmt, int at, const struct secret *key)
{
	bind_text(stmt, at, key != NULL ? secret_expose(key) : NULL);
}

int
store_config_save(struct store_config *store, const struct config_edit *edit,
    bool configured, bool *saved, struct err *err)
{
	struct sqlite3_stmt *stmt = db_stmt(store->stmts, SQL_ROW);

	if (db_run(store->stmts, stmt, err))
		return -1;
	stmt = db_stmt(store->stmts, SQL_SAVE);
	bind_text(stmt, 1, edit->jellyfin_url);
	bind_text(stmt, 2, edit->jellyfin_server_id);
	bind_text(stmt, 3, edit->seerr_url);
	bind_key(stmt, 4, edit->seerr_key);
	bind_key(stmt, 5, edit->gemini_key);
	bind_text(stmt, 6, edit->gemini_model);
	(void)sqlite3_bind_int(stmt, 7, configured);
	if (db_run(store->stmts, stmt, err))
		return -1;
	*saved = sqlite3_changes(db_handle(store->db)) == 1;
	return 0;
}
