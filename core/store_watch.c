#include "core/store_watch.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/store_value.h"

enum { MEDIA, ADD, MOVE, STATEMENTS };

static const char *const sql[STATEMENTS] = {
	/* What is known already is not overwritten. */
	[MEDIA] =
	    "INSERT INTO \"Media\" (\"mediaType\", \"tmdbId\", \"title\","
	    " \"overview\", \"releaseYear\", \"genres\")"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
	    " ON CONFLICT (\"mediaType\", \"tmdbId\") DO UPDATE SET"
	    " \"title\" = coalesce(\"title\", excluded.\"title\"),"
	    " \"overview\" = coalesce(\"overview\", excluded.\"overview\"),"
	    " \"releaseYear\" ="
	    " coalesce(\"releaseYear\", excluded.\"releaseYear\"),"
	    " \"genres\" = coalesce(\"genres\", excluded.\"genres\")",
	[ADD] = "INSERT OR IGNORE INTO \"UserMedia\" (\"userId\","
		" \"mediaId\", \"status\", \"addedAt\", \"updatedAt\")"
		" SELECT ?1, \"id\", 'WATCHED', ?4, ?4 FROM \"Media\""
		" WHERE \"mediaType\" = ?2 AND \"tmdbId\" = ?3",
	/* An unreadable time is the oldest. */
	[MOVE] = "UPDATE \"UserMedia\" SET \"status\" = 'WATCHED',"
		 " \"updatedAt\" = ?4 WHERE \"userId\" = ?1"
		 " AND \"mediaId\" = (SELECT \"id\" FROM \"Media\" WHERE"
		 " \"mediaType\" = ?2 AND \"tmdbId\" = ?3)"
		 " AND \"status\" = 'WATCHLIST' AND jair_ms(?4) >"
		 " coalesce(jair_ms(coalesce(\"updatedAt\", \"addedAt\")),"
		 " -9223372036854775807)",
};

const struct db_table store_watch_table = { "watch", sql, STATEMENTS };

struct store_watch {
	struct db *db;
	struct db_stmts *stmts;
};

int
store_watch_open(struct db *db, struct store_watch **out, struct err *err)
{
	struct store_watch *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a sync.");
	s->db = db;
	if (db_prepare(db, &store_watch_table, &s->stmts, err)) {
		free(s);
		return -1;
	}
	*out = s;
	return 0;
}

void
store_watch_free(struct store_watch *s)
{
	if (s == NULL)
		return;
	db_stmts_free(s->stmts);
	free(s);
}

static int
put_media(struct store_watch *s, const struct watched *w, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, MEDIA);

	store_value_bind_text(stmt, 1, w->media_type);
	(void)sqlite3_bind_int64(stmt, 2, w->tmdb_id);
	store_value_bind_text(stmt, 3, w->title);
	store_value_bind_text(stmt, 4, w->overview);
	store_value_bind_text(stmt, 5, w->release_year);
	store_value_bind_text(stmt, 6, w->genres);
	return db_run(s->stmts, stmt, err);
}

/* Run ADD or MOVE; ${done} says whether it changed a row. */
static int
change_entry(struct store_watch *s, size_t index, int64_t user,
    const struct watched *w, const char *at, bool *done, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, index);

	(void)sqlite3_bind_int64(stmt, 1, user);
	store_value_bind_text(stmt, 2, w->media_type);
	(void)sqlite3_bind_int64(stmt, 3, w->tmdb_id);
	store_value_bind_text(stmt, 4, at);
	if (db_run(s->stmts, stmt, err))
		return -1;
	*done = sqlite3_changes(db_handle(s->db)) == 1;
	return 0;
}

int
store_watch_put(struct store_watch *s, int64_t user, const struct watched *w,
    enum watch_change *change, struct err *err)
{
	char now[CLOCK_ISO_MAX];
	const char *at = w->played_at;
	bool added;
	bool moved = false;

	if (at == NULL)
		at = clock_iso(clock_now(), now);
	if (put_media(s, w, err) ||
	    change_entry(s, ADD, user, w, at, &added, err) ||
	    (!added && w->played_at != NULL &&
		change_entry(s, MOVE, user, w, at, &moved, err)))
		return -1;
	*change = added ? WATCH_ADDED : moved ? WATCH_MOVED : WATCH_KEPT;
	return 0;
}
