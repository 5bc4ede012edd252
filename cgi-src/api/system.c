#include "cgi-src/api/access.h"
#include "cgi-src/api/api.h"
#include "core/backup_state.h"
#include "core/clock.h"
#include "core/secret.h"

/* How long what was seen counts when the database is busy. */
#define SEEN_MS 5000
/* How long to wait for the database before that. */
#define PATIENCE_MS 50
/* A file that changed no later than this ago may change at the same time. */
#define SETTLED_MS 1000

/* What the database says for the first page. */
struct report {
	struct status status;
	bool admin; /* the rest is known */
	struct backup_state backups; /* only an administrator may know */
};

/* What the database is known to say, and of which state of its file. */
static void
remember(struct app *app, const struct app_db *db, const struct status *status)
{
	int64_t changed =
	    db->changed.tv_sec * INT64_C(1000) + db->changed.tv_nsec / 1000000;

	app->seen = (struct app_seen){
		.status = *status,
		.at = clock_mono(),
		.changed = db->changed,
		.settled = clock_now() - changed > SETTLED_MS,
	};
}

/* Nothing was written since, and it is a stranger who asks. */
static bool
is_known(const struct app *app, const struct request *req,
    const struct app_db *db)
{
	const struct app_seen *s = &app->seen;

	return s->settled && s->changed.tv_sec == db->changed.tv_sec &&
	    s->changed.tv_nsec == db->changed.tv_nsec &&
	    secret_expose(&req->token) == NULL;
}

static int
look(struct app *app, const struct request *req, struct app_db *db,
    struct report *r, struct err *err)
{
	struct session who;

	if (store_status_read(db->status, &r->status, err))
		return -1;
	remember(app, db, &r->status);
	if (access_find(app, req, &who, err))
		return -1;
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
	if (fresh && is_known(app, req, db)) {
		*r = (struct report){ .status = app->seen.status };
		return 0;
	}
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
