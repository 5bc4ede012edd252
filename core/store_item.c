#include "core/store_item.h"

#include <sqlite3.h>
#include <stdlib.h>

enum { SQL_BY_LISTS, SQL_BY_TIMES, SQL_AS_STORED, SQL_TOTAL, SQL_COUNT };

/*
 * The numbers are those of enum item_list.  A BLOB counts as the text that it
 * becomes in an archive, so that it stands there where it will come back to.
 */
#define IS_TV_SQL "CAST(m.\"mediaType\" AS TEXT) = 'tv'"
#define LIST_SQL                                                               \
	"CASE WHEN m.\"id\" IS NULL OR " STORE_ITEM_TWIN_SQL " THEN 6"         \
	" WHEN m.\"mediaType\" IS NULL THEN 5"                                 \
	" ELSE CASE CAST(um.\"status\" AS TEXT)"                               \
	" WHEN 'WATCHED' THEN " IS_TV_SQL                                      \
	" WHEN 'WATCHLIST' THEN 2 + (" IS_TV_SQL ")"                           \
	" WHEN 'BLOCKED' THEN 4 ELSE 5 END END"

/* Mostly unique without the title: no need to carry it through the sort. */
#define ORDER_SQL                                                              \
	"jair_when(um.\"addedAt\"), jair_text(m.\"mediaType\"),"               \
	" jair_number(m.\"tmdbId\"),"                                          \
	" CASE WHEN m.\"mediaType\" IN ('movie', 'tv') THEN NULL"              \
	" ELSE jair_text(m.\"title\") END, um.\"id\""

#define WITH_MEDIA_SQL " LEFT JOIN \"Media\" m ON m.\"id\" = um.\"mediaId\""
#define FROM_SQL " FROM \"UserMedia\" um" WITH_MEDIA_SQL
#define OF_USER_SQL " FROM \"UserMedia\" WHERE \"userId\" = ?1"

/* In the order of enum item_field. */
#define COLUMNS_SQL                                                            \
	" m.\"title\", m.\"tmdbId\", m.\"mediaType\", m.\"releaseYear\","      \
	" m.\"posterUrl\", m.\"overview\", m.\"backdropUrl\","                 \
	" m.\"voteAverage\", um.\"addedAt\", um.\"updatedAt\","                \
	" m.\"language\", m.\"genres\", m.\"keywords\", m.\"director\","       \
	" m.\"topCast\", m.\"tagline\", m.\"similarIds\","                     \
	" m.\"recommendationIds\", m.\"enrichedAt\", m.\"posterSourceUrl\","   \
	" m.\"backdropSourceUrl\", um.\"blockedAt\", um.\"permanentBlock\","   \
	" um.\"softBlockUntil\", um.\"redemptionAttempts\", um.\"status\""

static const char *const sql[SQL_COUNT] = {
	[SQL_BY_LISTS] =
	    "SELECT um.\"id\", " LIST_SQL " AS \"list\"," COLUMNS_SQL FROM_SQL
	    " WHERE um.\"userId\" = ?1 ORDER BY \"list\", " ORDER_SQL,
	[SQL_BY_TIMES] = "SELECT um.\"id\", " LIST_SQL "," COLUMNS_SQL FROM_SQL
			 " WHERE um.\"userId\" = ?1 ORDER BY " ORDER_SQL,
	/* From the first to the last row of the user, past others' between. */
	[SQL_AS_STORED] =
	    "SELECT um.\"id\", " LIST_SQL "," COLUMNS_SQL
	    " FROM \"UserMedia\" um NOT INDEXED" WITH_MEDIA_SQL
	    " WHERE um.\"userId\" = ?1"
	    " AND um.\"id\" >= (SELECT min(\"id\")" OF_USER_SQL ")"
	    " ORDER BY um.\"id\" LIMIT (SELECT count(*)" OF_USER_SQL ")",
	[SQL_TOTAL] = "SELECT count(*) FROM \"UserMedia\"",
};

const struct db_table store_item_table = { "store_item", sql, SQL_COUNT };

struct store_item {
	struct db_stmts *stmts;
	sqlite3_stmt *ids;
};

int
store_item_open(struct db *db, struct store_item **out, struct err *err)
{
	struct store_item *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a store.");
	if (db_prepare(db, &store_item_table, &store->stmts, err)) {
		store_item_free(store);
		return -1;
	}
	*out = store;
	return 0;
}

void
store_item_free(struct store_item *store)
{
	if (store == NULL)
		return;
	db_stmts_free(store->stmts);
	free(store);
}

int
store_item_start(struct store_item *store, int64_t user, enum item_order order,
    struct err *err)
{
	static const size_t by_order[] = {
		[ORDER_LISTS] = SQL_BY_LISTS,
		[ORDER_TIMES] = SQL_BY_TIMES,
		[ORDER_STORED] = SQL_AS_STORED,
	};

	store->ids = db_stmt(store->stmts, by_order[order]);
	if (sqlite3_bind_int64(store->ids, 1, user) != SQLITE_OK)
		return err_set(err, ERR_DB,
		    "Cannot ask for the items of user "
		    "%lld.",
		    (long long)user);
	return 0;
}

int
store_item_next(struct store_item *store, struct item *item, struct err *err)
{
	int rc = db_step(store->stmts, store->ids, err);
	int list;

	if (rc != 1)
		return rc;
	item->id = sqlite3_column_int64(store->ids, 0);
	list = sqlite3_column_int(store->ids, 1);
	item->list = (enum item_list)list;
	if (item->list == LIST_DANGLING)
		return 1;
	return store_value_read(store->ids, 2, item->v, ITEM_FIELDS, err) ? -1
									  : 1;
}

int
store_item_count(struct store_item *store, int64_t *count, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(store->stmts, SQL_TOTAL);

	if (db_step(store->stmts, stmt, err) != 1)
		return -1;
	*count = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_reset(stmt);
	return 0;
}
