/*
 * Without this test a wrong key or model of Gemini would be noticed only when
 * a profile fails, or the key would stand in a URL.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi-src/services/gemini.h"
#include "tests/unit/mock.h"

#define KEY "AIzaSyTestKeyOfTheMock-0123456789_abcdef"

static struct mock mock;

static int
setup(void **state)
{
	(void)state;
	mock_start(&mock, "gemini", NULL);
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
expect(const char *key, const char *model, bool ok, const char *part)
{
	struct err err = { ERR_NONE, "" };
	struct service_result r;
	struct secret s = { NULL, 0 };
	struct fetch_set *set;
	char *log;

	assert_int_equal(secret_set(&s, key, strlen(key), &err), 0);
	assert_int_equal(fetch_open(&set, FETCH_TEST, &err), 0);
	gemini_test_begin(set, mock.url, &s, model, &r);
	fetch_wait(set);
	fetch_close(set);
	secret_clear(&s);
	if (r.ok != ok || strstr(r.message, part) == NULL)
		fail_msg("%s: \"%s\" does not say \"%s\"",
		    r.ok ? "ok" : "failed", r.message, part);
	assert_true(strlen(key) < 8 || strstr(r.message, key) == NULL);
	log = mock_requests(&mock);
	assert_null(strstr(log, "key="));
	free(log);
}

static void
gemini_test_begin_good(void **state)
{
	(void)state;
	mock_lie(&mock, NULL);
	expect(KEY, "gemini-2.5-flash", true,
	    "key and model \"gemini-2.5-flash\" are good");
	expect("\t" KEY " \n", " models/gemini-2.5-pro\n", true,
	    "\"gemini-2.5-pro\"");
}

static void
gemini_test_begin_wrong_key(void **state)
{
	(void)state;
	mock_lie(&mock, NULL);
	expect("canary-of-a-key", "gemini-2.5-flash", false,
	    "refused the API key");
	expect("canary-of-a-key", "no-such-model", false,
	    "refused the API key");
	expect(" ", "gemini-2.5-flash", false, "is missing");
	expect("canary\x01-of-a-key", "gemini-2.5-flash", false,
	    "copy it again");
	mock_tell(&mock, "state", "{\"forbidden\":true}");
	expect(KEY, "gemini-2.5-flash", false, "refused the API key");
}

static void
gemini_test_begin_wrong_model(void **state)
{
	(void)state;
	mock_lie(&mock, NULL);
	expect(KEY, "gemini-1.0-old", false,
	    "no model \"gemini-1.0-old\". Some that it has: "
	    "gemini-2.5-flash, gemini-2.5-pro.");
	mock_tell(&mock, "lie",
	    "{\"lie\":\"odd-types\",\"at\":\"/v1beta/models\"}");
	expect(KEY, "gemini-1.0-old", false, "is not Gemini");
	mock_lie(&mock, NULL);
	mock_tell(&mock, "state", "{\"models\":[]}");
	expect(KEY, "gemini-1.0-old", false, "no model \"gemini-1.0-old\".");
	mock_tell(&mock, "state",
	    "{\"models\":[{\"name\":\"models/a b\","
	    "\"supportedGenerationMethods\":[\"generateContent\"]},"
	    "{\"name\":\"evil\"},7,null]}");
	expect(KEY, "gemini-1.0-old", false, "no model \"gemini-1.0-old\".");
}

static void
gemini_test_begin_bad_model(void **state)
{
	static const char *const models[] = { "", " ", "a/b", "..", "a?key=x",
		"models/", "\xc3\xa4", "a b/../c" };

	(void)state;
	mock_lie(&mock, NULL);
	for (size_t i = 0; i + 1 < sizeof(models) / sizeof(models[0]); i++)
		expect(KEY, models[i], false, "no name of a model");
}

static void
gemini_test_begin_lies(void **state)
{
	static const char *const lies[][2] = {
		{ "login-page", "web page" },
		{ "bad-json", "is not Gemini" },
		{ "list", "is not Gemini" },
		{ "redirect-metadata", "do not follow" },
		{ "status", "HTTP status 503" },
		{ "cut", "broke off" },
		{ "flood", "more than" },
		{ "not-http", "does not speak HTTP" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		mock_lie(&mock, lies[i][0]);
		expect(KEY, "gemini-2.5-flash", false, lies[i][1]);
	}
	/* A 400 that is about something else is not the key's fault. */
	mock_lie(&mock, NULL);
	mock_tell(&mock, "lie", "{\"lie\":\"status\",\"status\":400}");
	expect(KEY, "gemini-2.5-flash", false, "HTTP status 400");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gemini_test_begin_good),
		cmocka_unit_test(gemini_test_begin_wrong_key),
		cmocka_unit_test(gemini_test_begin_wrong_model),
		cmocka_unit_test(gemini_test_begin_bad_model),
		cmocka_unit_test(gemini_test_begin_lies),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
