#include "core/json.h"

#include <json-c/json.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
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

/* Let json-c read a checked value that is no object and no list. */
static int
parse_leaf(const char *text, size_t len, struct json_object **o,
    struct err *err)
{
	struct json_tokener *t = NULL;
	int rc = -1;

	*o = NULL;
	if (len >= INT_MAX)
		return err_set(err, ERR_LIMIT, "The JSON text is too large.");
	if ((t = json_tokener_new()) == NULL)
		return err_set(err, ERR_NOMEM, "No memory to read JSON.");
	*o = json_tokener_parse_ex(t, text, (int)len);
	if (json_tokener_get_error(t) == json_tokener_continue)
		*o = json_tokener_parse_ex(t, "", 1); /* a number's end */
	if (json_tokener_get_error(t) == json_tokener_success)
		rc = 0;
	else
		err_set(err, ERR_NOMEM, "json-c cannot read the text: %s.",
		    json_tokener_error_desc(json_tokener_get_error(t)));
	json_tokener_free(t);
	return rc;
}

/* What is needed to make a document of a text. */
struct build {
	struct json_scan *scan;
	struct buf text; /* of a key or of a leaf */
	struct err *err;
};

static int build(struct build *b, struct json_object **o);

/*
 * Put what comes next into an object or a list.  json-c's own reader does
 * not survive that there is no memory for a key; its objects do.
 */
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
	    : parse_leaf(b->text.data, b->text.len, o, b->err);
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

/* json-c makes what is beyond 64 bits the nearest of these. */
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

/* Decode text whose escapes are all short ones. */
static void
unescape_short(const char *raw, size_t len, struct buf *out)
{
	const char *slash;

	while ((slash = memchr(raw, '\\', len)) != NULL) {
		size_t before = (size_t)(slash - raw);

		buf_add(out, raw, before);
		buf_addc(out, short_escape(slash[1]));
		raw += before + 2;
		len -= before + 2;
	}
	buf_add(out, raw, len);
}

int
json_unescape(const char *raw, size_t len, struct buf *out, struct err *err)
{
	struct json_object *o = NULL;
	struct buf b;
	int rc = -1;

	if (memmem(raw, len, "\\u", 2) == NULL) {
		unescape_short(raw, len, out);
		return buf_ok(out, "a text", err);
	}
	buf_init(&b, INT_MAX);
	buf_addc(&b, '"');
	buf_add(&b, raw, len);
	buf_addc(&b, '"');
	if (buf_ok(&b, "a text", err) || parse_leaf(b.data, b.len, &o, err))
		goto out;
	buf_add(out, json_object_get_string(o),
	    (size_t)json_object_get_string_len(o));
	rc = buf_ok(out, "a text", err);
out:
	(void)json_object_put(o);
	buf_free(&b);
	return rc;
}
