#include <stdlib.h>
#include <unistd.h>

#include "cgi-src/jobs/job_run.h"
#include "core/stage.h"

/* The preview stands in the row of StagedRestore; who may see it asks there. */
static int
finish(void *ctx, struct err *err)
{
	return job_done(ctx, "{}", err);
}

static void
progress(void *ctx, uint64_t bytes, uint64_t of)
{
	job_at(ctx, (int64_t)bytes, (int64_t)of, "checks the file");
}

/*
 * Check the uploaded archive {"file"} and stage it; with {"from"}, what is
 * uploaded is a copy of that backup.
 */
int
job_stage(struct job_run *run, struct err *err)
{
	struct stage_upload upload = {
		.from = json_text(json_get(run->input, "from"), NULL),
		.id = run->id,
		.progress = progress,
		.finish = finish,
		.ctx = run,
	};
	char *path;
	int rc = -1;

	if ((upload.name = job_upload(run->env->data_dir, run->input, &path,
		 err)) == NULL)
		return -1;
	job_at(run, 0, 0, "checks the file");
	if (job_lock(run, err) == 0)
		rc = stage_upload(run->db, run->env->data_dir, &upload, err);
	/* Refused is refused; while the server stops it may be tried again. */
	if (rc != 0 && !*run->stop)
		(void)unlink(path);
	free(path);
	return rc;
}
