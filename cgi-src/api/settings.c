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

/* Open ${path} and take its name away. */
static int
open_nameless(const char *path, int64_t *size, struct err *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || fstat(fd, &st) != 0)
		err_sys(err, errno, "Cannot open %s", path);
	(void)unlink(path);
	if (err->code != ERR_NONE && fd >= 0) {
		(void)close(fd);
		return -1;
	}
	*size = fd >= 0 ? (int64_t)st.st_size : 0;
	return fd;
}

static int
make_export(struct app *app, int64_t user, int64_t *size, struct err *err)
{
	const char *dir = app->env->data_dir;
	struct app_db *db = app_read(app, err);
	char *base = path_join(dir, "export.json", err);
	char *tmp = NULL;
	int fd = -1;

	if (db != NULL && base != NULL &&
	    (tmp = file_temp_name(base, err)) != NULL &&
	    write_export(db->db, dir, user, tmp, err) == 0)
		fd = open_nameless(tmp, size, err);
	free(tmp);
	free(base);
	return fd;
}

void
settings_export(struct app *app, const struct request *req,
    struct response *res)
{
	char stamp[CLOCK_STAMP_MAX];
	char name[64 + CLOCK_STAMP_MAX];
	struct err err = { 0 };
	char all[8] = "";
	bool everyone;
	int64_t size;
	int fd;

	everyone = request_query(req, "all", all, sizeof(all)) == 1 &&
	    strcmp(all, "1") == 0;
	if (everyone && !req->who.admin) {
		response_error(res, 403, "admin_required",
		    "Only an administrator of the Jellyfin server may export "
		    "everyone's data.");
		return;
	}
	fd = make_export(app, everyone ? 0 : req->who.user_id, &size, &err);
	if (fd < 0) {
		app_db_error(app, req, res, &err);
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
	    upload_take(app, req, "import", req->who.user_id, &job, res))
		return;
	j = response_object(res, 202);
	json_out_int(j, "jobId", job);
}
