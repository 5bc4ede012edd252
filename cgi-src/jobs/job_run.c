#include "cgi-src/jobs/job_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi-src/jobs/job_share.h"
#include "cgi-src/jobs/jobs.h"
#include "core/clock.h"
#include "core/lock.h"
#include "core/log.h"
#include "core/path.h"
#include "core/stage.h"
#include "core/store_job.h"
#include "core/str.h"

#define HOUSE_LOCK ".jair.lock"
#define LOCK_SLICE_MS 250

static const struct job_type types[] = {
	{ "stage", job_stage },
	{ "import", job_import },
	{ "claim", job_claim },
	{ "backup", job_backup },
	{ "sync", job_sync },
	{ "resolve", job_resolve },
};

const struct job_type *
job_types(size_t *count)
{
	*count = sizeof(types) / sizeof(types[0]);
	return types;
}

static const struct job_type *
find_type(const char *name)
{
	size_t count;
	const struct job_type *t = job_types(&count);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(t[i].name, name) == 0)
			return &t[i];
	}
	return NULL;
}

void
job_at(struct job_run *run, int64_t done, int64_t total, const char *current)
{
	struct job_progress p = { .id = run->id, .done = done, .total = total };
	struct err ignored;

	(void)snprintf(p.current, sizeof(p.current), "%s", current);
	job_share_set(&p);
	/*
	 * At once and not when it comes to an end: the master waits for some
	 * seconds only, and being killed then would count as a failure.
	 */
	if (*run->stop && !run->put_back)
		run->put_back =
		    store_job_requeue(run->db, run->id, &ignored) == 0;
}

int
job_lock(struct job_run *run, struct err *err)
{
	char *path = path_join(run->env->data_dir, HOUSE_LOCK, err);
	int rc = -1;

	while (path != NULL) {
		err_clear(err);
		rc = lock_take(path, LOCK_EXCLUSIVE, LOCK_SLICE_MS, &run->lock,
		    err);
		if (rc == 0 || err->code != ERR_BUSY || *run->stop)
			break;
		job_at(run, 0, 0, "waits for a backup that is being made");
	}
	free(path);
	return rc;
}

int
job_done(struct job_run *run, const char *result, struct err *err)
{
	return store_job_done(run->db, run->id, result, err);
}

static void
on_progress(void *ctx, uint64_t items, uint64_t of)
{
	job_at(ctx, (int64_t)items, (int64_t)of, "reads the lists");
}

/* The part came; its titles without an id may find theirs. */
static int
on_finish(void *ctx, const char *result, struct err *err)
{
	struct job_run *run = ctx;
	char *more = NULL;
	int64_t id;
	int rc = -1;

	if (jobs_resolve(run->db, run->user, true, &id, err))
		return -1;
	if (id == 0)
		return job_done(run, result, err);
	more = str_printf(err, "%.*s,\"resolveJob\":%lld}",
	    (int)strlen(result) - 1, result, (long long)id);
	if (more != NULL)
		rc = job_done(run, more, err);
	free(more);
	return rc;
}

struct part_hooks
job_hooks(struct job_run *run)
{
	return (struct part_hooks){
		.progress = on_progress,
		.finish = on_finish,
		.ctx = run,
	};
}

const char *
job_upload(const char *data_dir, const struct json *input, char **path,
    struct err *err)
{
	const char *name = json_text(json_get(input, "file"), NULL);

	*path = NULL;
	if (name == NULL || !stage_is_upload(name)) {
		err_set(err, ERR_USAGE, "The job names no uploaded file.");
		return NULL;
	}
	*path = path_join(data_dir, name, err);
	return *path != NULL ? name : NULL;
}

/* What is said of a fault that is not the file's or the person's. */
static const struct fault {
	enum err_code code;
	const char *sentence;
} faults[] = {
	{ ERR_DISK,
	    "The disk is full or fails. Nothing was changed. Make room, then "
	    "try again." },
	{ ERR_NOMEM,
	    "The server ran out of memory. Nothing was changed. Try again "
	    "later." },
	{ ERR_BUSY,
	    "Another program has the database locked. Nothing was changed. "
	    "Try again in a minute." },
	{ ERR_CORRUPT,
	    "The database is damaged. Nothing was changed. Stop jair and start "
	    "it again: its start checks the database and says what to do." },
	{ ERR_IO,
	    "A file could not be read or written. Nothing was changed. The "
	    "server's log says which." },
	{ ERR_DB,
	    "The database refused it. Nothing was changed. The server's log "
	    "says why." },
	{ ERR_NONE, NULL },
};

static const char *
sentence_of(const struct err *err)
{
	const struct fault *f = faults;

	while (f->code != ERR_NONE && f->code != err->code)
		f++;
	return f->sentence != NULL ? f->sentence : err->msg;
}

static void
log_job(enum log_level level, const char *event, const struct job *job,
    int64_t ms, const struct err *err)
{
	char id[24];
	char time[24];

	(void)snprintf(id, sizeof(id), "%lld", (long long)job->id);
	(void)snprintf(time, sizeof(time), "%lld", (long long)ms);
	log_event(level, event, "job", id, "type", job->type, "ms", time,
	    err != NULL ? "message" : NULL, err != NULL ? err->msg : "", NULL);
}

static int
run_type(struct job_run *run, const struct job *job, struct err *err)
{
	const struct job_type *type = find_type(job->type);
	struct json *input = NULL;
	int rc = -1;

	if (type == NULL)
		return err_set(err, ERR_USAGE,
		    "This version of jair knows no job \"%s\".", job->type);
	if (job->input == NULL ||
	    json_parse(&input, job->input, strlen(job->input), err) == 0) {
		run->input = input;
		job_at(run, 0, 0, "");
		rc = type->run(run, err);
	}
	json_free(input);
	return rc;
}

/* Keep that the job failed, or that it has to wait for the next start. */
static int
end_badly(struct job_run *run, const struct job *job, int64_t ms,
    const struct err *why, struct err *err)
{
	int rc = 0;

	db_rollback(run->db);
	if (*run->stop) {
		log_job(LOG_INFO, "job_put_back", job, ms, NULL);
		if (!run->put_back)
			rc = store_job_requeue(run->db, run->id, err);
	} else {
		log_job(LOG_WARN, "job_failed", job, ms, why);
		rc = store_job_fail(run->db, run->id, sentence_of(why), err);
	}
	/* It had ended well already, and only its clearing up failed. */
	if (rc != 0 && err->code == ERR_MISSING) {
		err_clear(err);
		rc = 0;
	}
	return rc;
}

int
job_run_next(const struct env *env, struct db *db,
    const volatile sig_atomic_t *stop, bool *ran, struct err *err)
{
	struct job_run run = { .env = env, .db = db, .stop = stop, .lock = -1 };
	struct err why = { 0 };
	int64_t start = clock_mono();
	struct job job;
	int rc = 0;

	if (store_job_take(db, &job, ran, err))
		return -1;
	if (!*ran)
		return 0;
	run.id = job.id;
	run.user = job.user;
	log_job(LOG_INFO, "job_started", &job, 0, NULL);
	if (run_type(&run, &job, &why) == 0)
		log_job(LOG_INFO, "job_done", &job, clock_mono() - start, NULL);
	else
		rc = end_badly(&run, &job, clock_mono() - start, &why, err);
	lock_release(run.lock);
	job_free(&job);
	return rc;
}
