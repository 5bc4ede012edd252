#include "core/store_job.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/store_value.h"
#include "core/str.h"

enum {
	ADD,
	TAKE,
	DONE,
	FAIL,
	REQUEUE,
	NOTE,
	RECOVER,
	TRIM,
	DROP,
	GET,
	LAST,
	OPEN,
	RECENT,
	NAMES,
	STATEMENTS
};

#define COLUMNS                                                                \
	"\"id\", \"type\", \"state\", coalesce(\"userId\", 0), \"input\","     \
	" \"result\", \"error\""

static const char *const sql[STATEMENTS] = {
	[ADD] = "INSERT INTO \"Job\" (\"type\", \"state\", \"userId\","
		" \"input\", \"createdAt\")"
		" VALUES (?1, 'queued', nullif(?2, 0), ?3, ?4)",
	[TAKE] = "UPDATE \"Job\" SET \"state\" = 'running', \"startedAt\" = ?1"
		 " WHERE \"id\" = (SELECT min(\"id\") FROM \"Job\""
		 " WHERE \"state\" = 'queued') RETURNING " COLUMNS,
	[DONE] = "UPDATE \"Job\" SET \"state\" = 'done', \"result\" = ?2,"
		 " \"endedAt\" = ?3 WHERE \"id\" = ?1 AND"
		 " \"state\" = 'running'",
	[FAIL] = "UPDATE \"Job\" SET \"state\" = 'failed', \"error\" = ?2,"
		 " \"endedAt\" = ?3 WHERE \"id\" = ?1 AND"
		 " \"state\" = 'running'",
	[REQUEUE] = "UPDATE \"Job\" SET \"state\" = 'queued',"
		    " \"startedAt\" = NULL WHERE \"id\" = ?1 AND"
		    " \"state\" = 'running'",
	[NOTE] = "UPDATE \"Job\" SET \"input\" = ?2 WHERE \"id\" = ?1"
		 " AND \"state\" = 'running'",
	[RECOVER] =
	    "UPDATE \"Job\" SET \"attempts\" = \"attempts\" + 1,"
	    " \"state\" = iif(\"attempts\" + 1 < ?1, 'queued', 'failed'),"
	    " \"startedAt\" = iif(\"attempts\" + 1 < ?1, NULL,"
	    " \"startedAt\"),"
	    " \"endedAt\" = iif(\"attempts\" + 1 < ?1, NULL, ?2),"
	    " \"error\" = iif(\"attempts\" + 1 < ?1, NULL, ?3)"
	    " WHERE \"state\" = 'running'",
	[TRIM] = "DELETE FROM \"Job\" WHERE \"state\" IN ('done', 'failed')"
		 " AND \"endedAt\" < ?1",
	[DROP] = "UPDATE \"Job\" SET \"type\" = 'dropped', \"state\" = 'done',"
		 " \"input\" = NULL, \"result\" = NULL, \"error\" = NULL,"
		 " \"endedAt\" = ?2 WHERE \"type\" = ?1",
	[GET] = "SELECT " COLUMNS " FROM \"Job\" WHERE \"id\" = ?1",
	[LAST] = "SELECT " COLUMNS " FROM \"Job\" WHERE \"type\" = ?1"
		 " ORDER BY \"id\" DESC LIMIT 1",
	[OPEN] = "SELECT coalesce(min(\"id\"), 0) FROM \"Job\" WHERE"
		 " \"type\" = ?1 AND \"userId\" = ?2"
		 " AND \"state\" IN ('queued', 'running')",
	[RECENT] = "SELECT count(*) FROM \"Job\" WHERE \"type\" = ?1"
		   " AND \"userId\" = ?2 AND \"createdAt\" >= ?3"
		   " AND \"createdAt\" <= ?4",
	[NAMES] = "SELECT count(*) FROM \"Job\" WHERE"
		  " \"state\" IN ('queued', 'running')"
		  " AND instr(\"input\", ?1) > 0",
};

const struct db_table store_job_table = { "job", sql, STATEMENTS };

static const char given_up[] =
    "This was cut off three times in the middle, because the "
    "server stopped. Your data is as it was. Look into the server's log, "
    "then start it again.";

static const char *const states[] = {
	[JOB_QUEUED] = "queued",
	[JOB_RUNNING] = "running",
	[JOB_DONE] = "done",
	[JOB_FAILED] = "failed",
};

void
job_free(struct job *job)
{
	free(job->input);
	free(job->result);
	free(job->error);
	*job = (struct job){ 0 };
}

const char *
job_state_name(enum job_state state)
{
	return states[state];
}

static int
read_row(sqlite3_stmt *stmt, struct job *job, struct err *err)
{
	const char *type;
	const char *state;

	if (db_text(stmt, 1, &type, err) || db_text(stmt, 2, &state, err))
		return -1;
	job->id = sqlite3_column_int64(stmt, 0);
	(void)snprintf(job->type, sizeof(job->type), "%s",
	    type != NULL ? type : "");
	job->state = JOB_FAILED;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (state != NULL && strcmp(state, states[i]) == 0)
			job->state = (enum job_state)i;
	}
	job->user = sqlite3_column_int64(stmt, 3);
	if (store_value_text(stmt, 4, &job->input, err) ||
	    store_value_text(stmt, 5, &job->result, err) ||
	    store_value_text(stmt, 6, &job->error, err)) {
		job_free(job);
		return -1;
	}
	return 0;
}

/* Step to the one row that a bound statement gives, and to its end. */
static int
read_one(struct db_stmts *s, sqlite3_stmt *stmt, struct job *job, bool *found,
    struct err *err)
{
	int rc = db_step(s, stmt, err);

	*found = rc == 1;
	if (rc <= 0)
		return rc;
	if (read_row(stmt, job, err))
		return -1;
	/* What RETURNING tells is saved only after its last row. */
	if (db_step(s, stmt, err) == 0)
		return 0;
	job_free(job);
	return -1;
}

int
store_job_add(struct db *db, const char *type, int64_t user, const char *input,
    int64_t *id, struct err *err)
{
	struct db_stmts *s;
	sqlite3_stmt *stmt;
	int rc;

	if (db_prepare(db, &store_job_table, &s, err))
		return -1;
	stmt = db_stmt(s, ADD);
	store_value_bind_text(stmt, 1, type);
	(void)sqlite3_bind_int64(stmt, 2, user);
	store_value_bind_text(stmt, 3, input);
	store_value_bind_time(stmt, 4, clock_now());
	if ((rc = db_run(s, stmt, err)) == 0)
		*id = sqlite3_last_insert_rowid(db_handle(db));
	db_stmts_free(s);
	return rc;
}

int
store_job_take(struct db *db, struct job *job, bool *found, struct err *err)
{
	struct db_stmts *s;
	sqlite3_stmt *stmt;
	int rc;

	*job = (struct job){ 0 };
	if (db_prepare(db, &store_job_table, &s, err))
		return -1;
	stmt = db_stmt(s, TAKE);
	store_value_bind_time(stmt, 1, clock_now());
	rc = read_one(s, stmt, job, found, err);
	db_stmts_free(s);
	return rc;
}

/* Statement ${which} for a job that runs, with a text where it has one. */
static int
leave(struct db *db, size_t which, int64_t id, const char *text,
    struct err *err)
{
	struct db_stmts *s;
	sqlite3_stmt *stmt;
	int rc;

	if (db_prepare(db, &store_job_table, &s, err))
		return -1;
	stmt = db_stmt(s, which);
	(void)sqlite3_bind_int64(stmt, 1, id);
	store_value_bind_text(stmt, 2, text);
	if (which == DONE || which == FAIL)
		store_value_bind_time(stmt, 3, clock_now());
	rc = db_run(s, stmt, err);
	if (rc == 0 && sqlite3_changes(db_handle(db)) == 0)
		rc = err_set(err, ERR_MISSING, "Job %lld does not run.",
		    (long long)id);
	db_stmts_free(s);
	return rc;
}

int
store_job_done(struct db *db, int64_t id, const char *result, struct err *err)
{
	return leave(db, DONE, id, result, err);
}

int
store_job_fail(struct db *db, int64_t id, const char *error, struct err *err)
{
	return leave(db, FAIL, id, error, err);
}

int
store_job_requeue(struct db *db, int64_t id, struct err *err)
{
	return leave(db, REQUEUE, id, NULL, err);
}

int
store_job_note(struct db *db, int64_t id, const char *input, struct err *err)
{
	return leave(db, NOTE, id, input, err);
}

int
store_job_recover(struct db *db, struct err *err)
{
	struct db_stmts *s;
	sqlite3_stmt *stmt;
	int rc;

	if (db_prepare(db, &store_job_table, &s, err))
		return -1;
	stmt = db_stmt(s, RECOVER);
	(void)sqlite3_bind_int(stmt, 1, JOB_ATTEMPTS_MAX);
	store_value_bind_time(stmt, 2, clock_now());
	store_value_bind_text(stmt, 3, given_up);
	rc = db_run(s, stmt, err);
	db_stmts_free(s);
	return rc;
}

/* Statement ${which} with one text, and the time where it wants that. */
static int
remove_by(struct db *db, size_t which, const char *text, struct err *err)
{
	struct db_stmts *s;
	sqlite3_stmt *stmt;
	int rc;

	if (db_prepare(db, &store_job_table, &s, err))
		return -1;
	stmt = db_stmt(s, which);
	store_value_bind_text(stmt, 1, text);
	if (which == DROP)
		store_value_bind_time(stmt, 2, clock_now());
	rc = db_run(s, stmt, err);
	db_stmts_free(s);
	return rc;
}

int
store_job_trim(struct db *db, int64_t before, struct err *err)
{
	char iso[CLOCK_ISO_MAX];

	return remove_by(db, TRIM, clock_iso(before, iso), err);
}

int
store_job_drop(struct db *db, const char *type, struct err *err)
{
	return remove_by(db, DROP, type, err);
}

int
store_job_get(struct db *db, int64_t id, struct job *job, bool *found,
    struct err *err)
{
	struct db_stmts *s;
	sqlite3_stmt *stmt;
	int rc;

	*job = (struct job){ 0 };
	if (db_prepare(db, &store_job_table, &s, err))
		return -1;
	stmt = db_stmt(s, GET);
	(void)sqlite3_bind_int64(stmt, 1, id);
	rc = read_one(s, stmt, job, found, err);
	db_stmts_free(s);
	return rc;
}

int
store_job_last(struct db *db, const char *type, struct job *job, bool *found,
    struct err *err)
{
	struct db_stmts *s;
	sqlite3_stmt *stmt;
	int rc;

	*job = (struct job){ 0 };
	if (db_prepare(db, &store_job_table, &s, err))
		return -1;
	stmt = db_stmt(s, LAST);
	store_value_bind_text(stmt, 1, type);
	rc = read_one(s, stmt, job, found, err);
	db_stmts_free(s);
	return rc;
}

int
store_job_open(struct db *db, const char *type, int64_t user, int64_t *id,
    struct err *err)
{
	struct db_stmts *s;
	sqlite3_stmt *stmt;
	int rc;

	*id = 0;
	if (db_prepare(db, &store_job_table, &s, err))
		return -1;
	stmt = db_stmt(s, OPEN);
	store_value_bind_text(stmt, 1, type);
	(void)sqlite3_bind_int64(stmt, 2, user);
	if ((rc = db_step(s, stmt, err)) == 1)
		*id = sqlite3_column_int64(stmt, 0);
	db_stmts_free(s);
	return rc < 0 ? -1 : 0;
}

int
store_job_recent(struct db *db, const char *type, int64_t user, int64_t since,
    bool *recent, struct err *err)
{
	struct db_stmts *s;
	sqlite3_stmt *stmt;
	int rc;

	*recent = false;
	if (db_prepare(db, &store_job_table, &s, err))
		return -1;
	stmt = db_stmt(s, RECENT);
	store_value_bind_text(stmt, 1, type);
	(void)sqlite3_bind_int64(stmt, 2, user);
	store_value_bind_time(stmt, 3, since);
	store_value_bind_time(stmt, 4, clock_now());
	if ((rc = db_step(s, stmt, err)) == 1)
		*recent = sqlite3_column_int64(stmt, 0) > 0;
	db_stmts_free(s);
	return rc < 0 ? -1 : 0;
}

int
store_job_names(struct db *db, const char *word, bool *named, struct err *err)
{
	struct db_stmts *s;
	sqlite3_stmt *stmt;
	int rc;

	*named = false;
	if (db_prepare(db, &store_job_table, &s, err))
		return -1;
	stmt = db_stmt(s, NAMES);
	store_value_bind_text(stmt, 1, word);
	if ((rc = db_step(s, stmt, err)) == 1)
		*named = sqlite3_column_int64(stmt, 0) > 0;
	db_stmts_free(s);
	return rc < 0 ? -1 : 0;
}
