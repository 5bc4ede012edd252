#ifndef CGI_SRC_HTTP_SESSION_H
#define CGI_SRC_HTTP_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/secret.h"
#include "core/store_session.h"

/*
 * Who is logged in.  A session is a random token of 256 bits in a cookie, of
 * which only the digest is stored; it ends when it was not used for 30 days.
 */
struct session {
	int64_t id; /* 0: nobody */
	int64_t user_id;
	char *name; /* of the user */
	bool admin; /* Jellyfin said so at login */
	struct secret jellyfin_token;
	bool due; /* session_touch is to be called */
};

#define SESSION_COOKIE_MAX 192

/*
 * session_cookie_name(secure):
 * Return the cookie's name; a browser that came by https gets one that no
 * other site and no plain http can set.
 * Source: RFC 6265bis, 4.1.3.
 */
const char *session_cookie_name(bool secure);

/*
 * session_cookie(token, secure, out):
 * Write the value of Set-Cookie that gives ${token} to the browser, or takes
 * it away when ${token} is NULL.  Return ${out}.
 */
const char *session_cookie(const struct secret *token, bool secure,
    char out[SESSION_COOKIE_MAX]);

/* Who has logged in. */
struct session_login {
	int64_t user_id;
	bool admin;
	const struct secret *jellyfin_token; /* or NULL */
};

/*
 * session_begin(store, data_dir, login, token, err):
 * Begin a session, with a token that nobody had before.  Return 0 with
 * ${token}, which secret_clear releases, or -1 with ${err}.
 */
int session_begin(struct store_session *store, const char *data_dir,
    const struct session_login *login, struct secret *token, struct err *err);

/*
 * session_find(store, data_dir, token, who, err):
 * Find whose session ${token} is.  Return 1 with ${who}, which session_clear
 * releases; 0 when it is nobody's; or -1 with ${err}.  A session whose
 * Jellyfin token cannot be opened, since the key file is another one or
 * gone, is none: 0, with the reason in ${err}.
 */
int session_find(struct store_session *store, const char *data_dir,
    const struct secret *token, struct session *who, struct err *err);

/*
 * session_touch(store, who, err):
 * Let the session last another 30 days; due once a day, so that reading
 * does not write.  Return 0, or -1 with ${err}.
 */
int session_touch(struct store_session *store, struct session *who,
    struct err *err);

/*
 * session_end(store, token, err):
 * End the session of ${token}.  Return 0, also when there is none, or -1
 * with ${err}.
 */
int session_end(struct store_session *store, const struct secret *token,
    struct err *err);

/*
 * session_clear(who):
 * Release what ${who} holds and make it nobody.
 */
void session_clear(struct session *who);

#endif
