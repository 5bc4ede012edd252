#ifndef CORE_VALUE_H
#define CORE_VALUE_H

#include <stddef.h>
#include <stdint.h>

/* One value as a database column or an archive has it. */
enum value_kind {
	VALUE_NULL,	/* NULL in a column, no key (or null) in an archive */
	VALUE_INT,	/* i */
	VALUE_REAL,	/* d */
	VALUE_BOOL,	/* i is 0 or 1; archives only */
	VALUE_TEXT,	/* s, len: may hold NUL; valid UTF-8 in archives only */
	VALUE_BLOB	/* s, len; columns only */
};

struct value {
	enum value_kind kind;
	int64_t i;
	double d;
	const char *s;
	size_t len;
};

#endif
