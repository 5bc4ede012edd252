#ifndef CORE_RESOLVE_H
#define CORE_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/archive_read.h"
#include "core/db.h"
#include "core/err.h"

/*
 * A title without an id, as an archive brought it and the database keeps it,
 * gets its id and goes into its user's lists.
 */

#define RESOLVE_TITLE_MAX 512

enum resolve_kind {
	RESOLVE_MOVIE,
	RESOLVE_SERIES,
	RESOLVE_EITHER /* nobody knows which */
};

/* What a kept title says that one can look for. */
struct resolve_title {
	char title[RESOLVE_TITLE_MAX];
	enum resolve_kind kind;
	int year; /* or 0 */
	enum archive_list list; /* where it belongs; not ARCHIVE_UNRESOLVED */
};

/*
 * resolve_read(json, t):
 * Read the kept title ${json} into ${t}.  Return false when nobody can look
 * for it: it is no title, too long for one, or names no list.
 */
bool resolve_read(const char *json, struct resolve_title *t);

/* A kept title whose id was found. */
struct resolve_found {
	int64_t user; /* whose */
	int64_t row; /* of JairKept */
	const char *json; /* what that row holds */
	const struct resolve_title *title; /* as resolve_read gave it */
	int64_t tmdb_id;
	bool series;
	int year; /* or 0 */

	/* what else belongs into the transaction */
	int (*finish)(void *ctx, struct err *err);
	void *ctx;
};

/*
 * resolve_apply(db, dir, found, err):
 * Put a title into its user's list as a restore would have, had it brought
 * the id, and remove it from those that wait, in one transaction.  An entry
 * that is there already stays, unless it is older.  ${dir} is where scratch
 * files may lie.  Return 0, or -1 with ${err}: ERR_FORMAT or ERR_LIMIT when
 * no archive could hold the title, ERR_MISSING when it waits no more.
 */
int resolve_apply(struct db *db, const char *dir,
    const struct resolve_found *found, struct err *err);

#endif
