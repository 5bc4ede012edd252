/*
 * Without this test a member could not log in, somebody could with a wrong
 * password, or a history would arrive with holes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi-src/services/jellyfin.h"
#include "tests/unit/mock.h"

#define DEVICE "jair-0123 \"é"
#define TOKEN "canaryToken5e1f"

static struct mock mock;

static int
setup(void **state)
{
	(void)state;
	mock_start(&mock, "jellyfin", NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	mock_stop(&mock);
	return 0;
}

static void
test(const char *url, struct service_result *r)
{
	struct err err = { ERR_NONE, "" };
	struct fetch_set *set;

	assert_int_equal(fetch_open(&set, FETCH_TEST, &err), 0);
	jellyfin_test_begin(set, url, r);
	fetch_wait(set);
	fetch_close(set);
	assert_true(r->tested);
}

static void
expect(const struct service_result *r, bool ok, const char *part)
{
	if (r->ok != ok || strstr(r->message, part) == NULL)
		fail_msg("%s: \"%s\" does not say \"%s\"",
		    r->ok ? "ok" : "failed", r->message, part);
}

static void
jellyfin_test_begin_good(void **state)
{
	struct service_result r;
	char url[128];

	(void)state;
	mock_lie(&mock, NULL);
	(void)snprintf(url, sizeof(url), " %s/web/index.html#!/home ",
	    mock.url);
	test(url, &r);
	expect(&r, true, "Reached Jellyfin 10.11.3 on \"Living room\".");
	assert_string_equal(r.version, "10.11.3");
	assert_string_equal(r.server_id, "7d2f1f0c9b4e4a53a1c6f9f0e6c8b1aa");
	assert_string_equal(r.server_name, "Living room");
	assert_string_equal(r.url, mock.url);
	assert_true(r.ms >= 0 && r.ms < 8000);
}

static void
jellyfin_test_begin_other_path(void **state)
{
	static const char *const paths[] = { "/jellyfin", "/emby" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct service_result r;
		char text[128];

		mock_lie(&mock, NULL);
		(void)snprintf(text, sizeof(text), "{\"path\":\"%s\"}",
		    paths[i]);
		mock_tell(&mock, "state", text);
		test(mock.url, &r);
		expect(&r, true, "Reached Jellyfin");
		(void)snprintf(text, sizeof(text), "%s%s", mock.url, paths[i]);
		assert_string_equal(r.url, text);
	}
}

static void
jellyfin_test_begin_nowhere(void **state)
{
	struct service_result r;

	(void)state;
	mock_lie(&mock, NULL);
	mock_tell(&mock, "state", "{\"path\":\"/elsewhere\"}");
	test(mock.url, &r);
	expect(&r, false, "HTTP status 404");
	assert_string_equal(r.url, mock.url);
}

static void
jellyfin_test_begin_not_jellyfin(void **state)
{
	static const char *const states[][2] = {
		{ "{\"product\":\"Emby Server\"}", "is not Jellyfin" },
		{ "{\"id\":\"\"}", "is not Jellyfin" },
		{ "{\"id\":\"a/../b\"}", "is not Jellyfin" },
		{ "{\"version\":\"\"}", "is not Jellyfin" },
		{ "{\"version\":7}", "is not Jellyfin" },
		{ "{\"version\":\"10.7.7\"}", "10.7.7, which is too old" },
		{ "{\"version\":\"4.8.0.0\"}", "too old" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		struct service_result r;

		mock_lie(&mock, NULL);
		mock_tell(&mock, "state", states[i][0]);
		test(mock.url, &r);
		expect(&r, false, states[i][1]);
	}
}

static void
jellyfin_test_begin_versions(void **state)
{
	static const char *const states[] = { "{\"version\":\"10.8.0\"}",
		"{\"version\":\"10.10.7\"}", "{\"version\":\"12.0.0\"}",
		"{\"version\":\"11\"}", "{\"name\":null}" };

	(void)state;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		struct service_result r;

		mock_lie(&mock, NULL);
		mock_tell(&mock, "state", states[i]);
		test(mock.url, &r);
		expect(&r, true, "Reached Jellyfin");
	}
}

static void
jellyfin_test_begin_lies(void **state)
{
	static const char *const lies[][2] = {
		{ "login-page", "web page" },
		{ "odd-types", "is not Jellyfin" },
		{ "not-utf8", "is not Jellyfin" },
		{ "redirect-metadata", "do not follow" },
		{ "cut", "broke off" },
		{ "flood", "more than" },
		{ "status", "HTTP status 503" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct service_result r;

		mock_lie(&mock, lies[i][0]);
		test(mock.url, &r);
		expect(&r, false, lies[i][1]);
		assert_null(strstr(r.message, "<form"));
	}
}

static void
jellyfin_test_begin_bad_url(void **state)
{
	struct service_result r;

	(void)state;
	test("http://user:pw@nas", &r);
	expect(&r, false, "user name");
	test("", &r);
	expect(&r, false, "No address");
	test("http://[fe80::1]:8096", &r);
	expect(&r, false, "no service lives at");
}

static int
login_as(const char *name, const char *password, struct jellyfin_login *l,
    struct err *err)
{
	const struct jellyfin j = { mock.url, DEVICE, NULL };
	struct secret s = { NULL, 0 };
	int rc;

	err_clear(err);
	assert_int_equal(secret_set(&s, password, strlen(password), err), 0);
	rc = jellyfin_login(&j, name, &s, l, err);
	secret_clear(&s);
	if (rc != 0) {
		assert_null(l->token.bytes);
		assert_null(strstr(err->msg, TOKEN));
		assert_true(*password == '\0' ||
		    strstr(err->msg, password) == NULL);
	}
	return rc;
}

static void
jellyfin_login_good(void **state)
{
	struct jellyfin_login l;
	struct err err = { ERR_NONE, "" };
	char *log;

	(void)state;
	mock_lie(&mock, NULL);
	mock_tell(&mock, "state", "{\"token\":\"" TOKEN "\"}");
	assert_int_equal(login_as("JESSE", "jesse-pw", &l, &err), 0);
	assert_string_equal(l.user_name, "jesse");
	assert_int_equal(strlen(l.user_id), 32);
	assert_string_equal(l.server_id, "7d2f1f0c9b4e4a53a1c6f9f0e6c8b1aa");
	assert_string_equal(l.base, mock.url);
	assert_true(l.is_admin);
	assert_string_equal(secret_expose(&l.token), TOKEN);
	jellyfin_login_free(&l);
	log = mock_requests(&mock);
	assert_non_null(strstr(log,
	    "\"authorization\":\"MediaBrowser Client=\\\"jair\\\", "
	    "Device=\\\"jair\\\", DeviceId=\\\"jair-0123%20%22%C3%A9\\\", "
	    "Version=\\\"" JAIR_VERSION "\\\"\""));
	assert_null(strstr(log, "x-emby"));
	free(log);
}

static void
jellyfin_login_odd_names(void **state)
{
	struct jellyfin_login l;
	struct err err = { ERR_NONE, "" };

	(void)state;
	mock_lie(&mock, NULL);
	assert_int_equal(login_as("Mäkinen", "sana \"+%\\ é", &l, &err), 0);
	assert_string_equal(l.user_name, "Mäkinen");
	assert_false(l.is_admin);
	jellyfin_login_free(&l);
	assert_int_equal(login_as("O'Brien", "", &l, &err), 0);
	jellyfin_login_free(&l);
}

static void
jellyfin_login_refused(void **state)
{
	static const char *const who[][3] = {
		{ "jesse", "wrong-pw", "does not know" },
		{ "jesse", "", "does not know" },
		{ "nobody", "jesse-pw", "does not know" },
		{ "gone", "gone-pw", "is disabled" },
		{ "banned", "banned-pw", "does not let this account in" },
	};

	(void)state;
	mock_lie(&mock, NULL);
	mock_tell(&mock, "state", "{\"token\":\"" TOKEN "\"}");
	for (size_t i = 0; i < sizeof(who) / sizeof(who[0]); i++) {
		struct jellyfin_login l;
		struct err err;

		assert_int_equal(login_as(who[i][0], who[i][1], &l, &err), -1);
		assert_int_equal(err.code, ERR_DENIED);
		assert_non_null(strstr(err.msg, who[i][2]));
	}
}

/* The token of a disabled account is given back. */
static void
jellyfin_login_disabled_logs_out(void **state)
{
	struct jellyfin_login l;
	struct err err;
	char *log;

	(void)state;
	mock_lie(&mock, NULL);
	assert_int_equal(login_as("gone", "gone-pw", &l, &err), -1);
	log = mock_requests(&mock);
	assert_non_null(strstr(log, "/Sessions/Logout"));
	free(log);
}

static void
jellyfin_login_other_path(void **state)
{
	struct jellyfin_login l;
	struct err err;
	char base[128];

	(void)state;
	mock_lie(&mock, NULL);
	mock_tell(&mock, "state", "{\"path\":\"/emby\"}");
	assert_int_equal(login_as("jesse", "jesse-pw", &l, &err), 0);
	(void)snprintf(base, sizeof(base), "%s/emby", mock.url);
	assert_string_equal(l.base, base);
	jellyfin_login_free(&l);
	assert_int_equal(login_as("jesse", "wrong-pw", &l, &err), -1);
	assert_int_equal(err.code, ERR_DENIED);
	mock_tell(&mock, "state", "{\"path\":\"/elsewhere\"}");
	assert_int_equal(login_as("jesse", "jesse-pw", &l, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_non_null(strstr(err.msg, "404"));
}

static void
jellyfin_login_lies(void **state)
{
	static const char *const lies[] = { "login-page", "cut", "odd-types",
		"bad-json", "deep-json", "redirect-host", "redirect-metadata",
		"flood-chunked", "empty", "hang-up", "status", "wide-json" };

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct jellyfin_login l;
		struct err err;

		mock_lie(&mock, lies[i]);
		assert_int_equal(login_as("jesse", "jesse-pw", &l, &err), -1);
		assert_int_not_equal(err.code, ERR_DENIED);
		assert_int_not_equal(err.code, ERR_NONE);
	}
}

static void
jellyfin_logout_ends_token(void **state)
{
	struct jellyfin_login l;
	struct jellyfin j = { mock.url, DEVICE, &l.token };
	struct err err;

	(void)state;
	mock_lie(&mock, NULL);
	assert_int_equal(login_as("jesse", "jesse-pw", &l, &err), 0);
	assert_int_equal(jellyfin_logout(&j, &err), 0);
	/* It is unknown now, which is as good. */
	assert_int_equal(jellyfin_logout(&j, &err), 0);
	mock_lie(&mock, "status");
	assert_int_equal(jellyfin_logout(&j, &err), -1);
	jellyfin_login_free(&l);
}

static void
jellyfin_authorization_encoded(void **state)
{
	struct secret token = { NULL, 0 };
	struct secret out = { NULL, 0 };
	struct err err = { ERR_NONE, "" };
	struct jellyfin j = { "http://nas", "a\"b\r\nc", &token };

	(void)state;
	assert_int_equal(secret_set(&token, "t\", x=\"", 7, &err), 0);
	assert_int_equal(jellyfin_authorization(&j, &out, &err), 0);
	assert_string_equal(secret_expose(&out),
	    "MediaBrowser Client=\"jair\", Device=\"jair\", "
	    "DeviceId=\"a%22b%0D%0Ac\", Version=\"" JAIR_VERSION "\", "
	    "Token=\"t%22%2C%20x%3D%22\"");
	secret_clear(&out);
	secret_clear(&token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jellyfin_test_begin_good),
		cmocka_unit_test(jellyfin_test_begin_other_path),
		cmocka_unit_test(jellyfin_test_begin_nowhere),
		cmocka_unit_test(jellyfin_test_begin_not_jellyfin),
		cmocka_unit_test(jellyfin_test_begin_versions),
		cmocka_unit_test(jellyfin_test_begin_lies),
		cmocka_unit_test(jellyfin_test_begin_bad_url),
		cmocka_unit_test(jellyfin_login_good),
		cmocka_unit_test(jellyfin_login_odd_names),
		cmocka_unit_test(jellyfin_login_refused),
		cmocka_unit_test(jellyfin_login_disabled_logs_out),
		cmocka_unit_test(jellyfin_login_other_path),
		cmocka_unit_test(jellyfin_login_lies),
		cmocka_unit_test(jellyfin_logout_ends_token),
		cmocka_unit_test(jellyfin_authorization_encoded),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
