#ifndef CORE_STORE_WATCH_H
#define CORE_STORE_WATCH_H

#include <stdint.h>

#include "core/db.h"
#include "core/err.h"

/* Puts what a media server saw someone watch into their list. */
struct store_watch;

extern const struct db_table store_watch_table;

/* A movie or series that was watched; texts may be NULL. */
struct watched {
	int64_t tmdb_id;
	const char *media_type; /* "movie" or "tv" */
	const char *title;
	const char *overview;
	const char *release_year;
	const char *genres; /* JSON array */
	const char *played_at; /* ISO 8601, or NULL when nobody knows */
};

enum watch_change {
	WATCH_ADDED, /* was in no list */
	WATCH_MOVED, /* was on the watchlist, put there before */
	WATCH_KEPT /* stays as it was */
};

/*
 * store_watch_open(db, s, err):
 * Prepare.  Return 0 with ${s}, which store_watch_free releases before ${db}
 * is closed, or -1 with ${err}.
 */
int store_watch_open(struct db *db, struct store_watch **s, struct err *err);
void store_watch_free(struct store_watch *s);

/*
 * store_watch_put(s, user, w, change, err):
 * Put ${w} into the list of the User row ${user}; doing it again changes
 * nothing.  A block stays, and so does a wish that is younger than the
 * play.  A transaction is the caller's.  Return 0 with ${change}, or -1 with
 * ${err}.
 */
int store_watch_put(struct store_watch *s, int64_t user,
    const struct watched *w, enum watch_change *change, struct err *err);

#endif
