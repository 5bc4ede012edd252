#include "core/store_func.h"

#include <math.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/buf.h"
#include "core/fold.h"
#include "core/json_number.h"
#include "core/store_user.h"
#include "core/str.h"
#include "core/value.h"

#define KEY_BYTES 8
/* What sorting looks at: no key may cost the memory of a whole value. */
#define PLAIN_MAX 4096

static const char replacement[] = "\xef\xbf\xbd";

/* Copy what of ${s} is valid UTF-8 and has room; return how much that was. */
static size_t
copy_valid(char *out, size_t room, const char *s, size_t len)
{
	size_t ok = str_utf8_valid(s, len < room ? len : room);

	memcpy(out, s, ok);
	return ok;
}

/* Valid UTF-8 of at most ${max} bytes from the bytes at ${s}. */
static void
result_repaired(sqlite3_context *ctx, const char *s, size_t len, size_t max)
{
	char out[PLAIN_MAX];
	size_t n = 0;

	for (;;) {
		size_t ok = copy_valid(out + n, max - n, s, len);

		n += ok;
		s += ok;
		len -= ok;
		/* The end, or a whole character that has no room. */
		if (len == 0 || max - n < sizeof(replacement) - 1 ||
		    str_utf8_valid(s, len < 4 ? len : 4) > 0)
			break;
		memcpy(out + n, replacement, sizeof(replacement) - 1);
		n += sizeof(replacement) - 1;
		s++;
		len--;
	}
	sqlite3_result_text64(ctx, out, n, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/* The bytes of a TEXT or BLOB, or of a number's text; "" for NULL. */
static const char *
bytes_of(sqlite3_value *v, size_t *len)
{
	const char *s = sqlite3_value_type(v) == SQLITE_BLOB
	    ? sqlite3_value_blob(v)
	    : (const char *)sqlite3_value_text(v);

	*len = s != NULL ? (size_t)sqlite3_value_bytes(v) : 0;
	return s != NULL ? s : "";
}

static struct value
value_of(sqlite3_value *v)
{
	struct value out = { .kind = VALUE_NULL };

	switch (sqlite3_value_type(v)) {
	case SQLITE_INTEGER:
		out.kind = VALUE_INT;
		out.i = sqlite3_value_int64(v);
		break;
	case SQLITE_FLOAT:
		out.kind = VALUE_REAL;
		out.d = sqlite3_value_double(v);
		break;
	case SQLITE_NULL:
		break;
	default:
		out.kind = VALUE_TEXT;
		out.s = bytes_of(v, &out.len);
		break;
	}
	return out;
}

/* What ${v} becomes in a column of numbers. */
static struct value
number_of(const struct value *v)
{
	struct value number;

	return json_number_of(v, &number) ? number : *v;
}

/* What ${v} becomes in a column of times, which keeps text as it is. */
static struct value
time_of(sqlite3_value *v)
{
	struct value plain = value_of(v);

	return value_is_bytes(&plain) ? plain : number_of(&plain);
}

static void
result_number(sqlite3_context *ctx, const struct value *v)
{
	if (v->kind == VALUE_INT)
		sqlite3_result_int64(ctx, v->i);
	else if (isfinite(v->d))
		sqlite3_result_double(ctx, v->d);
}

/* What text reads as, or the number. */
static void
result_plain(sqlite3_context *ctx, const struct value *v)
{
	if (value_is_bytes(v))
		result_repaired(ctx, v->s, v->len, PLAIN_MAX);
	else if (v->kind != VALUE_NULL)
		result_number(ctx, v);
}

static void
func_number(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	struct value plain = value_of(argv[0]);
	struct value v = number_of(&plain);

	(void)argc;
	result_plain(ctx, &v);
}

static void
func_text(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	struct value v = value_of(argv[0]);
	char text[JSON_NUMBER_MAX];

	(void)argc;
	if (value_is_bytes(&v))
		result_repaired(ctx, v.s, v.len, PLAIN_MAX);
	else if (v.kind == VALUE_INT)
		sqlite3_result_text(ctx,
		    (const char *)sqlite3_value_text(argv[0]), -1,
		    SQLITE_TRANSIENT);
	else if (v.kind == VALUE_REAL && isfinite(v.d))
		sqlite3_result_text(ctx, json_number_text(v.d, text), -1,
		    SQLITE_TRANSIENT);
}

static void
func_name(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	size_t len;
	const char *s = bytes_of(argv[0], &len);

	(void)argc;
	result_repaired(ctx, s, len, STORE_NAME_MAX);
}

static void
func_fold(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	size_t len;
	const char *s = bytes_of(argv[0], &len);
	struct buf out;

	(void)argc;
	buf_init(&out, 4 * (size_t)STORE_NAME_MAX);
	fold_case(s, len, &out);
	if (out.failed && !out.full)
		sqlite3_result_error_nomem(ctx);
	else if (out.full)
		sqlite3_result_value(ctx, argv[0]);
	else
		sqlite3_result_text64(ctx, buf_str(&out), out.len,
		    SQLITE_TRANSIENT, SQLITE_UTF8);
	buf_free(&out);
}

static void
func_ms(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	struct value v = time_of(argv[0]);
	int64_t ms;

	(void)argc;
	if (value_time(&v, &ms) == 0)
		sqlite3_result_int64(ctx, ms);
}

/* BLOBs sort behind all else; big-endian with the sign's bit turned. */
static void
func_when(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	struct value v = time_of(argv[0]);
	unsigned char key[KEY_BYTES];
	uint64_t bits;
	int64_t ms;

	(void)argc;
	if (value_time(&v, &ms) != 0) {
		result_plain(ctx, &v);
		return;
	}
	bits = (uint64_t)ms ^ (UINT64_C(1) << 63);
	for (int i = KEY_BYTES - 1; i >= 0; i--) {
		key[i] = (unsigned char)(bits & 0xff);
		bits >>= 8;
	}
	sqlite3_result_blob(ctx, key, KEY_BYTES, SQLITE_TRANSIENT);
}

int
store_func_register(struct sqlite3 *handle)
{
	static const struct {
		const char *name;
		void (*call)(sqlite3_context *, int, sqlite3_value **);
	} funcs[] = {
		{ "jair_fold", func_fold },
		{ "jair_ms", func_ms },
		{ "jair_when", func_when },
		{ "jair_number", func_number },
		{ "jair_text", func_text },
		{ "jair_name", func_name },
	};
	int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
	int rc = SQLITE_OK;

	for (size_t i = 0;
	     i < sizeof(funcs) / sizeof(funcs[0]) && rc == SQLITE_OK; i++)
		rc = sqlite3_create_function_v2(handle, funcs[i].name, 1, flags,
		    NULL, funcs[i].call, NULL, NULL, NULL);
	return rc;
}
