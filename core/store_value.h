#ifndef CORE_STORE_VALUE_H
#define CORE_STORE_VALUE_H

#include <stdint.h>

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

/*
 * store_value_bind_text(stmt, parameter, text):
 * Bind ${text}, NULL for NULL, which must live until the statement is reset.
 */
void store_value_bind_text(struct sqlite3_stmt *stmt, int parameter,
    const char *text);

/*
 * store_value_bind_time(stmt, parameter, ms):
 * Bind the time ${ms}, milliseconds since 1970, as the text we store.
 */
void store_value_bind_time(struct sqlite3_stmt *stmt, int parameter,
    int64_t ms);

/*
 * store_value_text(stmt, column, text, err):
 * Set ${text} to a copy of the ${column}'s text, the caller's to free, or to
 * NULL when it is NULL.  Return 0, or -1 with ${err} (ERR_NOMEM).
 */
int store_value_text(struct sqlite3_stmt *stmt, int column, char **text,
    struct err *err);

#endif
