/*
 * Without this test the wizard's three tests could wait for each other, mix up
 * their results, or show a key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi-src/services/verify.h"
#include "core/clock.h"
#include "core/json.h"
#include "tests/unit/mock.h"

#define SEERR_KEY "c2VlcnItdGVzdC1rZXktMDEyMzQ1Njc4OQ=="
#define GEMINI_KEY "AIzaSyTestKeyOfTheMock-0123456789_abcdef"

static struct mock jellyfin;
static struct mock seerr;
static struct mock gemini;
static struct secret seerr_key;
static struct secret gemini_key;

static int
setup(void **state)
{
	struct err err;

	(void)state;
	mock_start(&jellyfin, "jellyfin", NULL);
	mock_start(&seerr, "seerr", NULL);
	mock_start(&gemini, "gemini", NULL);
	return secret_set(&seerr_key, SEERR_KEY, strlen(SEERR_KEY), &err) ||
	    secret_set(&gemini_key, GEMINI_KEY, strlen(GEMINI_KEY), &err);
}

static int
teardown(void **state)
{
	(void)state;
	mock_stop(&jellyfin);
	mock_stop(&seerr);
	mock_stop(&gemini);
	secret_clear(&seerr_key);
	secret_clear(&gemini_key);
	return 0;
}

static struct verify_wish
wish_all(void)
{
	return (struct verify_wish){ .jellyfin_url = jellyfin.url,
		.seerr_url = seerr.url,
		.seerr_key = &seerr_key,
		.gemini_key = &gemini_key,
		.gemini_model = "gemini-2.5-flash",
		.gemini_base = gemini.url };
}

static void
write_report(const struct verify_report *report, struct buf *out)
{
	struct json_out j;

	json_out_init(&j, NULL, out);
	json_out_begin(&j, NULL, '{');
	verify_write(report, &j);
	json_out_end(&j, '}');
}

static void
verify_services_all(void **state)
{
	struct verify_wish wish = wish_all();
	struct verify_report report;
	struct err err = { ERR_NONE, "" };
	const struct json *one;
	struct json *j;
	struct buf out;
	bool ok = false;

	(void)state;
	assert_int_equal(verify_services(&wish, &report, &err), 0);
	buf_init(&out, 100000);
	write_report(&report, &out);
	assert_null(strstr(buf_str(&out), SEERR_KEY));
	assert_null(strstr(buf_str(&out), GEMINI_KEY));
	assert_int_equal(json_parse(&j, out.data, out.len, &err), 0);
	assert_int_equal(json_count(j), 3);
	one = json_get(j, "jellyfin");
	assert_int_equal(json_boolean(json_get(one, "ok"), &ok), 0);
	assert_true(ok);
	assert_string_equal(json_text(json_get(one, "version"), NULL),
	    "10.11.3");
	assert_string_equal(json_text(json_get(one, "serverId"), NULL),
	    "7d2f1f0c9b4e4a53a1c6f9f0e6c8b1aa");
	assert_string_equal(json_text(json_get(one, "serverName"), NULL),
	    "Living room");
	one = json_get(j, "jellyseerr");
	assert_string_equal(json_text(json_get(one, "version"), NULL), "3.1.0");
	one = json_get(j, "gemini");
	assert_non_null(strstr(json_text(json_get(one, "message"), NULL),
	    "are good"));
	json_free(j);
	buf_free(&out);
}

static void
verify_services_none(void **state)
{
	static const struct secret empty = { NULL, 0 };
	struct verify_wish wish = {
		.seerr_url = "", .seerr_key = &empty, .gemini_key = &empty
	};
	struct verify_report report;
	struct err err = { ERR_NONE, "" };
	struct buf out;

	(void)state;
	assert_int_equal(verify_services(&wish, &report, &err), 0);
	buf_init(&out, 1000);
	write_report(&report, &out);
	assert_string_equal(buf_str(&out),
	    "{\"jellyfin\":null,\"jellyseerr\":null,\"gemini\":null}");
	buf_free(&out);
	wish.seerr_url = seerr.url;
	wish.seerr_key = NULL;
	assert_int_equal(verify_services(&wish, &report, &err), 0);
	assert_non_null(strstr(report.seerr.message, "is missing"));
}

/* One that hangs holds up none of the others, and all end in time. */
static void
verify_services_one_hangs(void **state)
{
	struct verify_wish wish = wish_all();
	struct verify_report report;
	struct err err = { ERR_NONE, "" };
	int64_t began = clock_mono();

	(void)state;
	/* The first try leads elsewhere; the time for all tries is one. */
	mock_tell(&jellyfin, "lie",
	    "[{\"lie\":\"login-page\",\"times\":1},"
	    "{\"lie\":\"silent\"}]");
	assert_int_equal(verify_services(&wish, &report, &err), 0);
	assert_true(clock_mono() - began < 9500);
	assert_false(report.jellyfin.ok);
	assert_true(report.jellyfin.ms >= 7000);
	assert_non_null(strstr(report.jellyfin.message, "too long"));
	assert_true(report.seerr.ok);
	assert_true(report.seerr.ms < 4000);
	assert_true(report.gemini.ok);
	mock_tell(&jellyfin, "reset", "{}");
}

/* What one mock says, or what is asked for, and the word for it. */
struct failing {
	const char *lie; /* of all three, or NULL */
	const char *jellyfin, *seerr, *gemini;
};

static const char *
shown(const char *text)
{
	return text != NULL ? text : "(none)";
}

static void
expect_codes(const struct verify_wish *wish, const struct failing *f)
{
	struct verify_report r;
	struct err err = { ERR_NONE, "" };

	assert_int_equal(verify_services(wish, &r, &err), 0);
	if (strcmp(shown(r.jellyfin.code), shown(f->jellyfin)) != 0 ||
	    strcmp(shown(r.seerr.code), shown(f->seerr)) != 0 ||
	    strcmp(shown(r.gemini.code), shown(f->gemini)) != 0)
		fail_msg("%s: %s, %s, %s", shown(f->lie),
		    shown(r.jellyfin.code), shown(r.seerr.code),
		    shown(r.gemini.code));
}

/* Each way to fail has its own word, from which pages make a sentence. */
static void
verify_services_codes(void **state)
{
	static const struct failing lies[] = {
		{ "{\"lie\":\"status\",\"status\":503}", "service_error",
		    "service_error", "service_error" },
		{ "{\"lie\":\"status\",\"status\":429}", "busy", "busy",
		    "busy" },
		{ "{\"lie\":\"status\",\"status\":418}", "http_status",
		    "http_status", "http_status" },
		{ "{\"lie\":\"login-page\"}", "web_page", "web_page",
		    "web_page" },
		{ "{\"lie\":\"bad-json\"}", "not_service", "not_service",
		    "not_service" },
		{ "{\"lie\":\"not-http\"}", "no_http", "no_http", "no_http" },
		{ "{\"lie\":\"redirect-host\"}", "redirect", "redirect",
		    "redirect" },
		{ "{\"lie\":\"redirect-loop\"}", "redirect_loop",
		    "redirect_loop", "redirect_loop" },
		{ "{\"lie\":\"cut\"}", "cut", "cut", "cut" },
		{ "{\"lie\":\"flood\"}", "too_large", "too_large",
		    "too_large" },
		{ "[]", NULL, NULL, NULL },
	};
	struct verify_wish wish = wish_all();

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		mock_tell(&jellyfin, "lie", lies[i].lie);
		mock_tell(&seerr, "lie", lies[i].lie);
		mock_tell(&gemini, "lie", lies[i].lie);
		expect_codes(&wish, &lies[i]);
	}
}

static void
verify_services_codes_of_wishes(void **state)
{
	struct verify_wish wish = wish_all();

	(void)state;
	wish.seerr_key = &gemini_key;
	wish.gemini_key = &seerr_key;
	expect_codes(&wish,
	    &(struct failing){ NULL, NULL, "key_refused", "key_refused" });
	wish = wish_all();
	wish.jellyfin_url = "http://169.254.169.254";
	wish.seerr_url = "http://127.0.0.1:1";
	wish.gemini_model = "a/b";
	expect_codes(&wish,
	    &(struct failing){
		NULL, "forbidden_address", "nothing_there", "bad_model" });
	wish.jellyfin_url = "file:///etc/passwd";
	wish.seerr_key = NULL;
	wish.gemini_model = "gemini-0";
	expect_codes(&wish,
	    &(struct failing){
		NULL, "bad_address", "key_missing", "no_model" });
	mock_tell(&jellyfin, "state", "{\"version\":\"10.7.7\"}");
	expect_codes(&(struct verify_wish){ .jellyfin_url = jellyfin.url },
	    &(struct failing){ NULL, "too_old", NULL, NULL });
	mock_tell(&jellyfin, "reset", "{}");
}

/* What a page needs besides: models that there are, the other server. */
static void
verify_write_extras(void **state)
{
	struct verify_wish wish = wish_all();
	struct verify_report report;
	struct err err = { ERR_NONE, "" };
	struct buf out;

	(void)state;
	wish.gemini_model = "gemini-0";
	wish.jellyfin_id = "0123456789abcdef";
	mock_tell(&seerr, "lie", "{\"lie\":\"redirect-host\"}");
	assert_int_equal(verify_services(&wish, &report, &err), 0);
	mock_tell(&seerr, "reset", "{}");
	buf_init(&out, 100000);
	write_report(&report, &out);
	assert_non_null(strstr(buf_str(&out), "\"otherServer\":true"));
	assert_non_null(strstr(buf_str(&out),
	    "\"code\":\"redirect\",\"status\":302,"
	    "\"target\":\"http://other.invalid\"}"));
	assert_non_null(strstr(buf_str(&out),
	    "\"code\":\"no_model\",\"models\":[\"gemini-2.5-flash\","
	    "\"gemini-2.5-pro\"]}"));
	buf_free(&out);
	wish.jellyfin_id = report.jellyfin.server_id;
	assert_int_equal(verify_services(&wish, &report, &err), 0);
	assert_false(report.jellyfin.other_server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verify_services_all),
		cmocka_unit_test(verify_services_codes),
		cmocka_unit_test(verify_services_codes_of_wishes),
		cmocka_unit_test(verify_write_extras),
		cmocka_unit_test(verify_services_none),
		cmocka_unit_test(verify_services_one_hangs),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
