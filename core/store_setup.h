#ifndef CORE_STORE_SETUP_H
#define CORE_STORE_SETUP_H

#include "core/db.h"
#include "core/err.h"

extern const struct db_table store_setup_table;

/*
 * store_setup_reopen(db, err):
 * Let the setup be done again (isConfigured false); nothing else changes.
 * Return 0, or -1 with ${err}.
 */
int store_setup_reopen(struct db *db, struct err *err);

#endif
