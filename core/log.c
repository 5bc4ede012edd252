#include "core/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/str.h"

#define LINE_MAX_BYTES 8192

static bool as_json;

void
log_use_json(bool on)
{
	as_json = on;
}

/* Quote ${s} as a JSON string; text that is not UTF-8 byte by byte. */
static void
add_quoted(struct buf *b, const char *s)
{
	size_t len = strlen(s);
	bool utf8 = str_utf8_valid(s, len) == len;

	buf_addc(b, '"');
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\') {
			buf_addc(b, '\\');
			buf_addc(b, *s);
		} else if (c < 0x20 || c == 0x7f || (c >= 0x80 && !utf8)) {
			buf_addf(b, "\\u%04x", c);
		} else {
			buf_addc(b, *s);
		}
	}
	buf_addc(b, '"');
}

/* Plain words stand as they are in key=value lines. */
static bool
is_word(const char *s)
{
	return *s != '\0' && s[strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/+@")] == '\0';
}

static void
add_pair(struct buf *b, const char *key, const char *value)
{
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
	if (is_word(value))
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
	if (!b.failed && write(STDERR_FILENO, b.data, b.len) < 0) {
		/* There is nowhere left to say it. */
	}
	buf_free(&b);
}
