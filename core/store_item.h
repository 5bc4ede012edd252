#ifndef CORE_STORE_ITEM_H
#define CORE_STORE_ITEM_H

#include <stdint.h>

#include "core/db.h"
#include "core/item.h"
#include "core/store_value.h"

/* Where an item stands, as its status and media type say. */
enum item_list {
	LIST_MOVIES,
	LIST_SERIES,
	LIST_WATCHLIST_MOVIES,
	LIST_WATCHLIST_SERIES,
	LIST_BLOCKED,
	LIST_OTHER, /* no such status, or no media type */
	LIST_DANGLING, /* the Media row is missing or a twin: only the id */
	LISTS
};

struct item {
	int64_t id; /* UserMedia's */
	enum item_list list;
	struct value v[ITEM_FIELDS];
};

/*
 * Whether the Media row m is a twin: an archive would give it no number, or
 * the media type and number that another row has, and a restore make one title
 * of both.  Only odd rows can be; of those with the same the first is none, or
 * a row that is not odd.
 */
/* clang-format off */
#define STORE_ITEM_TWIN_SQL						\
	"((m.\"mediaType\" IN ('movie', 'tv')"				\
	" AND typeof(m.\"tmdbId\") = 'integer') IS NOT TRUE"		\
	" AND (jair_number(m.\"tmdbId\") IS NULL OR m.\"id\" IN"		\
	" (SELECT \"id\" FROM (SELECT \"id\", row_number() OVER"		\
	" (PARTITION BY jair_text(\"mediaType\"), jair_number(\"tmdbId\")"	\
	" ORDER BY (\"mediaType\" IN ('movie', 'tv')"			\
	" AND typeof(\"tmdbId\") = 'integer') IS NOT TRUE, \"id\") AS n"	\
	" FROM \"Media\") WHERE n > 1)))"
/* clang-format on */

/* In which order a user's items are read. */
enum item_order {
	ORDER_LISTS, /* list by list; in each as below */
	ORDER_TIMES, /* (addedAt, mediaType, tmdbId): no times first, then
			   unreadable ones as they read; then title, id */
	ORDER_STORED /* as they were put into the database */
};

extern const struct db_table store_item_table;

/* A reader of items. */
struct store_item;

/*
 * store_item_open(db, store, err):
 * Prepare reading.  Return 0 with ${store}, which store_item_free releases
 * before ${db} is closed, or -1 with ${err}.
 */
int store_item_open(struct db *db, struct store_item **store, struct err *err);

/*
 * store_item_free(store):
 * Release ${store}; NULL is accepted.
 */
void store_item_free(struct store_item *store);

/*
 * store_item_start(store, user, order, err):
 * Start reading the items of the user with the id ${user}.  Return 0, or -1
 * with ${err}.
 */
int store_item_start(struct store_item *store, int64_t user,
    enum item_order order, struct err *err);

/*
 * store_item_next(store, item, err):
 * Read the next item.  Return 1 with ${item}, good until the next call, 0
 * after the last, or -1 with ${err}.
 */
int store_item_next(struct store_item *store, struct item *item,
    struct err *err);

/*
 * store_item_count(store, count, err):
 * Put the number of rows of UserMedia, whosever they are, into ${count}.
 * Return 0, or -1 with ${err}.
 */
int store_item_count(struct store_item *store, int64_t *count, struct err *err);

#endif
