#ifndef CORE_STORE_SESSION_H
#define CORE_STORE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/db.h"
#include "core/err.h"

extern const struct db_table store_session_table;

/* The sessions of one connection; writing needs one that may write. */
struct store_session;

/* A session to keep; times are milliseconds since 1970. */
struct session_new {
	const char *token_hash; /* SHA-256 of the token, hexadecimal */
	int64_t user_id;
	bool admin;
	const char *jellyfin_token; /* sealed, or NULL */
	int64_t now;
	int64_t expires;
};

/* A session that is good, and its user. */
struct session_row {
	int64_t id;
	int64_t user_id;
	char *name; /* of the user; the caller frees it */
	bool admin;
	char *jellyfin_token; /* sealed, or NULL; the caller frees it */
	int64_t used; /* last use that was kept, ms */
};

/*
 * store_session_new(db, err), store_session_free(s):
 * Compile the statements on ${db}; release them before ${db} is closed.
 * NULL with ${err} when one does not compile.
 */
struct store_session *store_session_new(struct db *db, struct err *err);
void store_session_free(struct store_session *s);

/*
 * store_session_add(s, session, err):
 * Keep a new session and remove those that have expired, in one transaction.
 * Return 0, or -1 with ${err}.
 */
int store_session_add(struct store_session *s,
    const struct session_new *session, struct err *err);

/*
 * store_session_find(s, token_hash, now, row, err):
 * Find the session that has not expired.  Return 1 with ${row}, which
 * session_row_free releases, 0 when there is none, or -1 with ${err}.
 */
int store_session_find(struct store_session *s, const char *token_hash,
    int64_t now, struct session_row *row, struct err *err);

/*
 * session_row_free(row):
 * Release what ${row} holds.
 */
void session_row_free(struct session_row *row);

/*
 * store_session_touch(s, id, now, expires, err):
 * Keep that the session was used.  Return 0, or -1 with ${err}.
 */
int store_session_touch(struct store_session *s, int64_t id, int64_t now,
    int64_t expires, struct err *err);

/*
 * store_session_end(s, token_hash, err):
 * Forget a session; one that is not there is no error.  Return 0, or -1 with
 * ${err}.
 */
int store_session_end(struct store_session *s, const char *token_hash,
    struct err *err);

/* What opens a user's token at Jellyfin. */
struct session_key {
	char *token_hash;
	char *jellyfin_token; /* sealed for it */
};

/*
 * store_session_key(s, user, now, key, err):
 * Find the youngest login of ${user} that has not expired and brought a
 * token.  Return 1 with ${key}, which session_key_free releases, 0 when
 * there is none, or -1 with ${err}.
 */
int store_session_key(struct store_session *s, int64_t user, int64_t now,
    struct session_key *key, struct err *err);
void session_key_free(struct session_key *key);

#endif
