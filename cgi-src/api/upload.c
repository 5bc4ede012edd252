#include "cgi-src/api/upload.h"

#include <stdlib.h>
#include <unistd.h>

#include "cgi-src/jobs/jobs.h"
#include "core/file.h"
#include "core/lock.h"
#include "core/log.h"
#include "core/path.h"
#include "core/stage.h"

#define INPUT_MAX 512
/* Held while an upload is received; it ends with its worker. */
#define UPLOAD_LOCK ".jair.upload"

/* The whole body under the temporary name ${tmp}. */
static int
receive(const struct request *req, const char *tmp, struct err *err)
{
	int64_t size;
	int fd;
	int rc;

	if (file_create(tmp, &fd, err))
		return -1;
	rc = body_save(req->body, fd, tmp, &size, err);
	(void)close(fd);
	if (rc == 0 && size == 0)
		rc = err_set(err, ERR_FORMAT, "The file is empty.");
	return rc;
}

/* The body as a published file ${path}. */
static int
save(const struct request *req, const char *path, struct err *err)
{
	char *tmp = file_temp_name(path, err);
	int rc;

	if (tmp == NULL)
		return -1;
	rc = receive(req, tmp, err);
	if (rc == 0)
		rc = file_publish_new(tmp, path, err);
	if (rc != 0)
		(void)unlink(tmp);
	free(tmp);
	return rc;
}

/* ${from}: the backup that is copied there first, or NULL. */
static int
queue(struct db *db, const char *type, int64_t user, const char *name,
    const char *from, int64_t *job, struct err *err)
{
	struct json_out j;
	struct buf input;
	int rc;

	buf_init(&input, INPUT_MAX);
	json_out_init(&j, NULL, &input);
	json_out_begin(&j, NULL, '{');
	json_out_string(&j, "file", name);
	if (from != NULL)
		json_out_string(&j, "from", from);
	json_out_end(&j, '}');
	rc = buf_ok(&input, "a job", err);
	if (rc == 0)
		rc = jobs_add(db, type, user, buf_str(&input), job, err);
	buf_free(&input);
	return rc;
}

static void
refuse(const struct request *req, struct response *res, const struct err *err)
{
	bool theirs = err->code == ERR_LIMIT || err->code == ERR_FORMAT;

	if (!theirs) {
		app_file_error(req, res, "upload", err);
		return;
	}
	log_event(LOG_WARN, "upload", "message", err->msg, "id", req->id, NULL);
	if (err->code == ERR_LIMIT)
		response_error(res, 413, "too_large", err->msg);
	else
		response_error(res, 400, "upload_broken", err->msg);
}

/*
 * One upload at a time, of those that are allowed: a stranger who is refused
 * never holds the place.
 */
static int
take_place(struct app *app, const struct request *req, int *lock,
    struct response *res)
{
	struct err err = { 0 };
	char *path = path_join(app->env->data_dir, UPLOAD_LOCK, &err);
	int rc = -1;

	if (path != NULL)
		rc = lock_take(path, LOCK_EXCLUSIVE, 0, lock, &err);
	free(path);
	if (rc != 0 && err.code == ERR_BUSY)
		response_error(res, 429, "too_many_requests",
		    "Another upload is under way. Wait until it has ended "
		    "and try again.");
	else if (rc != 0)
		refuse(req, res, &err);
	return rc;
}

static int
take(struct app *app, const struct request *req, const char *type, int64_t user,
    const char *from, int64_t *job, struct response *res)
{
	struct err err = { 0 };
	char *path = stage_upload_name(app->env->data_dir, &err);
	struct app_db *db;
	int rc = -1;

	if (path == NULL || (from == NULL && save(req, path, &err))) {
		refuse(req, res, &err);
	} else if ((db = app_write(app, &err)) == NULL ||
	    queue(db->db, type, user, path_base(path), from, job, &err)) {
		(void)unlink(path);
		app_db_error(app, req, res, &err);
	} else {
		rc = 0;
	}
	free(path);
	return rc;
}

int
upload_take(struct app *app, const struct request *req, const char *type,
    int64_t user, const char *from, int64_t *job, struct response *res)
{
	int lock = -1;
	int rc;

	if (take_place(app, req, &lock, res))
		return -1;
	rc = take(app, req, type, user, from, job, res);
	lock_release(lock);
	return rc;
}
