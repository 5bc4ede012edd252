#include "core/store_rejected.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/store_item.h"

/* Statements that every database can run. */
enum {
	SQL_HAS_TABLE,
	SQL_NO_MEDIA,
	SQL_TWIN,
	SQL_NO_USER,
	SQL_CONFIG,
	SQL_COUNT
};

static const char *const sql[SQL_COUNT] = {
	[SQL_HAS_TABLE] =
	    "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1",
	[SQL_NO_MEDIA] =
	    "SELECT *, 'mediaId names no row of Media' AS \"_jair_reason\""
	    " FROM \"UserMedia\" WHERE \"userId\" = ?1"
	    " AND (\"mediaId\" IS NULL OR \"mediaId\" NOT IN (SELECT \"id\" FROM \"Media\"))"
	    " ORDER BY \"id\"",
	[SQL_TWIN] =
	    "SELECT um.*, m.\"title\", m.\"tmdbId\", m.\"mediaType\","
	    " m.\"releaseYear\", m.\"posterUrl\", m.\"overview\","
	    " m.\"backdropUrl\", m.\"voteAverage\", m.\"language\","
	    " m.\"genres\", m.\"keywords\", m.\"director\", m.\"topCast\","
	    " m.\"tagline\", m.\"similarIds\", m.\"recommendationIds\","
	    " m.\"enrichedAt\", m.\"posterSourceUrl\","
	    " m.\"backdropSourceUrl\","
	    " 'mediaType and tmdbId name no title, or another one'"
	    " AS \"_jair_reason\""
	    " FROM \"UserMedia\" um"
	    " JOIN \"Media\" m ON m.\"id\" = um.\"mediaId\""
	    " WHERE um.\"userId\" = ?1 AND " STORE_ITEM_TWIN_SQL
	    " ORDER BY um.\"id\"",
	[SQL_NO_USER] =
	    "SELECT *, 'userId names no row of User' AS \"_jair_reason\""
	    " FROM \"UserMedia\" WHERE \"userId\" IS NULL OR \"userId\" NOT IN (SELECT \"id\" FROM \"User\")"
	    " ORDER BY \"id\"",
	[SQL_CONFIG] =
	    ("SELECT *, 'only the row with id 1 counts' AS \"_jair_reason\""
	     " FROM \"SystemConfig\" WHERE \"id\" <> 1 ORDER BY \"id\""),
};

const struct db_table store_rejected_table = { "store_rejected", sql,
	SQL_COUNT };

/*
 * The tables that schema sync may have made.  They are in few databases, so
 * their statements are compiled when the table is found.  What is not listed
 * (sessions, jobs) stays on this server.
 */
enum {
	MADE_MINE,
	MADE_UNOWNED,
	MADE_USER,
	MADE_MEDIA,
	MADE_CONFIG,
	MADE_KEPT,
	MADE_COUNT
};

static const struct {
	const char *name; /* of the table made */
	const char *table; /* that its rows were in */
	const char *sql;
	const char *plain; /* when ${sql} does not compile: the rows
				   have no userId */
} made[MADE_COUNT] = {
	[MADE_MINE] = { "_jair_rejected_UserMedia", "UserMedia",
	    "SELECT * FROM \"_jair_rejected_UserMedia\""
	    " WHERE \"userId\" = ?1 ORDER BY rowid",
	    "SELECT NULL WHERE ?1 IS NULL" },
	[MADE_UNOWNED] = { "_jair_rejected_UserMedia", "UserMedia",
	    "SELECT * FROM \"_jair_rejected_UserMedia\""
	    " WHERE \"userId\" IS NULL"
	    " OR \"userId\" NOT IN (SELECT \"id\" FROM \"User\")"
	    " ORDER BY rowid",
	    "SELECT * FROM \"_jair_rejected_UserMedia\" ORDER BY rowid" },
	[MADE_USER] = { "_jair_rejected_User", "User",
	    "SELECT * FROM \"_jair_rejected_User\" ORDER BY rowid", NULL },
	[MADE_MEDIA] = { "_jair_rejected_Media", "Media",
	    "SELECT * FROM \"_jair_rejected_Media\" ORDER BY rowid", NULL },
	[MADE_CONFIG] = { "_jair_rejected_SystemConfig", "SystemConfig",
	    "SELECT * FROM \"_jair_rejected_SystemConfig\" ORDER BY rowid",
	    NULL },
	[MADE_KEPT] = { "_jair_rejected_JairKept", "JairKept",
	    "SELECT * FROM \"_jair_rejected_JairKept\" ORDER BY rowid", NULL },
};

#define QUEUE_MAX (MADE_COUNT + SQL_COUNT)

/* Statements to read one after the other. */
struct source {
	const char *table;
	sqlite3_stmt *stmt;
};

struct store_rejected {
	struct db_stmts *stmts;
	sqlite3_stmt *made[MADE_COUNT]; /* NULL where there is no table */
	struct source queue[QUEUE_MAX];
	size_t queued;
	size_t at;
};

/* Compile the statement of a table that schema sync made, if it did. */
static int
open_made(struct store_rejected *store, struct db *db, size_t i,
    struct err *err)
{
	sqlite3_stmt *has = db_stmt(store->stmts, SQL_HAS_TABLE);
	int rc;

	(void)sqlite3_bind_text(has, 1, made[i].name, -1, SQLITE_STATIC);
	rc = db_step(store->stmts, has, err);
	(void)sqlite3_reset(has);
	if (rc != 1)
		return rc;
	if (sqlite3_prepare_v2(db_handle(db), made[i].sql, -1, &store->made[i],
		NULL) == SQLITE_OK)
		return 0;
	if (made[i].plain == NULL ||
	    sqlite3_prepare_v2(db_handle(db), made[i].plain, -1,
		&store->made[i], NULL) != SQLITE_OK)
		return db_fail(db, err,
		    "Cannot read what schema sync put "
		    "aside");
	return 0;
}

int
store_rejected_open(struct db *db, struct store_rejected **out, struct err *err)
{
	struct store_rejected *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a store.");
	if (db_prepare(db, &store_rejected_table, &store->stmts, err))
		goto fail;
	for (size_t i = 0; i < MADE_COUNT; i++) {
		if (open_made(store, db, i, err))
			goto fail;
	}
	*out = store;
	return 0;
fail:
	store_rejected_free(store);
	return -1;
}

void
store_rejected_free(struct store_rejected *store)
{
	if (store == NULL)
		return;
	for (size_t i = 0; i < MADE_COUNT; i++)
		(void)sqlite3_finalize(store->made[i]);
	db_stmts_free(store->stmts);
	free(store);
}

static void
queue(struct store_rejected *store, const char *table, sqlite3_stmt *stmt)
{
	if (stmt == NULL)
		return;
	(void)sqlite3_reset(stmt);
	store->queue[store->queued].table = table;
	store->queue[store->queued].stmt = stmt;
	store->queued++;
}

void
store_rejected_of_user(struct store_rejected *store, int64_t user,
    bool dangling)
{
	store->queued = 0;
	store->at = 0;
	if (dangling) {
		queue(store, "UserMedia", db_stmt(store->stmts, SQL_NO_MEDIA));
		queue(store, "UserMedia", db_stmt(store->stmts, SQL_TWIN));
	}
	queue(store, made[MADE_MINE].table, store->made[MADE_MINE]);
	for (size_t i = 0; i < store->queued; i++)
		(void)sqlite3_bind_int64(store->queue[i].stmt, 1, user);
}

void
store_rejected_of_none(struct store_rejected *store, bool dangling)
{
	store->queued = 0;
	store->at = 0;
	queue(store, "SystemConfig", db_stmt(store->stmts, SQL_CONFIG));
	if (dangling)
		queue(store, "UserMedia", db_stmt(store->stmts, SQL_NO_USER));
	for (size_t i = MADE_UNOWNED; i < MADE_COUNT; i++)
		queue(store, made[i].table, store->made[i]);
}

/* The value of the column ${name}, or NULL when there is none. */
static int
read_named(sqlite3_stmt *stmt, const char *name, struct value *value,
    struct err *err)
{
	*value = (struct value){ .kind = VALUE_NULL };
	for (int i = 0; i < sqlite3_column_count(stmt); i++) {
		const char *column = sqlite3_column_name(stmt, i);

		if (column != NULL && strcasecmp(column, name) == 0)
			return store_value_read(stmt, i, value, 1, err);
	}
	return 0;
}

int
store_rejected_next(struct store_rejected *store, struct rejected *row,
    struct err *err)
{
	for (; store->at < store->queued; store->at++) {
		struct source *from = &store->queue[store->at];
		int rc = db_step(store->stmts, from->stmt, err);

		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		row->table = from->table;
		if (read_named(from->stmt, "id", &row->id, err) ||
		    read_named(from->stmt, "_jair_reason", &row->reason, err))
			return -1;
		return 1;
	}
	return 0;
}

int
store_rejected_column(struct store_rejected *store, int i, const char **name,
    struct value *value, struct err *err)
{
	sqlite3_stmt *stmt = store->queue[store->at].stmt;

	if (i >= sqlite3_column_count(stmt))
		return 0;
	if ((*name = sqlite3_column_name(stmt, i)) == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a column.");
	if (strncmp(*name, "_jair_", strlen("_jair_")) == 0 ||
	    strcasecmp(*name, "passwordHash") == 0) {
		*name = NULL;
		return 1;
	}
	return store_value_read(stmt, i, value, 1, err) ? -1 : 1;
}
