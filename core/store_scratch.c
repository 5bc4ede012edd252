#include "core/store_scratch.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/store_seen.h"
#include "core/store_value.h"
#include "core/str.h"

enum {
	ADD_CONFIG,
	ADD_USER,
	DESCRIBE,
	FIND_MEDIA,
	ADD_MEDIA,
	FILL_MEDIA,
	FIND_ITEM,
	ADD_ITEM,
	REPLACE_ITEM,
	KEEP,
	STATEMENTS
};

/*
 * The columns of Media that describe a title, in the order in which put_media
 * binds them from ?3 on.
 */
#define FOR_MEDIA(X, sep)                                                      \
	X("title", "3")                                                        \
	sep X("releaseYear", "4") sep X("posterUrl", "5")                      \
	    sep X("overview", "6") sep X("backdropUrl", "7")                   \
		sep X("voteAverage", "8") sep X("language", "9")               \
		    sep X("genres", "10") sep X("keywords", "11")              \
			sep X("director", "12") sep X("topCast", "13")         \
			    sep X("tagline", "14") sep X("similarIds", "15")   \
				sep X("recommendationIds", "16")               \
				    sep X("enrichedAt", "17")                  \
					sep X("posterSourceUrl", "18")         \
					    sep X("backdropSourceUrl", "19")
#define NAME(column, n) "\"" column "\""
#define BIND(column, n) "?" n
#define FILL(column, n) "\"" column "\" = coalesce(\"" column "\", ?" n ")"
#define LACKS(column, n) "(\"" column "\" IS NULL AND ?" n " IS NOT NULL)"

static const char *const sql[STATEMENTS] = {
	[ADD_CONFIG] =
	    "INSERT INTO \"SystemConfig\" (\"id\","
	    " \"jellyfinUrl\", \"jellyseerrUrl\", \"jellyseerrApiKey\","
	    " \"geminiApiKey\", \"geminiModel\", \"aiProvider\","
	    " \"openrouterApiKey\", \"aiModel\", \"tmdbApiKey\","
	    " \"jellyfinServerId\", \"isConfigured\")"
	    " VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0)",
	[ADD_USER] = "INSERT INTO \"User\" (\"username\", \"createdAt\")"
		     " VALUES (?1, NULL)",
	[DESCRIBE] =
	    "UPDATE \"User\" SET \"movieProfile\" = ?2,"
	    " \"tvProfile\" = ?3, \"movieProfileAt\" = ?4,"
	    " \"tvProfileAt\" = ?5, \"createdAt\" = ?6,"
	    /* Text and BLOB of the same bytes are two ids for a database. */
	    " \"jellyfinUserId\" = CASE"
	    " WHEN NOT EXISTS (SELECT 1 FROM \"User\""
	    " WHERE \"jellyfinUserId\" = ?7 AND \"id\" <> ?1) THEN ?7"
	    " WHEN NOT EXISTS (SELECT 1 FROM \"User\""
	    " WHERE \"jellyfinUserId\" = CAST(?7 AS BLOB) AND \"id\" <> ?1)"
	    " THEN CAST(?7 AS BLOB) END WHERE \"id\" = ?1",
	[FIND_MEDIA] = "SELECT \"id\" FROM \"Media\""
		       " WHERE \"mediaType\" IS ?1 AND \"tmdbId\" IS ?2",
	[ADD_MEDIA] =
	    "INSERT INTO \"Media\" (\"mediaType\", \"tmdbId\", " FOR_MEDIA(NAME,
		", ") ") VALUES (?1, ?2, " FOR_MEDIA(BIND, ", ") ")",
	[FILL_MEDIA] = "UPDATE \"Media\" SET " FOR_MEDIA(FILL,
	    ", ") " WHERE \"id\" = ?1"
		  " AND (" FOR_MEDIA(LACKS, " OR ") ")",
	[FIND_ITEM] =
	    "SELECT \"addedAt\", \"status\""
	    " FROM \"UserMedia\" WHERE \"userId\" = ?1 AND \"mediaId\" = ?2",
	[ADD_ITEM] =
	    "INSERT INTO \"UserMedia\" (\"userId\", \"mediaId\","
	    " \"status\", \"addedAt\", \"updatedAt\", \"blockedAt\","
	    " \"permanentBlock\", \"softBlockUntil\", \"redemptionAttempts\")"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
	    " ON CONFLICT (\"userId\", \"mediaId\") DO NOTHING",
	[REPLACE_ITEM] =
	    "UPDATE \"UserMedia\" SET \"status\" = ?3,"
	    " \"addedAt\" = ?4, \"updatedAt\" = ?5, \"blockedAt\" = ?6,"
	    " \"permanentBlock\" = ?7, \"softBlockUntil\" = ?8,"
	    " \"redemptionAttempts\" = ?9"
	    " WHERE \"userId\" = ?1 AND \"mediaId\" = ?2",
	[KEEP] = "INSERT INTO \"JairKept\" (\"userId\", \"kind\", \"value\")"
		 " VALUES (nullif(?1, 0), ?2, ?3)",
};

const struct db_table store_scratch_table = { "scratch", sql, STATEMENTS };

/* The fields of an item that describe a title, in the order of FOR_MEDIA. */
static const enum item_field media_fields[] = {
	ITEM_TITLE,
	ITEM_RELEASE_YEAR,
	ITEM_POSTER_URL,
	ITEM_OVERVIEW,
	ITEM_BACKDROP_URL,
	ITEM_VOTE_AVERAGE,
	ITEM_LANGUAGE,
	ITEM_GENRES,
	ITEM_KEYWORDS,
	ITEM_DIRECTOR,
	ITEM_TOP_CAST,
	ITEM_TAGLINE,
	ITEM_SIMILAR_IDS,
	ITEM_RECOMMENDATION_IDS,
	ITEM_ENRICHED_AT,
	ITEM_POSTER_SOURCE_URL,
	ITEM_BACKDROP_SOURCE_URL,
};
#define MEDIA_FIELDS (int)(sizeof(media_fields) / sizeof(media_fields[0]))

struct store_scratch {
	struct db *db;
	struct db_stmts *stmts;
	struct store_seen *seen;
};

int
store_scratch_open(struct db *db, struct store_scratch **out, struct err *err)
{
	struct store_scratch *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a restore.");
	s->db = db;
	if ((s->seen = store_seen_new()) == NULL) {
		store_scratch_free(s);
		return err_set(err, ERR_NOMEM, "No memory for a restore.");
	}
	if (db_prepare(db, &store_scratch_table, &s->stmts, err)) {
		store_scratch_free(s);
		return -1;
	}
	*out = s;
	return 0;
}

void
store_scratch_free(struct store_scratch *s)
{
	if (s == NULL)
		return;
	db_stmts_free(s->stmts);
	store_seen_free(s->seen);
	free(s);
}

/*
 * Bind a time in the form we write, or what is no time as it is.  A column of
 * times would make a number of a text like "2025", which then means a moment
 * of 1970; as a BLOB it stays what it is.
 */
static void
bind_time(sqlite3_stmt *stmt, int at, const struct value *v)
{
	struct value odd = *v;
	char iso[CLOCK_ISO_MAX];
	double number;
	int64_t ms;

	if (v->kind == VALUE_TEXT && clock_parse(v->s, v->len, &ms) == 0) {
		(void)sqlite3_bind_text(stmt, at, clock_iso(ms, iso), -1,
		    SQLITE_TRANSIENT);
		return;
	}
	if (v->kind == VALUE_TEXT && str_double(v->s, v->len, &number) == 0)
		odd.kind = VALUE_BLOB;
	store_value_bind(stmt, at, &odd);
}

int
store_scratch_config(struct store_scratch *s, const struct value *v,
    struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, ADD_CONFIG);

	for (int i = 0; i < SCRATCH_CONFIG_KEYS; i++)
		store_value_bind(stmt, i + 1, &v[i]);
	return db_run(s->stmts, stmt, err);
}

int
store_scratch_user(struct store_scratch *s, const char *name, size_t len,
    int64_t *id, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, ADD_USER);

	(void)sqlite3_bind_text64(stmt, 1, name, len, SQLITE_STATIC,
	    SQLITE_UTF8);
	if (db_run(s->stmts, stmt, err))
		return -1;
	*id = sqlite3_last_insert_rowid(db_handle(s->db));
	return 0;
}

int
store_scratch_describe(struct store_scratch *s, int64_t user,
    const struct value *v, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, DESCRIBE);

	(void)sqlite3_bind_int64(stmt, 1, user);
	store_value_bind(stmt, 2, &v[SCRATCH_MOVIE_PROFILE]);
	store_value_bind(stmt, 3, &v[SCRATCH_TV_PROFILE]);
	bind_time(stmt, 4, &v[SCRATCH_MOVIE_PROFILE_AT]);
	bind_time(stmt, 5, &v[SCRATCH_TV_PROFILE_AT]);
	bind_time(stmt, 6, &v[SCRATCH_CREATED_AT]);
	store_value_bind(stmt, 7, &v[SCRATCH_JELLYFIN_USER_ID]);
	return db_run(s->stmts, stmt, err);
}

/* Bind what describes a title, and run ADD_MEDIA or FILL_MEDIA. */
static int
put_media(struct store_scratch *s, sqlite3_stmt *stmt, const struct value *v,
    struct err *err)
{
	for (int i = 0; i < MEDIA_FIELDS; i++) {
		if (media_fields[i] == ITEM_ENRICHED_AT)
			bind_time(stmt, i + 3, &v[media_fields[i]]);
		else
			store_value_bind(stmt, i + 3, &v[media_fields[i]]);
	}
	return db_run(s->stmts, stmt, err);
}

/* The row of Media with the title of the item; 0 when there is none. */
static int
find_media(struct store_scratch *s, const struct value *v, int64_t *id,
    struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, FIND_MEDIA);
	int rc;

	*id = 0;
	store_value_bind(stmt, 1, &v[ITEM_MEDIA_TYPE]);
	store_value_bind(stmt, 2, &v[ITEM_TMDB_ID]);
	if ((rc = db_step(s->stmts, stmt, err)) < 0)
		return -1;
	if (rc == 1)
		*id = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_reset(stmt);
	return 0;
}

static int
add_media(struct store_scratch *s, const struct value *v, int64_t *id,
    struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, ADD_MEDIA);

	store_value_bind(stmt, 1, &v[ITEM_MEDIA_TYPE]);
	store_value_bind(stmt, 2, &v[ITEM_TMDB_ID]);
	if (put_media(s, stmt, v, err))
		return -1;
	*id = sqlite3_last_insert_rowid(db_handle(s->db));
	return 0;
}

/* Give the row of Media what it lacks. */
static int
fill_media(struct store_scratch *s, const struct value *v, int64_t id,
    struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, FILL_MEDIA);

	(void)sqlite3_bind_int64(stmt, 1, id);
	return put_media(s, stmt, v, err);
}

/* The columns that the item has a value for, as bits. */
static uint32_t
described(const struct value *v)
{
	uint32_t bits = 0;

	for (int i = 0; i < MEDIA_FIELDS; i++) {
		if (v[media_fields[i]].kind != VALUE_NULL)
			bits |= UINT32_C(1) << i;
	}
	return bits;
}

/* See to it that Media has all that the item says of its title. */
static int
describe_media(struct store_scratch *s, const struct value *v, int64_t *id,
    struct err *err)
{
	struct seen_title *title = store_seen_title(s->seen, v);
	uint32_t has = described(v);

	*id = title != NULL ? title->row : 0;
	if (*id != 0 && (title->lacks & has) == 0)
		return 0;
	if (*id == 0) {
		if (find_media(s, v, id, err))
			return -1;
		if (title != NULL)
			title->lacks = UINT32_MAX;
	}
	if (*id != 0 ? fill_media(s, v, *id, err) : add_media(s, v, id, err))
		return -1;
	if (title != NULL) {
		title->row = *id;
		title->lacks &= ~has;
	}
	return 0;
}

static int
put_item(struct store_scratch *s, size_t which, int64_t user, int64_t media,
    const struct value *v, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, which);

	(void)sqlite3_bind_int64(stmt, 1, user);
	(void)sqlite3_bind_int64(stmt, 2, media);
	store_value_bind(stmt, 3, &v[ITEM_STATUS]);
	bind_time(stmt, 4, &v[ITEM_ADDED_AT]);
	bind_time(stmt, 5, &v[ITEM_UPDATED_AT]);
	bind_time(stmt, 6, &v[ITEM_BLOCKED_AT]);
	store_value_bind(stmt, 7, &v[ITEM_PERMANENT_BLOCK]);
	bind_time(stmt, 8, &v[ITEM_SOFT_BLOCK_UNTIL]);
	store_value_bind(stmt, 9, &v[ITEM_REDEMPTION_ATTEMPTS]);
	return db_run(s->stmts, stmt, err);
}

/* Which of two stays: the item, or the one that stood there before. */
static int
judge(struct store_scratch *s, int64_t user, int64_t media,
    const struct value *v, enum scratch_outcome *outcome, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, FIND_ITEM);
	struct value there[2];

	(void)sqlite3_bind_int64(stmt, 1, user);
	(void)sqlite3_bind_int64(stmt, 2, media);
	if (db_step(s->stmts, stmt, err) < 0 ||
	    store_value_read(stmt, 0, there, 2, err))
		return -1;
	*outcome = item_is_newer(v, &there[0], &there[1]) ? SCRATCH_NEWER
							  : SCRATCH_OLDER;
	(void)sqlite3_reset(stmt);
	return 0;
}

int
store_scratch_item(struct store_scratch *s, int64_t user, const struct value *v,
    enum scratch_outcome *outcome, struct err *err)
{
	int64_t media;

	*outcome = SCRATCH_NEW;
	if (describe_media(s, v, &media, err) ||
	    put_item(s, ADD_ITEM, user, media, v, err))
		return -1;
	if (sqlite3_changes64(db_handle(s->db)) == 1)
		return 0;
	if (judge(s, user, media, v, outcome, err))
		return -1;
	return *outcome == SCRATCH_OLDER
	    ? 0
	    : put_item(s, REPLACE_ITEM, user, media, v, err);
}

int
store_scratch_keep(struct store_scratch *s, int64_t user, const char *kind,
    const char *json, size_t len, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, KEEP);

	(void)sqlite3_bind_int64(stmt, 1, user);
	(void)sqlite3_bind_text(stmt, 2, kind, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text64(stmt, 3, json, len, SQLITE_STATIC,
	    SQLITE_UTF8);
	return db_run(s->stmts, stmt, err);
}
