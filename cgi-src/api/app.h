#ifndef CGI_SRC_API_APP_H
#define CGI_SRC_API_APP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "cgi-src/http/backoff.h"
#include "cgi-src/http/request.h"
#include "cgi-src/http/response.h"
#include "core/db.h"
#include "core/env.h"
#include "core/err.h"
#include "core/store_session.h"
#include "core/store_status.h"

/* The database as one worker has it open, with what is prepared on it. */
struct app_db {
	struct db *db; /* NULL until a handler needs it */
	struct store_status *status;
	struct store_session *sessions;
	dev_t dev; /* which file db has open */
	ino_t ino;
	struct timespec changed; /* the file, when it was last asked for */
};

/* What was last known of the database while it could be asked. */
struct app_seen {
	struct status status;
	int64_t at; /* clock_mono, 0: never */
	struct timespec changed; /* the file, before it was looked at */
	bool settled; /* a later change shows in that time */
};

/* What one worker keeps from request to request. */
struct app {
	const struct env *env;
	struct backoff *backoff; /* all workers' */
	int64_t started; /* clock_mono of the server's start */
	struct app_db reader; /* use app_read and app_write */
	struct app_db writer;
	struct app_seen seen; /* system.c's */
};

/*
 * app_read(app, err), app_write(app, err):
 * Return the database, open for reading alone, or for writing, or NULL with
 * ${err}.  It stays ${app}'s, until the next call of either or app_close.
 * It is opened when it was not, or when its name now belongs to another
 * file.  That nobody moves the file meanwhile is what the shared lock
 * .jair.serving is for, which the master holds for all its workers.
 */
struct app_db *app_read(struct app *app, struct err *err);
struct app_db *app_write(struct app *app, struct err *err);

/*
 * app_close(app):
 * Close the database; the next use opens it again.
 */
void app_close(struct app *app);

/*
 * app_db_error(app, req, res, err):
 * Answer 503 for a database that failed with ${err}, in words for everyone,
 * with the member "reason"; log ${err} and close the database.
 */
void app_db_error(struct app *app, const struct request *req,
    struct response *res, const struct err *err);

/*
 * app_file_error(req, res, event, err):
 * Answer 507 (a disk that is full or fails) or 500 for a file of the data
 * folder that could not be written because of ${err}, in words for everyone;
 * log ${err} as ${event}.
 */
void app_file_error(const struct request *req, struct response *res,
    const char *event, const struct err *err);

#endif
