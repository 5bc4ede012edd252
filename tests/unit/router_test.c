/*
 * Without these, a row of the route table could miss its refusals: a method
 * that is not meant for it, a body that nobody reads, a stranger, a write
 * that another site made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cgi-src/api/api.h"
#include "tests/unit/folder.h"

#define DEEP "[[[[[[[["

static int calls;
static char seen[1024]; /* what the handler was given */

static void
handler(struct app *app, const struct request *req, struct response *res)
{
	const struct json *name = json_get(req->json, "name");

	(void)app;
	calls++;
	(void)snprintf(seen, sizeof(seen), "%s|%s|%s|%s", req->arg[0],
	    req->arg[1], name != NULL ? json_text(name, NULL) : "",
	    req->body != NULL ? "body" : "");
	response_object(res, 200);
}

static const struct route table[] = {
	{ M_GET, "/a", ACC_ANYONE, BODY_NONE, 0, RATE_READ, handler },
	{ M_POST, "/a", ACC_ANYONE, BODY_JSON, 100, RATE_WRITE, handler },
	{ M_POST, "/b", ACC_USER, BODY_NONE, 0, RATE_WRITE, handler },
	{ M_POST, "/f", ACC_ANYONE, BODY_FILE, RESTORE_MAX, RATE_UPLOAD,
	    handler },
	{ M_POST, "/g", ACC_ANYONE, BODY_FILE, 50, RATE_UPLOAD, handler },
	{ M_GET, "/j/{id}", ACC_ANYONE, BODY_NONE, 0, RATE_READ, handler },
	{ M_DELETE, "/j/{id}", ACC_ANYONE, BODY_NONE, 0, RATE_WRITE, handler },
	{ M_GET, "/j/{id}/x/{name}", ACC_ANYONE, BODY_NONE, 0, RATE_READ,
	    handler },
};

/* Only whoever has a session may pass but for ACC_ANYONE. */
static int
admit(struct app *app, enum access access, struct request *req,
    struct response *res)
{
	(void)app;
	if (access == ACC_ANYONE || req->who.id != 0)
		return 0;
	response_error(res, 401, "login_required", "No.");
	return -1;
}

/* A body in memory that may end before it should. */
struct source {
	const char *text;
	bool cut;
};

static size_t
source_read(void *arg, void *data, size_t len)
{
	struct source *s = arg;
	size_t n = strlen(s->text);

	if (n > len)
		n = len;
	memcpy(data, s->text, n);
	s->text += n;
	return n;
}

static bool
source_broken(void *arg)
{
	return ((struct source *)arg)->cut;
}

/* A request, ready but for what its test is about. */
struct call {
	struct request req;
	struct source source;
	struct body body;
	struct buf out;
};

static struct call *
prepare(enum method method, const char *path, const char *text)
{
	static struct call c;

	buf_free(&c.out);
	c = (struct call){ .source = { .text = text } };
	c.body = (struct body){
		.read = source_read, .broken = source_broken, .arg = &c.source
	};
	c.req.method = method;
	c.req.length = (int64_t)strlen(text);
	c.req.body = &c.body;
	(void)snprintf(c.req.path, sizeof(c.req.path), "%s", path);
	(void)snprintf(c.req.type, sizeof(c.req.type), "%s",
	    method == M_POST ? "application/json" : "");
	buf_init(&c.out, 1 << 16);
	calls = 0;
	return &c;
}

static int
take(void *arg, const void *data, size_t len)
{
	buf_add(arg, data, len);
	return 0;
}

/* Dispatch and return the status; ${c->out} gets the whole answer. */
static int
dispatch(const struct router *router, struct call *c)
{
	const struct response_out out = { take, &c->out };
	struct response res;
	struct err err = { 0 };
	int status;

	response_init(&res);
	router_dispatch(router, &c->req, &res);
	status = res.status;
	assert_int_equal(response_send(&res, false, &out, &err), 0);
	response_free(&res);
	request_free(&c->req);
	return status;
}

static int
run(struct call *c)
{
	const struct router router = {
		.routes = table,
		.count = sizeof(table) / sizeof(table[0]),
		.upload_max = 1000,
		.admit = admit,
	};

	return dispatch(&router, c);
}

static void
assert_says(const struct call *c, const char *what)
{
	if (strstr(buf_str(&c->out), what) == NULL)
		fail_msg("no %s in %s", what, buf_str(&c->out));
}

static void
router_dispatch_finds_the_row(void **state)
{
	(void)state;
	assert_int_equal(run(prepare(M_GET, "/a", "")), 200);
	assert_int_equal(calls, 1);
	assert_int_equal(run(prepare(M_HEAD, "/a", "")), 200);
	assert_int_equal(calls, 1);
	assert_int_equal(run(prepare(M_POST, "/a", "{\"name\":\"n\"}")), 200);
	assert_string_equal(seen, "||n|");
	assert_int_equal(run(prepare(M_POST, "/f", "file")), 200);
	assert_string_equal(seen, "|||body");
}

static void
router_dispatch_hands_parts_of_the_path_on(void **state)
{
	static const char *const bad[] = { "/j", "/j/", "/j//", "/j/1/",
		"/j/1/x", "/j/1/x/", "/j//x/n", "/j/1/y/n", "/j/1/x/n/o" };
	char path[REQUEST_ARG_MAX + 8] = "/j/";

	(void)state;
	assert_int_equal(run(prepare(M_GET, "/j/12", "")), 200);
	assert_string_equal(seen, "12|||");
	assert_int_equal(run(prepare(M_GET, "/j/a b/x/..", "")), 200);
	assert_string_equal(seen, "a b|..||");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(run(prepare(M_GET, bad[i], "")), 404);
	memset(path + 3, 'a', REQUEST_ARG_MAX);
	assert_int_equal(run(prepare(M_GET, path, "")), 404);
	path[3 + REQUEST_ARG_MAX - 1] = '\0';
	assert_int_equal(run(prepare(M_GET, path, "")), 200);
	assert_int_equal(run(prepare(M_PUT, "/j/1", "")), 405);
	assert_int_equal(calls, 0);
}

static void
router_dispatch_refuses_unknown_paths(void **state)
{
	static const char *const paths[] = { "/", "", "/A", "/a/", "/ab",
		"/a/b", "a", "/a ", "/./a", "/j/{id}/x" };

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct call *c = prepare(M_GET, paths[i], "");

		assert_int_equal(run(c), 404);
		assert_int_equal(calls, 0);
		assert_says(c, "\"code\":\"not_found\"");
	}
}

static void
router_dispatch_names_the_methods_of_a_path(void **state)
{
	struct call *c = prepare(M_PUT, "/a", "");

	(void)state;
	assert_int_equal(run(c), 405);
	assert_says(c, "\r\nAllow: GET, HEAD, POST\r\n");
	c = prepare(M_GET, "/b", "");
	assert_int_equal(run(c), 405);
	assert_says(c, "\r\nAllow: POST\r\n");
	assert_int_equal(run(prepare(M_HEAD, "/b", "")), 405);
	assert_int_equal(run(prepare(M_OTHER, "/b", "")), 405);
	assert_int_equal(calls, 0);
}

static void
router_dispatch_refuses_bodies_over_the_limit(void **state)
{
	char text[200];
	struct call *c;

	(void)state;
	memset(text, ' ', sizeof(text));
	text[0] = '{';
	text[99] = '}';
	text[100] = '\0';
	assert_int_equal(run(prepare(M_POST, "/a", text)), 200);
	text[100] = ' ';
	text[101] = '\0';
	c = prepare(M_POST, "/a", text);
	assert_int_equal(run(c), 413);
	assert_says(c, "at most 100 bytes");
	/* Chunked: nobody said how long it is. */
	c = prepare(M_POST, "/a", text);
	c->req.length = REQUEST_LENGTH_UNKNOWN;
	assert_int_equal(run(c), 413);
	c = prepare(M_GET, "/a", "x");
	assert_int_equal(run(c), 413);
	assert_says(c, "takes no body");
	c = prepare(M_POST, "/f", "");
	c->req.length = 1001;
	assert_int_equal(run(c), 413);
	assert_says(c, "at most 1000 bytes");
	c = prepare(M_POST, "/g", "");
	c->req.length = 51;
	assert_int_equal(run(c), 413);
	assert_says(c, "at most 50 bytes");
	assert_int_equal(calls, 0);
}

static void
router_dispatch_refuses_bodies_that_are_no_objects(void **state)
{
	static const char *const bad[] = { "", "[]", "null", "1", "{", "{}x",
		"{\"a\":}", "{\"a\":\"\xff\"}", DEEP DEEP DEEP DEEP DEEP };
	struct call *c;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		c = prepare(M_POST, "/a", bad[i]);
		assert_int_equal(run(c), 400);
		assert_says(c, "\"code\":\"bad_json\"");
	}
	c = prepare(M_POST, "/a", "{\n  oops}");
	assert_int_equal(run(c), 400);
	assert_says(c, "line 2, column 3");
	assert_int_equal(calls, 0);
}

static void
router_dispatch_refuses_bodies_that_are_cut_off(void **state)
{
	struct call *c = prepare(M_POST, "/a", "{}");

	(void)state;
	c->req.length = 3;
	assert_int_equal(run(c), 400);
	assert_says(c, "\"code\":\"body_incomplete\"");
	assert_says(c, "Only 2 of 3 bytes");
	c = prepare(M_POST, "/a", "{}");
	c->source.cut = true;
	assert_int_equal(run(c), 400);
	c = prepare(M_POST, "/a", "{}");
	c->req.length = REQUEST_LENGTH_UNKNOWN;
	c->source.cut = true;
	assert_int_equal(run(c), 400);
	assert_int_equal(calls, 0);
}

static void
router_dispatch_refuses_other_types(void **state)
{
	static const char *const bad[] = { "", "text/plain", "text/json",
		"application/x-www-form-urlencoded", "multipart/form-data",
		"application/json5" };
	struct call *c;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		for (int k = 0; k < 3; k++) {
			static const char *const paths[] = { "/a", "/f", "/b" };

			c = prepare(M_POST, paths[k], k < 2 ? "{}" : "");
			c->req.who.id = 1;
			(void)snprintf(c->req.type, sizeof(c->req.type), "%s",
			    bad[i]);
			assert_int_equal(run(c),
			    k == 2 && bad[i][0] == '\0' ? 200 : 415);
		}
	}
	c = prepare(M_POST, "/f", "x");
	(void)snprintf(c->req.type, sizeof(c->req.type), "%s",
	    "application/octet-stream");
	assert_int_equal(run(c), 200);
	c = prepare(M_POST, "/a", "{}");
	(void)snprintf(c->req.type, sizeof(c->req.type), "%s",
	    "application/octet-stream");
	assert_int_equal(run(c), 415);
}

static void
router_dispatch_refuses_writes_of_other_sites(void **state)
{
	static const struct {
		enum method method;
		const char *path;
	} rows[] = {
		{ M_POST, "/a" },
		{ M_POST, "/b" },
		{ M_POST, "/f" },
		{ M_DELETE, "/j/1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct call *c = prepare(rows[i].method, rows[i].path, "{}");

		(void)snprintf(c->req.fetch_site, sizeof(c->req.fetch_site),
		    "cross-site");
		assert_int_equal(run(c), 403);
		assert_says(c, "\"code\":\"cross_site\"");
		c = prepare(rows[i].method, rows[i].path, "{}");
		(void)snprintf(c->req.host, sizeof(c->req.host), "jair");
		(void)snprintf(c->req.origin, sizeof(c->req.origin),
		    "http://evil");
		assert_int_equal(run(c), 403);
	}
	assert_int_equal(calls, 0);
}

static void
router_dispatch_asks_who_it_is_before_it_reads(void **state)
{
	struct call *c = prepare(M_POST, "/b", "much too long");

	(void)state;
	assert_int_equal(run(c), 401);
	assert_int_equal(strlen(c->source.text), 13);
	c = prepare(M_POST, "/b", "");
	c->req.who.id = 1;
	assert_int_equal(run(c), 200);
}

/* A call of row ${r}, of a stranger who does all else right. */
static struct call *
stranger(const struct route *r, enum method method)
{
	struct call *c =
	    prepare(method, r->path, r->body == BODY_JSON ? "{}" : "");

	if (r->body != BODY_NONE)
		(void)snprintf(c->req.type, sizeof(c->req.type),
		    "application/json");
	return c;
}

static struct router
api(void)
{
	struct router router = { .upload_max = KIB(1), .admit = admit };

	router.routes = api_routes(&router.count);
	return router;
}

/* What each row must refuse, whatever row is added. */
static void
api_routes_each_row_refuses_other_methods(void **state)
{
	static const enum method methods[] = { M_GET, M_POST, M_PUT, M_DELETE,
		M_OTHER };
	const struct router a = api();

	(void)state;
	assert_true(a.count >= 5);
	for (size_t i = 0; i < a.count; i++) {
		const struct route *r = &a.routes[i];

		for (size_t m = 0; m < 5; m++) {
			bool has_row = false;
			struct call *c;

			for (size_t k = 0; k < a.count; k++)
				has_row |= a.routes[k].method == methods[m] &&
				    strcmp(a.routes[k].path, r->path) == 0;
			if (has_row)
				continue;
			c = stranger(r, methods[m]);
			assert_int_equal(dispatch(&a, c), 405);
			assert_says(c, "\r\nAllow: ");
		}
	}
}

static void
api_routes_each_row_refuses_strangers_and_other_sites(void **state)
{
	const struct router a = api();

	(void)state;
	for (size_t i = 0; i < a.count; i++) {
		const struct route *r = &a.routes[i];
		struct call *c;

		if (r->access != ACC_ANYONE)
			assert_int_equal(dispatch(&a, stranger(r, r->method)),
			    401);
		if (r->method == M_GET)
			continue;
		c = stranger(r, r->method);
		c->req.who.id = 1;
		(void)snprintf(c->req.fetch_site, sizeof(c->req.fetch_site),
		    "cross-site");
		assert_int_equal(dispatch(&a, c), 403);
		c = stranger(r, r->method);
		c->req.who.id = 1;
		(void)snprintf(c->req.type, sizeof(c->req.type), "text/plain");
		assert_int_equal(dispatch(&a, c), 415);
	}
}

static void
api_routes_each_row_refuses_bodies_over_its_limit(void **state)
{
	const struct router a = api();

	(void)state;
	for (size_t i = 0; i < a.count; i++) {
		const struct route *r = &a.routes[i];
		struct call *c = stranger(r, r->method);

		c->req.who.id = 1;
		c->req.length = r->body == BODY_FILE && r->body_max > KIB(1)
		    ? KIB(1) + 1
		    : r->body_max + 1;
		assert_int_equal(dispatch(&a, c), 413);
	}
}

static void
api_routes_rows_are_whole_and_unique(void **state)
{
	const struct router a = api();

	(void)state;
	for (size_t i = 0; i < a.count; i++) {
		const struct route *r = &a.routes[i];

		assert_non_null(r->handler);
		assert_memory_equal(r->path, "/api/", 5);
		assert_int_not_equal(r->method, M_HEAD);
		assert_int_not_equal(r->method, M_OTHER);
		assert_int_equal(r->body == BODY_NONE, r->body_max == 0);
		assert_true(r->body != BODY_JSON || r->body_max <= KIB(64));
		/* A read takes no body and is not counted by nginx. */
		assert_int_equal(r->method == M_GET, r->rate == RATE_READ);
		assert_true(r->method != M_GET || r->body == BODY_NONE);
		assert_int_equal(r->body == BODY_FILE, r->rate == RATE_UPLOAD);
		for (size_t k = 0; k < i; k++)
			assert_false(a.routes[k].method == r->method &&
			    strcmp(a.routes[k].path, r->path) == 0);
	}
}

/* What a row says of its rate must stand in the web server's settings. */
static void
api_routes_limited_rows_have_their_location(void **state)
{
	const struct router a = api();
	char *conf = folder_read("conf/nginx.conf", NULL);
	char line[256];

	(void)state;
	for (size_t i = 0; i < a.count; i++) {
		const struct route *r = &a.routes[i];

		if (r->rate != RATE_LOGIN && r->rate != RATE_UPLOAD)
			continue;
		(void)snprintf(line, sizeof(line), "\tlocation = %s {\n",
		    r->path);
		if (strstr(conf, line) == NULL)
			fail_msg("conf/nginx.conf has no%s", line);
	}
	free(conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(router_dispatch_finds_the_row),
		cmocka_unit_test(router_dispatch_hands_parts_of_the_path_on),
		cmocka_unit_test(router_dispatch_refuses_unknown_paths),
		cmocka_unit_test(router_dispatch_names_the_methods_of_a_path),
		cmocka_unit_test(router_dispatch_refuses_bodies_over_the_limit),
		cmocka_unit_test(
		    router_dispatch_refuses_bodies_that_are_no_objects),
		cmocka_unit_test(
		    router_dispatch_refuses_bodies_that_are_cut_off),
		cmocka_unit_test(router_dispatch_refuses_other_types),
		cmocka_unit_test(router_dispatch_refuses_writes_of_other_sites),
		cmocka_unit_test(
		    router_dispatch_asks_who_it_is_before_it_reads),
		cmocka_unit_test(api_routes_each_row_refuses_other_methods),
		cmocka_unit_test(
		    api_routes_each_row_refuses_strangers_and_other_sites),
		cmocka_unit_test(
		    api_routes_each_row_refuses_bodies_over_its_limit),
		cmocka_unit_test(api_routes_rows_are_whole_and_unique),
		cmocka_unit_test(api_routes_limited_rows_have_their_location),
	};

	return cmocka_run_group_tests_name("router", tests, NULL, NULL);
}
