#include "cgi-src/http/router.h"

#include <stdio.h>
#include <string.h>

#define ALLOW_MAX 64

static const char *const method_lists[] = {
	[M_GET] = "GET, HEAD",
	[M_HEAD] = "HEAD",
	[M_POST] = "POST",
	[M_PUT] = "PUT",
	[M_DELETE] = "DELETE",
};

/* HEAD asks for what GET would answer. */
static enum method
row_method(const struct request *req)
{
	return req->method == M_HEAD ? M_GET : req->method;
}

static void
refuse_method(struct response *res, const char *allow)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "This address answers only to %s.",
	    allow);
	response_error(res, 405, "method_not_allowed", text);
	response_header(res, "Allow", allow);
}

/* The part of a path up to the next slash; false when it fits nowhere. */
static bool
take_part(const char **path, char out[REQUEST_ARG_MAX])
{
	size_t len = strcspn(*path, "/");

	if (len == 0 || len >= REQUEST_ARG_MAX)
		return false;
	memcpy(out, *path, len);
	out[len] = '\0';
	*path += len;
	return true;
}

/* Tell whether ${path} has the form of ${pattern}, and keep its parts. */
static bool
fits(const char *pattern, const char *path,
    char arg[REQUEST_ARGS_MAX][REQUEST_ARG_MAX])
{
	size_t args = 0;

	while (*pattern != '\0') {
		if (*pattern == '{') {
			if (args == REQUEST_ARGS_MAX ||
			    !take_part(&path, arg[args++]))
				return false;
			pattern += strcspn(pattern, "}") + 1;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return *path == '\0';
}

/* The row of ${req}, or NULL with the methods that its path has rows for. */
static const struct route *
find(const struct router *router, struct request *req, char allow[ALLOW_MAX])
{
	size_t used = 0;

	allow[0] = '\0';
	for (size_t i = 0; i < router->count; i++) {
		const struct route *r = &router->routes[i];

		if (!fits(r->path, req->path, req->arg))
			continue;
		if (r->method == row_method(req))
			return r;
		(void)snprintf(allow + used, ALLOW_MAX - used, "%s%s",
		    used > 0 ? ", " : "", method_lists[r->method]);
		used = strlen(allow);
	}
	return NULL;
}

/* Only a page of ours may write, and only in forms that others cannot. */
static int
check_site(const struct request *req, struct response *res)
{
	if (row_method(req) == M_GET || request_same_site(req))
		return 0;
	response_error(res, 403, "cross_site",
	    "This request comes from another site and was refused. Open jair "
	    "itself and try again.");
	return -1;
}

static bool
type_fits(const struct route *route, const struct request *req)
{
	if (strcmp(req->type, "application/json") == 0)
		return true;
	if (route->body == BODY_FILE)
		return strcmp(req->type, "application/octet-stream") == 0;
	/* Where nothing is to be said no type is needed. */
	return route->body == BODY_NONE && req->type[0] == '\0';
}

static int
check_type(const struct route *route, const struct request *req,
    struct response *res)
{
	if (row_method(req) == M_GET || type_fits(route, req))
		return 0;
	response_error(res, 415, "wrong_content_type",
	    route->body == BODY_FILE
		? "The Content-Type must be application/json or "
		  "application/octet-stream."
		: "The Content-Type must be application/json.");
	return -1;
}

static int64_t
limit_of(const struct router *router, const struct route *route)
{
	if (route->body == BODY_FILE && router->upload_max < route->body_max)
		return router->upload_max;
	return route->body == BODY_NONE ? 0 : route->body_max;
}

static int
check_length(const struct request *req, int64_t max, struct response *res)
{
	char text[128];

	if (req->length <= max)
		return 0;
	(void)snprintf(text, sizeof(text),
	    "The body of this request may have at most %lld bytes.",
	    (long long)max);
	response_error(res, 413, "body_too_large",
	    max == 0 ? "This address takes no body." : text);
	return -1;
}

/* ${err} says why a body could not be read. */
static int
refuse_body(struct response *res, const struct err *err)
{
	if (err->code == ERR_LIMIT)
		response_error(res, 413, "body_too_large", err->msg);
	else if (err->code == ERR_NOMEM)
		response_error(res, 503, "no_memory", err->msg);
	else
		response_error(res, 400, "body_incomplete", err->msg);
	return -1;
}

static int
parse(const struct buf *body, struct request *req, struct response *res)
{
	struct err err = { 0 };
	char text[sizeof(err.msg) + 64];

	if (json_parse(&req->json, buf_str(body), body->len, &err) == 0 &&
	    json_kind(req->json) != JSON_OBJECT)
		err_set(&err, ERR_FORMAT, "it must be an object");
	if (err.code == ERR_NONE)
		return 0;
	(void)snprintf(text, sizeof(text),
	    "The body is not the JSON that is "
	    "expected here (%s).",
	    err.msg);
	response_error(res, 400, "bad_json", text);
	return -1;
}

/* Read the whole body as one object into req->json. */
static int
read_json(struct request *req, struct response *res)
{
	struct err err = { 0 };
	struct buf text;
	int rc;

	buf_init(&text, (size_t)req->body->max);
	if (body_read(req->body, &text, &err))
		rc = refuse_body(res, &err);
	else
		rc = parse(&text, req, res);
	/* It may hold a password. */
	if (text.data != NULL)
		explicit_bzero(text.data, text.cap);
	buf_free(&text);
	return rc;
}

static int
take_body(const struct router *router, const struct route *route,
    struct request *req, struct response *res)
{
	req->body->length = req->length;
	req->body->max = limit_of(router, route);
	if (route->body == BODY_JSON && read_json(req, res))
		return -1;
	if (route->body != BODY_FILE)
		req->body = NULL;
	return 0;
}

static void
refuse_path(struct response *res, const char *allow)
{
	if (allow[0] != '\0')
		refuse_method(res, allow);
	else
		response_error(res, 404, "not_found",
		    "There is nothing at this address.");
}

void
router_dispatch(const struct router *router, struct request *req,
    struct response *res)
{
	char allow[ALLOW_MAX];
	const struct route *route = find(router, req, allow);

	if (route == NULL)
		refuse_path(res, allow);
	else if (check_site(req, res) == 0 &&
	    router->admit(router->app, route->access, req, res) == 0 &&
	    check_type(route, req, res) == 0 &&
	    check_length(req, limit_of(router, route), res) == 0 &&
	    take_body(router, route, req, res) == 0)
		route->handler(router->app, req, res);
}
