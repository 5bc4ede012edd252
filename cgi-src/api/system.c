#include "cgi-src/api/access.h"
#include "cgi-src/api/api.h"
#include "core/backup_state.h"
#include "core/clock.h"

/* How long what was seen counts when the database is busy. */
#define SEEN_MS 5000
/* How long to wait for the database before that. */
#define PATIENCE_MS 50

/* What the database says for the first page. */
struct report {
	struct status status;
	bool admin; /* the rest is known */
	struct backup_state backups; /* only an administrator may know */
};

static int
look(struct app *app, const struct request *req, struct app_db *db,
    struct report *r, struct err *err)
{
	struct session who;

	if (store_status_read(db->status, &r->status, err) ||
	    access_find(app, req, &who, err))
		return -1;
	app->seen = (struct app_seen){ r->status, clock_mono() };
	r->admin = who.id != 0 && who.admin;
	session_clear(&who);
	return r->admin ? backup_state_read(db->db, app->env, &r->backups, err)
			: 0;
}

/*
 * A large restore keeps readers out while it commits.  Who was told something
 * moments ago is then told the same, without what is for administrators
 * alone, rather than nothing for seconds.
 */
static int
look_or_remember(struct app *app, const struct request *req, struct report *r,
    struct err *err)
{
	bool fresh = app->seen.at != 0 && clock_mono() - app->seen.at < SEEN_MS;
	struct app_db *db = app_read(app, err);
	int rc;

	if (db == NULL)
		return -1;
	db_set_patience(db->db, fresh ? PATIENCE_MS : -1);
	rc = look(app, req, db, r, err);
	db_set_patience(db->db, -1);
	if (rc == 0 || !fresh || err->code != ERR_BUSY)
		return rc;
	err_clear(err);
	*r = (struct report){ .status = app->seen.status };
	return 0;
}

static void
fill_verified(struct json_out *j, const char *key,
    const struct backup_last *last)
{
	if (!last->has_verified) {
		json_out_null(j, key);
		return;
	}
	json_out_begin(j, key, '{');
	json_out_string(j, "at", last->verified.started);
	json_out_string(j, "file", last->verified.file);
	json_out_int(j, "bytes", last->verified.bytes);
	json_out_end(j, '}');
}

static void
fill_recovery(struct json_out *j, const struct backup_state *b)
{
	if (!b->has_recovery) {
		json_out_null(j, "recovered");
		return;
	}
	json_out_begin(j, "recovered", '{');
	json_out_string(j, "at", b->recovery.started);
	json_out_string(j, "file", b->recovery.file);
	json_out_bool(j, "ok", b->recovery.error[0] == '\0');
	json_out_bool(j, "lastStart", b->recovered);
	json_out_end(j, '}');
}

static void
fill_backups(struct json_out *j, const struct backup_state *b)
{
	fill_recovery(j, b);
	if (b->archive.has_run) {
		json_out_begin(j, "lastBackup", '{');
		json_out_string(j, "at", b->archive.run.started);
		json_out_bool(j, "ok", b->archive.run.verified);
		json_out_end(j, '}');
	} else {
		json_out_null(j, "lastBackup");
	}
	fill_verified(j, "lastVerifiedSnapshot", &b->snapshot);
	fill_verified(j, "lastVerifiedArchive", &b->archive);
	json_out_bool(j, "overdue", b->overdue);
}

void
system_status(struct app *app, const struct request *req, struct response *res)
{
	struct report r = { .admin = false };
	struct err err = { 0 };
	struct json_out *j;

	if (look_or_remember(app, req, &r, &err)) {
		app_db_error(app, req, res, &err);
		return;
	}
	j = response_object(res, 200);
	json_out_bool(j, "configured", r.status.configured);
	json_out_bool(j, "setupCodeRequired",
	    !r.status.configured && access_needs_code(app, req));
	json_out_bool(j, "staged", r.status.staged);
	if (r.admin)
		fill_backups(j, &r.backups);
}
