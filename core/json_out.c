#include "core/json_out.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/str.h"

#define NUMBER_MAX 40
#define DIGITS_MAX 17

void
json_out_init(struct json_out *j, struct buf *text, struct buf *bare)
{
	*j = (struct json_out){ .text = text, .bare = bare };
}

/* To both outputs. */
static void
put(struct json_out *j, const char *s, size_t len)
{
	if (j->text != NULL)
		buf_add(j->text, s, len);
	if (j->bare != NULL)
		buf_add(j->bare, s, len);
}

static void
putz(struct json_out *j, const char *s)
{
	put(j, s, strlen(s));
}

/* A line break and the indentation of the present depth. */
static void
new_line(struct json_out *j)
{
	static const char spaces[] =
	    "\n                                                                ";

	if (j->text != NULL)
		buf_add(j->text, spaces, 1 + 2 * (size_t)j->depth);
}

/* Quote ${len} valid bytes. */
static void
put_quoted(struct json_out *j, const char *s, size_t len)
{
	size_t from = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		char escape[8];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		put(j, s + from, i - from);
		from = i + 1;
		switch (c) {
		case '"':
			putz(j, "\\\"");
			break;
		case '\\':
			putz(j, "\\\\");
			break;
		case '\b':
			putz(j, "\\b");
			break;
		case '\f':
			putz(j, "\\f");
			break;
		case '\n':
			putz(j, "\\n");
			break;
		case '\r':
			putz(j, "\\r");
			break;
		case '\t':
			putz(j, "\\t");
			break;
		default:
			(void)snprintf(escape, sizeof(escape), "\\u%04x", c);
			putz(j, escape);
			break;
		}
	}
	put(j, s + from, len - from);
}

static void
put_string(struct json_out *j, const char *s, size_t len)
{
	putz(j, "\"");
	for (;;) {
		size_t ok = str_utf8_valid(s, len);

		put_quoted(j, s, ok);
		if (ok == len)
			break;
		putz(j, "\xef\xbf\xbd");
		j->repaired++;
		s += ok + 1;
		len -= ok + 1;
	}
	putz(j, "\"");
}

/* What stands before a value: comma, line, key. */
static void
lead(struct json_out *j, const char *key)
{
	if (j->filled[j->depth])
		putz(j, ",");
	if (j->depth > 0)
		new_line(j);
	j->filled[j->depth] = true;
	if (key == NULL)
		return;
	put_string(j, key, strlen(key));
	putz(j, ":");
	if (j->text != NULL)
		buf_addc(j->text, ' ');
}

void
json_out_begin(struct json_out *j, const char *key, char bracket)
{
	lead(j, key);
	put(j, &bracket, 1);
	if (j->depth == JSON_OUT_DEPTH_MAX) {
		/* A mistake of ours: say it like every other failure. */
		if (j->text != NULL)
			j->text->failed = true;
		if (j->bare != NULL)
			j->bare->failed = true;
		return;
	}
	j->depth++;
	j->filled[j->depth] = false;
}

void
json_out_end(struct json_out *j, char bracket)
{
	bool filled = j->filled[j->depth];

	j->depth--;
	if (filled)
		new_line(j);
	put(j, &bracket, 1);
}

void
json_out_bytes(struct json_out *j, const char *key, const char *s, size_t len)
{
	lead(j, key);
	put_string(j, s, len);
}

void
json_out_string(struct json_out *j, const char *key, const char *s)
{
	json_out_bytes(j, key, s, strlen(s));
}

void
json_out_int(struct json_out *j, const char *key, int64_t v)
{
	char text[NUMBER_MAX];

	(void)snprintf(text, sizeof(text), "%lld", (long long)v);
	lead(j, key);
	putz(j, text);
}

/*
 * The fewest digits that read back as ${v} > 0, without a point, and the
 * power of ten ${point} such that v = 0.digits * 10^point.
 */
static void
shortest(double v, char digits[DIGITS_MAX + 1], int *point)
{
	char text[NUMBER_MAX];
	char *exponent;
	size_t n = 0;

	for (int precision = 0; precision < DIGITS_MAX; precision++) {
		(void)snprintf(text, sizeof(text), "%.*e", precision, v);
		/* Few values need 16 or 17; most need less than 5. */
		if (strtod(text, NULL) >= v && strtod(text, NULL) <= v)
			break;
	}
	exponent = strchr(text, 'e');
	*point = (int)strtol(exponent + 1, NULL, 10) + 1;
	for (const char *p = text; p < exponent; p++) {
		if (*p != '.')
			digits[n++] = *p;
	}
	while (n > 1 && digits[n - 1] == '0')
		n--;
	digits[n] = '\0';
}

void
json_out_double(struct json_out *j, const char *key, double v)
{
	static const char zeros[] = "0000000000000000000000";
	char digits[DIGITS_MAX + 1];
	char text[NUMBER_MAX + DIGITS_MAX];
	const char *sign = v < 0 ? "-" : "";
	int point;
	int n;

	lead(j, key);
	if (fpclassify(v) == FP_ZERO) {
		putz(j, "0");
		return;
	}
	shortest(fabs(v), digits, &point);
	n = (int)strlen(digits);
	if (point >= n && point <= 21)
		(void)snprintf(text, sizeof(text), "%s%s%.*s", sign, digits,
		    point - n, zeros);
	else if (point > 0 && point <= 21)
		(void)snprintf(text, sizeof(text), "%s%.*s.%s", sign, point,
		    digits, digits + point);
	else if (point > -6 && point <= 0)
		(void)snprintf(text, sizeof(text), "%s0.%.*s%s", sign, -point,
		    zeros, digits);
	else
		(void)snprintf(text, sizeof(text), "%s%c%s%se%+d", sign,
		    digits[0], n > 1 ? "." : "", digits + 1, point - 1);
	putz(j, text);
}

void
json_out_bool(struct json_out *j, const char *key, bool v)
{
	lead(j, key);
	putz(j, v ? "true" : "false");
}

void
json_out_null(struct json_out *j, const char *key)
{
	lead(j, key);
	putz(j, "null");
}

void
json_out_raw(struct json_out *j, const char *key, const char *text, size_t len)
{
	lead(j, key);
	put(j, text, len);
}
