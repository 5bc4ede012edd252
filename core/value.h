#ifndef CORE_VALUE_H
#define CORE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum value_kind {
	VALUE_NULL, /* in an archive: no such key, or null */
	VALUE_INT, /* in an archive also true (1) and false (0) */
	VALUE_REAL,
	VALUE_TEXT,
	VALUE_BLOB /* never in an archive */
};

/* One value, as a column holds it or an archive has it. */
struct value {
	enum value_kind kind;
	int64_t i; /* VALUE_INT */
	double d; /* VALUE_REAL */
	const char *s; /* VALUE_TEXT, VALUE_BLOB: somebody else's; may hold */
	size_t len; /* NUL; from a column not always valid UTF-8 */
};

/*
 * value_is_bytes(v):
 * Tell whether ${v} is TEXT or a BLOB.
 */
static inline bool
value_is_bytes(const struct value *v)
{
	return v->kind == VALUE_TEXT || v->kind == VALUE_BLOB;
}

/*
 * value_time(v, ms):
 * Read ${v} as a time: milliseconds since 1970, or text that clock_parse
 * knows.  Return 0 with ${ms}, or -1 when it is none.
 */
int value_time(const struct value *v, int64_t *ms);

#endif
