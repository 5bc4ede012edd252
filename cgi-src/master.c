#include "cgi-src/master.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cgi-src/jobs/job_share.h"
#include "cgi-src/jobs/job_worker.h"
#include "cgi-src/listener.h"
#include "cgi-src/sandbox.h"
#include "cgi-src/worker.h"
#include "core/clock.h"
#include "core/log.h"

#define YOUNG_MS                                                               \
	1000 /* a worker that dies before is not restarted
				   at once */
#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 5000
#define GRACE_MS 10000 /* for requests in flight at the end */
#define IDLE_MS 60000

/* The place of one worker. */
struct slot {
	pid_t pid; /* 0: none */
	int64_t born;
	int64_t next; /* not before this moment again */
	int64_t backoff_ms;
};

struct master {
	const struct env *env;
	struct app app; /* what each worker begins with */
	struct listener listener;
	struct slot *slots;
	int count; /* of slots; the last is the job worker's */
	sigset_t signals;
};

/* What the child does; its exit status is the worker's. */
_Noreturn static void
be_worker(struct master *m, const struct slot *s, pid_t master)
{
	bool jobs = s == &m->slots[m->count - 1];
	struct err err = { 0 };
	int rc;

	/* The master may have died before this took effect. */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != master)
		_exit(EXIT_SUCCESS);
	if (sandbox_enter(m->env, &err)) {
		log_event(LOG_ERROR, "worker_failed", "message", err.msg, NULL);
		exit(EXIT_FAILURE);
	}
	free(m->slots);
	/* A job may outlive a killed master; the socket must not. */
	if (jobs)
		(void)close(m->listener.fd);
	rc =
	    jobs ? job_worker_run(m->env) : worker_run(&m->app, m->listener.fd);
	exit(rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

static void
back_off(struct slot *s, int64_t now)
{
	s->backoff_ms = s->backoff_ms == 0 ? BACKOFF_MIN_MS : s->backoff_ms * 2;
	if (s->backoff_ms > BACKOFF_MAX_MS)
		s->backoff_ms = BACKOFF_MAX_MS;
	s->next = now + s->backoff_ms;
}

static void
start_worker(struct master *m, struct slot *s, int64_t now)
{
	pid_t master = getpid();
	pid_t pid = fork();

	if (pid == 0)
		be_worker(m, s, master);
	if (pid < 0) {
		log_event(LOG_ERROR, "fork_failed", "message", strerror(errno),
		    NULL);
		back_off(s, now);
		return;
	}
	s->pid = pid;
	s->born = now;
}

static void
start_due(struct master *m)
{
	int64_t now = clock_mono();

	for (int i = 0; i < m->count; i++) {
		struct slot *s = &m->slots[i];

		if (s->pid == 0 && s->next <= now)
			start_worker(m, s, now);
	}
}

static void
log_death(pid_t pid, int status)
{
	char pid_text[16];
	char number[16];

	(void)snprintf(pid_text, sizeof(pid_text), "%ld", (long)pid);
	(void)snprintf(number, sizeof(number), "%d",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	log_event(LOG_WARN, "worker_died", "pid", pid_text,
	    WIFSIGNALED(status) ? "signal" : "status", number, NULL);
}

/* Collect the dead.  Return how many workers live. */
static int
reap(struct master *m, bool expected)
{
	int64_t now = clock_mono();
	int status, alive = 0;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (int i = 0; i < m->count; i++) {
			struct slot *s = &m->slots[i];

			if (s->pid != pid)
				continue;
			s->pid = 0;
			if (now - s->born < YOUNG_MS)
				back_off(s, now);
			else
				s->backoff_ms = 0;
			if (!expected || status != 0)
				log_death(pid, status);
		}
	}
	for (int i = 0; i < m->count; i++)
		alive += m->slots[i].pid != 0;
	return alive;
}

/* Wait for a signal until the moment ${end}; 0 when the time is over. */
static int
wait_signal(const struct master *m, int64_t end)
{
	int64_t ms = end - clock_mono();
	struct timespec t = { 0 };
	int sig;

	if (ms > 0) {
		t.tv_sec = ms / 1000;
		t.tv_nsec = ms % 1000 * 1000000;
	}
	sig = sigtimedwait(&m->signals, NULL, &t);
	return sig > 0 ? sig : 0;
}

/* When the next worker may be started. */
static int64_t
next_start(const struct master *m)
{
	int64_t next = clock_mono() + IDLE_MS;

	for (int i = 0; i < m->count; i++) {
		const struct slot *s = &m->slots[i];

		if (s->pid == 0 && s->next < next)
			next = s->next;
	}
	return next;
}

static void
signal_workers(const struct master *m, int sig)
{
	for (int i = 0; i < m->count; i++) {
		if (m->slots[i].pid != 0)
			(void)kill(m->slots[i].pid, sig);
	}
}

static void
supervise(struct master *m)
{
	int sig;

	do {
		start_due(m);
		sig = wait_signal(m, next_start(m));
		(void)reap(m, false);
	} while (sig == 0 || sig == SIGCHLD);
	log_event(LOG_INFO, "stopping", "signal", strsignal(sig), NULL);
}

/* New connections fail from here on; those that were made are answered. */
static void
stop(struct master *m)
{
	int64_t end = clock_mono() + GRACE_MS;

	listener_unlink(&m->listener);
	signal_workers(m, SIGTERM);
	while (reap(m, true) > 0 && clock_mono() < end)
		(void)wait_signal(m, end);
	if (reap(m, true) == 0)
		return;
	log_event(LOG_WARN, "worker_killed", "message",
	    "A request or a job did not end within 10 s.", NULL);
	signal_workers(m, SIGKILL);
	while (reap(m, true) > 0)
		(void)wait_signal(m, clock_mono() + GRACE_MS);
}

/* Signals are taken by wait_signal alone, so that none is missed. */
static void
block_signals(struct master *m)
{
	(void)sigemptyset(&m->signals);
	(void)sigaddset(&m->signals, SIGTERM);
	(void)sigaddset(&m->signals, SIGINT);
	(void)sigaddset(&m->signals, SIGHUP);
	(void)sigaddset(&m->signals, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &m->signals, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	/* Whoever started us may have ignored these. */
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGHUP, SIG_DFL);
	(void)signal(SIGCHLD, SIG_DFL);
}

/* From the first connection to the last. */
static int
serve(struct master *m, struct err *err)
{
	block_signals(m);
	if (listener_open(&m->listener, m->env->socket, err))
		return -1;
	log_event(LOG_INFO, "listening", "socket", m->env->socket, "version",
	    JAIR_VERSION, NULL);
	supervise(m);
	stop(m);
	log_event(LOG_INFO, "stopped", NULL);
	(void)close(m->listener.fd);
	return 0;
}

int
master_run(const struct env *env, struct err *err)
{
	struct master m = {
		.env = env,
		.app = { .env = env, .started = clock_mono() },
		.count = env->workers + 1,
	};
	int rc = -1;

	if (job_share_open(err))
		return -1;
	m.slots = calloc((size_t)m.count, sizeof(*m.slots));
	if (m.slots == NULL)
		err_set(err, ERR_NOMEM, "No memory for workers.");
	else if ((m.app.backoff = backoff_new(err)) != NULL)
		rc = serve(&m, err);
	backoff_free(m.app.backoff);
	free(m.slots);
	return rc;
}
