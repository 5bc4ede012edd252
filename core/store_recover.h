#ifndef CORE_STORE_RECOVER_H
#define CORE_STORE_RECOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/db.h"
#include "core/err.h"

extern const struct db_table store_recover_table;

/* How much a database holds, and how new it is. */
struct recover_worth {
	int64_t users;
	int64_t items;
	int64_t newest; /* the latest readable time of a user or an
				   entry, ms since 1970; INT64_MIN: none */
};

/*
 * store_recover_worth(db, worth, err):
 * Tell what ${db}, which has the target schema, is worth.  Return 0, or -1
 * with ${err}.
 */
int store_recover_worth(struct db *db, struct recover_worth *worth,
    struct err *err);

/*
 * store_recover_configured(db, err):
 * Set isConfigured.  Return 0, or -1 with ${err}.
 */
int store_recover_configured(struct db *db, struct err *err);

/*
 * store_recover_config(db, taken, err):
 * Let the configuration of the database attached as "src" replace that of
 * ${db}, isConfigured included, when it has any.  Return 0 with ${taken}, or
 * -1 with ${err}.
 */
int store_recover_config(struct db *db, bool *taken, struct err *err);

#endif
