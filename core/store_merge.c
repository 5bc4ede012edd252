#include "core/store_merge.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "core/str.h"

enum {
	NEXT_USER,
	FIND_USER,
	ADD_USER,
	BIND_ID,
	COUNT_ITEMS,
	COUNT_COMMON,
	COUNT_LIVE,
	COUNT_KEPT,
	FILL_MEDIA,
	SET_MEDIA,
	ADD_MEDIA,
	UPDATE_ITEMS,
	DELETE_ITEMS,
	ADD_ITEMS,
	ADD_FIRST_ITEMS,
	MOVIE_PROFILE,
	TV_PROFILE,
	EARLIER,
	SET_USER,
	FOREIGN,
	DELETE_KEPT,
	ADD_KEPT,
	HAS_CONFIG,
	ADD_CONFIG,
	FILL_CONFIG,
	SET_CONFIG,
	MARK,
	DROP,
	STATEMENTS
};

/* Every column of Media but the id and what identifies a title. */
#define FOR_MEDIA(X, sep)                                                      \
	X(title) sep X(posterUrl)                                              \
	sep X(posterSourceUrl)                                                 \
	sep X(overview)                                                        \
	sep X(backdropUrl)                                                     \
	sep X(backdropSourceUrl)                                               \
	sep X(voteAverage)                                                     \
	sep X(language)                                                        \
	sep X(releaseYear)                                                     \
	sep X(genres)                                                          \
	sep X(keywords)                                                        \
	sep X(director)                                                        \
	sep X(topCast)                                                         \
	sep X(tagline)                                                         \
	sep X(similarIds)                                                      \
	sep X(recommendationIds)                                               \
	sep X(enrichedAt)
#define FOR_CONFIG(X, sep)                                                     \
	X(jellyfinUrl) sep X(jellyseerrUrl)                                    \
	sep X(jellyseerrApiKey)                                                \
	sep X(geminiApiKey)                                                    \
	sep X(geminiModel)                                                     \
	sep X(tmdbApiKey)                                                      \
	sep X(aiProvider)                                                      \
	sep X(openrouterApiKey)                                                \
	sep X(aiModel)                                                         \
	sep X(jellyfinServerId)
#define NAME(c) "\"" #c "\""
#define OF_S(c) "s.\"" #c "\""
#define TAKE(c) "\"" #c "\" = s.\"" #c "\""
#define KEEP(c) "\"" #c "\" = coalesce(m.\"" #c "\", s.\"" #c "\")"
/* An empty setting is none: it takes the place of nothing. */
#define PREFER(c)                                                              \
	"\"" #c "\" = coalesce(nullif(s.\"" #c "\", ''), m.\"" #c              \
	"\", s.\"" #c "\")"
#define DIFFERS(c) "m.\"" #c "\" IS NOT s.\"" #c "\""
#define LACKS(c) "(m.\"" #c "\" IS NULL AND s.\"" #c "\" IS NOT NULL)"

/* A title of "src", as s, and ours of the same name, as m. */
#define SAME_TITLE                                                             \
	" m.\"mediaType\" IS s.\"mediaType\" AND m.\"tmdbId\" IS s.\"tmdbId\" "
/*
 * Ours that another one of the same name changes: where ${differs}.  The
 * planner is led by the hand: it reads FROM in its order only when the table
 * that is changed is found last, by its id, among ids computed before; left
 * alone it scans our whole table for each title.
 */
#define OUR_TITLES(differs)                                                    \
	" FROM (SELECT m.\"id\" AS \"target\", s.* FROM src.\"Media\" s"       \
	" CROSS JOIN main.\"Media\" m WHERE" SAME_TITLE "AND (" differs        \
	") LIMIT -1) s WHERE m.\"id\" = s.\"target\""
/* The entries of one user of "src" (?1), as e, with our titles, as m. */
#define ENTRIES_OF_USER                                                        \
	" FROM src.\"UserMedia\" e CROSS JOIN src.\"Media\" s"                 \
	" CROSS JOIN main.\"Media\" m WHERE e.\"userId\" = ?1"                 \
	" AND s.\"id\" = e.\"mediaId\" AND" SAME_TITLE
#define AGE(t)                                                                 \
	"coalesce(jair_ms(coalesce(" t ".\"updatedAt\", " t ".\"addedAt\")),"  \
	" -9223372036854775808)"
#define INSERT_ENTRIES_OF_USER                                                 \
	"INSERT INTO main.\"UserMedia\" (\"userId\", \"mediaId\","             \
	" \"status\", \"addedAt\", \"updatedAt\", \"blockedAt\","              \
	" \"permanentBlock\", \"softBlockUntil\", \"redemptionAttempts\")"     \
	" SELECT ?2, m.\"id\", e.\"status\", e.\"addedAt\", e.\"updatedAt\","  \
	" e.\"blockedAt\", e.\"permanentBlock\", e.\"softBlockUntil\","        \
	" e.\"redemptionAttempts\"" ENTRIES_OF_USER
#define PROFILE(text, at)                                                      \
	"UPDATE main.\"User\" AS m SET \"" text "\" = s.\"" text "\","         \
	" \"" at "\" = s.\"" at "\" FROM src.\"User\" s WHERE s.\"id\" = ?1"   \
	" AND m.\"id\" = ?2 AND coalesce(s.\"" text "\", '') <> ''"            \
	" AND (coalesce(m.\"" text "\", '') = '' OR"                           \
	" jair_ms(s.\"" at "\") > coalesce(jair_ms(m.\"" at "\"),"             \
	" -9223372036854775808))"                                              \
	" AND (s.\"" text "\" IS NOT m.\"" text "\" OR"                        \
	" s.\"" at "\" IS NOT m.\"" at "\")"

static const char *const sql[STATEMENTS] = {
	[NEXT_USER] = "SELECT \"id\", \"username\" FROM src.\"User\""
		      " WHERE \"id\" > ?1 ORDER BY \"id\" LIMIT 1",
	[FIND_USER] = "SELECT m.\"id\" FROM src.\"User\" s"
		      " JOIN main.\"User\" m ON m.\"username\" = s.\"username\""
		      " WHERE s.\"id\" = ?1",
	[ADD_USER] = "INSERT INTO main.\"User\" (\"username\", \"createdAt\","
		     " \"movieProfile\", \"tvProfile\", \"movieProfileAt\","
		     " \"tvProfileAt\") SELECT \"username\", \"createdAt\","
		     " \"movieProfile\", \"tvProfile\", \"movieProfileAt\","
		     " \"tvProfileAt\" FROM src.\"User\" WHERE \"id\" = ?1",
	[BIND_ID] =
	    "UPDATE main.\"User\" AS m SET"
	    " \"jellyfinUserId\" = s.\"jellyfinUserId\" FROM src.\"User\" s"
	    " WHERE s.\"id\" = ?1 AND m.\"id\" = ?2"
	    " AND m.\"jellyfinUserId\" IS NULL"
	    " AND s.\"jellyfinUserId\" IS NOT NULL"
	    " AND (SELECT \"jellyfinServerId\" FROM main.\"SystemConfig\""
	    " WHERE \"id\" = 1) IS (SELECT \"jellyfinServerId\""
	    " FROM src.\"SystemConfig\" WHERE \"id\" = 1)"
	    " AND NOT EXISTS (SELECT 1 FROM main.\"User\" o"
	    " WHERE o.\"jellyfinUserId\" = s.\"jellyfinUserId\")",
	[COUNT_ITEMS] = "SELECT count(*) FROM src.\"UserMedia\""
			" WHERE \"userId\" = ?1",
	[COUNT_COMMON] =
	    "SELECT count(*)" ENTRIES_OF_USER
	    " AND EXISTS (SELECT 1 FROM main.\"UserMedia\" x"
	    " WHERE x.\"userId\" = ?2 AND x.\"mediaId\" = m.\"id\")",
	[COUNT_LIVE] = "SELECT count(*) FROM main.\"UserMedia\""
		       " WHERE \"userId\" = ?1",
	[COUNT_KEPT] = "SELECT count(*) FROM src.\"JairKept\""
		       " WHERE \"userId\" IS ?1 AND \"kind\" = ?2",
	[FILL_MEDIA] = "UPDATE main.\"Media\" AS m SET " FOR_MEDIA(KEEP, ", ")
	    OUR_TITLES(FOR_MEDIA(LACKS, " OR ")),
	[SET_MEDIA] = "UPDATE main.\"Media\" AS m SET " FOR_MEDIA(TAKE, ", ")
	    OUR_TITLES(FOR_MEDIA(DIFFERS, " OR ")),
	[ADD_MEDIA] =
	    "INSERT INTO main.\"Media\" (\"mediaType\", \"tmdbId\", " FOR_MEDIA(
		NAME,
		", ") ") SELECT s.\"mediaType\", s.\"tmdbId\", " FOR_MEDIA(OF_S,
		", ") " FROM src.\"Media\" s WHERE NOT EXISTS"
		      " (SELECT 1 FROM main.\"Media\" m WHERE" SAME_TITLE ")",
	[UPDATE_ITEMS] =
	    "UPDATE main.\"UserMedia\" AS t SET"
	    " \"status\" = e.\"status\","
	    " \"addedAt\" = coalesce(t.\"addedAt\", e.\"addedAt\"),"
	    /* Ours stays when it was added; what came keeps its age. */
	    " \"updatedAt\" = coalesce(e.\"updatedAt\","
	    " iif(t.\"addedAt\" IS NULL, NULL, e.\"addedAt\")),"
	    " \"blockedAt\" = e.\"blockedAt\","
	    " \"permanentBlock\" = e.\"permanentBlock\","
	    " \"softBlockUntil\" = e.\"softBlockUntil\","
	    " \"redemptionAttempts\" = e.\"redemptionAttempts\""
	    " FROM (SELECT x.\"id\" AS \"target\", e.* FROM"
	    " src.\"UserMedia\" e CROSS JOIN src.\"Media\" s"
	    " CROSS JOIN main.\"Media\" m CROSS JOIN main.\"UserMedia\" x"
	    " WHERE e.\"userId\" = ?1 AND s.\"id\" = e.\"mediaId\" AND" SAME_TITLE
	    "AND x.\"userId\" = ?2 AND x.\"mediaId\" = m.\"id\""
	    " AND " AGE("e") " > " AGE("x") " LIMIT -1) e"
					    " WHERE t.\"id\" = e.\"target\"",
	[DELETE_ITEMS] = "DELETE FROM main.\"UserMedia\" WHERE \"userId\" = ?1",
	[ADD_ITEMS] = INSERT_ENTRIES_OF_USER
	" AND NOT EXISTS (SELECT 1 FROM main.\"UserMedia\" x"
	" WHERE x.\"userId\" = ?2 AND x.\"mediaId\" = m.\"id\")",
	/* Nothing there yet, so that nothing must be looked for. */
	[ADD_FIRST_ITEMS] = INSERT_ENTRIES_OF_USER
	" ON CONFLICT (\"userId\", \"mediaId\") DO NOTHING",
	[MOVIE_PROFILE] = PROFILE("movieProfile", "movieProfileAt"),
	[TV_PROFILE] = PROFILE("tvProfile", "tvProfileAt"),
	/* Who logged in here to get their history back was there before. */
	[EARLIER] = "UPDATE main.\"User\" AS m SET"
		    " \"createdAt\" = s.\"createdAt\" FROM src.\"User\" s"
		    " WHERE s.\"id\" = ?1 AND m.\"id\" = ?2"
		    " AND jair_ms(s.\"createdAt\") <"
		    " coalesce(jair_ms(m.\"createdAt\"), 9223372036854775807)",
	[SET_USER] = "UPDATE main.\"User\" AS m SET"
		     " \"createdAt\" = s.\"createdAt\","
		     " \"movieProfile\" = s.\"movieProfile\","
		     " \"tvProfile\" = s.\"tvProfile\","
		     " \"movieProfileAt\" = s.\"movieProfileAt\","
		     " \"tvProfileAt\" = s.\"tvProfileAt\" FROM src.\"User\" s"
		     " WHERE s.\"id\" = ?1 AND m.\"id\" = ?2",
	[FOREIGN] = "SELECT count(*) FROM src.\"User\" s"
		    " JOIN src.\"SystemConfig\" c ON c.\"id\" = 1"
		    " JOIN main.\"SystemConfig\" m ON m.\"id\" = 1"
		    " WHERE s.\"id\" = ?1 AND s.\"jellyfinUserId\" <> ?2"
		    " AND c.\"jellyfinServerId\" = m.\"jellyfinServerId\"",
	[DELETE_KEPT] = "DELETE FROM main.\"JairKept\" WHERE \"userId\" IS ?1",
	[ADD_KEPT] =
	    "INSERT INTO main.\"JairKept\" (\"userId\", \"kind\","
	    " \"value\") SELECT ?2, s.\"kind\", s.\"value\""
	    " FROM src.\"JairKept\" s WHERE s.\"userId\" IS ?1 AND (?3 OR NOT"
	    " EXISTS (SELECT 1 FROM main.\"JairKept\" m WHERE m.\"userId\" IS"
	    " ?2 AND m.\"kind\" = s.\"kind\" AND m.\"value\" = s.\"value\"))"
	    " ORDER BY s.\"id\"",
	[HAS_CONFIG] = "SELECT count(*) FROM src.\"SystemConfig\""
		       " WHERE \"id\" = 1",
	[ADD_CONFIG] =
	    "INSERT INTO main.\"SystemConfig\" (\"id\","
	    " \"isConfigured\") SELECT 1, 0 WHERE NOT EXISTS (SELECT 1 FROM"
	    " main.\"SystemConfig\" WHERE \"id\" = 1)",
	[FILL_CONFIG] =
	    "UPDATE main.\"SystemConfig\" AS m SET " FOR_CONFIG(PREFER,
		", ") " FROM src.\"SystemConfig\" s"
		      " WHERE s.\"id\" = 1 AND m.\"id\" = 1",
	[SET_CONFIG] = "UPDATE main.\"SystemConfig\" AS m SET " FOR_CONFIG(TAKE,
	    ", ") " FROM src.\"SystemConfig\" s"
		  " WHERE s.\"id\" = 1 AND m.\"id\" = 1",
	[MARK] = "SELECT coalesce(max(\"id\"), 0) FROM main.\"JairKept\"",
	[DROP] = "DELETE FROM main.\"JairKept\" WHERE \"id\" ="
		 " (SELECT min(\"id\") FROM main.\"JairKept\""
		 " WHERE \"id\" > ?1 AND \"userId\" IS ?2"
		 " AND \"kind\" = 'rejected' AND \"value\" = ?3)",
};

const struct db_table store_merge_table = { "merge", sql, STATEMENTS };

struct store_merge {
	struct db *db;
	struct db_stmts *stmts;
	bool titles; /* came already */
};

int
store_merge_attach(struct db *db, const char *path, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int rc;

	if (sqlite3_prepare_v2(db_handle(db), "ATTACH ?1 AS src", -1, &stmt,
		NULL) != SQLITE_OK)
		return db_fail(db, err, "Cannot attach a database");
	(void)sqlite3_bind_text(stmt, 1, path, -1, SQLITE_STATIC);
	rc = sqlite3_step(stmt);
	if (rc != SQLITE_DONE)
		db_fail(db, err, "Cannot attach a database");
	(void)sqlite3_finalize(stmt);
	if (rc != SQLITE_DONE)
		return -1;
	/* With a journal of its own a commit would write a list of both, which
	   a kill leaves behind; what is attached is only read. */
	return db_exec(db, "PRAGMA src.journal_mode=MEMORY", err);
}

void
store_merge_detach(struct db *db)
{
	(void)sqlite3_exec(db_handle(db), "DETACH src", NULL, NULL, NULL);
}

int
store_merge_open(struct db *db, struct store_merge **out, struct err *err)
{
	struct store_merge *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a merge.");
	m->db = db;
	if (db_prepare(db, &store_merge_table, &m->stmts, err)) {
		free(m);
		return -1;
	}
	*out = m;
	return 0;
}

void
store_merge_free(struct store_merge *m)
{
	if (m == NULL)
		return;
	db_stmts_free(m->stmts);
	free(m);
}

/* An id to bind, 0 meaning NULL: nobody. */
static void
bind_id(sqlite3_stmt *stmt, int at, int64_t id)
{
	if (id != 0)
		(void)sqlite3_bind_int64(stmt, at, id);
	else
		(void)sqlite3_bind_null(stmt, at);
}

/* Run statement ${which} for two ids; the rows it changed in ${changed}. */
static int
run(struct store_merge *m, size_t which, int64_t src, int64_t dst,
    int64_t *changed, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(m->stmts, which);

	bind_id(stmt, 1, src);
	if (sqlite3_bind_parameter_count(stmt) > 1)
		bind_id(stmt, 2, dst);
	if (db_run(m->stmts, stmt, err))
		return -1;
	if (changed != NULL)
		*changed += sqlite3_changes64(db_handle(m->db));
	return 0;
}

/* The number that statement ${which} gives; ${text} or ${dst} bound second. */
static int
count(struct store_merge *m, size_t which, int64_t src, int64_t dst,
    const char *text, int64_t *out, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(m->stmts, which);

	if (sqlite3_bind_parameter_count(stmt) > 0)
		bind_id(stmt, 1, src);
	if (text != NULL)
		(void)sqlite3_bind_text(stmt, 2, text, -1, SQLITE_STATIC);
	else if (sqlite3_bind_parameter_count(stmt) > 1)
		bind_id(stmt, 2, dst);
	if (db_step(m->stmts, stmt, err) < 0)
		return -1;
	*out = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_reset(stmt);
	return 0;
}

int
store_merge_next_user(struct store_merge *m, int64_t after, int64_t *src,
    char **name, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(m->stmts, NEXT_USER);
	int rc;

	*src = 0;
	*name = NULL;
	(void)sqlite3_bind_int64(stmt, 1, after);
	if ((rc = db_step(m->stmts, stmt, err)) < 0)
		return -1;
	if (rc == 0)
		return 0;
	*src = sqlite3_column_int64(stmt, 0);
	*name = str_dup((const char *)sqlite3_column_text(stmt, 1), err);
	(void)sqlite3_reset(stmt);
	return *name != NULL ? 0 : -1;
}

int
store_merge_find_user(struct store_merge *m, int64_t src, int64_t *dst,
    struct err *err)
{
	return count(m, FIND_USER, src, 0, NULL, dst, err);
}

int
store_merge_add_user(struct store_merge *m, int64_t src, int64_t *dst,
    struct err *err)
{
	if (run(m, ADD_USER, src, 0, NULL, err))
		return -1;
	*dst = sqlite3_last_insert_rowid(db_handle(m->db));
	return 0;
}

int
store_merge_bind_ids(struct store_merge *m, int64_t src, int64_t dst,
    struct err *err)
{
	return run(m, BIND_ID, src, dst, NULL, err);
}

int
store_merge_foreign_id(struct store_merge *m, int64_t src,
    const char *jellyfin_id, bool *foreign, struct err *err)
{
	int64_t found;

	if (count(m, FOREIGN, src, 0, jellyfin_id, &found, err))
		return -1;
	*foreign = found > 0;
	return 0;
}

/* What can be counted before anything changes. */
static int
count_source(struct store_merge *m, int64_t src, struct merge_counts *c,
    struct err *err)
{
	*c = (struct merge_counts){ 0 };
	if (count(m, COUNT_ITEMS, src, 0, NULL, &c->items, err) ||
	    count(m, COUNT_KEPT, src, 0, "unresolved", &c->unresolved, err))
		return -1;
	return count(m, COUNT_KEPT, src, 0, "rejected", &c->rejected, err);
}

static int
add_kept(struct store_merge *m, int64_t src, int64_t dst, bool all,
    struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(m->stmts, ADD_KEPT);

	bind_id(stmt, 1, src);
	bind_id(stmt, 2, dst);
	(void)sqlite3_bind_int(stmt, 3, all);
	return db_run(m->stmts, stmt, err);
}

/* The titles of all users come with the first, once: most have the same. */
static int
bring_titles(struct store_merge *m, size_t which, struct err *err)
{
	if (m->titles)
		return 0;
	m->titles = true;
	return db_run(m->stmts, db_stmt(m->stmts, which), err) ||
		db_run(m->stmts, db_stmt(m->stmts, ADD_MEDIA), err)
	    ? -1
	    : 0;
}

/* The entries of ${src} that ${dst} has not, or has older. */
static int
bring_items(struct store_merge *m, int64_t src, int64_t dst,
    struct merge_counts *c, struct err *err)
{
	int64_t live;

	if (count(m, COUNT_LIVE, dst, 0, NULL, &live, err))
		return -1;
	if (live == 0)
		return run(m, ADD_FIRST_ITEMS, src, dst, &c->inserted, err);
	return run(m, UPDATE_ITEMS, src, dst, &c->updated, err) ||
		run(m, ADD_ITEMS, src, dst, &c->inserted, err)
	    ? -1
	    : 0;
}

int
store_merge_user(struct store_merge *m, int64_t src, int64_t dst,
    struct merge_counts *c, struct err *err)
{
	if (count_source(m, src, c, err) || bring_titles(m, FILL_MEDIA, err) ||
	    bring_items(m, src, dst, c, err) ||
	    run(m, MOVIE_PROFILE, src, dst, &c->profiles, err) ||
	    run(m, TV_PROFILE, src, dst, &c->profiles, err) ||
	    run(m, EARLIER, src, dst, NULL, err))
		return -1;
	c->kept = c->items - c->inserted - c->updated;
	return add_kept(m, src, dst, false, err);
}

int
store_merge_replace_user(struct store_merge *m, int64_t src, int64_t dst,
    struct merge_counts *c, struct err *err)
{
	int64_t live = 0;

	if (count_source(m, src, c, err) ||
	    count(m, COUNT_COMMON, src, dst, NULL, &c->updated, err) ||
	    count(m, COUNT_LIVE, dst, 0, NULL, &live, err) ||
	    run(m, DELETE_ITEMS, dst, 0, NULL, err) ||
	    bring_titles(m, SET_MEDIA, err) ||
	    run(m, ADD_FIRST_ITEMS, src, dst, &c->inserted, err) ||
	    run(m, SET_USER, src, dst, &c->profiles, err) ||
	    run(m, DELETE_KEPT, dst, 0, NULL, err))
		return -1;
	c->removed = live - c->updated;
	c->inserted -= c->updated;
	return add_kept(m, src, dst, true, err);
}

int
store_merge_config(struct store_merge *m, bool replace, bool *changed,
    struct err *err)
{
	int64_t there;
	size_t which = replace ? SET_CONFIG : FILL_CONFIG;

	if (count(m, HAS_CONFIG, 0, 0, NULL, &there, err))
		return -1;
	*changed = there != 0;
	if (there == 0)
		return 0;
	if (db_run(m->stmts, db_stmt(m->stmts, ADD_CONFIG), err))
		return -1;
	return db_run(m->stmts, db_stmt(m->stmts, which), err);
}

int
store_merge_nobodys(struct store_merge *m, bool replace, struct err *err)
{
	if (replace && run(m, DELETE_KEPT, 0, 0, NULL, err))
		return -1;
	return add_kept(m, 0, 0, replace, err);
}

int
store_merge_mark(struct store_merge *m, int64_t *mark, struct err *err)
{
	return count(m, MARK, 0, 0, NULL, mark, err);
}

int
store_merge_drop(struct store_merge *m, int64_t mark, int64_t dst,
    const char *json, size_t len, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(m->stmts, DROP);

	(void)sqlite3_bind_int64(stmt, 1, mark);
	bind_id(stmt, 2, dst);
	(void)sqlite3_bind_text64(stmt, 3, json, len, SQLITE_STATIC,
	    SQLITE_UTF8);
	return db_run(m->stmts, stmt, err);
}
