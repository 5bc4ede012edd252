#ifndef CORE_STORE_STATUS_H
#define CORE_STORE_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/db.h"
#include "core/err.h"

extern const struct db_table store_status_table;

/* What the first page asks of the database. */
struct status {
	bool configured; /* setup has been finished */
	bool staged; /* an archive waits for first logins */
	bool users; /* somebody has lists here */
};

/* Prepared questions on one connection. */
struct store_status;

/*
 * store_status_new(db, err), store_status_free(s):
 * Compile the statements on ${db}; release them before ${db} is closed.
 * NULL with ${err} when one does not compile.
 */
struct store_status *store_status_new(struct db *db, struct err *err);
void store_status_free(struct store_status *s);

/*
 * store_status_read(s, status, err), store_status_version(s, version, err):
 * Read the status; read the schema's version (PRAGMA user_version).  Return
 * 0, or -1 with ${err}.
 */
int store_status_read(struct store_status *s, struct status *status,
    struct err *err);
int store_status_version(struct store_status *s, int64_t *version,
    struct err *err);

#endif
