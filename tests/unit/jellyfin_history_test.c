/*
 * Without this test a sync after a total loss could miss what was watched,
 * take it from a lying server for ever, or count a series that nobody saw.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi-src/services/jellyfin_history.h"
#include "core/clock.h"
#include "tests/unit/mock.h"

static struct mock mock;

/* What came, one line an item. */
struct seen {
	struct buf lines;
	uint64_t movies;
	uint64_t series;
	int pages;
	int stop; /* refuse after so many items; 0: never */
	int skipped;
	bool last_skipped; /* is the one of the mock */
};

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

static int
on_item(void *arg, const struct jellyfin_item *it, struct err *err)
{
	struct seen *s = arg;
	char when[CLOCK_ISO_MAX];

	if (s->stop > 0 && --s->stop == 0)
		return err_set(err, ERR_FORMAT, "The sink says no.");
	*(it->series ? &s->series : &s->movies) += 1;
	if (s->movies + s->series > 20)
		return 0;
	buf_addf(&s->lines, "%c %lld %s %lld %s\n", it->series ? 's' : 'm',
	    (long long)it->tmdb_id, it->title, (long long)it->year,
	    it->last_played >= 0 ? clock_iso(it->last_played, when) : "never");
	assert_int_equal(it->genres_count, 2);
	assert_string_equal(it->genres[1], "Comedy");
	assert_non_null(strstr(it->overview, it->title));
	assert_string_equal(clock_iso(it->created, when),
	    "2024-02-03T04:05:06.000Z");
	return 0;
}

static int
on_page(void *arg, const struct jellyfin_count *count, struct err *err)
{
	struct seen *s = arg;

	(void)err;
	assert_true(count->seen <= count->expected);
	s->pages++;
	return 0;
}

static void
on_skipped(void *arg, const char *title)
{
	struct seen *s = arg;

	s->skipped++;
	s->last_skipped = strcmp(title, "Home video") == 0;
}

/* Log in and read the history. */
static int
history(bool episodes, struct seen *s, struct jellyfin_count *count,
    struct err *err)
{
	struct jellyfin_sink sink = { on_item, on_page, on_skipped, s };
	struct jellyfin_login l;
	struct jellyfin j = { mock.url, "device", NULL };
	struct secret password = { NULL, 0 };
	int stop = s->stop;
	int rc;

	*s = (struct seen){ .stop = stop };
	buf_init(&s->lines, 100000);
	err_clear(err);
	assert_int_equal(secret_set(&password, "jesse-pw", 8, err), 0);
	assert_int_equal(jellyfin_login(&j, "jesse", &password, &l, err), 0);
	secret_clear(&password);
	j.token = &l.token;
	rc = jellyfin_history(&j, l.user_id, episodes, &sink, count, err);
	if (rc != 0)
		assert_null(strstr(err->msg, secret_expose(&l.token)));
	jellyfin_login_free(&l);
	return rc;
}

static const char few[] =
    "m 12 Finding Nemo 2003 2026-01-05T09:00:00.123Z\n"
    "m 194 Amélie \"A\" \\ 日本 2001 2026-01-05T07:00:00.123Z\n"
    "s 70523 Dark 2017 2026-01-05T06:00:00.123Z\n";
static const char begun[] = "s 95396 Severance 2022 2026-01-05T05:00:00.123Z\n";

static void
jellyfin_history_few(void **state)
{
	struct seen s = { .stop = 0 };
	struct jellyfin_count count;
	struct err err;

	(void)state;
	mock_lie(&mock, NULL);
	assert_int_equal(history(false, &s, &count, &err), 0);
	assert_string_equal(buf_str(&s.lines), few);
	assert_int_equal(count.seen, 4);
	assert_int_equal(count.expected, 4);
	assert_int_equal(count.skipped, 1);
	assert_int_equal(s.skipped, 1);
	assert_true(s.last_skipped);
	buf_free(&s.lines);
}

static void
jellyfin_history_episodes(void **state)
{
	struct seen s = { .stop = 0 };
	struct jellyfin_count count;
	struct err err;
	char wanted[1024];

	(void)state;
	mock_lie(&mock, NULL);
	(void)snprintf(wanted, sizeof(wanted), "%s%s", few, begun);
	assert_int_equal(history(true, &s, &count, &err), 0);
	assert_string_equal(buf_str(&s.lines), wanted);
	assert_int_equal(count.skipped, 1);
	buf_free(&s.lines);
}

/* 10.8 has no /Items for a user. */
static void
jellyfin_history_old_server(void **state)
{
	struct seen s = { .stop = 0 };
	struct jellyfin_count count;
	struct err err;
	char wanted[1024];

	(void)state;
	mock_lie(&mock, NULL);
	mock_tell(&mock, "state", "{\"old\":true,\"version\":\"10.8.13\"}");
	(void)snprintf(wanted, sizeof(wanted), "%s%s", few, begun);
	assert_int_equal(history(true, &s, &count, &err), 0);
	assert_string_equal(buf_str(&s.lines), wanted);
	buf_free(&s.lines);
}

static void
many(const char *state, bool episodes, uint64_t movies, uint64_t series)
{
	struct seen s = { .stop = 0 };
	struct jellyfin_count count;
	struct err err;

	mock_lie(&mock, NULL);
	mock_tell(&mock, "state", state);
	if (history(episodes, &s, &count, &err))
		fail_msg("%s: %s", state, err.msg);
	assert_int_equal(s.movies, movies);
	assert_int_equal(s.series, series);
	buf_free(&s.lines);
}

static void
jellyfin_history_pages(void **state)
{
	(void)state;
	many("{\"items\":{\"movies\":1203}}", false, 1203, 0);
	many("{\"items\":{\"movies\":1000}}", true, 1000, 0);
	many("{\"items\":{\"movies\":500}}", false, 500, 0);
	many("{\"items\":{\"movies\":0}}", true, 0, 0);
	many("{\"items\":{\"movies\":700,\"series\":130,\"episodes\":1700}}",
	    true, 700, 260);
	/* Shorter pages than asked for. */
	many("{\"items\":{\"movies\":300},\"page\":100}", true, 300, 0);
}

static void
jellyfin_history_total_lies(void **state)
{
	(void)state;
	many("{\"items\":{\"movies\":1203},\"total\":3}", false, 1203, 0);
	many("{\"items\":{\"movies\":1203},\"total\":0}", false, 1203, 0);
	many("{\"items\":{\"movies\":1203},\"total\":999999}", false, 1203, 0);
	many("{\"items\":{\"movies\":1203},\"total\":-7}", false, 1203, 0);
	many("{\"items\":{\"movies\":1203},\"total\":1e300}", false, 1203, 0);
	many("{\"items\":{\"movies\":499},\"total\":\"many\"}", false, 499, 0);
}

static void
jellyfin_history_never_for_ever(void **state)
{
	struct seen s = { .stop = 0 };
	struct jellyfin_count count;
	struct err err;

	(void)state;
	mock_lie(&mock, NULL);
	mock_tell(&mock, "state", "{\"items\":{\"movies\":900},\"deaf\":true}");
	assert_int_equal(history(false, &s, &count, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_non_null(strstr(err.msg, "again and again"));
	buf_free(&s.lines);
	/* All of it is on that page: it has come twice. */
	many("{\"items\":{\"movies\":500},\"deaf\":true}", false, 1000, 0);
}

static void
jellyfin_history_odd_items(void **state)
{
	static const char items[] =
	    "{\"items\":["
	    "{\"Type\":\"Movie\",\"Id\":\"a1\",\"Name\":\"x\","
	    "\"played\":\"2020\",\"ProviderIds\":{\"Tmdb\":\"0\"}},"
	    "{\"Type\":\"Movie\",\"Id\":\"a2\",\"Name\":\"x\","
	    "\"played\":\"2020\",\"ProviderIds\":{\"Tmdb\":\"12x\"}},"
	    "{\"Type\":\"Movie\",\"Id\":\"a3\",\"Name\":\"x\","
	    "\"played\":\"2020\",\"ProviderIds\":{\"Tmdb\":\"-5\"}},"
	    "{\"Type\":\"Movie\",\"Id\":\"a4\",\"Name\":\"x\","
	    "\"played\":\"2020\",\"ProviderIds\":{\"Tmdb\":"
	    "\"99999999999999999999\"}},"
	    "{\"Type\":\"Movie\",\"Id\":\"a5\",\"Name\":\"\","
	    "\"played\":\"2020\",\"ProviderIds\":{\"Tmdb\":\"5\"}},"
	    "{\"Type\":\"Movie\",\"Id\":\"a6\",\"Name\":7,"
	    "\"played\":\"2020\",\"ProviderIds\":{\"Tmdb\":\"6\"}},"
	    "{\"Type\":\"Movie\",\"Id\":\"a7\",\"Name\":\"a\\u0000b\","
	    "\"played\":\"2020\",\"ProviderIds\":{\"Tmdb\":\"6\"}},"
	    "{\"Type\":\"Movie\",\"Id\":\"a8\",\"Name\":\"good\","
	    "\"Overview\":\"good\",\"Genres\":[\"a\",7,null,\"Comedy\"],"
	    "\"DateCreated\":\"2024-02-03T04:05:06Z\","
	    "\"played\":\"never\",\"ProviderIds\":{\"Tmdb\":8},"
	    "\"ProductionYear\":-3}]}";
	struct seen s = { .stop = 0 };
	struct jellyfin_count count;
	struct err err;

	(void)state;
	mock_lie(&mock, NULL);
	mock_tell(&mock, "state", items);
	assert_int_equal(history(true, &s, &count, &err), 0);
	assert_string_equal(buf_str(&s.lines), "m 8 good 0 never\n");
	assert_int_equal(count.skipped, 7);
	buf_free(&s.lines);
}

static void
jellyfin_history_broken_page(void **state)
{
	static const char *const lies[][2] = {
		{ "bad-json", "from item 501 on" },
		{ "deep-json", "from item 501 on" },
		{ "not-utf8", "from item 501 on" },
		{ "odd-types", "from item 501 on" },
		{ "list", "from item 501 on" },
		{ "empty", "from item 501 on" },
		{ "login-page", "from item 501 on" },
		{ "cut", "broke off" },
		{ "status", "HTTP status 503" },
		{ "redirect-metadata", "do not follow" },
		{ "flood", "more than" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct seen s = { .stop = 0 };
		struct jellyfin_count count;
		struct err err;
		char lie[128];

		mock_lie(&mock, NULL);
		mock_tell(&mock, "state", "{\"items\":{\"movies\":1203}}");
		(void)snprintf(lie, sizeof(lie),
		    "{\"lie\":\"%s\",\"at\":\"startIndex=500\"}", lies[i][0]);
		mock_tell(&mock, "lie", lie);
		assert_int_equal(history(false, &s, &count, &err), -1);
		if (strstr(err.msg, lies[i][1]) == NULL)
			fail_msg("%s: %s", lies[i][0], err.msg);
		assert_int_equal(s.movies, 500);
		buf_free(&s.lines);
	}
}

static void
jellyfin_history_token_refused(void **state)
{
	struct secret token = { NULL, 0 };
	struct jellyfin j = { mock.url, "device", &token };
	struct jellyfin_sink sink = { on_item, NULL, NULL, NULL };
	struct jellyfin_count count;
	struct err err = { ERR_NONE, "" };

	(void)state;
	mock_lie(&mock, NULL);
	assert_int_equal(secret_set(&token, "nonsense", 8, &err), 0);
	assert_int_equal(jellyfin_history(&j,
			     "0123456789abcdef0123456789abcdef", true, &sink,
			     &count, &err),
	    -1);
	assert_int_equal(err.code, ERR_DENIED);
	assert_null(strstr(err.msg, "nonsense"));
	assert_int_equal(jellyfin_history(&j, "1&x=y", true, &sink, &count,
			     &err),
	    -1);
	assert_int_equal(err.code, ERR_USAGE);
	secret_clear(&token);
}

static void
jellyfin_history_sink_refuses(void **state)
{
	struct seen s = { .stop = 2 };
	struct jellyfin_count count;
	struct err err;

	(void)state;
	mock_lie(&mock, NULL);
	assert_int_equal(history(true, &s, &count, &err), -1);
	assert_string_equal(err.msg, "The sink says no.");
	buf_free(&s.lines);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jellyfin_history_few),
		cmocka_unit_test(jellyfin_history_episodes),
		cmocka_unit_test(jellyfin_history_old_server),
		cmocka_unit_test(jellyfin_history_pages),
		cmocka_unit_test(jellyfin_history_total_lies),
		cmocka_unit_test(jellyfin_history_never_for_ever),
		cmocka_unit_test(jellyfin_history_odd_items),
		cmocka_unit_test(jellyfin_history_broken_page),
		cmocka_unit_test(jellyfin_history_token_refused),
		cmocka_unit_test(jellyfin_history_sink_refuses),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
