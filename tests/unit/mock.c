#include "tests/unit/mock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define REPLY_MAX ((size_t)16 << 20)

extern char **environ;

/* Start node with pipes as its standard input and output. */
static void
start(struct mock *m, char *const argv[], int *out)
{
	posix_spawn_file_actions_t actions;
	int to[2];
	int from[2];

	assert_int_equal(pipe2(to, O_CLOEXEC), 0);
	assert_int_equal(pipe2(from, O_CLOEXEC), 0);
	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	posix_spawn_file_actions_adddup2(&actions, to[0], 0);
	posix_spawn_file_actions_adddup2(&actions, from[1], 1);
	assert_int_equal(posix_spawnp(&m->pid, argv[0], &actions, NULL, argv,
			     environ),
	    0);
	posix_spawn_file_actions_destroy(&actions);
	close(to[0]);
	close(from[1]);
	m->in = to[1];
	*out = from[0];
}

void
mock_start(struct mock *m, const char *name, const char *option)
{
	char node[] = "node";
	char tied[] = "--tied";
	char script[64];
	char extra[16];
	char *argv[] = { node, script, tied, option != NULL ? extra : NULL,
		NULL };
	char line[16] = "";
	int out;

	(void)snprintf(script, sizeof(script), "tests/mock/%s.mjs", name);
	(void)snprintf(extra, sizeof(extra), "%s",
	    option != NULL ? option : "");
	start(m, argv, &out);
	assert_true(read(out, line, sizeof(line) - 1) > 0);
	close(out);
	m->port = (int)strtol(line, NULL, 10);
	assert_true(m->port > 0);
	(void)snprintf(m->url, sizeof(m->url), "http%s://127.0.0.1:%d",
	    option != NULL && strcmp(option, "--tls") == 0 ? "s" : "", m->port);
}

void
mock_stop(struct mock *m)
{
	int status;

	close(m->in);
	(void)kill(m->pid, SIGTERM);
	assert_int_equal(waitpid(m->pid, &status, 0), m->pid);
}

static int
dial(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* One request of HTTP/1.0; the body of its answer, which the caller frees. */
static char *
ask(const struct mock *m, const char *method, const char *what,
    const char *body)
{
	char *reply = calloc(1, REPLY_MAX);
	int fd = dial(m->port);
	size_t len = 0;
	ssize_t n;
	char *text;

	assert_non_null(reply);
	assert_true(dprintf(fd,
			"%s /__mock/%s HTTP/1.0\r\nContent-Length: %zu\r\n"
			"\r\n%s",
			method, what, strlen(body), body) > 0);
	while ((n = read(fd, reply + len, REPLY_MAX - 1 - len)) > 0)
		len += (size_t)n;
	close(fd);
	assert_non_null(strstr(reply, " 200 OK"));
	text = strstr(reply, "\r\n\r\n");
	assert_non_null(text);
	memmove(reply, text + 4, strlen(text + 4) + 1);
	return reply;
}

void
mock_tell(const struct mock *m, const char *what, const char *json)
{
	free(ask(m, "POST", what, json));
}

void
mock_lie(const struct mock *m, const char *lie)
{
	char text[128];

	mock_tell(m, "reset", "{}");
	if (lie == NULL)
		return;
	(void)snprintf(text, sizeof(text), "{\"lie\":\"%s\"}", lie);
	mock_tell(m, "lie", text);
}

char *
mock_requests(const struct mock *m)
{
	return ask(m, "GET", "requests", "");
}

int
mock_listen(int backlog, int *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, backlog), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*port = ntohs(at.sin_port);
	return fd;
}
