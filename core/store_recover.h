#ifndef CORE_STORE_RECOVER_H
#define CORE_STORE_RECOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/db.h"
#include "core/err.h"

extern const struct db_table store_recover_table;

#define STORE_RECOVER_TABLES 5

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
 * store_recover_configured(db, err), store_recover_is_configured(db, yes,
 * err):
 * Set isConfigured; tell whether it is set.  Return 0, or -1 with ${err}.
 */
int store_recover_configured(struct db *db, struct err *err);
int store_recover_is_configured(struct db *db, bool *yes, struct err *err);

/*
 * store_recover_config(db, taken, err):
 * Let the configuration of the database attached as "src" replace that of
 * ${db}, isConfigured included, when it has any.  Return 0 with ${taken}, or
 * -1 with ${err}.
 */
int store_recover_config(struct db *db, bool *taken, struct err *err);

/*
 * store_recover_users(db, err), store_recover_jobs(db, err):
 * Give the users of ${db} what only their rows in "src" tell (archives have
 * no passwordHash and no lastLoginAt); let jobs that came from "src" belong
 * to the users with the names that they belonged to there.  Return 0, or -1
 * with ${err}.
 */
int store_recover_users(struct db *db, struct err *err);
int store_recover_jobs(struct db *db, struct err *err);

/*
 * store_recover_counts(db, names, rows, err):
 * Put the names of the tables that hold a household's data, and their rows,
 * into the two arrays of STORE_RECOVER_TABLES.  Return 0, or -1 with ${err}.
 */
int store_recover_counts(struct db *db, const char **names, int64_t *rows,
    struct err *err);

/*
 * store_recover_each_user(db, note, ctx, err):
 * Tell ${note} each user's name and number of entries.  Return 0, or -1 with
 * ${err}, also when ${note} returns -1.
 */
int store_recover_each_user(struct db *db,
    int (*note)(void *ctx, const char *name, int64_t items, struct err *err),
    void *ctx, struct err *err);

/*
 * store_recover_has_table(db, name, yes, err):
 * Tell whether ${db} has that table.  Return 0, or -1 with ${err}.
 */
int store_recover_has_table(struct db *db, const char *name, bool *yes,
    struct err *err);

#endif
