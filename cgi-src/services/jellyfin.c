#include "cgi-src/services/jellyfin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi-src/services/jellyfin_paths.h"
#include "cgi-src/services/jellyfin_reply.h"
#include "cgi-src/services/wipe.h"
#include "core/json_out.h"
#include "core/str.h"

#define REQUEST_MAX ((size_t)64 << 10)

int
jellyfin_authorization(const struct jellyfin *j, struct secret *out,
    struct err *err)
{
	struct buf b;

	buf_init(&b, REQUEST_MAX);
	wipe_room(&b,
	    256 + 3 * strlen(j->device_id) +
		(j->token != NULL ? 3 * j->token->len : 0));
	buf_addz(&b,
	    "MediaBrowser Client=\"jair\", Device=\"jair\", "
	    "DeviceId=\"");
	url_escape(&b, j->device_id);
	buf_addz(&b, "\", Version=\"" JAIR_VERSION "\"");
	if (j->token != NULL) {
		buf_addz(&b, ", Token=\"");
		url_escape(&b, secret_expose(j->token));
		buf_addc(&b, '"');
	}
	return wipe_take(&b, out, err);
}

/* {"Username":...,"Pw":...} */
static int
login_body(const char *name, const struct secret *password, struct secret *out,
    struct err *err)
{
	struct json_out json;
	struct buf b;

	buf_init(&b, REQUEST_MAX);
	wipe_room(&b, 64 + 6 * (strlen(name) + password->len));
	json_out_init(&json, NULL, &b);
	json_out_begin(&json, NULL, '{');
	json_out_string(&json, "Username", name);
	json_out_bytes(&json, "Pw", secret_expose(password), password->len);
	json_out_end(&json, '}');
	return wipe_take(&b, out, err);
}

/* One request with our authorization, in a set of its own. */
static int
ask(const struct jellyfin *j, struct fetch *f, struct err *err)
{
	struct secret authorization = { NULL, 0 };
	struct fetch_set *set = NULL;
	int rc = -1;

	f->who = "Jellyfin";
	f->header = "Authorization";
	f->value = &authorization;
	if (jellyfin_authorization(j, &authorization, err) == 0 &&
	    fetch_open(&set, FETCH_DATA, err) == 0) {
		fetch_add(set, f);
		fetch_wait(set);
		rc = 0;
	}
	fetch_close(set);
	secret_clear(&authorization);
	f->value = NULL;
	return rc;
}

static int
refuse_login(const struct fetch *f, struct err *err)
{
	if (f->fault == FETCH_ANSWERED && f->status == 401)
		return err_set(err, ERR_DENIED,
		    "Jellyfin does not know this name with this password.");
	if (f->fault == FETCH_ANSWERED && f->status == 403)
		return err_set(err, ERR_DENIED,
		    "Jellyfin does not let this account in: it is disabled, "
		    "or may not log in now or from here. Ask the owner of the "
		    "server.");
	return fetch_say(f, err);
}

/* A token of a disabled account is given back. */
static int
refuse_disabled(const struct jellyfin *j, struct jellyfin_login *l,
    struct err *err)
{
	const struct jellyfin back = { l->base, j->device_id, &l->token };

	(void)jellyfin_logout(&back, err);
	jellyfin_login_free(l);
	return err_set(err, ERR_DENIED,
	    "This account is disabled in Jellyfin. Ask the owner of the "
	    "server.");
}

/* The answer to a login at ${base}. */
static int
finish_login(const struct jellyfin *j, const struct fetch *f,
    struct jellyfin_login *l, struct err *err)
{
	struct json *reply = NULL;
	bool disabled = false;
	int rc;

	if (f->fault != FETCH_ANSWERED || f->status != 200)
		return refuse_login(f, err);
	if (fetch_json(f, &reply, err))
		return -1;
	rc = jellyfin_read_login(f, reply, l, &disabled, err);
	json_free(reply);
	if (rc == 0 && disabled)
		return refuse_disabled(j, l, err);
	return rc;
}

/* Try one address; ${elsewhere}: another one may work. */
static int
login_at(const struct jellyfin *j, size_t path, const struct secret *body,
    struct jellyfin_login *l, bool *elsewhere, struct err *err)
{
	struct fetch f = { .post = true, .body = body };
	char *base = jellyfin_path(j->base, path, "", err);
	char *url =
	    jellyfin_path(j->base, path, "/Users/AuthenticateByName", err);
	int rc = -1;

	*elsewhere = false;
	if (base == NULL || url == NULL)
		goto out;
	f.url = url;
	(void)snprintf(l->base, sizeof(l->base), "%s", base);
	if (ask(j, &f, err) == 0) {
		*elsewhere = jellyfin_elsewhere(&f);
		rc = finish_login(j, &f, l, err);
	}
	fetch_free(&f);
out:
	free(base);
	free(url);
	return rc;
}

int
jellyfin_login(const struct jellyfin *j, const char *name,
    const struct secret *password, struct jellyfin_login *login,
    struct err *err)
{
	const struct jellyfin who = { j->base, j->device_id, NULL };
	struct secret body = { NULL, 0 };
	struct err first = { ERR_NONE, "" };
	bool elsewhere = true;
	int rc = -1;

	*login = (struct jellyfin_login){ .is_admin = false };
	if (login_body(name, password, &body, err))
		return -1;
	for (size_t i = 0; i < JELLYFIN_PATHS && elsewhere && rc != 0; i++) {
		rc = login_at(&who, i, &body, login, &elsewhere, err);
		if (i == 0)
			first = *err;
	}
	secret_clear(&body);
	if (rc != 0) {
		jellyfin_login_free(login);
		if (elsewhere)
			*err = first;
	}
	return rc;
}

void
jellyfin_login_free(struct jellyfin_login *login)
{
	secret_clear(&login->token);
}

int
jellyfin_logout(const struct jellyfin *j, struct err *err)
{
	struct fetch f = { .post = true };
	char *url = jellyfin_path(j->base, 0, "/Sessions/Logout", err);
	int rc = -1;

	if (url == NULL)
		return -1;
	f.url = url;
	if (ask(j, &f, err) == 0) {
		if (f.fault == FETCH_ANSWERED &&
		    (f.status == 204 || f.status == 200 || f.status == 401))
			rc = 0;
		else
			(void)fetch_say(&f, err);
	}
	fetch_free(&f);
	free(url);
	return rc;
}
