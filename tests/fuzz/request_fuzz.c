/*
 * Without this, a request from anywhere could crash a worker, or be read as
 * something that it does not say.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi-src/http/router.h"
#include "core/str.h"

#define PARAMS_MAX 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	(void)fprintf(stderr, "violated: %s\n", what);
	abort();
}

/* The body: what stands behind an empty line. */
struct source {
	const char *p;
	size_t left;
};

static size_t
source_read(void *arg, void *data, size_t len)
{
	struct source *s = arg;

	if (len > s->left)
		len = s->left;
	memcpy(data, s->p, len);
	s->p += len;
	s->left -= len;
	return len;
}

static bool
source_broken(void *arg)
{
	(void)arg;
	return false;
}

static int
admit(struct app *app, enum access access, struct request *req,
    struct response *res)
{
	(void)app;
	(void)access;
	(void)req;
	(void)res;
	return 0;
}

static void
handler(struct app *app, const struct request *req, struct response *res)
{
	char value[64];

	(void)app;
	if (request_query(req, "q", value, sizeof(value)) == 1)
		must(str_utf8_valid(value, strlen(value)) == strlen(value),
		    "a query in UTF-8");
	must(strchr(req->arg[0], '/') == NULL, "one part of a path");
	must(req->method == M_GET || req->method == M_HEAD ||
		request_same_site(req),
	    "no write of another site");
	must(req->method != M_POST || json_kind(req->json) == JSON_OBJECT,
	    "an object");
	response_object(res, 200);
}

static const struct route routes[] = {
	{ M_GET, "/api/a", ACC_ANYONE, BODY_NONE, 0, RATE_READ, handler },
	{ M_POST, "/api/a", ACC_ANYONE, BODY_JSON, 4096, RATE_WRITE, handler },
	{ M_GET, "/api/{x}/b/{y}", ACC_ANYONE, BODY_NONE, 0, RATE_READ,
	    handler },
};

static int
take(void *arg, const void *data, size_t len)
{
	buf_add(arg, data, len);
	return 0;
}

static void
dispatch(struct request *req, struct source *source)
{
	const struct router router = { .routes = routes,
		.count = sizeof(routes) / sizeof(routes[0]),
		.upload_max = 4096,
		.admit = admit };
	struct body body = {
		.read = source_read, .broken = source_broken, .arg = source
	};
	struct response res;
	struct buf text;
	const struct response_out out = { take, &text };
	struct err err = { ERR_NONE, "" };

	buf_init(&text, 1 << 20);
	response_init(&res);
	req->body = &body;
	router_dispatch(&router, req, &res);
	must(response_send(&res, false, &out, &err) == 0, "an answer");
	must(strncmp(buf_str(&text), "Status: ", 8) == 0, "a status");
	response_free(&res);
	buf_free(&text);
}

/* A parameter a line up to an empty one; then the body. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct net_list proxies;
	char *text = malloc(size + 1);
	char *envp[PARAMS_MAX + 1] = { NULL };
	struct request req;
	struct err err = { ERR_NONE, "" };
	struct source source;
	size_t at = 0;

	must(text != NULL, "memory");
	memcpy(text, data, size);
	text[size] = '\0';
	for (size_t n = 0; at < size && n < PARAMS_MAX; n++) {
		size_t len = strcspn(text + at, "\n");

		if (len == 0)
			break;
		envp[n] = text + at;
		at += len;
		text[at] = '\0';
		at += at < size;
	}
	at += at < size && text[at] == '\n';
	source = (struct source){ text + at, size - at };
	must(net_list_parse(&proxies, "127.0.0.1,10.0.0.0/8", &err) == 0,
	    "proxies");
	if (request_init(&req, envp, &proxies, &err) == 0)
		dispatch(&req, &source);
	else
		must(err.code != ERR_NONE && err.msg[0] != '\0', "a message");
	request_free(&req);
	free(text);
	return 0;
}
