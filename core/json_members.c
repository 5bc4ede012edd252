#include "core/json_members.h"

#include <string.h>

enum json_kind
json_span_kind(struct json_span v)
{
	switch (v.p[0]) {
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_LIST;
	case '"':
		return JSON_STRING;
	case 't':
	case 'f':
		return JSON_BOOL;
	case 'n':
		return JSON_NULL;
	default:
		return JSON_NUMBER;
	}
}

/* Length of the string at ${p}, which ends before ${end}, with its quotes. */
static size_t
string_len(const char *p, const char *end)
{
	const char *q = p;
	const char *escape;

	for (;;) {
		q++;
		q = memchr(q, '"', (size_t)(end - q));
		for (escape = q; escape[-1] == '\\'; escape--)
			continue;
		/* An even number of backslashes escapes only themselves. */
		if ((q - escape) % 2 == 0)
			return (size_t)(q - p) + 1;
	}
}

/* Length of the value at ${p}, which ends before ${end}. */
static size_t
value_len(const char *p, const char *end)
{
	const char *q = p;
	int depth = 0;

	for (;;) {
		switch (*q) {
		case '"':
			q += string_len(q, end);
			break;
		case '{':
		case '[':
			depth++;
			q++;
			break;
		case '}':
		case ']':
			if (depth == 0)
				return (size_t)(q - p);
			depth--;
			q++;
			break;
		case ',':
			if (depth == 0)
				return (size_t)(q - p);
			q++;
			break;
		default:
			q++;
			break;
		}
	}
}

bool
json_member_next(struct json_span *rest, struct json_member *m)
{
	const char *p = rest->p;
	const char *end = rest->p + rest->len;

	if (p == end || p[0] == '}' || p[1] == '}')
		return false;
	p++; /* the brace or a comma */
	m->key = (struct json_span){ p + 1, string_len(p, end) - 2 };
	p += m->key.len + 3; /* quotes and the colon */
	m->value = (struct json_span){ p, value_len(p, end) };
	p += m->value.len;
	*rest = (struct json_span){ p, (size_t)(end - p) };
	return true;
}

bool
json_span_is(struct json_span key, const char *name)
{
	return strlen(name) == key.len && memcmp(key.p, name, key.len) == 0;
}
