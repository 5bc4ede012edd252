#include "core/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/str.h"

/* A pipe takes up to PIPE_BUF (4096) bytes in one piece. */
#define LINE_MAX_BYTES 4096
/* What one value may take of it, and what is kept for the end of a line. */
#define VALUE_MAX_BYTES 2048
#define TAIL_BYTES 16

static bool as_json;

void
log_use_json(bool on)
{
	as_json = on;
}

/* Length of the character at ${s}, in valid UTF-8. */
static size_t
char_len(const char *s)
{
	unsigned char c = (unsigned char)*s;

	if (c < 0xc0)
		return 1;
	return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* A control character of one byte, or of two (U+0080 to U+009F). */
static bool
is_control(const char *s, size_t n)
{
	unsigned char c = (unsigned char)s[0];

	if (n == 2)
		return c == 0xc2 && (unsigned char)s[1] < 0xa0;
	return n == 1 && (c < 0x20 || c >= 0x7f);
}

/* One character of ${n} bytes, escaped where JSON or a terminal needs it. */
static void
add_char(struct buf *b, const char *s, size_t n)
{
	if (is_control(s, n)) {
		buf_addf(b, "\\u%04x", (unsigned char)s[n - 1]);
		return;
	}
	if (*s == '"' || *s == '\\')
		buf_addc(b, '\\');
	buf_add(b, s, n);
}

/*
 * Quote ${s} as a JSON string; text that is not UTF-8 byte by byte.  What
 * does not fit is cut off and shown as "...".
 */
static void
add_quoted(struct buf *b, const char *s)
{
	size_t len = strlen(s);
	bool utf8 = str_utf8_valid(s, len) == len;
	size_t end = b->len + VALUE_MAX_BYTES;

	if (end > b->max - TAIL_BYTES)
		end = b->max - TAIL_BYTES;
	buf_addc(b, '"');
	while (*s != '\0' && b->len < end) {
		size_t n = utf8 ? char_len(s) : 1;

		add_char(b, s, n);
		s += n;
	}
	buf_addz(b, *s != '\0' ? "...\"" : "\"");
}

/* Plain words stand as they are in key=value lines. */
static bool
is_word(const char *s)
{
	return *s != '\0' &&
	    s[strspn(s,
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/+@")] == '\0';
}

static void
add_pair(struct buf *b, const char *key, const char *value)
{
	if (b->len + strlen(key) + 2 * (size_t)TAIL_BYTES > b->max)
		return;
	if (as_json) {
		buf_addz(b, b->len > 1 ? "," : "");
		add_quoted(b, key);
		buf_addc(b, ':');
		add_quoted(b, value);
		return;
	}
	buf_addz(b, b->len > 0 ? " " : "");
	buf_addz(b, key);
	buf_addc(b, '=');
	if (is_word(value) && strlen(value) + b->len + TAIL_BYTES < b->max)
		buf_addz(b, value);
	else
		add_quoted(b, value);
}

void
log_event(enum log_level level, const char *event, ...)
{
	static const char *const names[] = { "info", "warn", "error" };
	char iso[CLOCK_ISO_MAX];
	struct buf b;
	const char *key;
	va_list ap;

	buf_init(&b, LINE_MAX_BYTES);
	buf_addz(&b, as_json ? "{" : "");
	add_pair(&b, "time", clock_iso(clock_now(), iso));
	add_pair(&b, "level", names[level]);
	add_pair(&b, "event", event);
	va_start(ap, event);
	while ((key = va_arg(ap, const char *)) != NULL) {
		const char *value = va_arg(ap, const char *);

		add_pair(&b, key, value != NULL ? value : "");
	}
	va_end(ap);
	buf_addz(&b, as_json ? "}\n" : "\n");
	/* One write, so that lines of several processes do not mix. */
	if (!b.failed) {
		while (write(STDERR_FILENO, b.data, b.len) < 0 &&
		    errno == EINTR)
			continue;
	} else {
		(void)dprintf(STDERR_FILENO,
		    as_json ? "{\"level\":\"%s\",\"event\":\"%s\","
			      "\"error\":\"no memory for the rest\"}\n"
			    : "level=%s event=%s "
			      "error=\"no memory for the rest\"\n",
		    names[level], event);
	}
	buf_free(&b);
}
