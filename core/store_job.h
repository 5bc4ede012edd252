#ifndef CORE_STORE_JOB_H
#define CORE_STORE_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/db.h"
#include "core/err.h"

/*
 * The queue of jobs: rows of Job, the oldest first.  Each call is one
 * statement, so that it is a transaction of its own or part of the caller's.
 */

extern const struct db_table store_job_table;

#define JOB_TYPE_MAX 32
/* A job that was cut off this many times is given up. */
#define JOB_ATTEMPTS_MAX 3

enum job_state { JOB_QUEUED, JOB_RUNNING, JOB_DONE, JOB_FAILED };

/* A row; its texts are the owner's, see job_free. */
struct job {
	int64_t id;
	char type[JOB_TYPE_MAX];
	enum job_state state;
	int64_t user; /* 0: the server's own */
	char *input; /* JSON, or NULL like the next two */
	char *result; /* JSON */
	char *error; /* a sentence for people */
};

/*
 * job_free(job):
 * Release the texts of ${job}.
 */
void job_free(struct job *job);

/*
 * job_state_name(state):
 * Return the word for ${state} in the database and on the wire.
 */
const char *job_state_name(enum job_state state);

/*
 * store_job_add(db, type, user, input, id, err):
 * Queue a job; ${user} is 0 for the server's own, ${input} JSON or NULL.
 * Return 0 with its ${id}, or -1 with ${err}.
 */
int store_job_add(struct db *db, const char *type, int64_t user,
    const char *input, int64_t *id, struct err *err);

/*
 * store_job_take(db, job, found, err):
 * Make the oldest queued job a running one, in a way that no other process
 * takes it too.  Return 0; when ${found}, with ${job}, which job_free
 * releases.  -1 with ${err} on failure.
 */
int store_job_take(struct db *db, struct job *job, bool *found,
    struct err *err);

/*
 * store_job_done(db, id, result, err), store_job_fail(db, id, error, err),
 * store_job_requeue(db, id, err):
 * End the running job ${id} with a ${result} of JSON, or with a sentence;
 * put it back into the queue.  Return 0, or -1 with ${err} (ERR_MISSING when
 * the job does not run: it has ended, or was put back).
 */
int store_job_done(struct db *db, int64_t id, const char *result,
    struct err *err);
int store_job_fail(struct db *db, int64_t id, const char *error,
    struct err *err);
int store_job_requeue(struct db *db, int64_t id, struct err *err);

/*
 * store_job_recover(db, err):
 * Put the jobs that a dead worker left running back into the queue; one that
 * was cut off JOB_ATTEMPTS_MAX times fails instead.  Only for whoever knows
 * that no worker lives.  Return 0, or -1 with ${err}.
 */
int store_job_recover(struct db *db, struct err *err);

/*
 * store_job_trim(db, before, err):
 * Remove jobs that ended before the moment ${before} (milliseconds since
 * 1970).  Return 0, or -1 with ${err}.
 */
int store_job_trim(struct db *db, int64_t before, struct err *err);

/*
 * store_job_drop(db, type, err):
 * Forget every job of a type; one that runs can then not end.  Empty rows
 * stay, so that no later job bears an id that somebody remembers.  Return 0,
 * or -1 with ${err}.
 */
int store_job_drop(struct db *db, const char *type, struct err *err);

/*
 * store_job_get(db, id, job, found, err), store_job_last(db, type, ...):
 * Read a job by its id, or the newest of a type.  Return 0; when ${found},
 * with ${job}, which job_free releases.  -1 with ${err} on failure.
 */
int store_job_get(struct db *db, int64_t id, struct job *job, bool *found,
    struct err *err);
int store_job_last(struct db *db, const char *type, struct job *job,
    bool *found, struct err *err);

/*
 * store_job_open(db, type, user, id, err):
 * Find the oldest job of a type and user that has not ended: its ${id}, or 0
 * when there is none.  Return 0, or -1 with ${err}.
 */
int store_job_open(struct db *db, const char *type, int64_t user, int64_t *id,
    struct err *err);

/*
 * store_job_recent(db, type, user, since, recent, err):
 * Tell whether a job of a type and user was queued since the moment ${since}
 * (milliseconds since 1970), and not later than now.  Return 0, or -1 with
 * ${err}.
 */
int store_job_recent(struct db *db, const char *type, int64_t user,
    int64_t since, bool *recent, struct err *err);

/*
 * store_job_note(db, id, input, err):
 * Replace the input of the running job ${id}, so that a job that goes on
 * after a kill knows how far it was.  Return 0, or -1 with ${err}
 * (ERR_MISSING when the job does not run).
 */
int store_job_note(struct db *db, int64_t id, const char *input,
    struct err *err);

/*
 * store_job_names(db, word, named, err):
 * Tell whether the input of a job that has not ended holds ${word}.  Return
 * 0, or -1 with ${err}.
 */
int store_job_names(struct db *db, const char *word, bool *named,
    struct err *err);

#endif
