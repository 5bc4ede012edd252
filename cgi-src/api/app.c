#include "cgi-src/api/app.h"

#include <errno.h>
#include <sys/stat.h>

#include "core/log.h"

void
app_close(struct app *app)
{
	store_status_free(app->status);
	db_free(app->db);
	app->status = NULL;
	app->db = NULL;
}

static int
open_db(struct app *app, const struct stat *st, struct err *err)
{
	if (db_open(&app->db, app->env->db_path, DB_READ, err))
		return -1;
	if ((app->status = store_status_new(app->db, err)) == NULL) {
		app_close(app);
		return -1;
	}
	app->db_dev = st->st_dev;
	app->db_ino = st->st_ino;
	return 0;
}

struct store_status *
app_status(struct app *app, struct err *err)
{
	struct stat st;

	/*
	 * SQLite would go on reading a removed file.  stat(2), since opening
	 * and closing the file would drop SQLite's locks.
	 */
	if (stat(app->env->db_path, &st) != 0) {
		err_sys(err, errno, "Cannot find the database %s",
		    app->env->db_path);
		app_close(app);
		return NULL;
	}
	if (app->db != NULL &&
	    (st.st_dev != app->db_dev || st.st_ino != app->db_ino))
		app_close(app);
	if (app->db == NULL && open_db(app, &st, err))
		return NULL;
	return app->status;
}

/* What people read for each kind of failure; no path, no code. */
static const struct db_trouble {
	enum err_code code;
	const char *reason;
	const char *sentence;
} troubles[] = {
	{ ERR_MISSING, "database_missing",
	    "The database file is not in its "
	    "place. Nothing was written in its stead. Stop jair and start it "
	    "again: its start says which backups there are." },
	{ ERR_BUSY, "database_busy",
	    "Another program has the database "
	    "locked. Your data is untouched. Wait a minute, or end the "
	    "program that holds it." },
	{ ERR_CORRUPT, "database_damaged",
	    "The database is damaged. jair "
	    "has not changed it. Stop jair and start it again: its start "
	    "checks the database and says what to do." },
	{ ERR_NONE, "database_unreadable",
	    "The database cannot be read. "
	    "jair has not changed it. Stop jair and start it again: its "
	    "start checks the database and says what to do." },
};

static const struct db_trouble *
trouble_of(enum err_code code)
{
	const struct db_trouble *t = troubles;

	while (t->code != code && t->code != ERR_NONE)
		t++;
	return t;
}

void
app_db_error(struct app *app, const struct request *req, struct response *res,
    const struct err *err)
{
	const struct db_trouble *t = trouble_of(err->code);
	struct json_out *j;

	log_event(LOG_ERROR, "database", "reason", t->reason, "message",
	    err->msg, "id", req->id, NULL);
	app_close(app);
	j = response_error(res, 503, "database_unavailable", t->sentence);
	json_out_string(j, "reason", t->reason);
}
