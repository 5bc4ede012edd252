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

static void
refuse_body(struct response *res, int64_t max)
{
	char text[128];

	(void)snprintf(text, sizeof(text),
	    "The body of this request may "
	    "have at most %lld bytes.",
	    (long long)max);
	response_error(res, 413, "body_too_large",
	    max == BODY_NONE ? "This address takes no body." : text);
}

/* The compiler names this place when an access class is added. */
static bool
allowed(enum access access)
{
	switch (access) {
	case ACC_ANYONE:
		return true;
	}
	return false;
}

/* The row of ${req}, or NULL with the methods that its path has rows for. */
static const struct route *
find(const struct route *routes, size_t count, const struct request *req,
    char allow[ALLOW_MAX])
{
	size_t used = 0;

	allow[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		if (strcmp(routes[i].path, req->path) != 0)
			continue;
		if (routes[i].method == row_method(req))
			return &routes[i];
		(void)snprintf(allow + used, ALLOW_MAX - used, "%s%s",
		    used > 0 ? ", " : "", method_lists[routes[i].method]);
		used = strlen(allow);
	}
	return NULL;
}

void
router_dispatch(const struct route *routes, size_t count, struct app *app,
    const struct request *req, struct response *res)
{
	char allow[ALLOW_MAX];
	const struct route *route = find(routes, count, req, allow);

	if (route == NULL && allow[0] != '\0')
		refuse_method(res, allow);
	else if (route == NULL)
		response_error(res, 404, "not_found",
		    "There is nothing at this address.");
	else if (!allowed(route->access))
		response_error(res, 403, "forbidden",
		    "You may not see what is at this address.");
	else if (req->length > route->body_max)
		refuse_body(res, route->body_max);
	else
		route->handler(app, req, res);
}
