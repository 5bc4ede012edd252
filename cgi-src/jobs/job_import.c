#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "cgi-src/jobs/job_run.h"
#include "core/archive_read.h"
#include "core/part.h"

#define IMPORT_MAX ((uint64_t)64 << 20)

/* Read the whole file; its own name means nothing to whoever sent it. */
static int
open_file(const char *path, struct archive **a, struct err *err)
{
	const struct archive_limits limits = { .bytes = IMPORT_MAX };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int rc;

	if (fd < 0)
		return errno == ENOENT
		    ? err_set(err, ERR_MISSING,
			  "The uploaded file is not there any more. Upload "
			  "it again.")
		    : err_sys(err, errno, "Cannot open %s", path);
	rc = archive_open_fd(a, fd, "The file", &limits, err);
	(void)close(fd);
	return rc;
}

/* Merge the user's own part of the uploaded archive {"file"}. */
int
job_import(struct job_run *run, struct err *err)
{
	const struct part_hooks hooks = job_hooks(run);
	struct archive *a = NULL;
	char *path;
	int rc = -1;

	if (job_upload(run->env->data_dir, run->input, &path, err) == NULL)
		return -1;
	job_at(run, 0, 0, "checks the file");
	if (job_lock(run, err) == 0 && open_file(path, &a, err) == 0)
		rc = part_import(run->db, a, run->env->data_dir, run->user,
		    &hooks, err);
	archive_free(a);
	/* Done or refused; while the server stops it may be tried again. */
	if (rc == 0 || !*run->stop)
		(void)unlink(path);
	free(path);
	return rc;
}
