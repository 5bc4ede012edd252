#include "cgi-src/jobs/job_worker.h"

#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include "cgi-src/jobs/job_run.h"
#include "cgi-src/jobs/job_share.h"
#include "core/clock.h"
#include "core/lock.h"
#include "core/log.h"
#include "core/path.h"
#include "core/store_job.h"

/* Held by the job worker for its whole life. */
#define WORKER_LOCK ".jair.jobs"
#define LOCK_SLICE_MS 250
/* In case a process died between adding a job and ringing. */
#define IDLE_SECONDS 60
#define BUSY_SECONDS 2 /* until a lock of others is tried again */
#define KEEP_MS (INT64_C(30) * 24 * 60 * 60 * 1000)
/* Requests come before jobs. */
#define NICENESS 10

static volatile sig_atomic_t stopping;

static void
on_term(int sig)
{
	(void)sig;
	stopping = 1;
}

static void
block_term(int how)
{
	sigset_t term;

	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	(void)sigprocmask(how, &term, NULL);
}

/* A job looks at the flag; signals but SIGTERM belong to the master. */
static void
set_signals(void)
{
	struct sigaction act = { .sa_handler = on_term };
	static const int ignored[] = { SIGINT, SIGHUP, SIGPIPE, SIGUSR1 };

	(void)sigaction(SIGTERM, &act, NULL);
	act.sa_handler = SIG_IGN;
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		(void)sigaction(ignored[i], &act, NULL);
	block_term(SIG_UNBLOCK);
}

/* Wait until no other job worker lives: a former server's may be ending. */
static int
take_turn(const struct env *env, int *lock, struct err *err)
{
	char *path = path_join(env->data_dir, WORKER_LOCK, err);
	int rc = -1;

	while (path != NULL && !stopping) {
		err_clear(err);
		rc = lock_take(path, LOCK_EXCLUSIVE, LOCK_SLICE_MS, lock, err);
		if (rc == 0 || err->code != ERR_BUSY)
			break;
	}
	free(path);
	return rc;
}

/* What a dead worker left, and what nobody asks for any more. */
static int
recover(struct db *db, bool *recovered, struct err *err)
{
	if (*recovered)
		return 0;
	if (store_job_recover(db, err) ||
	    store_job_trim(db, clock_now() - KEEP_MS, err))
		return -1;
	*recovered = true;
	return 0;
}

/*
 * Run all that is queued.  The database is open only meanwhile: its file may
 * have been replaced between two jobs.
 */
static int
run_queue(const struct env *env, bool *recovered, struct err *err)
{
	struct db *db = NULL;
	bool ran = true;
	int rc;

	if (db_open(&db, env->db_path, DB_WRITE, err))
		return -1;
	rc = db_hold_changes(db, err);
	if (rc == 0)
		rc = recover(db, recovered, err);
	while (rc == 0 && ran && !stopping)
		rc = job_run_next(env, db, &stopping, &ran, err);
	db_free(db);
	/* A large job's pages would else be ours for ever. */
	(void)malloc_trim(0);
	return rc;
}

/* Sleep until somebody rings, a signal comes, or it is time to look. */
static void
wait_bell(time_t seconds)
{
	const struct timespec idle = { .tv_sec = seconds };
	struct pollfd bell = { .fd = job_share_bell(), .events = POLLIN };
	sigset_t open;

	(void)sigprocmask(SIG_SETMASK, NULL, &open);
	/* Blocked, so that it cannot come between the look and the sleep. */
	block_term(SIG_BLOCK);
	if (!stopping)
		(void)ppoll(&bell, 1, &idle, &open);
	block_term(SIG_UNBLOCK);
	job_share_hush();
}

static int
work(const struct env *env, struct err *err)
{
	bool recovered = false;

	while (!stopping) {
		int rc;

		err_clear(err);
		rc = run_queue(env, &recovered, err);
		/* A lock of others passes; what else fails starts anew. */
		if (rc != 0 && err->code != ERR_BUSY)
			return -1;
		/* A job whose end could not be written runs no more. */
		recovered = recovered && rc == 0;
		if (!stopping)
			wait_bell(rc == 0 ? IDLE_SECONDS : BUSY_SECONDS);
	}
	return 0;
}

int
job_worker_run(const struct env *env)
{
	struct err err = { 0 };
	int lock = -1;
	int rc;

	set_signals();
	/* What ps shows beside the workers' jair-api. */
	(void)prctl(PR_SET_NAME, "jair-jobs");
	(void)setpriority(PRIO_PROCESS, 0, NICENESS);
	rc = take_turn(env, &lock, &err);
	if (rc == 0)
		rc = work(env, &err);
	lock_release(lock);
	if (stopping)
		return 0;
	if (rc != 0)
		log_event(LOG_ERROR, "job_worker_failed", "message", err.msg,
		    NULL);
	return rc;
}
