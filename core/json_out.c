#include "core/json_out.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/str.h"

#define NUMBER_MAX 40
#define DIGITS_MAX 17
#define FAST_DECIMALS 6
#define FAST_MAX 1e15
#define PIECE 16384

void
json_out_init(struct json_out *j, struct buf *text, struct buf *bare)
{
	*j = (struct json_out){ .text = text, .bare = bare };
}

void
json_out_drain(struct json_out *j, void (*drain)(void *arg), void *arg)
{
	j->drain = drain;
	j->drain_arg = arg;
}

/* To both outputs. */
static void
put(struct json_out *j, const char *s, size_t len)
{
	if (j->text != NULL)
		buf_add(j->text, s, len);
	if (j->bare != NULL)
		buf_add(j->bare, s, len);
	if (j->drain != NULL &&
	    ((j->text != NULL && j->text->len >= JSON_OUT_CHUNK) ||
	    (j->bare != NULL && j->bare->len >= JSON_OUT_CHUNK)))
		j->drain(j->drain_arg);
}

/* A run of any length, in pieces small enough to drain between them. */
static void
put_run(struct json_out *j, const char *s, size_t len)
{
	for (; len > PIECE; s += PIECE, len -= PIECE)
		put(j, s, PIECE);
	if (len > 0)
		put(j, s, len);
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

/* The escape of a byte that may not stand in a string as it is. */
static void
put_escape(struct json_out *j, unsigned char c)
{
	static const char from[] = "\"\\\b\f\n\r\t";
	static const char to[] = "\"\\bfnrt";
	char escape[8] = { '\\' };
	const char *short_form = c != '\0' ? strchr(from, c) : NULL;

	if (short_form != NULL)
		escape[1] = to[short_form - from];
	else
		(void)snprintf(escape, sizeof(escape), "\\u%04x", c);
	putz(j, escape);
}

/* The bytes 0 to 31, the quote and the backslash. */
static const bool must_escape[256] = {
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	['"'] = 1, ['\\'] = 1,
};

/* What stands between the quotes, for ${len} valid bytes. */
static void
put_quoted(struct json_out *j, const char *s, size_t len)
{
	size_t from = 0;

	for (size_t i = 0; i < len; i++) {
		if (!must_escape[(unsigned char)s[i]])
			continue;
		put_run(j, s + from, i - from);
		put_escape(j, (unsigned char)s[i]);
		from = i + 1;
	}
	put_run(j, s + from, len - from);
}

static void
put_string(struct json_out *j, const char *s, size_t len)
{
	put(j, "\"", 1);
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
	put(j, "\"", 1);
}

/* What stands before a value: comma, line, key. */
static void
lead(struct json_out *j, const char *key)
{
	if (j->filled[j->depth])
		put(j, ",", 1);
	if (j->depth > 0)
		new_line(j);
	j->filled[j->depth] = true;
	if (key == NULL)
		return;
	put_string(j, key, strlen(key));
	put(j, ":", 1);
	if (j->text != NULL)
		buf_addc(j->text, ' ');
}

/* A mistake of ours in nesting: say it like every other failure. */
static void
misuse(struct json_out *j)
{
	if (j->text != NULL)
		j->text->failed = true;
	if (j->bare != NULL)
		j->bare->failed = true;
}

void
json_out_begin(struct json_out *j, const char *key, char bracket)
{
	if (j->depth == JSON_OUT_DEPTH_MAX) {
		misuse(j);
		return;
	}
	lead(j, key);
	put(j, &bracket, 1);
	j->depth++;
	j->filled[j->depth] = false;
}

void
json_out_end(struct json_out *j, char bracket)
{
	bool filled = j->filled[j->depth];

	if (j->depth == 0) {
		misuse(j);
		return;
	}
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
	uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	size_t at = sizeof(text);

	do {
		text[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (v < 0)
		text[--at] = '-';
	lead(j, key);
	put(j, text + at, sizeof(text) - at);
}

static bool
same(double a, double b)
{
	return a >= b && a <= b;
}

/*
 * The digits for numbers of few decimals, as nearly all are.  An integer
 * below 10^15 divided by a small power of ten is rounded once, as reading
 * the decimal is, so equality means that the decimal reads back as ${v}; with
 * at most 15 digits no other decimal of that length does.
 */
static bool
few_decimals(double v, char digits[DIGITS_MAX + 1], int *point)
{
	double scale = 1;

	for (int decimals = 0; decimals <= FAST_DECIMALS; decimals++) {
		double whole = nearbyint(v * scale);

		if (whole >= FAST_MAX)
			return false;
		if (whole > 0 && same(whole / scale, v)) {
			*point = snprintf(digits, DIGITS_MAX + 1, "%lld",
			    (long long)whole) - decimals;
			return true;
		}
		scale *= 10;
	}
	return false;
}

/*
 * The next decimal above the one in ${text}, which has a point after its
 * first digit and an exponent of ${precision} decimals.
 */
static double
step_up(char *text, int precision, double v)
{
	char above[NUMBER_MAX];
	const char *exponent = strchr(text, 'e');
	char *p = above + (precision > 0 ? precision + 1 : 0);

	(void)snprintf(above, sizeof(above), "%s", text);
	while (p >= above) {
		if (*p == '.') {
			p--;
			continue;
		}
		if (*p != '9')
			break;
		*p-- = '0';
	}
	if (p < above || exponent == NULL)
		return -v;
	++*p;
	if (same(strtod(above, NULL), v))
		(void)snprintf(text, NUMBER_MAX, "%s", above);
	return strtod(text, NULL);
}

/*
 * The digits by trying one precision after the other.  Below a power of two
 * numbers lie closer together than above it: there the nearest decimal may
 * miss where the next one above still reads back.
 */
static void
any_decimals(double v, char digits[DIGITS_MAX + 1], int *point)
{
	char text[NUMBER_MAX];
	char *exponent;
	size_t n = 0;

	for (int precision = 0; precision < DIGITS_MAX; precision++) {
		(void)snprintf(text, sizeof(text), "%.*e", precision, v);
		if (same(strtod(text, NULL), v) ||
		    same(step_up(text, precision, v), v))
			break;
	}
	exponent = strchr(text, 'e');
	*point = (int)strtol(exponent + 1, NULL, 10) + 1;
	for (const char *p = text; p < exponent; p++) {
		if (*p != '.')
			digits[n++] = *p;
	}
	digits[n] = '\0';
}

/*
 * The fewest digits that read back as ${v} > 0, without a point, and the
 * power of ten ${point} such that v = 0.digits * 10^point.
 */
static int
shortest(double v, char digits[DIGITS_MAX + 1], int *point)
{
	size_t n;

	if (!few_decimals(v, digits, point))
		any_decimals(v, digits, point);
	n = strlen(digits);
	while (n > 1 && digits[n - 1] == '0')
		n--;
	digits[n] = '\0';
	return (int)n;
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
		put(j, "0", 1);
		return;
	}
	n = shortest(fabs(v), digits, &point);
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
	put_run(j, text, len);
}
