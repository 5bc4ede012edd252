#include "core/json_out.h"

#include <stdio.h>
#include <string.h>

#include "core/json_number.h"
#include "core/str.h"

#define INT_MAX_CHARS 24
#define PIECE 16384
#define KEY_MAX 40
#define SHORT_MAX 200

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
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	['"'] = 1,
	['\\'] = 1,
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

/* Whether ${len} bytes are ASCII that needs no escape. */
static bool
is_plain(const char *s, size_t len)
{
	unsigned char bad = 0;

	for (size_t i = 0; i < len; i++)
		bad |= (unsigned char)(must_escape[(unsigned char)s[i]] |
		    ((unsigned char)s[i] & 0x80));
	return bad == 0;
}

static void
put_string(struct json_out *j, const char *s, size_t len)
{
	char quoted[SHORT_MAX + 2];

	/* Most strings are short and plain: one piece for each output. */
	if (len <= SHORT_MAX && is_plain(s, len)) {
		quoted[0] = '"';
		memcpy(quoted + 1, s, len);
		quoted[len + 1] = '"';
		put(j, quoted, len + 2);
		return;
	}
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

static void
put_key(struct json_out *j, const char *key)
{
	char quoted[KEY_MAX + 4];
	size_t len = strlen(key);

	if (len > KEY_MAX || !is_plain(key, len)) {
		put_string(j, key, len);
		putz(j, ":");
		if (j->text != NULL)
			buf_addc(j->text, ' ');
		return;
	}
	quoted[0] = '"';
	memcpy(quoted + 1, key, len);
	memcpy(quoted + 1 + len, "\": ", 3);
	if (j->text != NULL)
		buf_add(j->text, quoted, len + 4);
	if (j->bare != NULL)
		buf_add(j->bare, quoted, len + 3);
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
	if (key != NULL)
		put_key(j, key);
}

/* A mistake of ours in nesting, or no value: say it like other failures. */
static void
fail(struct json_out *j)
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
		fail(j);
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
		fail(j);
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
json_out_buf(struct json_out *j, const char *key, const struct buf *b)
{
	if (b->failed)
		fail(j);
	else
		json_out_bytes(j, key, buf_str(b), b->len);
}

void
json_out_string(struct json_out *j, const char *key, const char *s)
{
	json_out_bytes(j, key, s, strlen(s));
}

void
json_out_int(struct json_out *j, const char *key, int64_t v)
{
	char text[INT_MAX_CHARS];
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

void
json_out_double(struct json_out *j, const char *key, double v)
{
	char text[JSON_NUMBER_MAX];

	lead(j, key);
	putz(j, json_number_text(v, text));
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

/* The length of the string that begins at ${s}, with both quotes. */
static size_t
string_length(const char *s, size_t len)
{
	size_t i = 1;

	while (i < len && s[i] != '"')
		i += s[i] == '\\' ? 2 : 1;
	return i < len ? i + 1 : len;
}

/* One character that is not in a string; return how many it stands for. */
static size_t
put_structure(struct json_out *j, const char *s, size_t len)
{
	bool opens = *s == '{' || *s == '[';

	if (opens && len > 1 && (s[1] == '}' || s[1] == ']')) {
		put(j, s, 2);
		return 2;
	}
	if (opens && j->depth == JSON_OUT_DEPTH_MAX)
		fail(j);
	else if (opens)
		j->depth++;
	if ((*s == '}' || *s == ']') && j->depth > 0) {
		j->depth--;
		new_line(j);
	}
	put(j, s, 1);
	if (opens || *s == ',')
		new_line(j);
	if (*s == ':')
		put(j, " ", 1);
	return 1;
}

/* JSON text with the line breaks and the indentation of ours. */
static void
put_laid_out(struct json_out *j, const char *s, size_t len)
{
	int depth = j->depth;

	while (len > 0) {
		size_t n;

		if (*s == '"') {
			n = string_length(s, len);
			put_run(j, s, n);
		} else {
			n = put_structure(j, s, len);
		}
		s += n;
		len -= n;
	}
	j->depth = depth;
}

void
json_out_raw(struct json_out *j, const char *key, const char *text, size_t len)
{
	struct buf *bare = j->bare;

	lead(j, key);
	if (j->text == NULL) {
		put_run(j, text, len);
		return;
	}
	/* Each output on its own: only one gets the layout. */
	j->bare = NULL;
	put_laid_out(j, text, len);
	j->bare = bare;
	if (bare != NULL) {
		struct buf *indented = j->text;

		j->text = NULL;
		put_run(j, text, len);
		j->text = indented;
	}
}
