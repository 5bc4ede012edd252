#ifndef CGI_SRC_HTTP_ROUTER_H
#define CGI_SRC_HTTP_ROUTER_H

#include <stddef.h>
#include <stdint.h>

#include "cgi-src/http/request.h"
#include "cgi-src/http/response.h"

/* Who may call a route. */
enum access {
	ACC_ANYONE,
	ACC_SETUP, /* whoever may finish the setup; then as ACC_ADMIN */
	ACC_USER, /* a session */
	ACC_ADMIN /* a session of a Jellyfin administrator */
};

/* Which limits of conf/nginx.conf stand before a route. */
enum rate {
	RATE_READ, /* none: a read costs less than counting it */
	RATE_WRITE, /* limit_req api_write */
	RATE_LOGIN, /* limit_req login */
	RATE_UPLOAD /* limit_req api_write; the handler takes one at a time */
};

/* What body a route takes. */
enum body_kind {
	BODY_NONE,
	BODY_JSON, /* an object, read whole: req->json */
	BODY_FILE /* a file, read by the handler: req->body */
};

#define KIB(n) (INT64_C(1024) * (n))
#define MIB(n) (INT64_C(1048576) * (n))
/* What JAIR_RESTORE_MAX allows, which no BODY_FILE may exceed. */
#define RESTORE_MAX INT64_MAX

struct app;

/* Policy stands in the row, so that no handler can forget it. */
struct route {
	enum method method; /* M_GET answers HEAD too */
	const char *path; /* "{x}" stands for one part: req->arg */
	enum access access;
	enum body_kind body;
	int64_t body_max; /* bytes */
	enum rate rate;
	void (*handler)(struct app *app, const struct request *req,
	    struct response *res);
};

/* A table of routes and what stands before it. */
struct router {
	const struct route *routes;
	size_t count;
	struct app *app;
	int64_t upload_max; /* JAIR_RESTORE_MAX */
	/* Let ${req} pass and fill req->who: 0; or refuse it: -1. */
	int (*admit)(struct app *app, enum access access, struct request *req,
	    struct response *res);
};

/*
 * router_dispatch(router, req, res):
 * Let the handler of the row for ${req} fill ${res}, or refuse, in this
 * order: 404 for a path without a row, 405 with Allow for another method,
 * 403 for a write that another site may have made, what admit says, 415 for
 * a body of another type, 413 for one over the row's limit, 400 for one that
 * is cut off or no JSON object.
 */
void router_dispatch(const struct router *router, struct request *req,
    struct response *res);

#endif
