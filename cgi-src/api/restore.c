#include "cgi-src/api/api.h"
#include "cgi-src/api/left.h"
#include "cgi-src/api/upload.h"
#include "cgi-src/jobs/jobs.h"

/* An upload in the place of another one: refused while people wait for it. */
static int
check_free(struct app *app, const struct request *req, struct response *res)
{
	struct err err = { 0 };
	struct app_db *db = app_read(app, &err);
	bool pending;

	if (db == NULL || jobs_restore_pending(db->db, &pending, &err)) {
		app_db_error(app, req, res, &err);
		return -1;
	}
	if (!pending)
		return 0;
	response_error(res, 409, "restore_pending",
	    "People of an earlier backup have still to log in and get their "
	    "part. Nothing was changed. Let them log in, or discard that "
	    "backup first.");
	return -1;
}

void
restore_post(struct app *app, const struct request *req, struct response *res)
{
	char from[INVENTORY_NAME_MAX];
	struct json_out *j;
	int64_t job;

	if (check_free(app, req, res) || left_named(app, req, from, res) ||
	    upload_take(app, req, "stage", 0, *from != '\0' ? from : NULL, &job,
		res))
		return;
	j = response_object(res, 202);
	json_out_int(j, "id", job);
	json_out_string(j, "state", "checking");
}

void
restore_get(struct app *app, const struct request *req, struct response *res)
{
	struct err err = { 0 };
	struct app_db *db = app_read(app, &err);

	if (db == NULL ||
	    jobs_render_restore(db->db, response_object(res, 200), &err))
		app_db_error(app, req, res, &err);
}

void
restore_delete(struct app *app, const struct request *req, struct response *res)
{
	struct err err = { 0 };
	struct app_db *db = app_write(app, &err);

	if (db == NULL || jobs_forget_restore(db->db, app->env->data_dir, &err))
		app_db_error(app, req, res, &err);
	else
		json_out_bool(response_object(res, 200), "success", true);
}
