#ifndef CORE_STORE_SCRATCH_H
#define CORE_STORE_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/db.h"
#include "core/err.h"
#include "core/item.h"

extern const struct db_table store_scratch_table;

/*
 * A writer that fills an empty database with what an archive delivers, in
 * the archive's order.  Times that read as such are stored as ISO 8601 UTC
 * with milliseconds, everything else as it came.
 */
struct store_scratch;

/* What became of an item. */
enum scratch_outcome {
	SCRATCH_NEW, /* a new entry of the user's */
	SCRATCH_NEWER, /* stood there already; this one is newer */
	SCRATCH_OLDER /* stood there already and stays */
};

/*
 * store_scratch_open(db, s, err):
 * Prepare filling ${db}.  Return 0 with ${s}, which store_scratch_free
 * releases before ${db} is closed, or -1 with ${err}.
 */
int store_scratch_open(struct db *db, struct store_scratch **s,
    struct err *err);

/*
 * store_scratch_free(s):
 * Release ${s}; NULL is accepted.
 */
void store_scratch_free(struct store_scratch *s);

/* The values of SystemConfig in an archive, in the order of its keys. */
#define SCRATCH_CONFIG_KEYS 10

/*
 * store_scratch_config(s, v, err):
 * Write the row of SystemConfig from ${v}[SCRATCH_CONFIG_KEYS].  Return 0,
 * or -1 with ${err}.
 */
int store_scratch_config(struct store_scratch *s, const struct value *v,
    struct err *err);

/* What is known of a user beside the name. */
enum scratch_user_field {
	SCRATCH_MOVIE_PROFILE,
	SCRATCH_TV_PROFILE,
	SCRATCH_MOVIE_PROFILE_AT,
	SCRATCH_TV_PROFILE_AT,
	SCRATCH_CREATED_AT,
	SCRATCH_JELLYFIN_USER_ID,
	SCRATCH_USER_FIELDS
};

/*
 * store_scratch_user(s, name, len, id, err):
 * Add a user; ${id} receives the row's id.  Return 0, or -1 with ${err}.
 */
int store_scratch_user(struct store_scratch *s, const char *name, size_t len,
    int64_t *id, struct err *err);

/*
 * store_scratch_describe(s, user, v, err):
 * Give a user their ${v}[SCRATCH_USER_FIELDS].  Return 0, or -1 with ${err}.
 */
int store_scratch_describe(struct store_scratch *s, int64_t user,
    const struct value *v, struct err *err);

/*
 * store_scratch_item(s, user, v, outcome, err):
 * Add an item with the values ${v}[ITEM_FIELDS], ITEM_STATUS included.  Of
 * two with the same media type and id the one added later stays; of the same
 * moment WATCHED before WATCHLIST before anything else.  Return 0 with
 * ${outcome}, or -1 with ${err}.
 */
int store_scratch_item(struct store_scratch *s, int64_t user,
    const struct value *v, enum scratch_outcome *outcome, struct err *err);

/*
 * store_scratch_keep(s, user, kind, json, len, err):
 * Add to JairKept an entry of ${kind} ("unresolved", "rejected"), of the
 * user or, with 0, nobody's.  Return 0, or -1 with ${err}.
 */
int store_scratch_keep(struct store_scratch *s, int64_t user, const char *kind,
    const char *json, size_t len, struct err *err);

#endif
