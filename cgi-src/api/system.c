#include "cgi-src/api/access.h"
#include "cgi-src/api/api.h"
#include "core/store_run.h"

/* What the database says for the first page. */
struct report {
	struct status status;
	bool admin; /* the rest is known */
	bool recovered, backed_up;
	struct run recovery, backup;
};

/* What only an administrator may know. */
static int
look_at_runs(struct db *db, struct report *r, struct err *err)
{
	if (store_run_last(db, RUN_RECOVERY, &r->recovery, &r->recovered, err))
		return -1;
	return store_run_last(db, RUN_ARCHIVE, &r->backup, &r->backed_up, err);
}

static int
look(struct app *app, const struct request *req, struct report *r,
    struct err *err)
{
	struct app_db *db = app_read(app, err);
	struct session who;

	if (db == NULL || store_status_read(db->status, &r->status, err) ||
	    access_find(app, req, &who, err))
		return -1;
	r->admin = who.id != 0 && who.admin;
	session_clear(&who);
	return r->admin ? look_at_runs(db->db, r, err) : 0;
}

static void
fill_runs(struct json_out *j, const struct report *r)
{
	if (r->recovered) {
		json_out_begin(j, "recovered", '{');
		json_out_string(j, "at", r->recovery.started);
		json_out_string(j, "file", r->recovery.file);
		json_out_bool(j, "ok", r->recovery.error[0] == '\0');
		json_out_end(j, '}');
	} else {
		json_out_null(j, "recovered");
	}
	if (r->backed_up) {
		json_out_begin(j, "lastBackup", '{');
		json_out_string(j, "at", r->backup.started);
		json_out_bool(j, "ok", r->backup.verified);
		json_out_end(j, '}');
	} else {
		json_out_null(j, "lastBackup");
	}
}

void
system_status(struct app *app, const struct request *req, struct response *res)
{
	struct report r = { .admin = false };
	struct err err = { 0 };
	struct json_out *j;

	if (look(app, req, &r, &err)) {
		app_db_error(app, req, res, &err);
		return;
	}
	j = response_object(res, 200);
	json_out_bool(j, "configured", r.status.configured);
	json_out_bool(j, "setupCodeRequired",
	    !r.status.configured && access_needs_code(app, req));
	json_out_bool(j, "staged", r.status.staged);
	if (r.admin)
		fill_runs(j, &r);
}
