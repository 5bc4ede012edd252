#ifndef CORE_STORE_CONFIG_H
#define CORE_STORE_CONFIG_H

#include <stdbool.h>

#include "core/db.h"
#include "core/secret.h"
#include "core/store_value.h"

/* The columns of SystemConfig, in the order of the archive's keys. */
enum config_field {
	CONFIG_JELLYFIN_URL,
	CONFIG_JELLYSEERR_URL,
	CONFIG_JELLYSEERR_API_KEY,
	CONFIG_GEMINI_API_KEY,
	CONFIG_GEMINI_MODEL,
	CONFIG_AI_PROVIDER,
	CONFIG_OPENROUTER_API_KEY,
	CONFIG_AI_MODEL,
	CONFIG_TMDB_API_KEY,
	CONFIG_JELLYFIN_SERVER_ID,
	CONFIG_IS_CONFIGURED,
	CONFIG_FIELDS
};

struct config {
	struct value v[CONFIG_FIELDS];
};

extern const struct db_table store_config_table;

/* A reader of the configuration. */
struct store_config;

/*
 * store_config_open(db, store, err):
 * Prepare reading.  Return 0 with ${store}, which store_config_free releases
 * before ${db} is closed, or -1 with ${err}.
 */
int store_config_open(struct db *db, struct store_config **store,
    struct err *err);

/*
 * store_config_free(store):
 * Release ${store}; NULL is accepted.
 */
void store_config_free(struct store_config *store);

/*
 * store_config_get(store, config, err):
 * Read the row with id 1.  Return 1 with ${config}, good until the next call
 * with ${store}, 0 when there is no such row, or -1 with ${err}.
 */
int store_config_get(struct store_config *store, struct config *config,
    struct err *err);

/* What the setup and the settings page may change; NULL or "" for nothing. */
struct config_edit {
	const char *jellyfin_url;
	const char *jellyfin_server_id;
	const char *seerr_url;
	const struct secret *seerr_key;
	const struct secret *gemini_key;
	const char *gemini_model;
};

/*
 * store_config_save(store, edit, configured, saved, err):
 * Save ${edit} and mark the system as configured, provided that it was
 * ${configured} or not, as the caller thinks: of two who finish the setup at
 * once, one loses.  ${saved} says whether it was done.  A transaction is the
 * caller's.  Return 0, or -1 with ${err}.
 */
int store_config_save(struct store_config *store,
    const struct config_edit *edit, bool configured, bool *saved,
    struct err *err);

#endif
