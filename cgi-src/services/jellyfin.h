#ifndef CGI_SRC_SERVICES_JELLYFIN_H
#define CGI_SRC_SERVICES_JELLYFIN_H

#include <stdbool.h>
#include <stdint.h>

#include "cgi-src/services/fetch.h"
#include "cgi-src/services/service.h"
#include "core/err.h"
#include "core/secret.h"

/*
 * A Jellyfin server of version 10.8 or newer.
 * Source: its published OpenAPI description.
 */

/* Whom to ask, and as whom; all of it the caller's. */
struct jellyfin {
	const char *base; /* as base_url_clean gives it */
	const char *device_id; /* the same for ever, on this jair */
	const struct secret *token; /* NULL before a login */
};

/* Who has logged in. */
struct jellyfin_login {
	char base[SERVICE_URL_MAX]; /* the address that worked */
	char user_id[SERVICE_NAME_MAX];
	char user_name[SERVICE_NAME_MAX]; /* as Jellyfin writes it */
	char server_id[SERVICE_NAME_MAX]; /* or "" */
	bool is_admin;
	struct secret token;
};

/*
 * jellyfin_test_begin(set, url, r):
 * Begin to ask the server at ${url}, as a person typed it, for its public
 * information; when fetch_wait(${set}) returns, the outcome is in ${r}.  When
 * nothing of Jellyfin is there, its usual paths /jellyfin and /emby are tried
 * as well; r->url is the address that worked.
 */
void jellyfin_test_begin(struct fetch_set *set, const char *url,
    struct service_result *r);

/*
 * jellyfin_login(j, name, password, login, err):
 * Log in.  Where j->base has no Jellyfin, its usual paths /jellyfin and /emby
 * are tried; login->base is the one that worked.  Return 0 with ${login}
 * filled, which jellyfin_login_free releases, or -1 with ${err}: ERR_DENIED
 * for a wrong name or password and for a disabled account, else as fetch_say.
 */
int jellyfin_login(const struct jellyfin *j, const char *name,
    const struct secret *password, struct jellyfin_login *login,
    struct err *err);

/*
 * jellyfin_login_free(login):
 * Zero and release the token.
 */
void jellyfin_login_free(struct jellyfin_login *login);

/*
 * jellyfin_logout(j, err):
 * Make j->token worthless.  A token that Jellyfin does not know (any more)
 * counts as success.  Return 0, or -1 with ${err}.
 */
int jellyfin_logout(const struct jellyfin *j, struct err *err);

/*
 * jellyfin_authorization(j, out, err):
 * Put the value of the header Authorization into ${out}: who we are, and the
 * token if there is one, each value percent-encoded.  Return 0, or -1 with
 * ${err} (ERR_NOMEM).
 */
int jellyfin_authorization(const struct jellyfin *j, struct secret *out,
    struct err *err);

#endif
