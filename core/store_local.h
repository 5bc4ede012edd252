#ifndef CORE_STORE_LOCAL_H
#define CORE_STORE_LOCAL_H

#include "core/db.h"
#include "core/err.h"

extern const struct db_table store_local_table;

/*
 * store_local_take_over(db, err):
 * Give ${db} the rows that belong to this server (runs, jobs, staged
 * restores) from the database attached as "src", in place of its own, and
 * forget all sessions.  Both have the target schema; a transaction is the
 * caller's.  Return 0, or -1 with ${err}.
 */
int store_local_take_over(struct db *db, struct err *err);

/*
 * store_local_forget_sessions(db, err):
 * Forget all sessions.  Return 0, or -1 with ${err}.
 */
int store_local_forget_sessions(struct db *db, struct err *err);

#endif
