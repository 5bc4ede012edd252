#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/archive_out.h"
#include "core/clock.h"
#include "core/json_number.h"
#include "core/str.h"

#define REPLACEMENT_LEN 3
#define SHOW_BYTES 40

/*
 * How many of the ${len} bytes at ${s} an archive can hold in ${max} bytes,
 * where each invalid one becomes U+FFFD; never half a character.
 */
static size_t
fitting(const char *s, size_t len, size_t max)
{
	size_t n = 0;
	size_t written = 0;

	if (len <= max / REPLACEMENT_LEN)
		return len;
	for (;;) {
		size_t ok = str_utf8_valid(s + n, len - n);

		if (ok > max - written) {
			ok = max - written;
			while (ok > 0 && (s[n + ok] & 0xc0) == 0x80)
				ok--;
			return n + ok;
		}
		n += ok;
		written += ok;
		if (n == len || max - written < REPLACEMENT_LEN)
			return n;
		n++;
		written += REPLACEMENT_LEN;
	}
}

const char *
archive_show(const struct value *v, char out[ARCHIVE_SHOW_MAX])
{
	size_t n = 0;

	if (v->kind == VALUE_NULL)
		(void)snprintf(out, ARCHIVE_SHOW_MAX, "NULL");
	if (v->kind == VALUE_INT)
		(void)snprintf(out, ARCHIVE_SHOW_MAX, "%lld", (long long)v->i);
	if (v->kind == VALUE_REAL)
		(void)snprintf(out, ARCHIVE_SHOW_MAX, "%.17g", v->d);
	if (!value_is_bytes(v))
		return out;
	out[n++] = '"';
	for (size_t i = 0; i < v->len && i < SHOW_BYTES;) {
		size_t left = v->len - i;
		size_t one = 1;

		while (one < 4 && one < left && (v->s[i + one] & 0xc0) == 0x80)
			one++;
		if (str_utf8_valid(v->s + i, one) == one &&
		    (unsigned char)v->s[i] >= 0x20 && v->s[i] != 0x7f) {
			memcpy(out + n, v->s + i, one);
			n += one;
		} else {
			out[n++] = '?';
		}
		i += one;
	}
	(void)snprintf(out + n, ARCHIVE_SHOW_MAX - n, "%s\"",
	    v->len > SHOW_BYTES ? "..." : "");
	return out;
}

/*
 * What ${v} is when it comes back into a column of numbers.  One of times
 * keeps text, also when it reads as a number.
 */
static struct value
number_of(const struct archive_field *field, const struct value *v)
{
	struct value number;

	if (field->kind == ARCHIVE_TIME && value_is_bytes(v))
		return *v;
	return json_number_of(v, &number) ? number : *v;
}

/* The boolean that ${v} is, or -1. */
static int
bool_of(const struct value *v)
{
	if (v->kind == VALUE_INT && (v->i == 0 || v->i == 1))
		return (int)v->i;
	if (value_is_bytes(v) && v->len == 4 && memcmp(v->s, "true", 4) == 0)
		return 1;
	if (value_is_bytes(v) && v->len == 5 && memcmp(v->s, "false", 5) == 0)
		return 0;
	return -1;
}

bool
archive_value_fits(const struct archive_field *field, const struct value *v)
{
	struct value n;

	if (v->kind == VALUE_NULL)
		return field->kind != ARCHIVE_ID;
	if (field->kind == ARCHIVE_TEXT || field->kind == ARCHIVE_TIME)
		return !value_is_bytes(v) ||
		    fitting(v->s, v->len, ARCHIVE_STRING_MAX) == v->len;
	n = number_of(field, v);
	if (field->kind == ARCHIVE_BOOL)
		return bool_of(&n) >= 0;
	return n.kind == VALUE_INT ||
	    (n.kind == VALUE_REAL && field->kind == ARCHIVE_REAL);
}

/* A string, whatever its bytes are. */
static void
put_bytes(struct archive_out *a, const struct archive_field *field,
    const struct value *v)
{
	size_t len = fitting(v->s, v->len, ARCHIVE_VALUE_MAX);
	int64_t repaired = a->j.repaired;

	json_out_bytes(&a->j, field->key, v->s, len);
	if (a->j.repaired > repaired) {
		a->stats->repaired++;
		archive_note(a, "%s is not valid UTF-8", field->column);
	}
	if (len < v->len)
		archive_note(a, "%s has %zu bytes and was cut off after %zu",
		    field->column, v->len, len);
}

/* A number; one that JSON cannot write is left out. */
static void
put_number(struct archive_out *a, const struct archive_field *field,
    const struct value *v)
{
	/* A column of REAL would take an integer for a double. */
	double d = v->kind == VALUE_INT ? (double)v->i : v->d;

	if (v->kind == VALUE_INT && field->kind != ARCHIVE_REAL)
		json_out_int(&a->j, field->key, v->i);
	else if (isfinite(d))
		json_out_double(&a->j, field->key, d);
	else
		archive_note(a, "%s is not a finite number", field->column);
}

/* A number in a column of text, as its digits. */
static void
put_digits(struct archive_out *a, const struct archive_field *field,
    const struct value *v)
{
	struct json_out j;
	struct buf text;

	if (v->kind == VALUE_REAL && !isfinite(v->d)) {
		put_number(a, field, v);
		return;
	}
	buf_init(&text, JSON_NUMBER_MAX);
	json_out_init(&j, &text, NULL);
	if (v->kind == VALUE_INT)
		json_out_int(&j, NULL, v->i);
	else
		json_out_double(&j, NULL, v->d);
	json_out_buf(&a->j, field->key, &text);
	buf_free(&text);
	archive_note(a, "%s is a number", field->column);
}

static void
put_text(struct archive_out *a, const struct archive_field *field,
    const struct value *v)
{
	if (!value_is_bytes(v)) {
		put_digits(a, field, v);
		return;
	}
	if (v->kind == VALUE_BLOB)
		archive_note(a, "%s is a BLOB", field->column);
	put_bytes(a, field, v);
}

/* What is not as it should be, as it is. */
static void
put_odd(struct archive_out *a, const struct archive_field *field,
    const struct value *v)
{
	char show[ARCHIVE_SHOW_MAX];

	archive_note(a, "%s is %s", field->column, archive_show(v, show));
	if (value_is_bytes(v))
		put_bytes(a, field, v);
	else
		put_number(a, field, v);
}

void
archive_value(struct archive_out *a, const struct archive_field *field,
    const struct value *v)
{
	char iso[CLOCK_ISO_MAX];
	struct value n;
	int64_t ms;

	if (v->kind == VALUE_NULL)
		return;
	if (field->kind == ARCHIVE_TEXT) {
		put_text(a, field, v);
		return;
	}
	n = number_of(field, v);
	if (field->kind == ARCHIVE_TIME && value_time(&n, &ms) == 0)
		json_out_string(&a->j, field->key, clock_iso(ms, iso));
	else if (field->kind == ARCHIVE_BOOL && bool_of(&n) >= 0)
		json_out_bool(&a->j, field->key, bool_of(&n) == 1);
	else if (field->kind != ARCHIVE_TIME && field->kind != ARCHIVE_BOOL &&
	    archive_value_fits(field, &n))
		put_number(a, field, &n);
	else
		put_odd(a, field, &n);
}
