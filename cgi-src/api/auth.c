#include <stdlib.h>

#include "cgi-src/api/api.h"
#include "core/store_config.h"
#include "core/str.h"

/* Jellyfin's address, the caller's to free, or NULL where there is none. */
static int
read_server(struct db *db, char **url, struct err *err)
{
	struct store_config *store = NULL;
	struct config config;
	const struct value *v = &config.v[CONFIG_JELLYFIN_URL];
	int rc;

	if (store_config_open(db, &store, err))
		return -1;
	rc = store_config_get(store, &config, err);
	if (rc == 1 && v->kind == VALUE_TEXT) {
		*url = str_printf(err, "%.*s", (int)v->len, v->s);
		rc = *url != NULL ? 0 : -1;
	}
	store_config_free(store);
	return rc < 0 ? -1 : 0;
}

void
auth_me(struct app *app, const struct request *req, struct response *res)
{
	struct err err = { 0 };
	struct app_db *db = app_read(app, &err);
	char *url = NULL;
	struct json_out *j;

	if (db == NULL || read_server(db->db, &url, &err)) {
		app_db_error(app, req, res, &err);
		return;
	}
	j = response_object(res, 200);
	json_out_begin(j, "user", '{');
	json_out_int(j, "id", req->who.user_id);
	json_out_string(j, "name", req->who.name);
	json_out_end(j, '}');
	json_out_bool(j, "isAdmin", req->who.admin);
	if (url != NULL)
		json_out_string(j, "serverUrl", url);
	free(url);
}

void
auth_logout(struct app *app, const struct request *req, struct response *res)
{
	char cookie[SESSION_COOKIE_MAX];
	struct err err = { 0 };
	struct app_db *db = app_write(app, &err);

	if (db == NULL || session_end(db->sessions, &req->token, &err)) {
		app_db_error(app, req, res, &err);
		return;
	}
	json_out_bool(response_object(res, 200), "success", true);
	response_cookie(res, session_cookie(NULL, req->secure, cookie));
}
