#include "core/json_scan.h"

#include <string.h>

#include "core/json_scan_impl.h"

/* Skip indentation, eight blanks at a time. */
static const unsigned char *
skip_blanks(const unsigned char *p, const unsigned char *end)
{
	while (end - p >= 8 && memcmp(p, "        ", 8) == 0)
		p += 8;
	return p;
}

/* Pass over white space in the window, up to ${p}. */
static void
pass(struct json_scan *s, const unsigned char *p)
{
	size_t pos = (size_t)(p - s->win);

	if (pos == s->pos)
		return;
	json_scan_emit(s);
	s->pos = s->from = pos;
}

/* Skip white space.  Return the byte that follows, -1 at the end, -2 failed. */
static int
skip_space(struct json_scan *s, struct err *err)
{
	for (;;) {
		const unsigned char *p = s->win + s->pos;
		const unsigned char *end = s->win + s->end;

		for (; p < end; p++) {
			if (*p == '\n') {
				s->line++;
				s->line_start =
				    s->base + (uint64_t)(p - s->win) + 1;
				s->wide = 0;
				p = skip_blanks(p + 1, end) - 1;
			} else if (*p != ' ' && *p != '\t' && *p != '\r') {
				pass(s, p);
				return *p;
			}
		}
		pass(s, end);
		switch (json_scan_more(s, err)) {
		case 0:
			return -1;
		case -1:
			return -2;
		default:
			break;
		}
	}
}

/* Like skip_space where the text may not end. */
static int
skip_to(struct json_scan *s, struct err *err)
{
	int c;

	/* Most bytes that are looked for follow at once. */
	if (s->pos < s->end && s->win[s->pos] > ' ')
		return s->win[s->pos];
	c = skip_space(s, err);
	if (c == -1)
		return json_scan_fail(s, JSON_FAULT_END,
		    "the text ends in the middle", err);
	return c < 0 ? -1 : c;
}

/* Consume the byte at the present place. */
static void
take(struct json_scan *s)
{
	s->pos++;
}

int
json_scan_peek(struct json_scan *s, enum json_kind *kind, struct err *err)
{
	int c = skip_to(s, err);

	if (c < 0)
		return -1;
	if (c == '{')
		*kind = JSON_OBJECT;
	else if (c == '[')
		*kind = JSON_LIST;
	else if (c == '"')
		*kind = JSON_STRING;
	else if (c == '-' || (c >= '0' && c <= '9'))
		*kind = JSON_NUMBER;
	else if (c == 't' || c == 'f')
		*kind = JSON_BOOL;
	else if (c == 'n')
		*kind = JSON_NULL;
	else
		return json_scan_fail(s, JSON_FAULT_SYNTAX,
		    "a value is expected here", err);
	return 0;
}

int
json_scan_enter(struct json_scan *s, struct err *err)
{
	int c = skip_to(s, err);

	if (c < 0)
		return -1;
	if (c != '{' && c != '[')
		return json_scan_fail(s, JSON_FAULT_SYNTAX,
		    "an object or a list is expected here", err);
	if (s->depth == JSON_DEPTH_MAX)
		return json_scan_fail(s, JSON_FAULT_DEPTH,
		    "brackets are nested more than 32 deep", err);
	s->depth++;
	s->object[s->depth] = c == '{';
	s->filled[s->depth] = false;
	take(s);
	return 0;
}

/* What does not fit is for the caller to see; without memory nothing is. */
static int
check_memory(struct json_scan *s, const struct buf *b, struct err *err)
{
	if (!b->failed || b->full)
		return 0;
	s->fault = JSON_FAULT_SYSTEM;
	return buf_ok(b, "what is read", err);
}

/* Consume a key and its colon. */
static int
scan_key(struct json_scan *s, struct err *err)
{
	int c;

	if (s->win[s->pos] != '"')
		return json_scan_fail(s, JSON_FAULT_SYNTAX,
		    "a key in double quotes is expected here", err);
	s->key_offset = s->base + s->pos;
	buf_reset(&s->key);
	if (json_scan_string(s, &s->key, err) ||
	    check_memory(s, &s->key, err) || (c = skip_to(s, err)) < 0)
		return -1;
	if ((s->key_cut = s->key.full))
		buf_reset(&s->key);
	if (c != ':')
		return json_scan_fail(s, JSON_FAULT_SYNTAX,
		    "a colon is expected behind the key", err);
	take(s);
	return 0;
}

int
json_scan_next(struct json_scan *s, bool *more, struct err *err)
{
	bool object = s->object[s->depth];
	int c = skip_to(s, err);

	*more = false;
	if (c < 0)
		return -1;
	if (c == (object ? '}' : ']')) {
		take(s);
		s->depth--;
		return 0;
	}
	if (s->filled[s->depth]) {
		if (c != ',')
			return json_scan_fail(s, JSON_FAULT_SYNTAX,
			    "a comma or the closing bracket is missing", err);
		take(s);
		if (skip_to(s, err) < 0)
			return -1;
	}
	s->filled[s->depth] = true;
	*more = true;
	return object ? scan_key(s, err) : 0;
}

/* Consume any value; depth is limited, so that this may call itself. */
static int
scan_value(struct json_scan *s, struct err *err)
{
	enum json_kind kind;
	bool more;

	if (json_scan_peek(s, &kind, err))
		return -1;
	switch (kind) {
	case JSON_STRING:
		return json_scan_string(s, NULL, err);
	case JSON_NUMBER:
		return json_scan_number(s, err);
	case JSON_BOOL:
		return json_scan_word(s,
		    s->win[s->pos] == 't' ? "true" : "false", err);
	case JSON_NULL:
		return json_scan_word(s, "null", err);
	default:
		break;
	}
	if (json_scan_enter(s, err))
		return -1;
	do {
		if (json_scan_next(s, &more, err) ||
		    (more && scan_value(s, err)))
			return -1;
	} while (more);
	return 0;
}

int
json_scan_value(struct json_scan *s, struct buf *out, struct err *err)
{
	int rc;

	json_scan_emit(s);
	s->out = out;
	rc = scan_value(s, err);
	json_scan_emit(s);
	s->out = NULL;
	return rc == 0 && out != NULL ? check_memory(s, out, err) : rc;
}

int
json_scan_finish(struct json_scan *s, struct err *err)
{
	int c = skip_space(s, err);

	if (c == -2)
		return -1;
	if (c >= 0)
		return json_scan_fail(s, JSON_FAULT_SYNTAX,
		    "more text follows behind the end", err);
	json_scan_flush(s);
	return 0;
}
