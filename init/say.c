#include "init/say.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/json_out.h"

#define SAY_LINE_MAX 4096

static bool as_json;

void
say_use_json(bool on)
{
	as_json = on;
}

static void
say_json(enum say_level level, const char *message)
{
	static const char *const names[] = { "info", "warn", "error" };
	char iso[CLOCK_ISO_MAX];
	struct json_out j;
	struct buf line;

	buf_init(&line, (size_t)8 * SAY_LINE_MAX);
	json_out_init(&j, NULL, &line);
	json_out_begin(&j, NULL, '{');
	json_out_string(&j, "time", clock_iso(clock_now(), iso));
	json_out_string(&j, "level", names[level]);
	json_out_string(&j, "message", message);
	json_out_end(&j, '}');
	(void)puts(buf_str(&line));
	buf_free(&line);
}

void
say(enum say_level level, const char *fmt, ...)
{
	char message[SAY_LINE_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	if (as_json)
		say_json(level, message);
	else
		(void)puts(message);
	(void)fflush(stdout);
}

const char *
say_count(long long n, const char *one, char out[SAY_COUNT_MAX])
{
	(void)snprintf(out, SAY_COUNT_MAX, "%lld %s%s", n, one,
	    n == 1 ? "" : "s");
	return out;
}
