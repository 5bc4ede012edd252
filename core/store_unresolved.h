#ifndef CORE_STORE_UNRESOLVED_H
#define CORE_STORE_UNRESOLVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/db.h"
#include "core/err.h"
#include "core/json_out.h"

/*
 * The titles without an id that wait in JairKept until their id is found.
 * Each call is one statement, so that it is a transaction of its own or part
 * of the caller's.
 */

extern const struct db_table store_unresolved_table;

/* An entry with more bytes is no title that anyone could look for. */
#define UNRESOLVED_MAX 65536

/* A title that waits. */
struct unresolved {
	int64_t id; /* of the row, above those kept before */
	char *json; /* the caller frees it; NULL above UNRESOLVED_MAX */
};

/*
 * store_unresolved_count(db, user, count, err):
 * Count the titles of ${user} that wait.  Return 0, or -1 with ${err}.
 */
int store_unresolved_count(struct db *db, int64_t user, int64_t *count,
    struct err *err);

/*
 * store_unresolved_next(db, user, after, title, err):
 * Find the title of ${user} that was kept next after the row ${after} (0: the
 * first).  Return 1 with ${title}, 0 when there is none, or -1 with ${err}.
 */
int store_unresolved_next(struct db *db, int64_t user, int64_t after,
    struct unresolved *title, struct err *err);

/*
 * store_unresolved_drop(db, user, id, err):
 * Remove the title in the row ${id} of ${user}.  Return 0, or -1 with ${err}
 * (ERR_MISSING when it does not wait any more).
 */
int store_unresolved_drop(struct db *db, int64_t user, int64_t id,
    struct err *err);

/*
 * store_unresolved_names(db, user, key, j, err):
 * Write the list ${key} of the first titles of ${user} that wait, as
 * store_kept_names does; nothing when there is none.  Return 0, or -1
 * with ${err}.
 */
int store_unresolved_names(struct db *db, int64_t user, const char *key,
    struct json_out *j, struct err *err);

#endif
