#ifndef CORE_STORE_PART_H
#define CORE_STORE_PART_H

#include <stdint.h>

#include "core/db.h"
#include "core/err.h"
#include "core/json_out.h"

extern const struct db_table store_part_table;

/* How much stands in which list. */
struct part_lists {
	int64_t movies; /* watched */
	int64_t series;
	int64_t watchlist;
	int64_t blocked;
};

/*
 * store_part_lists(db, lists, err):
 * Count the entries of everyone in the database that is attached to ${db} as
 * "src".  Return 0 with ${lists}, or -1 with ${err}.
 */
int store_part_lists(struct db *db, struct part_lists *lists, struct err *err);

/*
 * store_part_names(db, kind, key, j, err):
 * Write the list ${key} of the first entries of JairKept with ${kind} in that
 * database, as store_kept_names does; nothing when there is none.
 * Return 0, or -1 with ${err}.
 */
int store_part_names(struct db *db, const char *kind, const char *key,
    struct json_out *j, struct err *err);

#endif
