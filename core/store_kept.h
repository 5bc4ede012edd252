#ifndef CORE_STORE_KEPT_H
#define CORE_STORE_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/db.h"

/* Which entries of JairKept are read. */
enum kept_part {
	KEPT_UNRESOLVED, /* a user's titles without an id */
	KEPT_REJECTED, /* all else of a user */
	KEPT_NOBODYS /* what names no user */
};

/* An entry. */
struct kept {
	const char *s; /* JSON text without white space, or any bytes */
	size_t len;
	bool is_json; /* by SQLite's judgement, and valid UTF-8 */
};

extern const struct db_table store_kept_table;

/* A reader of JairKept. */
struct store_kept;

/*
 * store_kept_open(db, store, err):
 * Prepare reading.  Return 0 with ${store}, which store_kept_free releases
 * before ${db} is closed, or -1 with ${err}.
 */
int store_kept_open(struct db *db, struct store_kept **store, struct err *err);

/*
 * store_kept_free(store):
 * Release ${store}; NULL is accepted.
 */
void store_kept_free(struct store_kept *store);

/*
 * store_kept_start(store, part, user):
 * Start reading the entries of ${part}, of the user with the id ${user}
 * where it is a user's.
 */
void store_kept_start(struct store_kept *store, enum kept_part part,
    int64_t user);

/*
 * store_kept_next(store, kept, err):
 * Read the next entry, in the order in which they were kept.  Return 1 with
 * ${kept}, good until the next call, 0 after the last, or -1 with ${err}.
 */
int store_kept_next(struct store_kept *store, struct kept *kept,
    struct err *err);

#endif
