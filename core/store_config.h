#ifndef CORE_STORE_CONFIG_H
#define CORE_STORE_CONFIG_H

#include "core/db.h"
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

#endif
