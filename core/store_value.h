#ifndef CORE_STORE_VALUE_H
#define CORE_STORE_VALUE_H

#include "core/err.h"
#include "core/value.h"

struct sqlite3_stmt;

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
