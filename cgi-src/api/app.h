#ifndef CGI_SRC_API_APP_H
#define CGI_SRC_API_APP_H

#include <stdint.h>
#include <sys/types.h>

#include "cgi-src/http/request.h"
#include "cgi-src/http/response.h"
#include "core/db.h"
#include "core/env.h"
#include "core/err.h"
#include "core/store_status.h"

/* What one worker keeps from request to request. */
struct app {
	const struct env *env;
	int64_t started; /* clock_mono of the server's start */
	struct db *db; /* NULL until a handler needs it */
	struct store_status *status;
	dev_t db_dev; /* which file db has open */
	ino_t db_ino;
};

/*
 * app_status(app, err):
 * Return the status questions on an open database, or NULL with ${err}.
 * The database is opened when it was not, or when its name now belongs to
 * another file.
 */
struct store_status *app_status(struct app *app, struct err *err);

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

#endif
