/*
 * Without this test a wrong API key of Seerr would look right until the first
 * request, or a title would be taken for another film.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi-src/services/seerr.h"
#include "tests/unit/mock.h"

#define KEY "c2VlcnItdGVzdC1rZXktMDEyMzQ1Njc4OQ=="

static struct mock mock;

static int
setup(void **state)
{
	(void)state;
	mock_start(&mock, "seerr", NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	mock_stop(&mock);
	return 0;
}

/* Test with a key; the sentence must have ${part} and not the key. */
static void
expect(const char *url, const char *key, bool ok, const char *part,
    struct service_result *r)
{
	struct err err = { ERR_NONE, "" };
	struct secret s = { NULL, 0 };
	struct fetch_set *set;

	assert_int_equal(secret_set(&s, key, strlen(key), &err), 0);
	assert_int_equal(fetch_open(&set, FETCH_TEST, &err), 0);
	seerr_test_begin(set, url, &s, r);
	fetch_wait(set);
	fetch_close(set);
	secret_clear(&s);
	assert_true(r->tested);
	if (r->ok != ok || strstr(r->message, part) == NULL)
		fail_msg("%s: \"%s\" does not say \"%s\"",
		    r->ok ? "ok" : "failed", r->message, part);
	assert_true(strlen(key) < 8 || strstr(r->message, key) == NULL);
}

static void
seerr_test_begin_good(void **state)
{
	struct service_result r;
	char url[128];
	char *log;

	(void)state;
	mock_lie(&mock, NULL);
	(void)snprintf(url, sizeof(url), "%s/", mock.url);
	expect(url, KEY, true, "Reached Seerr 3.1.0, and it takes", &r);
	assert_string_equal(r.version, "3.1.0");
	assert_string_equal(r.url, mock.url);
	expect(url, " " KEY "\r\n", true, "Reached Seerr", &r);
	log = mock_requests(&mock);
	assert_null(strstr(log, "?"));
	free(log);
}

static void
seerr_test_begin_wrong_key(void **state)
{
	struct service_result r;

	(void)state;
	mock_lie(&mock, NULL);
	expect(mock.url, "canary-key-of-another", false,
	    "Reached Seerr 3.1.0, but it refused the API key", &r);
	assert_string_equal(r.version, "3.1.0");
	expect(mock.url, "", false, "is missing", &r);
	expect(mock.url, "  \n", false, "is missing", &r);
	expect(mock.url, "canary\nkey-of", false, "copy it again", &r);
	mock_tell(&mock, "state", "{\"initialized\":false}");
	expect(mock.url, KEY, false, "finish its own setup first", &r);
}

static void
seerr_test_begin_lies(void **state)
{
	static const char *const lies[][3] = {
		{ "login-page", "", "web page" },
		{ "login-page", "auth/me", "but not with the key" },
		{ "odd-types", "", "is not Seerr" },
		{ "odd-types", "auth/me", "is not Seerr" },
		{ "not-utf8", "", "is not Seerr" },
		{ "redirect-host", "", "do not follow" },
		{ "redirect-host", "auth/me", "do not follow" },
		{ "flood", "auth/me", "more than" },
		{ "cut", "status", "broke off" },
		{ "status", "auth/me", "HTTP status 503" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct service_result r;
		char lie[128];

		mock_lie(&mock, NULL);
		(void)snprintf(lie, sizeof(lie),
		    "{\"lie\":\"%s\",\"at\":\"%s\"}", lies[i][0], lies[i][1]);
		mock_tell(&mock, "lie", lie);
		expect(mock.url, KEY, false, lies[i][2], &r);
	}
}

static void
seerr_test_begin_not_seerr(void **state)
{
	struct service_result r;

	(void)state;
	mock_lie(&mock, NULL);
	mock_tell(&mock, "state", "{\"version\":\"\"}");
	expect(mock.url, KEY, false, "is not Seerr", &r);
	expect("http://a@b", KEY, false, "user name", &r);
	expect("http://no-such-host.invalid", KEY, false, "was not found", &r);
}

static int
search(const char *text, struct seerr_hits *hits, struct err *err)
{
	char base[64];
	struct secret key = { NULL, 0 };
	const struct seerr s = { base, &key };
	int rc;

	(void)snprintf(base, sizeof(base), "%s", mock.url);
	assert_int_equal(secret_set(&key, KEY, strlen(KEY), err), 0);
	rc = seerr_search(&s, text, hits, err);
	secret_clear(&key);
	return rc;
}

static struct seerr_hits hits;

static void
picks(bool series, const char *title, int year, int64_t id)
{
	const struct seerr_hit *h = seerr_pick(&hits, series, title, year);

	if (id == 0)
		assert_null(h);
	else
		assert_int_equal(h != NULL ? h->tmdb_id : 0, id);
}

static void
seerr_search_and_pick(void **state)
{
	struct err err = { ERR_NONE, "" };

	(void)state;
	mock_lie(&mock, NULL);
	assert_int_equal(search("The Thing", &hits, &err), 0);
	assert_int_equal(hits.count, 2);
	picks(false, "the thing", 1982, 1091);
	picks(false, "THE THING", 2011, 60935);
	picks(false, "The Thing", 0, 0); /* two of them */
	picks(false, "The Thing", 1990, 0);
	picks(false, "Thing", 1982, 0);
	picks(true, "The Thing", 1982, 0);
	assert_int_equal(search("Dark", &hits, &err), 0);
	assert_int_equal(hits.count, 2); /* and not the person */
	picks(true, "dark", 2017, 70523);
	picks(true, "dark", 0, 70523);
	picks(false, "dark", 0, 11967);
	picks(false, "dark", 2017, 0); /* of an unknown year */
	picks(false, "", 0, 0);
	assert_int_equal(search("am\xc3\xa9lie", &hits, &err), 0);
	picks(false, "AM\xc3\x89LIE", 2001, 194);
	assert_int_equal(search("nothing of that name", &hits, &err), 0);
	assert_int_equal(hits.count, 0);
}

/* The real one refuses reserved characters that are not encoded. */
static void
seerr_search_reserved_characters(void **state)
{
	static const char title[] = "What's Up, Doc? (100% + more) *!";
	struct err err = { ERR_NONE, "" };

	(void)state;
	mock_lie(&mock, NULL);
	assert_int_equal(search(title, &hits, &err), 0);
	assert_int_equal(hits.count, 1);
	picks(false, title, 1972, 8844);
}

static void
seerr_search_failures(void **state)
{
	static const char *const lies[] = { "odd-types", "login-page", "cut",
		"bad-json", "status", "flood", "empty", "deep-json" };
	struct err err = { ERR_NONE, "" };

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		mock_lie(&mock, lies[i]);
		assert_int_equal(search("Dark", &hits, &err), -1);
		assert_int_equal(hits.count, 0);
		assert_int_not_equal(err.code, ERR_DENIED);
	}
	mock_lie(&mock, NULL);
	mock_tell(&mock, "state", "{\"key\":\"another\"}");
	assert_int_equal(search("Dark", &hits, &err), -1);
	assert_int_equal(err.code, ERR_DENIED);
	mock_lie(&mock, NULL);
	mock_tell(&mock, "state",
	    "{\"titles\":[{\"id\":-1,\"mediaType\":"
	    "\"movie\",\"title\":\"Dark\"},{\"id\":1,\"mediaType\":\"movie\","
	    "\"title\":\"Dark\",\"releaseDate\":\"soon\"},"
	    "{\"id\":1.5,\"mediaType\":\"tv\",\"name\":\"Dark\"}]}");
	assert_int_equal(search("Dark", &hits, &err), 0);
	assert_int_equal(hits.count, 1);
	picks(false, "Dark", 0, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seerr_test_begin_good),
		cmocka_unit_test(seerr_test_begin_wrong_key),
		cmocka_unit_test(seerr_test_begin_lies),
		cmocka_unit_test(seerr_test_begin_not_seerr),
		cmocka_unit_test(seerr_search_and_pick),
		cmocka_unit_test(seerr_search_reserved_characters),
		cmocka_unit_test(seerr_search_failures),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
