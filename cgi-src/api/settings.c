#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgi-src/api/api.h"
#include "cgi-src/api/upload.h"
#include "cgi-src/jobs/jobs.h"
#include "core/archive.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/path.h"
#include "core/stage.h"

/*
 * An export is written to a file without a name first, so that a reader who
 * is slow holds no lock of the database, and one who gets an error gets it
 * before the first byte.
 */

/* What is exported: everything, or one user's. */
static int
write_export(struct db *db, const char *data_dir, int64_t user,
    const char *path, struct err *err)
{
	struct stage_combined *combined = NULL;
	struct archive_stats stats;
	int rc;

	if (user != 0)
		return archive_write_user(db, user, path, &stats, err);
	/* Who still waits for a first login is in every archive. */
	if (stage_combine(db, data_dir, &combined, err))
		return -1;
	rc = archive_write(combined != NULL ? stage_combined_db(combined) : db,
	    path, &stats, err);
	stage_combined_free(combined);
	return rc;
}

/* Open ${path}. */
static int
open_file(const char *path, int *fd, int64_t *size, struct err *err)
{
	struct stat st;

	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (*fd < 0)
		return err_sys(err, errno, "Cannot open %s", path);
	if (fstat(*fd, &st) != 0) {
		(void)close(*fd);
		return err_sys(err, errno, "Cannot look at %s", path);
	}
	*size = (int64_t)st.st_size;
	return 0;
}

/* The export as an open file whose name is gone already. */
static int
make_export(struct db *db, const char *data_dir, int64_t user, int *fd,
    int64_t *size, struct err *err)
{
	char *base = path_join(data_dir, "export.json", err);
	char *tmp = base != NULL ? file_temp_name(base, err) : NULL;
	int rc = -1;

	if (tmp != NULL) {
		rc = write_export(db, data_dir, user, tmp, err);
		if (rc == 0)
			rc = open_file(tmp, fd, size, err);
		(void)unlink(tmp);
	}
	free(tmp);
	free(base);
	return rc;
}

/* An export that could not be made: because of a file, or of the database. */
static void
fail_export(struct app *app, const struct request *req, struct response *res,
    const struct err *err)
{
	switch (err->code) {
	case ERR_DISK:
	case ERR_DENIED:
	case ERR_EXISTS:
	case ERR_IO:
	case ERR_LIMIT:
	case ERR_NOMEM:
		app_file_error(req, res, "export", err);
		break;
	default:
		app_db_error(app, req, res, err);
	}
}

void
settings_export(struct app *app, const struct request *req,
    struct response *res)
{
	char stamp[CLOCK_STAMP_MAX];
	char name[64 + CLOCK_STAMP_MAX];
	struct err err = { 0 };
	char all[8] = "";
	struct app_db *db;
	bool everyone;
	int64_t size = 0;
	int fd = -1;

	everyone = request_query(req, "all", all, sizeof(all)) == 1 &&
	    strcmp(all, "1") == 0;
	if (everyone && !req->who.admin) {
		response_error(res, 403, "admin_required",
		    "Only an administrator of the Jellyfin server may export "
		    "everyone's data.");
		return;
	}
	if ((db = app_read(app, &err)) == NULL) {
		app_db_error(app, req, res, &err);
		return;
	}
	if (make_export(db->db, app->env->data_dir,
		everyone ? 0 : req->who.user_id, &fd, &size, &err)) {
		fail_export(app, req, res, &err);
		return;
	}
	(void)snprintf(name, sizeof(name),
	    "attachment; filename=\"%s_%s.json\"",
	    everyone ? "backup" : "jair-my-data",
	    clock_stamp(clock_now(), stamp));
	response_file_take(res, fd, size, "application/json");
	response_header(res, "Content-Disposition", name);
}

/* What waits to be read takes room: one file a person. */
static int
check_free(struct app *app, const struct request *req, struct response *res)
{
	struct err err = { 0 };
	struct app_db *db = app_read(app, &err);
	bool under_way;

	if (db == NULL ||
	    jobs_under_way(db->db, "import", req->who.user_id, &under_way,
		&err)) {
		app_db_error(app, req, res, &err);
		return -1;
	}
	if (!under_way)
		return 0;
	response_error(res, 409, "import_under_way",
	    "Your last import is still under way. Wait until it has ended "
	    "and try again.");
	return -1;
}

void
settings_import(struct app *app, const struct request *req,
    struct response *res)
{
	struct json_out *j;
	int64_t job;

	if (check_free(app, req, res) ||
	    upload_take(app, req, "import", req->who.user_id, NULL, &job, res))
		return;
	j = response_object(res, 202);
	json_out_int(j, "jobId", job);
}
