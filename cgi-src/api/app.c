#include "cgi-src/api/app.h"

#include <errno.h>
#include <sys/stat.h>

#include "core/log.h"

static void
close_db(struct app_db *d)
{
	store_session_free(d->sessions);
	store_status_free(d->status);
	db_free(d->db);
	*d = (struct app_db){ 0 };
}

void
app_close(struct app *app)
{
	close_db(&app->reader);
	close_db(&app->writer);
}

static int
open_db(struct app_db *d, const char *path, enum db_mode mode, struct err *err)
{
	if (db_open(&d->db, path, mode, err) == 0 &&
	    (d->status = store_status_new(d->db, err)) != NULL &&
	    (d->sessions = store_session_new(d->db, err)) != NULL)
		return 0;
	close_db(d);
	return -1;
}

static struct app_db *
use(struct app *app, struct app_db *d, enum db_mode mode, struct err *err)
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
	if (d->db != NULL && (st.st_dev != d->dev || st.st_ino != d->ino))
		app_close(app);
	if (d->db == NULL && open_db(d, app->env->db_path, mode, err))
		return NULL;
	d->dev = st.st_dev;
	d->ino = st.st_ino;
	d->changed = st.st_mtim;
	return d;
}

struct app_db *
app_read(struct app *app, struct err *err)
{
	return use(app, &app->reader, DB_READ, err);
}

struct app_db *
app_write(struct app *app, struct err *err)
{
	return use(app, &app->writer, DB_WRITE, err);
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

void
app_file_error(const struct request *req, struct response *res,
    const char *event, const struct err *err)
{
	log_event(LOG_ERROR, event, "message", err->msg, "id", req->id, NULL);
	if (err->code == ERR_DISK)
		response_error(res, 507, "disk_full",
		    "The server's disk is full. Nothing was changed. Make "
		    "room there and try again.");
	else
		response_error(res, 500, "file_failed",
		    "The server could not write a file. Nothing was changed. "
		    "Its log says why.");
}
