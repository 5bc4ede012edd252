#ifndef CORE_STORE_USER_H
#define CORE_STORE_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/db.h"
#include "core/store_value.h"

/* The longest username that an archive may hold, in bytes. */
#define STORE_NAME_MAX 1024

/* The columns of User that leave this server. */
enum user_field {
	USER_USERNAME,
	USER_MOVIE_PROFILE,
	USER_TV_PROFILE,
	USER_MOVIE_PROFILE_AT,
	USER_TV_PROFILE_AT,
	USER_CREATED_AT,
	USER_JELLYFIN_USER_ID,
	USER_FIELDS
};

struct user {
	int64_t id;
	struct value name; /* the username as an archive can hold it:
				   valid UTF-8 of at most STORE_NAME_MAX */
	struct value v[USER_FIELDS];
};

extern const struct db_table store_user_table;

/* A reader of all users. */
struct store_user;

/*
 * store_user_open(db, store, err):
 * Prepare reading.  Return 0 with ${store}, which store_user_free releases
 * before ${db} is closed, or -1 with ${err}.
 */
int store_user_open(struct db *db, struct store_user **store, struct err *err);

/*
 * store_user_free(store):
 * Release ${store}; NULL is accepted.
 */
void store_user_free(struct store_user *store);

/*
 * store_user_next(store, user, err):
 * Read the next user, ordered by name (bytes), then id; the first call reads
 * the first.  Return 1 with ${user}, good until the next call, 0 after the
 * last, or -1 with ${err}.
 */
int store_user_next(struct store_user *store, struct user *user,
    struct err *err);

/*
 * store_user_named(store, name, len, found, err):
 * Tell in ${found} whether a user's name is the ${len} bytes at ${name}.  Return 0, or -1 with
 * ${err}.
 */
int store_user_named(struct store_user *store, const char *name, size_t len,
    bool *found, struct err *err);

#endif
