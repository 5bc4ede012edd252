#include <stdbool.h>
#include <string.h>

#include "core/json_scan_impl.h"
#include "core/str.h"

/* How a string is being read. */
struct string {
	uint64_t len; /* decoded bytes so far */
	bool high; /* the last escape was half of a pair */
};

static int
fail_end(struct json_scan *s, struct err *err)
{
	return json_scan_fail(s, JSON_FAULT_END, "the text ends in the middle",
	    err);
}

/* Return the next byte, unread, or -1. */
static int
next_byte(struct json_scan *s, struct err *err)
{
	switch (json_scan_more(s, err)) {
	case 1:
		return s->win[s->pos];
	case 0:
		return fail_end(s, err);
	default:
		return -1;
	}
}

/* Consume ${n} bytes of the window. */
static void
take(struct json_scan *s, struct buf *key, size_t n)
{
	if (key != NULL)
		buf_add(key, s->win + s->pos, n);
	s->pos += n;
}

/* Count a half of a surrogate pair that stays alone. */
static void
end_high(struct json_scan *s, struct string *str)
{
	if (str->high)
		s->lone++;
	str->high = false;
}

/* Length and range of the second byte of a UTF-8 sequence; 0: none. */
static size_t
utf8_lead(unsigned char c, unsigned char *low, unsigned char *high)
{
	*low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
	*high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
	if (c >= 0xc2 && c <= 0xdf)
		return 2;
	if (c >= 0xe0 && c <= 0xef)
		return 3;
	return c >= 0xf0 && c <= 0xf4 ? 4 : 0;
}

/* Consume one character that is not ASCII. */
static int
scan_wide(struct json_scan *s, struct buf *key, struct string *str,
    struct err *err)
{
	unsigned char low;
	unsigned char high;
	size_t n = utf8_lead(s->win[s->pos], &low, &high);

	if (n == 0)
		return json_scan_fail(s, JSON_FAULT_UTF8, JSON_SCAN_NOT_UTF8,
		    err);
	str->len += n;
	if (s->end - s->pos >= n &&
	    str_utf8_valid((const char *)s->win + s->pos, n) == n) {
		s->wide += n - 1;
		take(s, key, n);
		return 0;
	}
	/* Broken by the window's end, or by mistake: tell where. */
	take(s, key, 1);
	for (size_t i = 1; i < n; i++) {
		int c;

		s->wide++;
		if ((c = next_byte(s, err)) < 0)
			return -1;
		if (c < low || c > high)
			return json_scan_fail(s, JSON_FAULT_UTF8,
			    JSON_SCAN_NOT_UTF8, err);
		take(s, key, 1);
		low = 0x80;
		high = 0xbf;
	}
	return 0;
}

static int
hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Consume the four digits behind \u. */
static int
scan_unicode(struct json_scan *s, struct buf *key, struct string *str,
    struct err *err)
{
	unsigned v = 0;

	for (int i = 0; i < 4; i++) {
		int c = next_byte(s, err);

		if (c < 0)
			return -1;
		if (hex_digit(c) < 0)
			return json_scan_fail(s, JSON_FAULT_SYNTAX,
			    "four hexadecimal digits are expected behind \\u",
			    err);
		v = v << 4 | (unsigned)hex_digit(c);
		take(s, key, 1);
	}
	if (v >= 0xdc00 && v <= 0xdfff && str->high) {
		str->high = false;
		str->len++; /* three bytes are counted, a pair has four */
		return 0;
	}
	end_high(s, str);
	str->len += v < 0x80 ? 1 : v < 0x800 ? 2 : 3;
	if (v >= 0xd800 && v <= 0xdbff)
		str->high = true;
	else if (v >= 0xdc00 && v <= 0xdfff)
		s->lone++;
	return 0;
}

/* Consume a backslash and what belongs to it. */
static int
scan_escape(struct json_scan *s, struct buf *key, struct string *str,
    struct err *err)
{
	int c;

	take(s, key, 1);
	if ((c = next_byte(s, err)) < 0)
		return -1;
	if (c == 'u') {
		take(s, key, 1);
		return scan_unicode(s, key, str, err);
	}
	end_high(s, str);
	if (c == 0 || strchr("\"\\/bfnrt", c) == NULL)
		return json_scan_fail(s, JSON_FAULT_SYNTAX,
		    "no such escape exists", err);
	take(s, key, 1);
	str->len++;
	return 0;
}

/*
 * Skip eight bytes at a time that are plain ASCII: neither a quote, a
 * backslash, a control character nor the like.  May stop early.
 */
static const unsigned char *
skip_plain(const unsigned char *p, const unsigned char *end)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t tops = ones << 7;

	while (end - p >= 8) {
		uint64_t v;
		uint64_t quote;
		uint64_t escape;

		memcpy(&v, p, sizeof(v));
		quote = v ^ (ones * '"');
		escape = v ^ (ones * '\\');
		if (((v | (v - ones * 0x20) | (quote - ones) |
			 (escape - ones)) &
			tops) != 0)
			break;
		p += 8;
	}
	return p;
}

/* Consume the plain ASCII characters that are in the window. */
static void
scan_plain(struct json_scan *s, struct buf *key, struct string *str)
{
	const unsigned char *end = s->win + s->end;
	const unsigned char *p = skip_plain(s->win + s->pos, end);
	size_t n;

	while (p < end && *p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\')
		p++;
	n = (size_t)(p - (s->win + s->pos));
	if (n == 0)
		return;
	end_high(s, str);
	str->len += n;
	take(s, key, n);
}

int
json_scan_string(struct json_scan *s, struct buf *key, struct err *err)
{
	struct string str = { 0, false };
	int c;

	take(s, NULL, 1);
	for (;;) {
		scan_plain(s, key, &str);
		if (str.len > s->string_max)
			return json_scan_fail(s, JSON_FAULT_STRING,
			    "a string is too long", err);
		if ((c = next_byte(s, err)) < 0)
			return -1;
		if (c == '\\') {
			if (scan_escape(s, key, &str, err))
				return -1;
			continue;
		}
		if (c >= 0x20 && c < 0x80 && c != '"')
			continue; /* the window was refilled */
		end_high(s, &str);
		if (c == '"')
			break;
		if (c < 0x20)
			return json_scan_fail(s, JSON_FAULT_SYNTAX,
			    "a control character stands in a string", err);
		if (scan_wide(s, key, &str, err))
			return -1;
	}
	take(s, NULL, 1);
	return 0;
}

/* Consume digits, at least one. */
static int
scan_digits(struct json_scan *s, struct err *err)
{
	bool any = false;

	for (;;) {
		size_t n = 0;
		int more = json_scan_more(s, err);

		if (more < 0)
			return -1;
		while (s->pos + n < s->end && s->win[s->pos + n] >= '0' &&
		    s->win[s->pos + n] <= '9')
			n++;
		any = any || n > 0;
		take(s, NULL, n);
		if (more == 0 && !any)
			return fail_end(s, err);
		if (more == 0 || s->pos < s->end)
			break;
	}
	return any ? 0
		   : json_scan_fail(s, JSON_FAULT_SYNTAX,
			 "a digit is expected here", err);
}

/* Consume the next byte when it is one of ${set}: 1, else 0; -1 failed. */
static int
scan_one_of(struct json_scan *s, const char *set, struct err *err)
{
	int more = json_scan_more(s, err);

	if (more <= 0)
		return more;
	if (s->win[s->pos] == 0 || strchr(set, s->win[s->pos]) == NULL)
		return 0;
	take(s, NULL, 1);
	return 1;
}

int
json_scan_number(struct json_scan *s, struct err *err)
{
	int found;

	if (scan_one_of(s, "-", err) < 0 ||
	    (found = scan_one_of(s, "0", err)) < 0 ||
	    (found == 0 && scan_digits(s, err)))
		return -1;
	if ((found = scan_one_of(s, ".", err)) < 0 ||
	    (found == 1 && scan_digits(s, err)))
		return -1;
	if ((found = scan_one_of(s, "eE", err)) < 0)
		return -1;
	if (found == 1 &&
	    (scan_one_of(s, "+-", err) < 0 || scan_digits(s, err)))
		return -1;
	return 0;
}

int
json_scan_word(struct json_scan *s, const char *word, struct err *err)
{
	for (; *word != '\0'; word++) {
		int c = next_byte(s, err);

		if (c < 0)
			return -1;
		if (c != *word)
			return json_scan_fail(s, JSON_FAULT_SYNTAX,
			    "a value is expected here", err);
		take(s, NULL, 1);
	}
	return 0;
}
