#include "cgi-src/jobs/jobs.h"

#include <string.h>

#include "cgi-src/api/api.h"
#include "core/str.h"

void
job_get(struct app *app, const struct request *req, struct response *res)
{
	struct err err = { 0 };
	struct app_db *db = app_read(app, &err);
	int64_t id = 0;

	/* What is no number is no job either. */
	(void)str_int64(req->arg[0], strlen(req->arg[0]), &id);
	if (db != NULL &&
	    jobs_render(db->db, id, req->who.user_id, response_object(res, 200),
		&err) == 0)
		return;
	if (err.code == ERR_MISSING && db != NULL)
		response_error(res, 404, "no_such_job",
		    "You have no such job. It may have been removed, 30 days "
		    "after its end.");
	else
		app_db_error(app, req, res, &err);
}

void
sync_jellyfin(struct app *app, const struct request *req, struct response *res)
{
	struct err err = { 0 };
	struct app_db *db = app_write(app, &err);
	struct json_out *j;
	int64_t job;

	if (db == NULL || jobs_sync(db->db, req->who.user_id, &job, &err)) {
		app_db_error(app, req, res, &err);
		return;
	}
	j = response_object(res, 202);
	json_out_int(j, "jobId", job);
}
