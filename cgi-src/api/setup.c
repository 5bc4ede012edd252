#include <stdlib.h>
#include <string.h>

#include "cgi-src/api/access.h"
#include "cgi-src/api/api.h"
#include "cgi-src/api/left.h"
#include "cgi-src/api/services.h"
#include "cgi-src/jobs/jobs.h"
#include "cgi-src/services/verify.h"
#include "core/log.h"
#include "core/setup_code.h"
#include "core/stage.h"
#include "core/store_config.h"

/* What a request about the services works with. */
struct wish {
	struct services known;
	struct known wanted;
};

static void
wish_free(struct wish *w)
{
	known_free(&w->wanted);
	services_free(&w->known);
}

/* Read a form; on -1 the refusal is in ${res} and nothing is held. */
static int
wish_read(struct app *app, const struct request *req, struct wish *w,
    struct response *res)
{
	struct err err = { 0 };

	if (services_load(app, &w->known, &err)) {
		app_db_error(app, req, res, &err);
		return -1;
	}
	if (services_read(&w->known, req, access_trusted(app, req), &w->wanted,
		res) == 0)
		return 0;
	services_free(&w->known);
	return -1;
}

/* What a form begins with; ${left}: and the backups that are left. */
static void
defaults(struct app *app, const struct request *req, bool left,
    struct response *res)
{
	struct services s;
	struct json_out *j;
	struct err err = { 0 };

	if (services_load(app, &s, &err)) {
		app_db_error(app, req, res, &err);
		return;
	}
	j = response_object(res, 200);
	services_write(&s, j);
	if (left)
		left_write(app, req, j);
	services_free(&s);
}

void
setup_defaults(struct app *app, const struct request *req, struct response *res)
{
	defaults(app, req, true, res);
}

static int
verify(const struct env *env, const struct wish *w, bool jellyfin_alone,
    struct verify_report *report, struct err *err)
{
	const struct known *k = &w->wanted;
	const struct verify_wish wish = {
		.jellyfin_url = k->jellyfin_url,
		.jellyfin_id = services_server_id(&w->known),
		.seerr_url = jellyfin_alone ? NULL : k->seerr_url,
		.seerr_key = &k->seerr_key,
		.gemini_key = jellyfin_alone ? NULL : &k->gemini_key,
		.gemini_model = k->gemini_model,
		.gemini_base = env->gemini_base,
	};

	return verify_services(&wish, report, err);
}

static void
no_memory(struct response *res, const struct err *err)
{
	response_error(res, 500, "internal", err->msg);
}

void
setup_verify(struct app *app, const struct request *req, struct response *res)
{
	struct verify_report report;
	struct wish w;
	struct err err = { 0 };

	if (wish_read(app, req, &w, res))
		return;
	if (verify(app->env, &w, false, &report, &err))
		no_memory(res, &err);
	else
		verify_write(&report, response_object(res, 200));
	wish_free(&w);
}

/* A configuration that is being saved. */
struct saving {
	struct db *db;
	struct config_edit edit;
	bool configured; /* as whoever saves thinks */
	bool saved;
};

/* Inside a transaction. */
static int
save_row(void *ctx, struct err *err)
{
	struct saving *s = ctx;
	struct store_config *store = NULL;
	int rc = -1;

	if (store_config_open(s->db, &store, err))
		return -1;
	rc = store_config_save(store, &s->edit, s->configured, &s->saved, err);
	store_config_free(store);
	if (rc == 0 && !s->saved)
		rc = err_set(err, ERR_EXISTS,
		    s->configured
			? "The setup was opened again meanwhile. Nothing "
			  "was saved. Finish the setup."
			: "Somebody else has finished the setup. Your "
			  "history is untouched. Log in to go on.");
	return rc;
}

static int
save_alone(struct saving *s, struct err *err)
{
	if (db_begin(s->db, err) || save_row(s, err) || db_commit(s->db, err)) {
		db_rollback(s->db);
		return -1;
	}
	return 0;
}

/*
 * Which server this is, when it answers: later logins are kept to it.  One
 * that does not answer is remembered at the first login.
 */
static const char *
server_id(struct app *app, const struct wish *w, struct verify_report *report)
{
	struct err ignored = { 0 };

	if (verify(app->env, w, true, report, &ignored) == 0 &&
	    report->jellyfin.ok && report->jellyfin.server_id[0] != '\0')
		return report->jellyfin.server_id;
	return NULL;
}

/* The address that worked, if one did: Jellyfin may live in a folder. */
static void
fill_edit(struct config_edit *edit, const struct known *k, const char *server,
    const struct service_result *jellyfin)
{
	*edit = (struct config_edit){
		.jellyfin_url = jellyfin->ok && jellyfin->url[0] != '\0'
		    ? jellyfin->url
		    : k->jellyfin_url,
		.jellyfin_server_id = server,
		.seerr_url = k->seerr_url,
		.seerr_key = &k->seerr_key,
		.gemini_key = &k->gemini_key,
		.gemini_model = k->gemini_model,
	};
}

/* What else the setup is asked to do. */
struct restore_wish {
	bool restore;
	int64_t id; /* of the preview that the person saw, or 0 */
	const char *assign_to;
};

static int
bad_field(struct response *res, const char *field, const char *sentence)
{
	struct json_out *j = response_error(res, 422, "bad_field", sentence);

	json_out_string(j, "field", field);
	return -1;
}

static int
read_restore(const struct request *req, struct restore_wish *r,
    struct response *res)
{
	const struct json *flag = json_get(req->json, "restore");
	const struct json *id = json_get(req->json, "restoreId");
	const struct json *owner = json_get(req->json, "assignTo");
	size_t len = 0;

	*r = (struct restore_wish){ .assign_to = json_text(owner, &len) };
	if (flag != NULL && json_boolean(flag, &r->restore))
		return bad_field(res, "restore",
		    "\"restore\" must be true or false.");
	if (id != NULL && json_int(id, &r->id))
		return bad_field(res, "restoreId",
		    "\"restoreId\" must be the id of a preview.");
	if (owner != NULL &&
	    (r->assign_to == NULL || len == 0 || strlen(r->assign_to) != len))
		return bad_field(res, "assignTo",
		    "Say by name whose lists these are.");
	return 0;
}

/* Say why the setup was not saved. */
static void
refuse(struct app *app, const struct request *req, struct response *res,
    const struct err *err)
{
	struct json_out *j;

	if (err->code == ERR_EXISTS) {
		response_error(res, 409, "already_configured", err->msg);
	} else if (err->code == ERR_USAGE) {
		j = response_error(res, 422, "owner_missing", err->msg);
		json_out_string(j, "field", "assignTo");
	} else if (err->code == ERR_MISSING) {
		response_error(res, 409, "nothing_staged",
		    "There is no checked backup here any more. Nothing was "
		    "changed. Upload it again, or start fresh.");
	} else {
		app_db_error(app, req, res, err);
	}
}

static int
need_jellyfin(const struct known *k, struct response *res)
{
	struct json_out *j;

	if (k->jellyfin_url != NULL)
		return 0;
	j = response_error(res, 422, "missing_field",
	    "jair needs the address of your Jellyfin. Type it.");
	json_out_string(j, "field", "jellyfinUrl");
	return -1;
}

/*
 * Save all of it.  What is restored is the backup that was looked at: not one
 * from before or after it.
 */
static int
save_all(struct app *app, const struct stage_choice *choice, struct saving *s,
    const struct restore_wish *r, struct err *err)
{
	bool ready;

	if (!r->restore)
		return save_alone(s, err);
	if (jobs_restore_ready(s->db, r->id, &ready, err))
		return -1;
	if (!ready)
		return err_set(err, ERR_MISSING, "No archive is staged.");
	return stage_confirm(s->db, app->env->data_dir, choice, err);
}

static void
save_setup(struct app *app, const struct request *req, const struct wish *w,
    const struct restore_wish *r, struct response *res)
{
	struct saving s = { .configured = false };
	/* What no form shows comes with the archive, too. */
	const struct stage_choice choice = {
		.assign_to = r->assign_to,
		.config = true,
		.finish = save_row,
		.ctx = &s,
	};
	struct verify_report report = { .jellyfin = { .ok = false } };
	struct err err = { 0 };
	struct app_db *db;
	const char *server = server_id(app, w, &report);

	fill_edit(&s.edit, &w->wanted, server, &report.jellyfin);
	if ((db = app_write(app, &err)) == NULL) {
		app_db_error(app, req, res, &err);
		return;
	}
	s.db = db->db;
	if (save_all(app, &choice, &s, r, &err)) {
		refuse(app, req, res, &err);
		return;
	}
	if (setup_code_remove(app->env->data_dir, &err))
		log_event(LOG_WARN, "setup_code", "message", err.msg, "id",
		    req->id, NULL);
	log_event(LOG_INFO, "setup_saved", "restore",
	    r->restore ? "true" : "false", "id", req->id, NULL);
	json_out_bool(response_object(res, 200), "success", true);
}

void
setup_save(struct app *app, const struct request *req, struct response *res)
{
	struct restore_wish r;
	struct wish w;

	if (read_restore(req, &r, res) || wish_read(app, req, &w, res))
		return;
	if (w.known.configured)
		response_error(res, 409, "already_configured",
		    "The setup is finished already. Change what you want in "
		    "the settings.");
	else if (need_jellyfin(&w.wanted, res) == 0)
		save_setup(app, req, &w, &r, res);
	wish_free(&w);
}

void
config_get(struct app *app, const struct request *req, struct response *res)
{
	defaults(app, req, false, res);
}

/*
 * Which server is meant.  An address that did not change keeps the server
 * that it was: when another one answers there today, somebody has to say that
 * it is theirs, since everyone's password goes to it.  Return 0, or -1 with
 * 409 in ${res}.
 */
static int
settle_server(struct app *app, const struct request *req, const struct wish *w,
    struct verify_report *report, const char **id, struct response *res)
{
	const struct known *stored = &w->known.known[KNOWN_STORED];
	bool meant = false;
	struct json_out *j;

	*id = server_id(app, w, report);
	if (stored->jellyfin_url == NULL ||
	    strcmp(stored->jellyfin_url, w->wanted.jellyfin_url) != 0)
		return 0;
	if (*id == NULL)
		*id = stored->server_id;
	(void)json_boolean(json_get(req->json, "newServer"), &meant);
	if (!report->jellyfin.other_server || meant)
		return 0;
	j = response_error(res, 409, "jellyfin_changed",
	    "Another Jellyfin server answers at this address than so far. "
	    "Nothing was changed. Say that it is yours, or correct the "
	    "address.");
	json_out_string(j, "field", "jellyfinUrl");
	return -1;
}

void
config_put(struct app *app, const struct request *req, struct response *res)
{
	struct saving s = { .configured = true };
	struct verify_report report = { .jellyfin = { .ok = false } };
	const char *server;
	struct err err = { 0 };
	struct app_db *db;
	struct wish w;

	if (wish_read(app, req, &w, res))
		return;
	if (need_jellyfin(&w.wanted, res) == 0 &&
	    settle_server(app, req, &w, &report, &server, res) == 0) {
		fill_edit(&s.edit, &w.wanted, server, &report.jellyfin);
		if ((db = app_write(app, &err)) != NULL)
			s.db = db->db;
		if (db == NULL || save_alone(&s, &err))
			refuse(app, req, res, &err);
		else
			json_out_bool(response_object(res, 200), "success",
			    true);
	}
	wish_free(&w);
}
