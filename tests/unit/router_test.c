/*
 * Without these, a row of the route table could miss its refusals: a method
 * that is not meant for it, a body that nobody reads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cgi-src/api/api.h"

static int calls;

static void
handler(struct app *app, const struct request *req, struct response *res)
{
	(void)app;
	(void)req;
	calls++;
	response_object(res, 200);
}

static const struct route table[] = {
	{ M_GET, "/a", ACC_ANYONE, BODY_NONE, RATE_READ, handler },
	{ M_POST, "/a", ACC_ANYONE, 100, RATE_READ, handler },
	{ M_POST, "/b", ACC_ANYONE, 100, RATE_READ, handler },
};

/* Dispatch and return the status; ${out} gets the whole answer. */
static int
dispatch(const struct route *routes, size_t count, enum method method,
    const char *path, int64_t length, struct buf *out)
{
	struct request req = { .method = method, .length = length };
	struct response res;
	int status;

	(void)snprintf(req.path, sizeof(req.path), "%s", path);
	response_init(&res);
	router_dispatch(routes, count, NULL, &req, &res);
	status = res.status;
	response_render(&res, false, out);
	response_free(&res);
	return status;
}

static int
ask(enum method method, const char *path, int64_t length, struct buf *out)
{
	buf_reset(out);
	calls = 0;
	return dispatch(table, 3, method, path, length, out);
}

static void
router_dispatch_finds_the_row(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 16);
	assert_int_equal(ask(M_GET, "/a", 0, &out), 200);
	assert_int_equal(calls, 1);
	assert_int_equal(ask(M_HEAD, "/a", 0, &out), 200);
	assert_int_equal(calls, 1);
	assert_int_equal(ask(M_POST, "/a", 100, &out), 200);
	assert_int_equal(calls, 1);
	buf_free(&out);
}

static void
router_dispatch_refuses_unknown_paths(void **state)
{
	static const char *const paths[] = { "/", "", "/A", "/a/", "/ab",
		"/a/b", "a", "/a ", "/./a" };
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 16);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_int_equal(ask(M_GET, paths[i], 0, &out), 404);
		assert_int_equal(calls, 0);
		assert_non_null(strstr(buf_str(&out),
		    "\"code\":\"not_found\""));
	}
	buf_free(&out);
}

static void
router_dispatch_names_the_methods_of_a_path(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 16);
	assert_int_equal(ask(M_PUT, "/a", 0, &out), 405);
	assert_non_null(strstr(buf_str(&out),
	    "\r\nAllow: GET, HEAD, POST\r\n"));
	assert_int_equal(ask(M_GET, "/b", 0, &out), 405);
	assert_non_null(strstr(buf_str(&out), "\r\nAllow: POST\r\n"));
	assert_int_equal(ask(M_HEAD, "/b", 0, &out), 405);
	assert_int_equal(ask(M_OTHER, "/b", 0, &out), 405);
	assert_int_equal(calls, 0);
	buf_free(&out);
}

static void
router_dispatch_refuses_bodies_over_the_limit(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 16);
	assert_int_equal(ask(M_POST, "/b", 101, &out), 413);
	assert_non_null(strstr(buf_str(&out), "at most 100 bytes"));
	assert_int_equal(ask(M_GET, "/a", 1, &out), 413);
	assert_non_null(strstr(buf_str(&out), "takes no body"));
	assert_int_equal(ask(M_POST, "/b", INT64_MAX, &out), 413);
	assert_int_equal(calls, 0);
	buf_free(&out);
}

/* What each row must refuse, whatever row is added. */
static void
api_routes_each_row_refuses_other_methods_and_bodies(void **state)
{
	static const enum method methods[] = { M_GET, M_POST, M_PUT, M_DELETE,
		M_OTHER };
	const struct route *routes;
	struct buf out;
	size_t count;

	(void)state;
	buf_init(&out, 1 << 16);
	routes = api_routes(&count);
	assert_true(count >= 3);
	for (size_t i = 0; i < count; i++) {
		const struct route *r = &routes[i];

		for (size_t m = 0; m < 5; m++) {
			bool has_row = false;

			for (size_t k = 0; k < count; k++)
				has_row |= routes[k].method == methods[m] &&
				    strcmp(routes[k].path, r->path) == 0;
			if (has_row)
				continue;
			buf_reset(&out);
			assert_int_equal(dispatch(routes, count, methods[m],
					     r->path, 0, &out),
			    405);
			assert_non_null(strstr(buf_str(&out), "\r\nAllow: "));
		}
		buf_reset(&out);
		assert_int_equal(dispatch(routes, count, r->method, r->path,
				     r->body_max + 1, &out),
		    413);
	}
	buf_free(&out);
}

static void
api_routes_rows_are_whole_and_unique(void **state)
{
	const struct route *routes;
	size_t count;

	(void)state;
	routes = api_routes(&count);
	for (size_t i = 0; i < count; i++) {
		const struct route *r = &routes[i];

		assert_non_null(r->handler);
		assert_true(r->body_max >= 0);
		assert_memory_equal(r->path, "/api/", 5);
		assert_int_not_equal(r->method, M_HEAD);
		assert_int_not_equal(r->method, M_OTHER);
		/* A read takes no body and is not counted by nginx. */
		if (r->method == M_GET)
			assert_int_equal(r->body_max, BODY_NONE);
		assert_true(r->rate == RATE_READ && r->method == M_GET);
		for (size_t k = 0; k < i; k++)
			assert_false(routes[k].method == r->method &&
			    strcmp(routes[k].path, r->path) == 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(router_dispatch_finds_the_row),
		cmocka_unit_test(router_dispatch_refuses_unknown_paths),
		cmocka_unit_test(router_dispatch_names_the_methods_of_a_path),
		cmocka_unit_test(router_dispatch_refuses_bodies_over_the_limit),
		cmocka_unit_test(
		    api_routes_each_row_refuses_other_methods_and_bodies),
		cmocka_unit_test(api_routes_rows_are_whole_and_unique),
	};

	return cmocka_run_group_tests_name("router", tests, NULL, NULL);
}
