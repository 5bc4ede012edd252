#ifndef CORE_STORE_REJECTED_H
#define CORE_STORE_REJECTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/db.h"
#include "core/store_value.h"

/*
 * Rows that have no place in the lists: those that schema sync put aside in
 * _jair_rejected_<table>, and those of our tables that point nowhere.  Their
 * columns are whatever was there.
 */
struct rejected {
	const char *table; /* the table the row belongs to */
	struct value id; /* its column "id", if it has one */
	struct value reason;
};

extern const struct db_table store_rejected_table;

/* A reader of such rows. */
struct store_rejected;

/*
 * store_rejected_open(db, store, err):
 * Look which tables there are and prepare reading.  Return 0 with ${store},
 * which store_rejected_free releases before ${db} is closed, or -1 with
 * ${err}.
 */
int store_rejected_open(struct db *db, struct store_rejected **store,
    struct err *err);

/*
 * store_rejected_free(store):
 * Release ${store}; NULL is accepted.
 */
void store_rejected_free(struct store_rejected *store);

/*
 * store_rejected_of_user(store, user, dangling):
 * Start reading the rows of UserMedia that name the user with the id
 * ${user}; with ${dangling}, also those that are still in UserMedia but name
 * no Media row, or a twin (STORE_ITEM_TWIN_SQL).
 */
void store_rejected_of_user(struct store_rejected *store, int64_t user,
    bool dangling);

/*
 * store_rejected_of_none(store, dangling):
 * Start reading all other rows; with ${dangling}, also those that are still
 * in UserMedia but name no user.
 */
void store_rejected_of_none(struct store_rejected *store, bool dangling);

/*
 * store_rejected_next(store, row, err):
 * Read the next row.  Return 1 with ${row}, good until the next call, 0
 * after the last, or -1 with ${err}.
 */
int store_rejected_next(struct store_rejected *store, struct rejected *row,
    struct err *err);

/*
 * store_rejected_column(store, i, name, value, err):
 * Read column ${i} of the present row, without the password hash and what
 * schema sync added.  Return 1 with ${name} and ${value}, good until the
 * next row, 0 behind the last column, or -1 with ${err}.  ${name} is NULL
 * for a column to skip.
 */
int store_rejected_column(struct store_rejected *store, int i,
    const char **name, struct value *value, struct err *err);

#endif
