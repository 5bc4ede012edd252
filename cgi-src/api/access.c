#include "cgi-src/api/access.h"

#include <string.h>

#include "core/log.h"
#include "core/setup_code.h"

/* Let a session that is in use last; failing is only worth a line. */
static void
touch(struct app *app, struct request *req, struct response *res)
{
	char cookie[SESSION_COOKIE_MAX];
	struct err err = { 0 };
	struct app_db *db = app_write(app, &err);

	if (db == NULL || session_touch(db->sessions, &req->who, &err)) {
		log_event(LOG_WARN, "session_not_kept", "message", err.msg,
		    "id", req->id, NULL);
		return;
	}
	response_cookie(res, session_cookie(&req->token, req->secure, cookie));
	explicit_bzero(cookie, sizeof(cookie));
}

int
access_find(struct app *app, const struct request *req, struct session *who,
    struct err *err)
{
	struct app_db *db;
	int found;

	*who = (struct session){ 0 };
	if (secret_expose(&req->token) == NULL)
		return 0;
	if ((db = app_read(app, err)) == NULL)
		return -1;
	found = session_find(db->sessions, app->env->data_dir, &req->token, who,
	    err);
	if (found < 0)
		return -1;
	if (err->code != ERR_NONE)
		log_event(LOG_WARN, "session_lost", "message", err->msg, "id",
		    req->id, NULL);
	err_clear(err);
	return 0;
}

/* Fill req->who when the cookie is good; -1 when it cannot be asked. */
static int
recognise(struct app *app, struct request *req, struct response *res)
{
	struct err err = { 0 };

	if (access_find(app, req, &req->who, &err)) {
		app_db_error(app, req, res, &err);
		return -1;
	}
	if (req->who.due)
		touch(app, req, res);
	return 0;
}

static int
need_session(const struct request *req, struct response *res)
{
	if (req->who.id != 0)
		return 0;
	response_error(res, 401, "login_required",
	    "Nobody is logged in here. Log in and try again.");
	return -1;
}

static int
need_admin(const struct request *req, struct response *res)
{
	if (need_session(req, res))
		return -1;
	if (req->who.admin)
		return 0;
	response_error(res, 403, "admin_required",
	    "Only an administrator of the Jellyfin server may do this.");
	return -1;
}

bool
access_needs_code(const struct app *app, const struct request *req)
{
	return app->env->code_required || !req->local;
}

/* Whether ${req} shows the setup code. */
static bool
has_code(const struct app *app, const struct request *req)
{
	struct secret code = { 0 };
	struct err err = { 0 };
	bool good = false;

	if (setup_code_read(app->env->data_dir, &code, &err) == 0)
		good = secret_equal(&code, &req->setup_code);
	else
		log_event(LOG_WARN, "setup_code", "message", err.msg, "id",
		    req->id, NULL);
	secret_clear(&code);
	return good;
}

bool
access_trusted(const struct app *app, const struct request *req)
{
	return (req->who.id != 0 && req->who.admin) ||
	    (secret_expose(&req->setup_code) != NULL && has_code(app, req));
}

static int
need_code(struct app *app, const struct request *req, struct response *res)
{
	if (!access_needs_code(app, req) || has_code(app, req))
		return 0;
	if (secret_expose(&req->setup_code) == NULL)
		response_error(res, 403, "setup_code_required",
		    "The setup needs its code. Open the link that the start "
		    "of jair has printed into its log.");
	else
		response_error(res, 403, "setup_code_wrong",
		    "This setup code is wrong or out of date. Open the link "
		    "that the last start of jair has printed into its log.");
	return -1;
}

/* The code opens the setup once; then it is the administrators'. */
static int
need_setup(struct app *app, const struct request *req, struct response *res)
{
	struct err err = { 0 };
	struct app_db *db;
	struct status status;

	if ((db = app_read(app, &err)) == NULL ||
	    store_status_read(db->status, &status, &err)) {
		app_db_error(app, req, res, &err);
		return -1;
	}
	return status.configured ? need_admin(req, res)
				 : need_code(app, req, res);
}

int
access_admit(struct app *app, enum access access, struct request *req,
    struct response *res)
{
	if (access == ACC_ANYONE)
		return 0;
	if (recognise(app, req, res))
		return -1;
	switch (access) {
	case ACC_ANYONE:
		break;
	case ACC_SETUP:
		return need_setup(app, req, res);
	case ACC_USER:
		return need_session(req, res);
	case ACC_ADMIN:
		return need_admin(req, res);
	}
	return -1;
}
