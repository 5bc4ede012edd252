#ifndef CORE_DB_FILE_H
#define CORE_DB_FILE_H

#include <stdbool.h>

#include "core/err.h"

/*
 * db_file_ensure(path, create, err):
 * See that a file stands at ${path} before SQLite opens it; with ${create} one
 * is made, so that SQLite creates none with another mode.  "" is a database in
 * memory.  Return 0, or -1 with ${err} (ERR_MISSING, ERR_DENIED for what is no
 * file: a pipe would keep us waiting for ever).
 */
int db_file_ensure(const char *path, bool create, struct err *err);

#endif
