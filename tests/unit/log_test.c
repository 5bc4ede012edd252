/* Without these tests a value could forge a log line or a line be lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/str.h"

#define PIPE_BYTES 4096

static char line[65536];
static int saved;
static int fds[2];

static int64_t
fixed(void)
{
	return 0;
}

static void
begin(void)
{
	clock_set_source(fixed);
	assert_int_equal(pipe(fds), 0);
	saved = dup(STDERR_FILENO);
	assert_true(saved >= 0);
	assert_int_equal(dup2(fds[1], STDERR_FILENO), STDERR_FILENO);
	(void)close(fds[1]);
}

/* Give stderr back and read what was written to it into . */
static void
end(void)
{
	size_t len = 0;
	ssize_t n;

	assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	(void)close(saved);
	while ((n = read(fds[0], line + len, sizeof(line) - 1 - len)) > 0)
		len += (size_t)n;
	line[len] = '\0';
	(void)close(fds[0]);
	clock_set_source(NULL);
}

static void
log_event_writes_pairs(void **state)
{
	(void)state;
	begin();
	log_event(LOG_WARN, "lock_busy", "path", "/data/.jair.lock", "text",
	    "two words", "none", NULL, NULL);
	end();
	/* A NULL value counts as empty, and the pairs end at a NULL key. */
	assert_string_equal(line,
	    "time=1970-01-01T00:00:00.000Z level=warn "
	    "event=lock_busy path=/data/.jair.lock text=\"two words\" "
	    "none=\"\"\n");
}

static void
log_event_writes_json(void **state)
{
	(void)state;
	begin();
	log_use_json(true);
	log_event(LOG_ERROR, "x", "a\"b", "c\\d", NULL);
	log_use_json(false);
	end();
	assert_string_equal(line,
	    "{\"time\":\"1970-01-01T00:00:00.000Z\","
	    "\"level\":\"error\",\"event\":\"x\",\"a\\\"b\":\"c\\\\d\"}\n");
}

static void
log_event_escapes_control_characters(void **state)
{
	(void)state;
	begin();
	log_event(LOG_INFO, "x", "a", "1\n2\r\t\x1b[31m\x7f", "b",
	    "\xc2\x9b"
	    "31m \xc3\xa4",
	    "c", "\xff\xfe ok", NULL);
	end();
	assert_non_null(strstr(line,
	    "a=\"1\\u000a2\\u000d\\u0009"
	    "\\u001b[31m\\u007f\""));
	assert_non_null(strstr(line, "b=\"\\u009b31m \xc3\xa4\""));
	assert_non_null(strstr(line, "c=\"\\u00ff\\u00fe ok\""));
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

/* Every value of  times  still gives one whole line. */
static void
one_line(const char *piece, size_t times, bool json)
{
	size_t n = strlen(piece);
	char *value = malloc(n * times + 1);

	assert_non_null(value);
	for (size_t i = 0; i < times; i++)
		memcpy(value + i * n, piece, n);
	value[n * times] = '\0';
	begin();
	log_use_json(json);
	log_event(LOG_INFO, "long", "first", value, "second", value, "third",
	    value, "last", "end", NULL);
	log_use_json(false);
	end();
	free(value);
	assert_true(strlen(line) > 0 && strlen(line) <= PIPE_BYTES);
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	assert_int_equal(str_utf8_valid(line, strlen(line)), strlen(line));
	assert_non_null(strstr(line, "first"));
	if (json)
		assert_non_null(strstr(line, "\"}\n"));
}

static void
log_event_cuts_values_that_are_too_long(void **state)
{
	static const char *const pieces[] = { "x", " ", "\"", "\x01",
		"\xe2\x82\xac", "\xf0\x9f\x8d\xbf", "\xff", "\xc2\x85" };

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		for (size_t times = 1; times < 10000; times += 1 + times / 9) {
			one_line(pieces[i], times, false);
			one_line(pieces[i], times, true);
		}
	}
	one_line(" ", 5000, false);
	assert_non_null(strstr(line, "...\""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(log_event_writes_pairs),
		cmocka_unit_test(log_event_writes_json),
		cmocka_unit_test(log_event_escapes_control_characters),
		cmocka_unit_test(log_event_cuts_values_that_are_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
