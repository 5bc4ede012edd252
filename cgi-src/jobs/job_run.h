#ifndef CGI_SRC_JOBS_JOB_RUN_H
#define CGI_SRC_JOBS_JOB_RUN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/db.h"
#include "core/env.h"
#include "core/err.h"
#include "core/json.h"
#include "core/part.h"

/* One job while it runs; what a type's function works with. */
struct job_run {
	const struct env *env;
	struct db *db; /* may be written; no transaction is open */
	int64_t id;
	int64_t user; /* whose job, 0: the server's own */
	const struct json *input; /* NULL when it has none */
	const volatile sig_atomic_t *stop; /* the server is stopping */
	bool put_back; /* the job is queued again */
	int lock; /* of the data folder, or -1 */
};

/*
 * A kind of job.  ${run} does all of it and ends with job_done, inside the
 * transaction of what it changes where it changes anything: so the result
 * comes exactly once, and a job that was cut off can run again.  Return 0,
 * or -1 with ${err}, a sentence for the person who waits.
 */
struct job_type {
	const char *name;
	int (*run)(struct job_run *run, struct err *err);
};

/*
 * job_types(count):
 * Return the table of all types, ${count} rows.
 */
const struct job_type *job_types(size_t *count);

/*
 * job_run_next(env, db, stop, ran, err):
 * Take the oldest queued job, if there is one, and run it to its end, or,
 * when ${stop} becomes true, put it back into the queue.  ${ran} says
 * whether there was one.  Return 0, also when the job failed, or -1 with
 * ${err} when the queue cannot be read or written; the job then still counts
 * as running.
 */
int job_run_next(const struct env *env, struct db *db,
    const volatile sig_atomic_t *stop, bool *ran, struct err *err);

/*
 * job_at(run, done, total, current):
 * Tell how far the job is, and what it is at.  Call it often: here a job
 * notices that the server stops.  Not inside a transaction.
 */
void job_at(struct job_run *run, int64_t done, int64_t total,
    const char *current);

/*
 * job_lock(run, err):
 * Take the lock of the data folder, which serialises everything that makes
 * scratch files or backups, until the job ends; wait for it as long as it
 * takes.  Return 0, or -1 with ${err} when the server stops.
 */
int job_lock(struct job_run *run, struct err *err);

/*
 * job_done(run, result, err):
 * End the job with ${result}, a JSON text without white space: in the
 * transaction that is open, or in one of its own.  Return 0, or -1 with
 * ${err} when the job was put back meanwhile; then undo what it changed.
 */
int job_done(struct job_run *run, const char *result, struct err *err);

/*
 * job_hooks(run):
 * Return hooks that tell progress by job_at and end the job by job_done; when
 * titles without an id came that can be looked for, they queue the job that
 * does so and name it in the result (resolveJob).
 */
struct part_hooks job_hooks(struct job_run *run);

/*
 * job_upload(data_dir, input, path, err):
 * Find the uploaded file that ${input} names as "file": its path in
 * ${path}, which the caller frees.  Return its name, which stays the
 * input's, or NULL with ${err}.
 */
const char *job_upload(const char *data_dir, const struct json *input,
    char **path, struct err *err);

/*
 * job_resolve_wanted(db, user, wanted, err):
 * Tell whether titles of ${user} wait for their id and there is a Seerr to
 * ask.  Return 0, or -1 with ${err}.
 */
int job_resolve_wanted(struct db *db, int64_t user, bool *wanted,
    struct err *err);

/* job_stage.c, job_import.c, job_claim.c, job_backup.c, job_sync.c,
   job_resolve.c */
int job_stage(struct job_run *run, struct err *err);
int job_import(struct job_run *run, struct err *err);
int job_claim(struct job_run *run, struct err *err);
int job_backup(struct job_run *run, struct err *err);
int job_sync(struct job_run *run, struct err *err);
int job_resolve(struct job_run *run, struct err *err);

#endif
