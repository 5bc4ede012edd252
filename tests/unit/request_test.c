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

static const struct net_list nobody;

/* A request for ${uri}; -1 when it is refused. */
static int
ask(const char *uri, struct request *req, struct err *err)
{
	char method[] = "REQUEST_METHOD=GET";
	char uri_param[4096];
	char *envp[] = { method, uri_param, NULL };
	int rc;

	err_clear(err);
	(void)snprintf(uri_param, sizeof(uri_param), "REQUEST_URI=%s", uri);
	rc = request_init(req, envp, &nobody, err);
	request_free(req);
	return rc;
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
	assert_int_equal(request_init(&req, envp, &nobody, &err), 0);
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
		assert_int_equal(request_init(&req, envp, &nobody, &err), 0);
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
		{ "", 0, REQUEST_LENGTH_UNKNOWN },
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
		assert_int_equal(request_init(&req, envp, &nobody, &err),
		    rows[i].rc);
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

/* A request with these parameters, which the caller ends with NULL. */
static struct request
with(const char *proxies, char *const *envp)
{
	struct request req;
	struct net_list list;
	struct err err = { 0 };

	assert_int_equal(net_list_parse(&list, proxies, &err), 0);
	if (request_init(&req, envp, &list, &err))
		fail_msg("%s", err.msg);
	return req;
}

static void
request_init_believes_trusted_proxies_alone(void **state)
{
	static const struct {
		const char *proxies, *remote, *list, *address;
		bool secure;
	} rows[] = {
		{ "", "127.0.0.1", "9.9.9.9", "127.0.0.1", false },
		{ "127.0.0.1", "127.0.0.1", "9.9.9.9", "9.9.9.9", true },
		{ "127.0.0.1", "10.0.0.1", "9.9.9.9", "10.0.0.1", false },
		{ "127.0.0.1", "127.0.0.1", "1.1.1.1, 9.9.9.9", "9.9.9.9",
		    true },
		{ "127.0.0.1,10.0.0.0/8", "127.0.0.1",
		    "1.1.1.1,9.9.9.9 ,\t10.0.0.7", "9.9.9.9", true },
		{ "127.0.0.1,10.0.0.0/8", "127.0.0.1", "10.0.0.8,10.0.0.7",
		    "10.0.0.8", true },
		{ "127.0.0.1", "127.0.0.1", "rubbish", "127.0.0.1", true },
		{ "127.0.0.1", "127.0.0.1", "1.1.1.1,rubbish", "127.0.0.1",
		    true },
		{ "127.0.0.1", "127.0.0.1", "", "127.0.0.1", true },
		{ "127.0.0.1", "127.0.0.1", ",", "127.0.0.1", true },
		{ "::1", "::1", "2001:db8::5", "2001:db8::5", true },
		{ "127.0.0.1", "unix:", "9.9.9.9", "unix:", false },
	};
	char uri[] = "REQUEST_URI=/";
	char proto[] = "HTTP_X_FORWARDED_PROTO=https";

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char remote[64], list[64];
		char *envp[] = { uri, proto, remote, list, NULL };
		struct request req;

		(void)snprintf(remote, sizeof(remote), "REMOTE_ADDR=%s",
		    rows[i].remote);
		(void)snprintf(list, sizeof(list), "HTTP_X_FORWARDED_FOR=%s",
		    rows[i].list);
		req = with(rows[i].proxies, envp);
		assert_string_equal(req.remote, rows[i].address);
		assert_int_equal(req.secure, rows[i].secure);
		assert_false(req.local);
		request_free(&req);
	}
}

/* A proxy that asks for us by another name says which one it was asked for. */
static void
request_init_believes_the_host_of_trusted_proxies_alone(void **state)
{
	char uri[] = "REQUEST_URI=/";
	char remote[] = "REMOTE_ADDR=10.0.0.1";
	char host[] = "HTTP_HOST=127.0.0.1:5173";
	char forwarded[] = "HTTP_X_FORWARDED_HOST=jair.example";
	char origin[] = "HTTP_ORIGIN=https://jair.example";
	char *envp[] = { uri, remote, host, forwarded, origin, NULL };
	struct request req = with("10.0.0.0/8", envp);

	(void)state;
	assert_string_equal(req.host, "jair.example");
	assert_true(request_same_site(&req));
	request_free(&req);
	req = with("127.0.0.1", envp);
	assert_string_equal(req.host, "127.0.0.1:5173");
	assert_false(request_same_site(&req));
	request_free(&req);
}

static void
request_init_finds_its_cookie_among_others(void **state)
{
	static const struct {
		const char *cookie, *https, *token;
	} rows[] = {
		{ "jair_session=abc", "", "abc" },
		{ "a=b; jair_session=abc; c=d", "", "abc" },
		{ "a=b;jair_session=abc", "", "abc" },
		{ "jair_session=abc; jair_session=def", "", "abc" },
		{ "xjair_session=abc", "", NULL },
		{ "jair_sessions=abc", "", NULL },
		{ "jair_session=", "", NULL },
		{ "jair_session", "", NULL },
		{ "__Host-jair_session=abc", "", NULL },
		{ "jair_session=abc", "on", NULL },
		{ "jair_session=x; __Host-jair_session=abc", "on", "abc" },
		{ ";;; ;", "", NULL },
	};
	char uri[] = "REQUEST_URI=/";

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char cookie[128], https[32];
		char *envp[] = { uri, cookie, https, NULL };
		struct request req;

		(void)snprintf(cookie, sizeof(cookie), "HTTP_COOKIE=%s",
		    rows[i].cookie);
		(void)snprintf(https, sizeof(https), "HTTPS=%s", rows[i].https);
		req = with("", envp);
		if (rows[i].token == NULL)
			assert_null(secret_expose(&req.token));
		else
			assert_string_equal(secret_expose(&req.token),
			    rows[i].token);
		request_free(&req);
		assert_null(secret_expose(&req.token));
	}
}

static void
request_init_reads_the_type_without_parameters(void **state)
{
	static const char *const rows[][2] = {
		{ "application/json", "application/json" },
		{ "Application/JSON; charset=utf-8", "application/json" },
		{ "text/plain", "text/plain" },
		{ "", "" },
	};
	char uri[] = "REQUEST_URI=/";

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char type[128];
		char *envp[] = { uri, type, NULL };
		struct request req;

		(void)snprintf(type, sizeof(type), "CONTENT_TYPE=%s",
		    rows[i][0]);
		req = with("", envp);
		assert_string_equal(req.type, rows[i][1]);
		request_free(&req);
	}
}

static void
request_init_refuses_long_headers(void **state)
{
	static const char *const names[] = { "HTTP_HOST", "HTTP_ORIGIN",
		"HTTP_SEC_FETCH_SITE", "CONTENT_TYPE" };
	char uri[] = "REQUEST_URI=/";

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char header[512];
		char *envp[] = { uri, header, NULL };
		struct request req;
		struct err err = { 0 };

		(void)snprintf(header, sizeof(header), "%s=%0400d", names[i],
		    0);
		assert_int_equal(request_init(&req, envp, &nobody, &err), -1);
		assert_int_equal(err.code, ERR_FORMAT);
		request_free(&req);
	}
}

static void
request_query_decodes_values(void **state)
{
	static const struct {
		const char *query, *name, *value;
		int rc;
	} rows[] = {
		{ "/?q=a", "q", "a", 1 },
		{ "/?a=1&q=x%20y+z&q=2", "q", "x y z", 1 },
		{ "/?q=M%C3%A4kinen", "q", "M\303\244kinen", 1 },
		{ "/?%71=a", "q", "a", 1 },
		{ "/?q=a=b", "q", "a=b", 1 },
		{ "/?q", "q", "", 1 },
		{ "/?q=", "q", "", 1 },
		{ "/?qq=a", "q", NULL, 0 },
		{ "/?a=q", "q", NULL, 0 },
		{ "/?", "q", NULL, 0 },
		{ "/", "q", NULL, 0 },
		{ "/?&&&q=a", "q", "a", 1 },
		{ "/?q=%", "q", NULL, -1 },
		{ "/?q=%4&x=1", "q", NULL, -1 },
		{ "/?q=%00", "q", NULL, -1 },
		{ "/?q=%0a", "q", NULL, -1 },
		{ "/?q=%ff", "q", NULL, -1 },
		{ "/?q=1234567", "q", "1234567", 1 },
		{ "/?q=12345678", "q", NULL, -1 },
	};
	struct request req;
	struct err err;
	char out[9];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t size = rows[i].rc < 0 ? 8 : sizeof(out);

		assert_int_equal(ask(rows[i].query, &req, &err), 0);
		assert_int_equal(request_query(&req, rows[i].name, out, size),
		    rows[i].rc);
		if (rows[i].rc == 1)
			assert_string_equal(out, rows[i].value);
	}
}

static void
request_init_refuses_a_long_query(void **state)
{
	char uri[REQUEST_QUERY_MAX + 8];
	struct request req;
	struct err err;

	(void)state;
	memset(uri, 'a', sizeof(uri));
	uri[0] = '/';
	uri[1] = '?';
	uri[REQUEST_QUERY_MAX + 1] = '\0';
	assert_int_equal(ask(uri, &req, &err), 0);
	uri[REQUEST_QUERY_MAX + 1] = 'a';
	uri[REQUEST_QUERY_MAX + 2] = '\0';
	assert_int_equal(ask(uri, &req, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void
request_same_site_refuses_other_sites(void **state)
{
	static const struct {
		const char *site, *origin, *host;
		bool same;
	} rows[] = {
		{ "", "", "jair.example", true },
		{ "same-origin", "", "jair.example", true },
		{ "same-origin", "https://jair.example", "127.0.0.1", true },
		{ "same-site", "https://jair.example", "jair.example", false },
		{ "cross-site", "http://jair.example", "jair.example", false },
		{ "none", "", "jair.example", false },
		{ "", "http://jair.example", "jair.example", true },
		{ "", "http://JAIR.example:80", "jair.example:80", true },
		{ "", "http://jair.example:81", "jair.example", false },
		{ "", "http://evil.example", "jair.example", false },
		{ "", "http://jair.example.evil", "jair.example", false },
		{ "", "http://xjair.example", "jair.example", false },
		{ "", "null", "jair.example", false },
		{ "", "null", "", false },
		{ "", "://", "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct request req = { 0 };

		(void)snprintf(req.fetch_site, sizeof(req.fetch_site), "%s",
		    rows[i].site);
		(void)snprintf(req.origin, sizeof(req.origin), "%s",
		    rows[i].origin);
		(void)snprintf(req.host, sizeof(req.host), "%s", rows[i].host);
		assert_int_equal(request_same_site(&req), rows[i].same);
	}
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
		cmocka_unit_test(request_init_believes_trusted_proxies_alone),
		cmocka_unit_test(
		    request_init_believes_the_host_of_trusted_proxies_alone),
		cmocka_unit_test(request_init_finds_its_cookie_among_others),
		cmocka_unit_test(
		    request_init_reads_the_type_without_parameters),
		cmocka_unit_test(request_init_refuses_long_headers),
		cmocka_unit_test(request_init_refuses_a_long_query),
		cmocka_unit_test(request_query_decodes_values),
		cmocka_unit_test(request_same_site_refuses_other_sites),
		cmocka_unit_test(request_param_matches_whole_names),
	};

	return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
