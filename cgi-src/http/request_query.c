#include <string.h>

#include "cgi-src/http/percent.h"
#include "cgi-src/http/request.h"
#include "core/str.h"

/* The value of the pair "name=value" at ${p}, or NULL: another name. */
static const char *
pair_value(const char *p, const char *end, const char *name)
{
	while (p < end && *p != '=') {
		char c = '\0';

		if (*p == '+') {
			c = ' ';
			p++;
		} else if (percent_decode(&p, &c)) {
			return NULL;
		}
		if (c != *name || c == '\0')
			return NULL;
		name++;
	}
	if (*name != '\0')
		return NULL;
	return p < end ? p + 1 : end;
}

/* Decode what stands before ${end}; -1 when it is not to be had. */
static int
decode_value(const char *p, const char *end, char *out, size_t size)
{
	size_t len = 0;

	while (p < end) {
		char c = ' ';

		if (*p == '+')
			p++;
		else if (percent_decode(&p, &c))
			return -1;
		if ((unsigned char)c < 0x20 || c == 0x7f || len + 1 >= size)
			return -1;
		out[len++] = c;
	}
	out[len] = '\0';
	return str_utf8_valid(out, len) == len ? 1 : -1;
}

int
request_query(const struct request *req, const char *name, char *out,
    size_t size)
{
	const char *p = req->query;

	while (*p != '\0') {
		const char *end = p + strcspn(p, "&");
		const char *value = pair_value(p, end, name);

		if (value != NULL)
			return decode_value(value, end, out, size);
		p = *end == '&' ? end + 1 : end;
	}
	return 0;
}
