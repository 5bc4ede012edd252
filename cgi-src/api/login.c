#include <stdlib.h>
#include <string.h>

#include "cgi-src/api/api.h"
#include "cgi-src/jobs/jobs.h"
#include "cgi-src/services/jellyfin.h"
#include "cgi-src/services/verify.h"
#include "core/clock.h"
#include "core/keyring.h"
#include "core/log.h"
#include "core/store_config.h"
#include "core/store_login.h"
#include "core/str.h"

#define NAME_MAX_BYTES 1024
#define PASSWORD_MAX_BYTES 1024

/* A login under way. */
struct attempt {
	struct app *app;
	const struct request *req;
	struct response *res;
	const char *name; /* as it was typed */
	struct secret password;
	char *url; /* of Jellyfin, as configured */
	char *server_id; /* the server it must be, or NULL */
	struct jellyfin_login who;
	int64_t user; /* row of User */
	int64_t job; /* that brings back their part, or 0 */
};

static void
attempt_free(struct attempt *a)
{
	secret_clear(&a->password);
	free(a->url);
	free(a->server_id);
	jellyfin_login_free(&a->who);
}

/* Name and password from the body. */
static int
read_body(struct attempt *a)
{
	const struct json *body = a->req->json;
	struct err err = { 0 };
	const char *password;
	size_t name_len = 0;
	size_t len = 0;

	a->name = json_text(json_get(body, "username"), &name_len);
	password = json_text(json_get(body, "password"), &len);
	if (a->name == NULL || name_len == 0 || name_len > NAME_MAX_BYTES ||
	    strlen(a->name) != name_len || len > PASSWORD_MAX_BYTES) {
		response_error(a->res, 422, "missing_field",
		    "Type the name and the password of your Jellyfin "
		    "account.");
		return -1;
	}
	/* Jellyfin has accounts without a password. */
	if (secret_set(&a->password, password != NULL ? password : "", len,
		&err)) {
		response_error(a->res, 500, "internal", err.msg);
		return -1;
	}
	return 0;
}

static int
take(char **out, const struct value *v, struct err *err)
{
	if (v->kind != VALUE_TEXT || v->len == 0)
		return 0;
	*out = str_printf(err, "%.*s", (int)v->len, v->s);
	return *out != NULL ? 0 : -1;
}

static int
read_config(struct attempt *a, struct db *db, struct err *err)
{
	struct store_config *store = NULL;
	struct config config;
	int rc;

	if (store_config_open(db, &store, err))
		return -1;
	rc = store_config_get(store, &config, err);
	if (rc == 1)
		rc = take(&a->url, &config.v[CONFIG_JELLYFIN_URL], err) ||
			take(&a->server_id,
			    &config.v[CONFIG_JELLYFIN_SERVER_ID], err)
		    ? -1
		    : 0;
	store_config_free(store);
	return rc;
}

/* Which Jellyfin, if the setup is finished. */
static int
find_server(struct attempt *a)
{
	struct err err = { 0 };
	struct app_db *db = app_read(a->app, &err);
	struct status status = { .configured = false };

	if (db == NULL || store_status_read(db->status, &status, &err) ||
	    read_config(a, db->db, &err)) {
		app_db_error(a->app, a->req, a->res, &err);
		return -1;
	}
	if (status.configured && a->url != NULL)
		return 0;
	response_error(a->res, 409, "not_configured",
	    "The setup is not finished. Finish it first.");
	return -1;
}

/*
 * A password goes only to the server that the owner has set up, not to
 * whatever answers at its address today.
 */
static int
check_server(struct attempt *a)
{
	const struct verify_wish wish = {
		.jellyfin_url = a->url,
		.jellyfin_id = a->server_id,
	};
	struct verify_report report;
	struct err err = { 0 };

	if (a->server_id == NULL)
		return 0;
	if (verify_services(&wish, &report, &err)) {
		response_error(a->res, 500, "internal", err.msg);
		return -1;
	}
	if (!report.jellyfin.ok) {
		response_error(a->res, 502, "jellyfin_failed",
		    report.jellyfin.message);
		return -1;
	}
	if (!report.jellyfin.other_server)
		return 0;
	response_error(a->res, 502, "jellyfin_changed",
	    "Another Jellyfin server answers at this address than the one "
	    "that jair was set up with. Your password was not sent. Whoever "
	    "runs jair can open the setup again (jair-init setup --reopen) "
	    "and confirm the new server.");
	return -1;
}

static int
ask_jellyfin(struct attempt *a)
{
	char device[KEYRING_ID_MAX];
	const struct jellyfin j = { .base = a->url, .device_id = device };
	struct err err = { 0 };

	if (keyring_id(a->app->env->data_dir, "device", device, &err)) {
		response_error(a->res, 500, "internal", err.msg);
		return -1;
	}
	if (jellyfin_login(&j, a->name, &a->password, &a->who, &err) == 0)
		return 0;
	if (err.code == ERR_DENIED)
		response_error(a->res, 401, "login_failed", err.msg);
	else
		response_error(a->res, 502, "jellyfin_failed", err.msg);
	return -1;
}

/* The user's row, in one transaction with what is known of the server. */
static int
note_login(struct attempt *a, struct db *db, struct err *err)
{
	struct store_login *logins = NULL;
	int rc = -1;

	if (store_login_open(db, &logins, err))
		return -1;
	if (db_begin(db, err) == 0 &&
	    store_login_user(logins, a->who.user_name, a->who.user_id, &a->user,
		err) == 0 &&
	    store_login_note(logins, a->user, err) == 0 &&
	    store_login_server(logins, a->who.server_id, err) == 0 &&
	    store_login_base(logins, a->url, a->who.base, err) == 0)
		rc = db_commit(db, err);
	db_rollback(db);
	store_login_free(logins);
	return rc;
}

static int
begin_session(struct attempt *a, struct app_db *db, struct err *err)
{
	const struct session_login login = {
		.user_id = a->user,
		.admin = a->who.is_admin,
		.jellyfin_token = &a->who.token,
	};
	char cookie[SESSION_COOKIE_MAX];
	struct secret token = { 0 };

	if (session_begin(db->sessions, a->app->env->data_dir, &login, &token,
		err))
		return -1;
	response_cookie(a->res, session_cookie(&token, a->req->secure, cookie));
	explicit_bzero(cookie, sizeof(cookie));
	secret_clear(&token);
	return 0;
}

static void
answer(struct attempt *a)
{
	struct json_out *j = response_object(a->res, 200);

	json_out_bool(j, "success", true);
	json_out_begin(j, "user", '{');
	json_out_int(j, "id", a->user);
	json_out_string(j, "name", a->who.user_name);
	json_out_end(j, '}');
	json_out_bool(j, "isAdmin", a->who.is_admin);
	json_out_string(j, "serverUrl", a->who.base);
	if (a->job != 0) {
		json_out_begin(j, "restore", '{');
		json_out_int(j, "jobId", a->job);
		json_out_end(j, '}');
	}
}

/* Titles that wait for their id: a login goes on whatever comes of it. */
static void
resolve_titles(const struct attempt *a, struct db *db)
{
	struct err err = { 0 };
	int64_t id;

	/* The job of a claim queues it after what it brings. */
	if (a->job == 0 && jobs_resolve(db, a->user, false, &id, &err))
		log_event(LOG_WARN, "resolve_not_queued", "id", a->req->id,
		    "message", err.msg, NULL);
}

/* Jellyfin said yes. */
static void
let_in(struct attempt *a)
{
	struct err err = { 0 };
	struct app_db *db = app_write(a->app, &err);

	if (db == NULL || note_login(a, db->db, &err) ||
	    jobs_claim(db->db, a->user, a->who.user_name, a->who.user_id,
		&a->job, &err) ||
	    begin_session(a, db, &err)) {
		app_db_error(a->app, a->req, a->res, &err);
		return;
	}
	resolve_titles(a, db->db);
	backoff_pass(a->app->backoff, a->req->remote, a->name);
	answer(a);
	log_event(LOG_INFO, "login", "id", a->req->id, NULL);
}

/* Whether this address may try this account now. */
static int
may_try(struct attempt *a)
{
	int64_t wait =
	    backoff_try(a->app->backoff, a->req->remote, a->name, clock_mono());

	if (wait == 0)
		return 0;
	response_error(a->res, 429, "too_many_attempts",
	    "Too many tries for this account from here. Wait a moment and "
	    "try again.");
	response_retry(a->res, wait);
	return -1;
}

void
auth_login(struct app *app, const struct request *req, struct response *res)
{
	struct attempt a = { .app = app, .req = req, .res = res };

	if (read_body(&a) == 0 && find_server(&a) == 0 && may_try(&a) == 0 &&
	    check_server(&a) == 0 && ask_jellyfin(&a) == 0)
		let_in(&a);
	attempt_free(&a);
}
