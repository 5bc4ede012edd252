#ifndef CORE_STORE_MERGE_H
#define CORE_STORE_MERGE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/db.h"
#include "core/err.h"

/*
 * Brings users from one database, attached as "src", into another, in sets.
 * Both have the target schema.  Nothing here begins or ends a transaction.
 */
struct store_merge;

extern const struct db_table store_merge_table;

/*
 * store_merge_attach(db, path, err), store_merge_detach(db):
 * Attach the database ${path} to ${db} as "src", and let it go.  Not inside
 * a transaction.  Return 0, or -1 with ${err}.
 */
int store_merge_attach(struct db *db, const char *path, struct err *err);
void store_merge_detach(struct db *db);

/*
 * store_merge_open(db, m, err):
 * Prepare merging into ${db}.  Return 0 with ${m}, which store_merge_free
 * releases before "src" is detached, or -1 with ${err}.
 */
int store_merge_open(struct db *db, struct store_merge **m, struct err *err);

/*
 * store_merge_free(m):
 * Release ${m}; NULL is accepted.
 */
void store_merge_free(struct store_merge *m);

/*
 * store_merge_next_user(m, after, src, name, err):
 * Find the user of "src" with the least id above ${after}: its id in
 * ${src} (0 when there is none) and its name in ${name}, which the caller
 * frees.  Return 0, or -1 with ${err}.
 */
int store_merge_next_user(struct store_merge *m, int64_t after, int64_t *src,
    char **name, struct err *err);

/*
 * store_merge_find_user(m, src, dst, err):
 * Put the id of the user with the same name into ${dst}, 0 when there is
 * none.  Return 0, or -1 with ${err}.
 */
int store_merge_find_user(struct store_merge *m, int64_t src, int64_t *dst,
    struct err *err);

/*
 * store_merge_add_user(m, src, dst, err):
 * Add a user like that of "src"; its id in ${dst}.  Return 0, or -1 with
 * ${err}.
 */
int store_merge_add_user(struct store_merge *m, int64_t src, int64_t *dst,
    struct err *err);

/* What merging one user did, in entries of the user's lists. */
struct merge_counts {
	int64_t items; /* there are in "src" */
	int64_t inserted; /* were not there */
	int64_t updated; /* were there and changed */
	int64_t kept; /* were there and stayed */
	int64_t removed; /* were there and are not in "src" */
	int64_t unresolved; /* titles without an id in "src" */
	int64_t rejected; /* entries that broke a rule in "src" */
	int64_t profiles; /* profiles that came */
};

/*
 * store_merge_user(m, src, dst, counts, err):
 * Merge the lists and profiles of the user ${src} of "src" into the user
 * ${dst}: what is absent comes; of two entries the one updated later stays
 * (added, where that is missing; an unreadable time is the oldest); a profile
 * replaces an empty one or an older one; of two times of creation the earlier
 * stays.  With the first user come the titles of all.  Return 0, or -1 with
 * ${err}.
 */
int store_merge_user(struct store_merge *m, int64_t src, int64_t dst,
    struct merge_counts *counts, struct err *err);

/*
 * store_merge_replace_user(m, src, dst, counts, err):
 * Make the lists and profiles of ${dst} those of ${src}.  Return 0, or -1
 * with ${err}.
 */
int store_merge_replace_user(struct store_merge *m, int64_t src, int64_t dst,
    struct merge_counts *counts, struct err *err);

/*
 * store_merge_bind_ids(m, src, dst, err):
 * Give ${dst} the Jellyfin user id of ${src}, when both databases name the
 * same Jellyfin server and no one has that id yet.  Return 0, or -1 with
 * ${err}.
 */
int store_merge_bind_ids(struct store_merge *m, int64_t src, int64_t dst,
    struct err *err);

/*
 * store_merge_foreign_id(m, src, jellyfin_id, foreign, err):
 * Tell whether "src" says that its user ${src} has another id than
 * ${jellyfin_id} at this very Jellyfin server.  Return 0, or -1 with ${err}.
 */
int store_merge_foreign_id(struct store_merge *m, int64_t src,
    const char *jellyfin_id, bool *foreign, struct err *err);

/*
 * store_merge_config(m, replace, changed, err):
 * Take over the configuration, but never isConfigured: with ${replace} all
 * of it, else what "src" has.  ${changed} says whether there was one.
 * Return 0, or -1 with ${err}.
 */
int store_merge_config(struct store_merge *m, bool replace, bool *changed,
    struct err *err);

/*
 * store_merge_mark(m, mark, err), store_merge_drop(m, mark, dst, json, len,
 * err):
 * Remember in ${mark} which entries of JairKept there are; remove one that
 * came since, of the user ${dst} (0: nobody's), that says the same as
 * ${json}.  Return 0, or -1 with ${err}.
 */
int store_merge_mark(struct store_merge *m, int64_t *mark, struct err *err);
int store_merge_drop(struct store_merge *m, int64_t mark, int64_t dst,
    const char *json, size_t len, struct err *err);

/*
 * store_merge_nobodys(m, replace, err):
 * Take over the entries that belong to no user.  Return 0, or -1 with
 * ${err}.
 */
int store_merge_nobodys(struct store_merge *m, bool replace, struct err *err);

#endif
