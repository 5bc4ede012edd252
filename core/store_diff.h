#ifndef CORE_STORE_DIFF_H
#define CORE_STORE_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/db.h"
#include "core/err.h"

/* In what one user differs between a database and the one attached "src". */
struct user_diff {
	const char *name; /* good until the next call; may hold NUL */
	size_t name_len;
	bool in_first, in_second;
	int64_t only_first; /* entries that the second lacks */
	int64_t only_second;
	int64_t changed; /* entries whose values differ */
	bool profiles; /* what is known of the user differs */
};

extern const struct db_table store_diff_table;

/*
 * store_diff(db, each, ctx, err):
 * Compare every user of ${db} and of "src", attached with
 * store_merge_attach, and hand each who differs to ${each}, by name.  Return
 * 0, or -1 with ${err}.
 */
int store_diff(struct db *db,
    void (*each)(void *ctx, const struct user_diff *diff), void *ctx,
    struct err *err);

#endif
