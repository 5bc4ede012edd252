#ifndef CORE_STORE_H
#define CORE_STORE_H

#include <stddef.h>

#include "core/db.h"
#include "core/err.h"

/*
 * store_check_all(db, count, err):
 * Compile every statement of every store against ${db} and put their number
 * into ${count}.  Return 0, or -1 with ${err} (ERR_SCHEMA) naming the
 * statement that does not compile.
 */
int store_check_all(struct db *db, size_t *count, struct err *err);

#endif
