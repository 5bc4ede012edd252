#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive_read_impl.h"
#include "core/json.h"
#include "core/str.h"

/* The text between the quotes of ${v}, decoded into ${scratch} if needed. */
static int
value_text(struct json_span v, struct buf *scratch, struct value *out,
    struct err *err)
{
	size_t from = scratch->len;

	out->kind = VALUE_TEXT;
	out->s = v.p + 1;
	out->len = v.len - 2;
	if (memchr(out->s, '\\', out->len) == NULL)
		return 0;
	if (json_unescape(v.p + 1, v.len - 2, scratch, err))
		return -1;
	out->s = scratch->data + from;
	out->len = scratch->len - from;
	return 0;
}

/* An integer where the text is one of 64 bits, else a finite double. */
static void
value_number(struct json_span v, struct value *out)
{
	double d;

	if (str_int64(v.p, v.len, &out->i) == 0) {
		out->kind = VALUE_INT;
		return;
	}
	d = strtod(v.p, NULL); /* a bracket or comma follows the number */
	if (!isfinite(d))
		return;
	out->kind = VALUE_REAL;
	out->d = d;
}

int
reader_value(struct json_span v, struct buf *scratch, struct value *out,
    struct err *err)
{
	*out = (struct value){ .kind = VALUE_NULL };
	switch (json_span_kind(v)) {
	case JSON_STRING:
		return value_text(v, scratch, out, err);
	case JSON_NUMBER:
		value_number(v, out);
		break;
	case JSON_BOOL:
		out->kind = VALUE_INT;
		out->i = v.p[0] == 't';
		break;
	case JSON_OBJECT:
	case JSON_LIST:
		out->kind = VALUE_TEXT;
		out->s = v.p;
		out->len = v.len;
		break;
	case JSON_NULL:
		break;
	}
	return 0;
}

void
reader_slot_free(struct reader_slot *slot)
{
	if (slot->raw.data != NULL)
		explicit_bzero(slot->raw.data, slot->raw.cap);
	if (slot->text.data != NULL)
		explicit_bzero(slot->text.data, slot->text.cap);
	buf_free(&slot->raw);
	buf_free(&slot->text);
}

int
reader_slot_value(struct reader_slot *slot, struct value *out, struct err *err)
{
	struct json_span v = { slot->raw.data, slot->raw.len };

	*out = (struct value){ .kind = VALUE_NULL };
	buf_reset(&slot->text);
	if (v.len == 0)
		return 0;
	return reader_value(v, &slot->text, out, err);
}
