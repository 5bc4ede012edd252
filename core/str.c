#include "core/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOUBLE_MAX 512 /* characters of a number, and a NUL */

char *
str_dup(const char *s, struct err *err)
{
	char *copy = strdup(s);

	if (copy == NULL)
		err_set(err, ERR_NOMEM, "No memory for a string.");
	return copy;
}

char *
str_printf(struct err *err, const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n >= 0)
		s = malloc((size_t)n + 1);
	if (s == NULL) {
		err_set(err, ERR_NOMEM, "No memory for a string.");
		return NULL;
	}
	va_start(ap, fmt);
	(void)vsnprintf(s, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return s;
}

bool
str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s);
	size_t m = strlen(suffix);

	return n >= m && strcmp(s + n - m, suffix) == 0;
}

int
str_int64(const char *s, size_t len, int64_t *value)
{
	bool negative = len > 0 && s[0] == '-';
	size_t i = negative ? 1 : 0;
	int64_t v = 0;

	if (i == len)
		return -1;
	for (; i < len; i++) {
		int digit = s[i] - '0';

		if (digit < 0 || digit > 9 || __builtin_mul_overflow(v, 10, &v))
			return -1;
		if (__builtin_add_overflow(v, negative ? -digit : digit, &v))
			return -1;
	}
	*value = v;
	return 0;
}

/* Length of the UTF-8 sequence at ${s}, or 0 when it is not a valid one. */
static size_t
sequence(const unsigned char *s, size_t len)
{
	size_t n;
	unsigned char low = 0x80;
	unsigned char high = 0xbf;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2;
	else if ((s[0] & 0xf0) == 0xe0)
		n = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	else
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (len < n || s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	return n;
}

size_t
str_utf8_valid(const char *s, size_t len)
{
	static const uint64_t high_bits = UINT64_C(0x8080808080808080);
	const unsigned char *u = (const unsigned char *)s;
	size_t i = 0;

	while (i < len) {
		uint64_t word;
		size_t n;

		/* Eight characters of ASCII at a time. */
		while (len - i >= sizeof(word)) {
			memcpy(&word, s + i, sizeof(word));
			if ((word & high_bits) != 0)
				break;
			i += sizeof(word);
		}
		if (i == len)
			break;
		n = sequence(u + i, len - i);

		if (n == 0)
			break;
		i += n;
	}
	return i;
}

void
str_hex(const unsigned char *bytes, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * len] = '\0';
}

const char *
str_size(uint64_t bytes, char out[STR_SIZE_MAX])
{
	static const char *const unit[] = { "kB", "MB", "GB", "TB", "PB",
		"EB" };
	double v = (double)bytes / 1000;
	size_t u = 0;

	if (bytes < 1000) {
		(void)snprintf(out, STR_SIZE_MAX, "%u byte%s", (unsigned)bytes,
		    bytes == 1 ? "" : "s");
		return out;
	}
	while (v >= 999.95 && u < sizeof(unit) / sizeof(unit[0]) - 1) {
		v /= 1000;
		u++;
	}
	(void)snprintf(out, STR_SIZE_MAX, "%.1f %s", v, unit[u]);
	return out;
}

int
str_double(const char *s, size_t len, double *value)
{
	static const char space[] = " \t\r\n\f\v";
	char text[DOUBLE_MAX];
	char *end;
	double d;

	if (len >= sizeof(text))
		return -1;
	memcpy(text, s, len);
	text[len] = '\0';
	/* strtod also knows hexadecimal numbers and infinity. */
	if (strspn(text, "0123456789+-.eE \t\r\n\f\v") != len)
		return -1;
	d = strtod(text, &end);
	if (end == text || end[strspn(end, space)] != '\0')
		return -1;
	*value = d;
	return 0;
}

const char *
str_show(char *out, size_t size, const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n + 1 < size; i++) {
		unsigned char c = (unsigned char)s[i];
		/* U+0080 to U+009F, which terminals obey too */
		bool high = c == 0xc2 && i + 1 < len &&
		    (unsigned char)s[i + 1] >= 0x80 &&
		    (unsigned char)s[i + 1] <= 0x9f;

		out[n++] = c < 0x20 || c == 0x7f || high ? '?' : (char)c;
		i += high;
	}
	out[n] = '\0';
	/* A character may have been cut in two. */
	out[str_utf8_valid(out, n)] = '\0';
	return out;
}
