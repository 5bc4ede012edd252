#ifndef CORE_STORE_VALUE_H
#define CORE_STORE_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct sqlite3_stmt;

enum value_kind {
	VALUE_NULL,
	VALUE_INT,
	VALUE_REAL,
	VALUE_TEXT,
	VALUE_BLOB
};

/* What a column holds, in the form it is stored in, whatever its type says. */
struct value {
	enum value_kind kind;
	int64_t i;	/* VALUE_INT */
	double d;	/* VALUE_REAL */
	const char *s;	/* VALUE_TEXT, VALUE_BLOB: SQLite's, until its */
	size_t len;	/* statement goes on; not always valid UTF-8 */
};

/*
 * store_value_read(stmt, column, values, count, err):
 * Read ${count} columns of the present row, from ${column} on, into
 * ${values}.  Return 0, or -1 with ${err} (ERR_NOMEM).
 */
int store_value_read(struct sqlite3_stmt *stmt, int column,
    struct value *values, int count, struct err *err);

/*
 * store_value_bind(stmt, parameter, value):
 * Bind ${value}, whose bytes must live until the statement is reset.
 */
void store_value_bind(struct sqlite3_stmt *stmt, int parameter,
    const struct value *value);

#endif
