#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/path.h"
#include "core/stage.h"
#include "core/stage_int.h"
#include "core/store_job.h"
#include "core/str.h"

#define DAY_SECONDS 86400

/* A staged file that the current row does not name. */
static int
heal_file(struct staged *s, const char *name, struct err *err)
{
	char *path = path_join(s->data_dir, name, err);
	bool ended;
	int rc = -1;

	if (path == NULL)
		return -1;
	if (store_stage_named(s->store, name, &ended, err) == 0) {
		/* Its row has ended, or another one's turn came first. */
		if (!ended && !s->found)
			rc = staged_add(s->db, path, err);
		else if (ended && unlink(path) != 0 && errno != ENOENT)
			err_sys(err, errno, "Cannot remove %s", path);
		else
			rc = 0;
		s->found = s->found || (!ended && rc == 0);
	}
	free(path);
	return rc;
}

/* Whether the file has lain there for a day. */
static bool
is_old(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 &&
	    clock_now() / 1000 - st.st_mtime > DAY_SECONDS;
}

/* An upload that the current row does not name. */
static int
heal_upload(struct staged *s, const char *name, struct err *err)
{
	char *path = path_join(s->data_dir, name, err);
	bool ended = false;
	bool wanted = false;
	int rc = -1;

	if (path == NULL)
		return -1;
	if (store_stage_named(s->store, name, &ended, err) == 0 &&
	    store_job_names(s->db, name, &wanted, err) == 0) {
		rc = 0;
		/* A young one may be about to get its job. */
		if ((ended || (!wanted && is_old(path))) && unlink(path) != 0 &&
		    errno != ENOENT)
			rc = err_sys(err, errno, "Cannot remove %s", path);
	}
	free(path);
	return rc;
}

/* Every staged file in the folder. */
static int
heal_files(struct staged *s, struct err *err)
{
	DIR *d = opendir(s->data_dir);
	struct dirent *e;
	int rc = 0;

	if (d == NULL)
		return err_sys(err, errno, "Cannot list %s", s->data_dir);
	while (rc == 0 && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, s->row.file) == 0)
			continue;
		if (stage_is_upload(e->d_name))
			rc = heal_upload(s, e->d_name, err);
		else if (str_starts(e->d_name, STAGE_COPY_HEAD) &&
		    str_ends(e->d_name, ".json"))
			rc = heal_file(s, e->d_name, err);
	}
	(void)closedir(d);
	return rc;
}

int
stage_heal(struct db *db, const char *data_dir, struct err *err)
{
	struct staged s;
	int rc = 0;

	if (staged_open(&s, db, data_dir, false, err))
		return -1;
	if (s.found && !path_exists(s.path)) {
		rc = staged_end(&s, true, err);
		s.found = false;
	}
	if (rc == 0)
		rc = heal_files(&s, err);
	staged_close(&s);
	return rc;
}
