#include "cgi-src/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "cgi-src/api/access.h"
#include "cgi-src/api/api.h"
#include "cgi-src/http/fcgi.h"
#include "core/clock.h"
#include "core/log.h"

/* The web server sends parameters in one piece; longer means that it hangs. */
#define STALL_SECONDS 10
/* A pause in an upload or a download; nginx gives up before (conf). */
#define PAUSE_SECONDS 40

struct worker {
	struct app app;
	struct fcgi *fcgi;
	struct response res;
	int listen_fd;
	int epoll_fd;
};

static volatile sig_atomic_t stopping;

static void
on_term(int sig)
{
	(void)sig;
	stopping = 1;
}

/*
 * SIGTERM stays blocked but while the worker waits, so that it never
 * interrupts a request.  The others belong to the master, or would end the
 * worker for a client that went away.
 */
static void
set_signals(void)
{
	struct sigaction act = { .sa_handler = on_term };
	static const int ignored[] = { SIGINT, SIGHUP, SIGPIPE, SIGUSR1 };

	(void)sigaction(SIGTERM, &act, NULL);
	act.sa_handler = SIG_IGN;
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		(void)sigaction(ignored[i], &act, NULL);
}

static int
open_worker(struct worker *w, struct err *err)
{
	/* Exclusive: a connection wakes one worker, not all of them. */
	struct epoll_event ev = { .events = EPOLLIN | EPOLLEXCLUSIVE };

	if ((w->fcgi = fcgi_new(err)) == NULL)
		return -1;
	if ((w->epoll_fd = epoll_create1(EPOLL_CLOEXEC)) < 0 ||
	    epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, w->listen_fd, &ev) != 0)
		return err_sys(err, errno, "Cannot watch the socket");
	return 0;
}

static void
close_worker(struct worker *w)
{
	app_close(&w->app);
	fcgi_free(w->fcgi);
	response_free(&w->res);
	if (w->epoll_fd >= 0)
		(void)close(w->epoll_fd);
}

static void
log_request(const struct request *req, int status, int64_t ms, bool sent)
{
	char status_text[16];
	char ms_text[24];

	/* A health check on the socket itself, not through the web server,
	   comes every few seconds; that it went well is no news. */
	if (status == 200 && req->remote[0] == '\0')
		return;
	(void)snprintf(status_text, sizeof(status_text), "%d", status);
	(void)snprintf(ms_text, sizeof(ms_text), "%lld", (long long)ms);
	log_event(LOG_INFO, "request", "method", req->method_text, "path",
	    req->path, "status", status_text, "ms", ms_text, "id", req->id,
	    sent ? NULL : "client", "gone", NULL);
}

static int64_t
upload_max(const struct env *env)
{
	return env->restore_max < INT64_MAX ? (int64_t)env->restore_max
					    : INT64_MAX;
}

static void
answer(struct worker *w, struct request *req, struct body *body)
{
	struct router router = {
		.app = &w->app,
		.upload_max = upload_max(w->app.env),
		.admit = access_admit,
	};
	struct err err = { 0 };

	router.routes = api_routes(&router.count);
	if (request_init(req, fcgi_params(w->fcgi), &w->app.env->proxies,
		&err) == 0) {
		req->body = body;
		router_dispatch(&router, req, &w->res);
	} else if (err.code == ERR_LIMIT) {
		response_error(&w->res, 414, "uri_too_long", err.msg);
	} else {
		response_error(&w->res, 400, "bad_request", err.msg);
	}
}

/* Send the answer and end the request; false when it did not arrive. */
static bool
send_answer(struct worker *w, const struct request *req)
{
	const struct response_out out = { fcgi_write, w->fcgi };
	struct err err = { 0 };

	if (response_send(&w->res, req->method == M_HEAD, &out, &err) == 0)
		return fcgi_end(w->fcgi) == 0;
	if (err.code != ERR_NONE)
		log_event(LOG_ERROR, "answer_broken", "message", err.msg, "id",
		    req->id, NULL);
	fcgi_abort(w->fcgi);
	return false;
}

static void
set_patience(int fd, time_t seconds)
{
	const struct timeval t = { .tv_sec = seconds };

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
}

static void
serve(struct worker *w, int fd)
{
	struct body body = {
		.read = fcgi_read,
		.broken = fcgi_broken,
		.arg = w->fcgi,
	};
	int64_t start = clock_mono();
	struct request req;
	bool sent;

	set_patience(fd, STALL_SECONDS);
	if (fcgi_begin_take(w->fcgi, fd) != 0) {
		log_event(LOG_WARN, "no_request", NULL);
		return;
	}
	set_patience(fd, PAUSE_SECONDS);
	answer(w, &req, &body);
	sent = send_answer(w, &req);
	log_request(&req, w->res.status, clock_mono() - start, sent);
	response_reset(&w->res);
	request_free(&req);
}

/* Serve what waits.  Return 0, or -1 when the socket fails. */
static int
serve_waiting(struct worker *w)
{
	int fd = accept4(w->listen_fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0) {
		serve(w, fd);
		return 0;
	}
	/* Another worker was faster, or the client has left. */
	if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
		return 0;
	log_event(LOG_ERROR, "accept_failed", "message", strerror(errno), NULL);
	return -1;
}

/* Those that connected before the end get their answer. */
static void
drain(struct worker *w)
{
	int fd;

	while ((fd = accept4(w->listen_fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
		serve(w, fd);
}

static int
loop(struct worker *w)
{
	struct epoll_event ev;
	sigset_t waiting;

	(void)sigprocmask(SIG_SETMASK, NULL, &waiting);
	(void)sigdelset(&waiting, SIGTERM);
	while (!stopping) {
		int n = epoll_pwait(w->epoll_fd, &ev, 1, -1, &waiting);

		if (n < 0 && errno != EINTR) {
			log_event(LOG_ERROR, "wait_failed", "message",
			    strerror(errno), NULL);
			return -1;
		}
		if (n > 0 && serve_waiting(w))
			return -1;
	}
	drain(w);
	return 0;
}

int
worker_run(const struct app *app, int listen_fd)
{
	struct worker w = {
		.app = *app,
		.listen_fd = listen_fd,
		.epoll_fd = -1,
	};
	struct err err = { 0 };
	int rc = -1;

	response_init(&w.res);
	set_signals();
	if (open_worker(&w, &err) == 0)
		rc = loop(&w);
	else
		log_event(LOG_ERROR, "worker_failed", "message", err.msg, NULL);
	close_worker(&w);
	return rc;
}
