#ifndef CGI_SRC_HTTP_ROUTER_H
#define CGI_SRC_HTTP_ROUTER_H

#include <stddef.h>
#include <stdint.h>

#include "cgi-src/http/request.h"
#include "cgi-src/http/response.h"

/* Who may call a route. */
enum access { ACC_ANYONE };

/* Which limit_req zone of conf/nginx.conf stands before a route. */
enum rate {
	RATE_READ /* none: a read costs less than counting it */
};

/* Body limits of routes. */
#define BODY_NONE 0

struct app;

/* Policy stands in the row, so that no handler can forget it. */
struct route {
	enum method method; /* M_GET answers HEAD too */
	const char *path;
	enum access access;
	int64_t body_max; /* bytes; a longer body is refused */
	enum rate rate;
	void (*handler)(struct app *app, const struct request *req,
	    struct response *res);
};

/*
 * router_dispatch(routes, count, app, req, res):
 * Let the handler of the row for ${req} fill ${res}, or refuse: 404 for a
 * path without a row, 405 with Allow for another method, 413 for a body over
 * the row's limit.
 */
void router_dispatch(const struct route *routes, size_t count, struct app *app,
    const struct request *req, struct response *res);

#endif
