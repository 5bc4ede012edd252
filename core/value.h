#ifndef CORE_VALUE_H
#define CORE_VALUE_H

#include <stddef.h>
#include <stdint.h>

/* One value as a database column or an archive has it. */
enum value_type {
	VALUE_ABSENT,	/* NULL in a column, no key (or null) in an archive */
	VALUE_INT,	/* i */
	VALUE_REAL,	/* d, finite */
	VALUE_BOOL,	/* i is 0 or 1 */
	VALUE_TEXT	/* text, len: valid UTF-8 that may hold NUL */
};

struct value {
	enum value_type type;
	int64_t i;
	double d;
	const char *text;
	size_t len;
};

#endif
