#include <stdlib.h>
#include <unistd.h>

#include "cgi-src/jobs/job_run.h"
#include "core/archive_read.h"
#include "core/part.h"
#include "core/stage.h"

#define IMPORT_MAX ((uint64_t)64 << 20)

/* Merge the user's own part of the uploaded archive {"file"}. */
int
job_import(struct job_run *run, struct err *err)
{
	const struct part_hooks hooks = job_hooks(run);
	const struct archive_limits limits = { .bytes = IMPORT_MAX };
	struct archive *a = NULL;
	char *path;
	int rc = -1;

	if (job_upload(run->env->data_dir, run->input, &path, err) == NULL)
		return -1;
	job_at(run, 0, 0, "checks the file");
	if (job_lock(run, err) == 0 &&
	    stage_upload_read(path, &limits, &a, err) == 0)
		rc = part_import(run->db, a, run->env->data_dir, run->user,
		    &hooks, err);
	archive_free(a);
	/* Done or refused; while the server stops it may be tried again. */
	if (rc == 0 || !*run->stop)
		(void)unlink(path);
	free(path);
	return rc;
}
