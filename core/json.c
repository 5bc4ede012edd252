#include "core/json.h"

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* json-c has no const; nothing below changes what it is given. */
static struct json_object *
object(const struct json *j)
{
	union {
		const struct json *in;
		struct json_object *out;
	} u = { j };

	return u.out;
}

static const struct json *
value(struct json_object *o)
{
	union {
		struct json_object *in;
		const struct json *out;
	} u = { o };

	return u.out;
}

/* A number that was checked; of what is beyond 64 bits the nearest. */
static struct json_object *
number(const char *text)
{
	char *end;
	long long i;

	if (strpbrk(text, ".eE") != NULL)
		return json_object_new_double(strtod(text, &end));
	errno = 0;
	i = strtoll(text, &end, 10);
	return errno == 0 || *text == '-'
	    ? json_object_new_int64(i)
	    : json_object_new_uint64(strtoull(text, &end, 10));
}

/* The document of a checked value that is no object and no list. */
static int
leaf(enum json_kind kind, const struct buf *text, struct json_object **o,
    struct err *err)
{
	struct buf plain;

	buf_init(&plain, INT_MAX);
	if (kind == JSON_STRING) {
		if (json_unescape(text->data + 1, text->len - 2, &plain, err))
			goto fail;
		*o =
		    json_object_new_string_len(buf_str(&plain), (int)plain.len);
	} else if (kind == JSON_NUMBER) {
		*o = number(text->data);
	} else if (kind == JSON_BOOL) {
		*o = json_object_new_boolean(*text->data == 't');
	}
	buf_free(&plain);
	return *o != NULL || kind == JSON_NULL
	    ? 0
	    : err_set(err, ERR_NOMEM, "No memory for a JSON text.");
fail:
	buf_free(&plain);
	return -1;
}

/*
 * What is needed to make a document of a text.  json-c keeps documents but
 * does not read them: when memory is short its reader (0.16) drops bytes of a
 * string and calls that a success, and ends the program for want of a key.
 */
struct build {
	struct json_scan *scan;
	struct buf text; /* of a key or of a leaf */
	struct err *err;
};

static int build(struct build *b, struct json_object **o);

/* Put what comes next into an object or a list. */
static int
build_member(struct build *b, struct json_object *in, bool object)
{
	struct json_object *o = NULL;
	struct buf key;
	const char *raw;
	size_t len;
	int rc = -1;

	buf_init(&key, INT_MAX);
	raw = json_scan_key(b->scan, &len);
	if ((object && json_unescape(raw, len, &key, b->err)) || build(b, &o))
		goto out;
	rc = object ? json_object_object_add(in, buf_str(&key), o)
		    : json_object_array_add(in, o);
	if (rc != 0) {
		(void)json_object_put(o);
		err_set(b->err, ERR_NOMEM, "No memory for a JSON text.");
	}
out:
	buf_free(&key);
	return rc;
}

static int
build_members(struct build *b, struct json_object **o, bool object)
{
	bool more;

	*o = object ? json_object_new_object() : json_object_new_array();
	if (*o == NULL)
		return err_set(b->err, ERR_NOMEM, "No memory for a JSON text.");
	if (json_scan_enter(b->scan, b->err))
		goto fail;
	do {
		if (json_scan_next(b->scan, &more, b->err) ||
		    (more && build_member(b, *o, object)))
			goto fail;
	} while (more);
	return 0;
fail:
	(void)json_object_put(*o);
	*o = NULL;
	return -1;
}

/* The value that comes next, as deep as the scanner allows. */
static int
build(struct build *b, struct json_object **o)
{
	enum json_kind kind;

	*o = NULL;
	if (json_scan_peek(b->scan, &kind, b->err))
		return -1;
	if (kind == JSON_OBJECT || kind == JSON_LIST)
		return build_members(b, o, kind == JSON_OBJECT);
	buf_reset(&b->text);
	return json_scan_value(b->scan, &b->text, b->err) ||
		buf_ok(&b->text, "a JSON text", b->err)
	    ? -1
	    : leaf(kind, &b->text, o, b->err);
}

int
json_parse(struct json **j, const char *text, size_t len, struct err *err)
{
	struct build b = { .err = err };
	struct json_object *o = NULL;
	int rc = -1;

	*j = NULL;
	buf_init(&b.text, INT_MAX);
	if (json_scan_open_text(&b.scan, text, len, err) == 0 &&
	    build(&b, &o) == 0 && json_scan_finish(b.scan, err) == 0) {
		*j = (struct json *)o;
		o = NULL;
		rc = 0;
	}
	(void)json_object_put(o);
	json_scan_free(b.scan);
	buf_free(&b.text);
	return rc;
}

void
json_free(struct json *j)
{
	(void)json_object_put((struct json_object *)j);
}

enum json_kind
json_kind(const struct json *j)
{
	switch (json_object_get_type(object(j))) {
	case json_type_object:
		return JSON_OBJECT;
	case json_type_array:
		return JSON_LIST;
	case json_type_string:
		return JSON_STRING;
	case json_type_int:
	case json_type_double:
		return JSON_NUMBER;
	case json_type_boolean:
		return JSON_BOOL;
	case json_type_null:
	default:
		return JSON_NULL;
	}
}

const struct json *
json_get(const struct json *j, const char *key)
{
	struct json_object *member = NULL;

	if (json_kind(j) != JSON_OBJECT ||
	    !json_object_object_get_ex(object(j), key, &member))
		return NULL;
	return value(member);
}

const struct json *
json_at(const struct json *j, size_t i)
{
	if (i >= json_count(j) || json_kind(j) != JSON_LIST)
		return NULL;
	return value(json_object_array_get_idx(object(j), i));
}

size_t
json_count(const struct json *j)
{
	if (json_kind(j) == JSON_LIST)
		return json_object_array_length(object(j));
	if (json_kind(j) == JSON_OBJECT)
		return (size_t)json_object_object_length(object(j));
	return 0;
}

const char *
json_text(const struct json *j, size_t *len)
{
	if (json_kind(j) != JSON_STRING)
		return NULL;
	if (len != NULL)
		*len = (size_t)json_object_get_string_len(object(j));
	return json_object_get_string(object(j));
}

/* What is beyond 64 bits was made the nearest of these. */
static bool
clamped(struct json_object *o)
{
	return json_object_get_int64(o) == INT64_MIN ||
	    json_object_get_uint64(o) == UINT64_MAX;
}

int
json_int(const struct json *j, int64_t *v)
{
	struct json_object *o = object(j);

	if (json_object_get_type(o) != json_type_int || clamped(o) ||
	    json_object_get_uint64(o) > INT64_MAX)
		return -1;
	*v = json_object_get_int64(o);
	return 0;
}

int
json_double(const struct json *j, double *v)
{
	struct json_object *o = object(j);
	double d;

	if (json_kind(j) != JSON_NUMBER ||
	    (json_object_get_type(o) == json_type_int && clamped(o)))
		return -1;
	d = json_object_get_double(o);
	if (!isfinite(d))
		return -1;
	*v = d;
	return 0;
}

int
json_boolean(const struct json *j, bool *v)
{
	if (json_kind(j) != JSON_BOOL)
		return -1;
	*v = json_object_get_boolean(object(j)) != 0;
	return 0;
}

/* The character that stands behind the backslash of a short escape. */
static char
short_escape(char c)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";

	return to[strchr(from, c) - from];
}

/* The four digits of an escape with "u". */
static uint32_t
digits(const char *p)
{
	uint32_t unit = 0;

	for (int i = 0; i < 4; i++) {
		uint32_t c = (unsigned char)p[i];

		unit = unit << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return unit;
}

static void
add_utf8(struct buf *out, uint32_t c)
{
	char bytes[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n - 1; i > 0; i--) {
		bytes[i] = (char)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	bytes[0] = (char)(n == 1 ? c : (0xf00U >> n & 0xf0) | c);
	buf_add(out, bytes, n);
}

/* Decode the escape at ${raw}, of which ${len} bytes follow; its length. */
static size_t
unescape(const char *raw, size_t len, struct buf *out)
{
	uint32_t unit;
	uint32_t low;

	if (raw[1] != 'u') {
		buf_addc(out, short_escape(raw[1]));
		return 2;
	}
	unit = digits(raw + 2);
	low =
	    len >= 12 && raw[6] == '\\' && raw[7] == 'u' ? digits(raw + 8) : 0;
	if ((unit & 0xfc00) == 0xd800 && (low & 0xfc00) == 0xdc00) {
		add_utf8(out, 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff));
		return 12;
	}
	add_utf8(out, (unit & 0xf800) == 0xd800 ? 0xfffd : unit);
	return 6;
}

int
json_unescape(const char *raw, size_t len, struct buf *out, struct err *err)
{
	const char *slash;

	while ((slash = memchr(raw, '\\', len)) != NULL) {
		size_t before = (size_t)(slash - raw);

		buf_add(out, raw, before);
		raw += before;
		len -= before;
		before = unescape(raw, len, out);
		raw += before;
		len -= before;
	}
	buf_add(out, raw, len);
	return buf_ok(out, "a text", err);
}
