#include "cgi-src/api/api.h"

void
auth_me(struct app *app, const struct request *req, struct response *res)
{
	struct json_out *j = response_object(res, 200);

	(void)app;
	json_out_begin(j, "user", '{');
	json_out_int(j, "id", req->who.user_id);
	json_out_string(j, "name", req->who.name);
	json_out_end(j, '}');
	json_out_bool(j, "isAdmin", req->who.admin);
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
