#include "cgi-src/http/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/digest.h"
#include "core/keyring.h"
#include "core/rand.h"

#define TOKEN_DIGITS 64 /* 256 bits */
#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)
#define LIFE_MS (30 * DAY_MS)

const char *
session_cookie_name(bool secure)
{
	return secure ? "__Host-jair_session" : "jair_session";
}

const char *
session_cookie(const struct secret *token, bool secure,
    char out[SESSION_COOKIE_MAX])
{
	(void)snprintf(out, SESSION_COOKIE_MAX,
	    "%s=%s; Max-Age=%lld; Path=/; HttpOnly; SameSite=Strict%s",
	    session_cookie_name(secure),
	    token != NULL ? secret_expose(token) : "",
	    token != NULL ? (long long)LIFE_MS / 1000 : 0,
	    secure ? "; Secure" : "");
	return out;
}

/* The digest under which a token is stored; -1 with ${err}. */
static int
hash_token(const struct secret *token, char out[DIGEST_HEX_MAX],
    struct err *err)
{
	struct digest *d = digest_new(err);

	if (d == NULL)
		return -1;
	digest_add(d, secret_expose(token), token->len);
	digest_hex(d, out);
	digest_free(d);
	return 0;
}

int
session_begin(struct store_session *store, const char *data_dir,
    const struct session_login *login, struct secret *token, struct err *err)
{
	char text[TOKEN_DIGITS + 1];
	char hash[DIGEST_HEX_MAX];
	char *sealed = NULL;
	struct session_new row;
	int rc = -1;

	rand_hex(text, TOKEN_DIGITS);
	if (secret_set(token, text, TOKEN_DIGITS, err) ||
	    hash_token(token, hash, err))
		goto out;
	/* Sealed for this one session. */
	if (login->jellyfin_token != NULL &&
	    keyring_seal(data_dir, login->jellyfin_token, hash, &sealed, err))
		goto out;
	row = (struct session_new){
		.token_hash = hash,
		.user_id = login->user_id,
		.admin = login->admin,
		.jellyfin_token = sealed,
		.now = clock_now(),
	};
	row.expires = row.now + LIFE_MS;
	rc = store_session_add(store, &row, err);
out:
	explicit_bzero(text, sizeof(text));
	free(sealed);
	if (rc != 0)
		secret_clear(token);
	return rc;
}

/* Make ${who} of ${row}, whose name it takes over. */
static int
open_row(struct session_row *row, const char *data_dir, const char *hash,
    struct session *who, struct err *err)
{
	*who = (struct session){ 0 };
	if (row->jellyfin_token != NULL &&
	    keyring_open(data_dir, row->jellyfin_token, hash,
		&who->jellyfin_token, err)) {
		if (err->code != ERR_MISSING && err->code != ERR_CORRUPT)
			return -1;
		err_prefix(err, "A session has ended");
		return 0;
	}
	who->id = row->id;
	who->user_id = row->user_id;
	who->name = row->name;
	who->admin = row->admin;
	who->due = clock_now() - row->used >= DAY_MS;
	row->name = NULL;
	return 1;
}

int
session_find(struct store_session *store, const char *data_dir,
    const struct secret *token, struct session *who, struct err *err)
{
	char hash[DIGEST_HEX_MAX];
	struct session_row row;
	int found;

	if (token->len != TOKEN_DIGITS)
		return 0;
	if (hash_token(token, hash, err))
		return -1;
	found = store_session_find(store, hash, clock_now(), &row, err);
	if (found != 1)
		return found;
	found = open_row(&row, data_dir, hash, who, err);
	session_row_free(&row);
	return found;
}

int
session_touch(struct store_session *store, struct session *who, struct err *err)
{
	int64_t now = clock_now();

	who->due = false;
	return store_session_touch(store, who->id, now, now + LIFE_MS, err);
}

int
session_end(struct store_session *store, const struct secret *token,
    struct err *err)
{
	char hash[DIGEST_HEX_MAX];

	if (token->len != TOKEN_DIGITS)
		return 0;
	if (hash_token(token, hash, err))
		return -1;
	return store_session_end(store, hash, err);
}

void
session_clear(struct session *who)
{
	free(who->name);
	secret_clear(&who->jellyfin_token);
	*who = (struct session){ 0 };
}
