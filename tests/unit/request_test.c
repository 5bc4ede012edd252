/*
 * Without these, a proxied stranger could count as this machine's user, and
 * a path could mean one thing to nginx and another to the router.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cgi-src/http/request.h"

/* A request for ${uri}; -1 when it is refused. */
static int
ask(const char *uri, struct request *req, struct err *err)
{
	char method[] = "REQUEST_METHOD=GET";
	char uri_param[4096];
	char *envp[] = { method, uri_param, NULL };

	err_clear(err);
	(void)snprintf(uri_param, sizeof(uri_param), "REQUEST_URI=%s", uri);
	return request_init(req, envp, err);
}

static void
request_init_decodes_the_path_once(void **state)
{
	static const struct {
		const char *uri, *path;
	} good[] = {
		{ "/api/health", "/api/health" },
		{ "/api/health?x=/../y", "/api/health" },
		{ "/api/%68ealth", "/api/health" },
		{ "/api/%2568", "/api/%68" },
		{ "/api/M%C3%A4kinen", "/api/M\303\244kinen" },
		{ "/api/../x", "/api/../x" },
		{ "/", "/" },
	};
	struct request req;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(ask(good[i].uri, &req, &err), 0);
		assert_string_equal(req.path, good[i].path);
	}
}

static void
request_init_refuses_paths_of_two_meanings(void **state)
{
	static const char *const bad[] = { "", "api", "*", "http://x/api",
		"//api", "/api//health", "/api/%00", "/api%2fhealth",
		"/api%2Fhealth", "/%0a", "/%7f", "/\001", "/%", "/%4", "/%zz",
		"/%4g", "/api/%2" };
	struct request req;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(ask(bad[i], &req, &err), -1);
		assert_int_equal(err.code, ERR_FORMAT);
		assert_true(strlen(err.msg) > 10);
	}
}

static void
request_init_refuses_a_long_path(void **state)
{
	char uri[REQUEST_PATH_MAX + 2];
	struct request req;
	struct err err;

	(void)state;
	memset(uri, 'a', sizeof(uri));
	uri[0] = '/';
	uri[REQUEST_PATH_MAX - 1] = '\0';
	assert_int_equal(ask(uri, &req, &err), 0);
	assert_int_equal(strlen(req.path), REQUEST_PATH_MAX - 1);
	uri[REQUEST_PATH_MAX - 1] = 'a';
	uri[REQUEST_PATH_MAX] = '\0';
	assert_int_equal(ask(uri, &req, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void
request_init_takes_script_name_as_it_is(void **state)
{
	char name[] = "SCRIPT_NAME=/api/%68?x";
	char *envp[] = { name, NULL };
	struct request req;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(request_init(&req, envp, &err), 0);
	assert_string_equal(req.path, "/api/%68?x");
	assert_int_equal(req.method, M_OTHER);
}

static void
request_init_reads_methods(void **state)
{
	static const struct {
		const char *text;
		enum method method;
	} rows[] = {
		{ "GET", M_GET },
		{ "HEAD", M_HEAD },
		{ "POST", M_POST },
		{ "PUT", M_PUT },
		{ "DELETE", M_DELETE },
		{ "get", M_OTHER },
		{ "PATCH", M_OTHER },
		{ "", M_OTHER },
		{ "AVERYLONGMETHODINDEED", M_OTHER },
	};
	char uri[] = "REQUEST_URI=/";

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char method[64];
		char *envp[] = { uri, method, NULL };
		struct request req;
		struct err err = { 0 };

		(void)snprintf(method, sizeof(method), "REQUEST_METHOD=%s",
		    rows[i].text);
		assert_int_equal(request_init(&req, envp, &err), 0);
		assert_int_equal(req.method, rows[i].method);
		assert_memory_equal(req.method_text, rows[i].text,
		    strlen(rows[i].text) < 15 ? strlen(rows[i].text) : 15);
	}
}

static void
request_init_reads_the_length(void **state)
{
	static const struct {
		const char *text;
		int rc;
		int64_t n;
	} rows[] = {
		{ "", 0, 0 },
		{ "0", 0, 0 },
		{ "12", 0, 12 },
		{ "9223372036854775807", 0, INT64_MAX },
		{ "-1", -1, 0 },
		{ "9223372036854775808", -1, 0 },
		{ "12x", -1, 0 },
		{ " 12", -1, 0 },
		{ "0x10", -1, 0 },
	};
	char uri[] = "REQUEST_URI=/";

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char length[64];
		char *envp[] = { uri, length, NULL };
		struct request req;
		struct err err = { 0 };

		(void)snprintf(length, sizeof(length), "CONTENT_LENGTH=%s",
		    rows[i].text);
		assert_int_equal(request_init(&req, envp, &err), rows[i].rc);
		assert_int_equal(req.length, rows[i].n);
	}
}

static void
request_init_gives_each_request_an_id(void **state)
{
	struct request a, b;
	struct err err;

	(void)state;
	assert_int_equal(ask("/", &a, &err), 0);
	assert_int_equal(ask("//", &b, &err), -1);
	assert_int_equal(strlen(a.id), REQUEST_ID_MAX - 1);
	assert_int_equal(strlen(b.id), REQUEST_ID_MAX - 1);
	assert_string_not_equal(a.id, b.id);
}

/* Ask from ${remote} with ${host} and one more parameter. */
static bool
local(const char *remote, const char *host, const char *more)
{
	char remote_param[128], host_param[128], more_param[128];
	char *envp[] = { remote_param, host_param, more_param, NULL };

	(void)snprintf(remote_param, sizeof(remote_param), "REMOTE_ADDR=%s",
	    remote);
	(void)snprintf(host_param, sizeof(host_param), "HTTP_HOST=%s", host);
	(void)snprintf(more_param, sizeof(more_param), "%s", more);
	return request_is_local(envp);
}

static void
request_is_local_knows_this_machine(void **state)
{
	static const char *const hosts[] = { "localhost", "localhost:5173",
		"127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:5173" };

	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		assert_true(local("127.0.0.1", hosts[i], "X=1"));
		assert_true(local("127.9.9.9", hosts[i], "X=1"));
		assert_true(local("::1", hosts[i], "X=1"));
		assert_true(local("::ffff:127.0.0.1", hosts[i], "X=1"));
	}
}

static void
request_is_local_refuses_other_peers(void **state)
{
	static const char *const peers[] = { "", "10.0.0.1", "172.17.0.1",
		"192.168.1.5", "::2", "::11", "fe80::1", "::ffff:10.0.0.1",
		"1127.0.0.1", "unix:" };

	(void)state;
	for (size_t i = 0; i < sizeof(peers) / sizeof(peers[0]); i++)
		assert_false(local(peers[i], "localhost", "X=1"));
}

static void
request_is_local_refuses_other_hosts(void **state)
{
	static const char *const hosts[] = { "", "jair.example",
		"localhost.example", "localhost.", "LOCALHOST",
		"localhost:", "localhost:80x", "localhost:80:80", "xlocalhost",
		"127.0.0.1.example", "127.0.0.2", "::1", "[::1]x",
		"user@localhost", "localhost,evil" };

	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		assert_false(local("127.0.0.1", hosts[i], "X=1"));
}

static void
request_is_local_refuses_what_a_proxy_passed_on(void **state)
{
	static const char *const headers[] = { "HTTP_X_FORWARDED_FOR=127.0.0.1",
		"HTTP_X_FORWARDED_FOR=", "HTTP_FORWARDED=for=127.0.0.1",
		"HTTP_X_REAL_IP=127.0.0.1", "HTTP_X_FORWARDED_HOST=localhost",
		"HTTP_VIA=1.1 proxy", "HTTP_X_FORWARDED_PROTO=https" };

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		assert_false(local("127.0.0.1", "localhost", headers[i]));
}

static void
request_param_matches_whole_names(void **state)
{
	char a[] = "HTTP_HOSTX=1";
	char b[] = "HTTP_HOST=2=3";
	char *envp[] = { a, b, NULL };

	(void)state;
	assert_string_equal(request_param(envp, "HTTP_HOST"), "2=3");
	assert_null(request_param(envp, "HTTP"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_init_decodes_the_path_once),
		cmocka_unit_test(request_init_refuses_paths_of_two_meanings),
		cmocka_unit_test(request_init_refuses_a_long_path),
		cmocka_unit_test(request_init_takes_script_name_as_it_is),
		cmocka_unit_test(request_init_reads_methods),
		cmocka_unit_test(request_init_reads_the_length),
		cmocka_unit_test(request_init_gives_each_request_an_id),
		cmocka_unit_test(request_is_local_knows_this_machine),
		cmocka_unit_test(request_is_local_refuses_other_peers),
		cmocka_unit_test(request_is_local_refuses_other_hosts),
		cmocka_unit_test(
		    request_is_local_refuses_what_a_proxy_passed_on),
		cmocka_unit_test(request_param_matches_whole_names),
	};

	return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
