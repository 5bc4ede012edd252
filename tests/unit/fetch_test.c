/*
 * Without this test a service that is slow, broken or hostile could hang or
 * flood jair, send it to another host with a key in hand, or leave a person
 * with a sentence that does not help.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cgi-src/services/fetch.h"
#include "cgi-src/services/url.h"
#include "core/clock.h"
#include "tests/unit/mock.h"

#define CANARY "canary-7f3a9b"

static struct mock mock;
static struct mock tls;

static int
setup(void **state)
{
	(void)state;
	mock_start(&mock, "jellyfin", NULL);
	mock_start(&tls, "jellyfin", "--tls");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	mock_stop(&mock);
	mock_stop(&tls);
	return 0;
}

static struct fetch_set *open_set(enum fetch_class class)
{
	struct err err = { ERR_NONE, "" };
	struct fetch_set *set;

	assert_int_equal(fetch_open(&set, class, &err), 0);
	return set;
}

/* Ask for one URL with a canary as the key. */
static void
get(struct fetch *f, const char *url, enum fetch_class class)
{
	struct secret key = { NULL, 0 };
	struct err err = { ERR_NONE, "" };
	struct fetch_set *set = open_set(class);

	assert_int_equal(secret_set(&key, CANARY, strlen(CANARY), &err), 0);
	*f = (struct fetch){
		.who = "Jellyfin", .url = url, .header = "X-Key", .value = &key
	};
	fetch_add(set, f);
	fetch_wait(set);
	fetch_close(set);
	secret_clear(&key);
}

/* The sentence must be one, and hold neither the key nor the answer. */
static const char *
sentence(const struct fetch *f)
{
	static struct err err;

	err_clear(&err);
	assert_int_equal(fetch_say(f, &err), -1);
	assert_int_not_equal(err.code, ERR_NONE);
	assert_null(strstr(err.msg, CANARY));
	assert_null(strstr(err.msg, "<form"));
	assert_true(err.msg[0] >= 'A' && err.msg[0] <= 'Z');
	assert_true(err.msg[strlen(err.msg) - 1] == '.' ||
	    err.msg[strlen(err.msg) - 1] == '?');
	return err.msg;
}

static void
says(const struct fetch *f, const char *part)
{
	const char *text = sentence(f);

	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", text, part);
}

static void
public_info(struct fetch *f)
{
	char url[128];

	(void)snprintf(url, sizeof(url), "%s/System/Info/Public", mock.url);
	get(f, url, FETCH_TEST);
	f->url = mock.url;
}

/* Where are the requests for ${path} counted? */
static size_t
asked(const char *path)
{
	char *log = mock_requests(&mock);
	size_t n = 0;

	for (const char *p = log; (p = strstr(p, path)) != NULL; p++)
		n++;
	free(log);
	return n;
}

static void
fetch_wait_honest(void **state)
{
	struct fetch f;
	struct err err = { ERR_NONE, "" };
	struct json *j;
	char *log;

	(void)state;
	mock_lie(&mock, NULL);
	public_info(&f);
	assert_int_equal(f.fault, FETCH_ANSWERED);
	assert_int_equal(f.status, 200);
	assert_false(f.html);
	assert_int_equal(fetch_json(&f, &j, &err), 0);
	assert_string_equal(json_text(json_get(j, "ProductName"), NULL),
	    "Jellyfin Server");
	json_free(j);
	fetch_free(&f);
	log = mock_requests(&mock);
	assert_non_null(strstr(log, "\"user-agent\":\"jair/" JAIR_VERSION));
	assert_non_null(strstr(log, "\"x-key\":\"" CANARY "\""));
	assert_null(strstr(log, "accept-encoding"));
	free(log);
}

/* What each lie of the mock becomes. */
static const struct lie {
	const char *name;
	enum fetch_fault fault;
	const char *part;
} lies[] = {
	{ "status", FETCH_ANSWERED, "HTTP status 503" },
	{ "login-page", FETCH_ANSWERED, "web page" },
	{ "page-without-type", FETCH_ANSWERED, "web page" },
	{ "cut", FETCH_CUT, "broke off" },
	{ "cut-chunk", FETCH_CUT, "broke off" },
	{ "hang-up", FETCH_CUT, "https://" },
	{ "short-length", FETCH_ANSWERED, "not Jellyfin" },
	{ "long-length", FETCH_CUT, "broke off" },
	{ "huge-length", FETCH_TOO_LARGE, "more than" },
	{ "not-http", FETCH_NO_HTTP, "does not speak HTTP" },
	{ "redirect-metadata", FETCH_REDIRECT, "http://169.254.169.254" },
	{ "redirect-host", FETCH_REDIRECT, "http://other.invalid" },
	{ "redirect-file", FETCH_REDIRECT, "round" },
	{ "redirect-userinfo", FETCH_REDIRECT, "round" },
	{ "redirect-loop", FETCH_REDIRECT, "round" },
	{ "flood", FETCH_TOO_LARGE, "more than" },
	{ "flood-chunked", FETCH_TOO_LARGE, "more than" },
	{ "many-headers", FETCH_TOO_LARGE, "more than" },
	{ "gzip-bomb", FETCH_ANSWERED, "not Jellyfin" },
	{ "transfer-bomb", FETCH_TOO_LARGE, "more than" },
	{ "empty", FETCH_ANSWERED, "not Jellyfin" },
	{ "bad-json", FETCH_ANSWERED, "not Jellyfin" },
	{ "list", FETCH_ANSWERED, "not Jellyfin" },
	{ "deep-json", FETCH_ANSWERED, "not Jellyfin" },
	{ "not-utf8", FETCH_ANSWERED, "not Jellyfin" },
};

static void
fetch_wait_lies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		const struct lie *l = &lies[i];
		struct err err = { ERR_NONE, "" };
		struct json *j = NULL;
		struct fetch f;

		mock_lie(&mock, l->name);
		public_info(&f);
		if (f.fault != l->fault)
			fail_msg("%s: fault %d: %s", l->name, f.fault,
			    sentence(&f));
		assert_true(f.reply.len <= (size_t)1 << 20);
		assert_int_equal(fetch_json(&f, &j, &err), -1);
		assert_null(j);
		f.status = f.fault == FETCH_ANSWERED ? f.status : 0;
		says(&f, l->part);
		fetch_free(&f);
	}
}

/* Whatever libcurl makes of these, no answer comes of them. */
static void
fetch_wait_malformed(void **state)
{
	static const char *const names[] = { "endless-header", "two-lengths",
		"bad-length", "odd-types" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct fetch f;

		mock_lie(&mock, names[i]);
		public_info(&f);
		(void)sentence(&f);
		assert_true(f.reply.len <= (size_t)1 << 20);
		fetch_free(&f);
	}
}

static void
fetch_wait_redirect_same_origin(void **state)
{
	struct fetch f;

	(void)state;
	mock_lie(&mock, "redirect-same");
	public_info(&f);
	assert_int_equal(f.fault, FETCH_ANSWERED);
	assert_int_equal(f.status, 200);
	assert_int_equal(asked("again=1"), 1);
	fetch_free(&f);
}

static void
fetch_wait_redirect_bounded(void **state)
{
	struct fetch f;

	(void)state;
	mock_lie(&mock, "redirect-loop");
	public_info(&f);
	assert_int_equal(f.fault, FETCH_REDIRECT);
	assert_int_equal(asked("/System/Info/Public"), 4);
	fetch_free(&f);
}

static void
fetch_wait_redirect_other_host(void **state)
{
	char lie[128];
	struct fetch f;

	(void)state;
	mock_lie(&mock, NULL);
	(void)snprintf(lie, sizeof(lie),
	    "{\"lie\":\"redirect-host\",\"at\":\"/System\","
	    "\"to\":\"http://localhost:%d/stolen\"}",
	    mock.port);
	mock_tell(&mock, "lie", lie);
	public_info(&f);
	assert_int_equal(f.fault, FETCH_REDIRECT);
	assert_int_equal(asked("/stolen"), 0);
	fetch_free(&f);
}

/* Four that never end, at once: together they take the time of one. */
static void
fetch_wait_together(void **state)
{
	static const char *const path[] = { "/a", "/b", "/c", "/d" };
	struct fetch f[4];
	char url[4][128];
	struct fetch_set *set = open_set(FETCH_TEST);
	int64_t began = clock_mono();

	(void)state;
	mock_lie(&mock, NULL);
	mock_tell(&mock, "lie",
	    "[{\"lie\":\"silent\",\"times\":2},{\"lie\":\"drip\"}]");
	for (size_t i = 0; i < 4; i++) {
		(void)snprintf(url[i], sizeof(url[i]), "%s%s", mock.url,
		    path[i]);
		f[i] = (struct fetch){ .who = "Jellyfin", .url = url[i] };
		fetch_add(set, &f[i]);
	}
	fetch_wait(set);
	fetch_close(set);
	assert_true(clock_mono() - began < 9500);
	assert_true(clock_mono() - began > 7000);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(f[i].fault, FETCH_TIMEOUT);
		says(&f[i], "too long");
		fetch_free(&f[i]);
	}
}

static void
fetch_wait_no_connection(void **state)
{
	int port;
	int fd = mock_listen(0, &port);
	int waiting[4];
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int64_t began;
	struct fetch f;
	char url[64];

	(void)state;
	/* The queue is full: the kernel leaves the next ones waiting. */
	for (size_t i = 0; i < 4; i++) {
		waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(waiting[i], (struct sockaddr *)&to, sizeof(to));
	}
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", port);
	began = clock_mono();
	get(&f, url, FETCH_TEST);
	assert_int_equal(f.fault, FETCH_NO_CONNECT);
	assert_true(clock_mono() - began < 5000);
	says(&f, "within 3 seconds");
	fetch_free(&f);
	for (size_t i = 0; i < 4; i++)
		close(waiting[i]);
	close(fd);
	get(&f, url, FETCH_TEST);
	assert_int_equal(f.fault, FETCH_REFUSED);
	says(&f, "Nothing answers at http://127.0.0.1:");
	fetch_free(&f);
}

static void
fetch_wait_no_name(void **state)
{
	struct fetch f;

	(void)state;
	get(&f, "http://no-such-host.invalid:8096/x?key=secret", FETCH_TEST);
	assert_int_equal(f.fault, FETCH_NO_NAME);
	says(&f, "http://no-such-host.invalid:8096");
	assert_null(strstr(sentence(&f), "secret"));
	fetch_free(&f);
}

/* Each form in which a forbidden address can be written. */
static void
fetch_wait_forbidden(void **state)
{
	static const char *const urls[] = { "http://169.254.169.254/latest",
		"http://169.254.169.254.:80/", "http://2852039166/",
		"http://0xa9fea9fe/", "http://0251.0376.0251.0376/",
		"http://169.254.43518/", "http://0xa9.254.0251.254",
		"https://169.254.169.254/", "http://[::ffff:169.254.169.254]/",
		"http://[::ffff:a9fe:a9fe]", "http://[64:ff9b::a9fe:a9fe]/",
		"http://[fe80::1]/", "http://[fd00:ec2::254]/", "http://[::]/",
		"http://0/", "http://0.0.0.0:8096/", "http://100.100.100.200/",
		"http://224.0.0.1/", "http://[ff02::1]/",
		"http://255.255.255.255/" };
	int64_t began = clock_mono();

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct fetch f;

		get(&f, urls[i], FETCH_TEST);
		if (f.fault != FETCH_BAD_ADDRESS)
			fail_msg("%s: fault %d: %s", urls[i], f.fault,
			    sentence(&f));
		says(&f, "no service lives at an address of that kind");
		fetch_free(&f);
	}
	assert_true(clock_mono() - began < 5000);
}

static void
fetch_wait_bad_url(void **state)
{
	static const char *const urls[] = { "", "nas", "ftp://127.0.0.1/",
		"file:///etc/passwd", "http://a@127.0.0.1/",
		"http://127.0.0.1\r\nX: y/", "http://127.0.0.1/\nX: y" };

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct fetch f;

		get(&f, urls[i], FETCH_TEST);
		assert_int_equal(f.fault, FETCH_BAD_URL);
		(void)sentence(&f);
		fetch_free(&f);
	}
}

static void
fetch_wait_allowed_forms(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "localhost",
		"2130706433", "0x7f.1", "127.1" };

	(void)state;
	mock_lie(&mock, NULL);
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		struct fetch f;
		char url[128];

		(void)snprintf(url, sizeof(url),
		    "http://%s:%d/System/Info/Public#x", hosts[i], mock.port);
		get(&f, url, FETCH_TEST);
		assert_int_equal(f.fault, FETCH_ANSWERED);
		assert_int_equal(f.status, 200);
		fetch_free(&f);
	}
	assert_int_equal(asked("Public#"), 0);
}

static void
fetch_wait_no_proxy(void **state)
{
	struct fetch f;

	(void)state;
	mock_lie(&mock, NULL);
	setenv("http_proxy", "http://127.0.0.1:9", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:9", 1);
	public_info(&f);
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
	assert_int_equal(f.status, 200);
	fetch_free(&f);
}

static void
fetch_wait_tls(void **state)
{
	struct fetch f;
	char url[128];

	(void)state;
	get(&f, tls.url, FETCH_TEST);
	assert_int_equal(f.fault, FETCH_BAD_CERT);
	says(&f, "certificate");
	fetch_free(&f);
	(void)snprintf(url, sizeof(url), "https://127.0.0.1:%d", mock.port);
	get(&f, url, FETCH_TEST);
	assert_int_equal(f.fault, FETCH_NO_TLS);
	says(&f, "http:// instead of https://");
	fetch_free(&f);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", tls.port);
	get(&f, url, FETCH_TEST);
	assert_int_equal(f.fault, FETCH_CUT);
	fetch_free(&f);
}

static void
fetch_add_bad_key(void **state)
{
	static const char *const keys[] = { "a\r\nX-Evil: 1", "a\nb", "\x7f",
		"\xc3\xa4" };

	(void)state;
	mock_lie(&mock, NULL);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct secret key = { NULL, 0 };
		struct err err = { ERR_NONE, "" };
		struct fetch_set *set = open_set(FETCH_TEST);
		struct fetch f = { .who = "Seerr",
			.url = mock.url,
			.header = "X-Api-Key",
			.value = &key };

		assert_int_equal(secret_set(&key, keys[i], strlen(keys[i]),
				     &err),
		    0);
		fetch_add(set, &f);
		fetch_wait(set);
		assert_int_equal(f.fault, FETCH_BAD_KEY);
		says(&f, "copy it again");
		fetch_free(&f);
		fetch_close(set);
		secret_clear(&key);
	}
	assert_int_equal(asked("GET"), 0);
}

/* Data may be large, and a wide document is not made from it. */
static void
fetch_json_large(void **state)
{
	struct err err = { ERR_NONE, "" };
	struct json *j;
	struct rusage before;
	struct rusage after;
	struct fetch f;

	(void)state;
	mock_lie(&mock, "flood");
	get(&f, mock.url, FETCH_DATA);
	assert_int_equal(f.fault, FETCH_TOO_LARGE);
	fetch_free(&f);
	mock_lie(&mock, "wide-json");
	get(&f, mock.url, FETCH_DATA);
	assert_int_equal(f.fault, FETCH_ANSWERED);
	assert_true(f.reply.len > (size_t)1 << 20 ||
	    f.reply.len == strlen(buf_str(&f.reply)));
	(void)getrusage(RUSAGE_SELF, &before);
	(void)fetch_json(&f, &j, &err);
	(void)getrusage(RUSAGE_SELF, &after);
	assert_true(after.ru_maxrss - before.ru_maxrss < 300L * 1024);
	json_free(j);
	fetch_free(&f);
}

static void
again(struct fetch *f)
{
	int *left = f->arg;

	assert_int_equal(f->status, 200);
	fetch_free(f);
	if (--*left > 0)
		fetch_add(f->set, f);
}

static void
fetch_add_from_done(void **state)
{
	struct fetch_set *set = open_set(FETCH_TEST);
	char url[128];
	int left = 3;
	struct fetch f = {
		.who = "Jellyfin", .url = url, .done = again, .arg = &left
	};

	(void)state;
	mock_lie(&mock, NULL);
	(void)snprintf(url, sizeof(url), "%s/System/Info/Public", mock.url);
	fetch_add(set, &f);
	fetch_wait(set);
	assert_int_equal(left, 0);
	assert_int_equal(asked("/System/Info/Public"), 3);
	fetch_close(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fetch_wait_honest),
		cmocka_unit_test(fetch_wait_lies),
		cmocka_unit_test(fetch_wait_malformed),
		cmocka_unit_test(fetch_wait_redirect_same_origin),
		cmocka_unit_test(fetch_wait_redirect_bounded),
		cmocka_unit_test(fetch_wait_redirect_other_host),
		cmocka_unit_test(fetch_wait_together),
		cmocka_unit_test(fetch_wait_no_connection),
		cmocka_unit_test(fetch_wait_no_name),
		cmocka_unit_test(fetch_wait_forbidden),
		cmocka_unit_test(fetch_wait_bad_url),
		cmocka_unit_test(fetch_wait_allowed_forms),
		cmocka_unit_test(fetch_wait_no_proxy),
		cmocka_unit_test(fetch_wait_tls),
		cmocka_unit_test(fetch_add_bad_key),
		cmocka_unit_test(fetch_json_large),
		cmocka_unit_test(fetch_add_from_done),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
