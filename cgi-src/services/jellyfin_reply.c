#include "cgi-src/services/jellyfin_reply.h"

#include <stdlib.h>
#include <string.h>

/* Jellyfin 10.8 is the oldest whose answers we know. */
#define MAJOR_MIN 10
#define MINOR_MIN 8

static bool
is_old(const char *version)
{
	char *dot;
	long major = strtol(version, &dot, 10);
	long minor = *dot == '.' ? strtol(dot + 1, NULL, 10) : 0;

	return major < MAJOR_MIN || (major == MAJOR_MIN && minor < MINOR_MIN);
}

int
jellyfin_read_public(const struct fetch *f, const struct json *j,
    struct service_result *r, struct err *err)
{
	const char *product = json_text(json_get(j, "ProductName"), NULL);

	if (service_id(j, "Id", r->server_id, sizeof(r->server_id)) ||
	    service_text(j, "Version", r->version, sizeof(r->version)) == 0 ||
	    (product != NULL && strcmp(product, "Jellyfin Server") != 0))
		return fetch_not_service(f, err);
	(void)service_text(j, "ServerName", r->server_name,
	    sizeof(r->server_name));
	if (is_old(r->version)) {
		r->code = "too_old";
		return err_set(err, ERR_FORMAT,
		    "This is Jellyfin %s, which is too old: jair needs 10.8 "
		    "or newer. Update Jellyfin.",
		    r->version);
	}
	return 0;
}

/* Keep the token of ${j}, and leave no copy of it. */
static int
take_token(const struct json *j, struct secret *token, struct err *err)
{
	size_t len = 0;
	const char *text = json_text(json_get(j, "AccessToken"), &len);
	int rc;

	if (text == NULL || len == 0)
		return 1;
	rc = secret_set(token, text, len, err);
	/* The document is ours and is released next. */
	explicit_bzero((void *)(uintptr_t)text, len);
	return rc;
}

int
jellyfin_read_login(const struct fetch *f, const struct json *j,
    struct jellyfin_login *l, bool *disabled, struct err *err)
{
	const struct json *user = json_get(j, "User");
	const struct json *policy = json_get(user, "Policy");
	int rc = take_token(j, &l->token, err);

	if (rc < 0)
		return -1;
	if (rc > 0 || service_id(user, "Id", l->user_id, sizeof(l->user_id)) ||
	    service_text(user, "Name", l->user_name, sizeof(l->user_name)) == 0)
		return fetch_not_service(f, err);
	(void)service_id(j, "ServerId", l->server_id, sizeof(l->server_id));
	(void)json_boolean(json_get(policy, "IsAdministrator"), &l->is_admin);
	(void)json_boolean(json_get(policy, "IsDisabled"), disabled);
	return 0;
}
