#include "core/store_scratch.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"

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

/* The columns of Media, in the order in which put_media binds them. */
#define MEDIA                                                                  \
	"\"mediaType\", \"tmdbId\", \"title\", \"releaseYear\","               \
	" \"posterUrl\", \"overview\", \"backdropUrl\", \"voteAverage\","      \
	" \"language\", \"genres\", \"keywords\", \"director\","               \
	" \"topCast\", \"tagline\", \"similarIds\", \"recommendationIds\","    \
	" \"enrichedAt\", \"posterSourceUrl\", \"backdropSourceUrl\""
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
	    "INSERT INTO \"Media\" (" MEDIA ") VALUES (?1, ?2, ?3,"
	    " ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,"
	    " ?18, ?19)",
	[FILL_MEDIA] = "UPDATE \"Media\" SET " FILL("title",
	    "3") ", " FILL("releaseYear", "4") ", " FILL("posterUrl",
	    "5") ", " FILL("overview", "6") ", " FILL("backdropUrl",
	    "7") ", " FILL("voteAverage", "8") ", " FILL("language",
	    "9") ", " FILL("genres", "10") ", " FILL("keywords",
	    "11") ", " FILL("director", "12") ", " FILL("topCast",
	    "13") ", " FILL("tagline", "14") ", " FILL("similarIds",
	    "15") ", " FILL("recommendationIds", "16") ", " FILL("enrichedAt",
	    "17") ", " FILL("posterSourceUrl",
	    "18") ", " FILL("backdropSourceUrl",
	    "19") " WHERE \"mediaType\" IS ?1 AND \"tmdbId\" IS ?2 AND (" LACKS("title",
	    "3") " OR " LACKS("releaseYear", "4") " OR " LACKS("posterUrl",
	    "5") " OR " LACKS("overview", "6") " OR " LACKS("backdropUrl",
	    "7") " OR " LACKS("voteAverage", "8") " OR " LACKS("language",
	    "9") " OR " LACKS("genres", "10") " OR " LACKS("keywords",
	    "11") " OR " LACKS("director", "12") " OR " LACKS("topCast",
	    "13") " OR " LACKS("tagline", "14") " OR " LACKS("similarIds",
	    "15") " OR " LACKS("recommendationIds",
	    "16") " OR " LACKS("enrichedAt",
	    "17") " OR " LACKS("posterSourceUrl",
	    "18") " OR " LACKS("backdropSourceUrl", "19") ")",
	[FIND_ITEM] =
	    "SELECT \"id\", \"addedAt\", \"status\""
	    " FROM \"UserMedia\" WHERE \"userId\" = ?1 AND \"mediaId\" = ?2",
	[ADD_ITEM] =
	    "INSERT INTO \"UserMedia\" (\"userId\", \"mediaId\","
	    " \"status\", \"addedAt\", \"updatedAt\", \"blockedAt\","
	    " \"permanentBlock\", \"softBlockUntil\", \"redemptionAttempts\")"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
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

struct store_scratch {
	struct db *db;
	struct db_stmts *stmts;
};

int
store_scratch_open(struct db *db, struct store_scratch **out, struct err *err)
{
	struct store_scratch *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a restore.");
	s->db = db;
	if (db_prepare(db, &store_scratch_table, &s->stmts, err)) {
		free(s);
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
	free(s);
}

/* Bind as it is; the bytes live until the statement has run. */
static void
bind(sqlite3_stmt *stmt, int at, const struct value *v)
{
	switch (v->kind) {
	case VALUE_INT:
		(void)sqlite3_bind_int64(stmt, at, v->i);
		break;
	case VALUE_REAL:
		(void)sqlite3_bind_double(stmt, at, v->d);
		break;
	case VALUE_TEXT:
		(void)sqlite3_bind_text64(stmt, at, v->s, v->len, SQLITE_STATIC,
		    SQLITE_UTF8);
		break;
	case VALUE_BLOB:
		(void)sqlite3_bind_blob64(stmt, at, v->s, v->len,
		    SQLITE_STATIC);
		break;
	case VALUE_NULL:
		(void)sqlite3_bind_null(stmt, at);
		break;
	}
}

/* Bind a time in the form we write, or what is no time as it is. */
static void
bind_time(sqlite3_stmt *stmt, int at, const struct value *v)
{
	char iso[CLOCK_ISO_MAX];
	int64_t ms;

	if (v->kind == VALUE_TEXT && clock_parse(v->s, v->len, &ms) == 0)
		(void)sqlite3_bind_text(stmt, at, clock_iso(ms, iso), -1,
		    SQLITE_TRANSIENT);
	else
		bind(stmt, at, v);
}

int
store_scratch_config(struct store_scratch *s, const struct value *v,
    struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, ADD_CONFIG);

	for (int i = 0; i < SCRATCH_CONFIG_KEYS; i++)
		bind(stmt, i + 1, &v[i]);
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
	bind(stmt, 2, &v[SCRATCH_MOVIE_PROFILE]);
	bind(stmt, 3, &v[SCRATCH_TV_PROFILE]);
	bind_time(stmt, 4, &v[SCRATCH_MOVIE_PROFILE_AT]);
	bind_time(stmt, 5, &v[SCRATCH_TV_PROFILE_AT]);
	bind_time(stmt, 6, &v[SCRATCH_CREATED_AT]);
	bind(stmt, 7, &v[SCRATCH_JELLYFIN_USER_ID]);
	return db_run(s->stmts, stmt, err);
}

/* What identifies a title. */
static void
bind_identity(sqlite3_stmt *stmt, const struct value *v)
{
	bind(stmt, 1, &v[ITEM_MEDIA_TYPE]);
	bind(stmt, 2, &v[ITEM_TMDB_ID]);
}

/* Run ADD_MEDIA or FILL_MEDIA. */
static int
put_media(struct store_scratch *s, size_t which, const struct value *v,
    struct err *err)
{
	static const enum item_field fields[] = {
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
	sqlite3_stmt *stmt = db_stmt(s->stmts, which);

	bind_identity(stmt, v);
	for (int i = 0; i < (int)(sizeof(fields) / sizeof(fields[0])); i++) {
		if (fields[i] == ITEM_ENRICHED_AT)
			bind_time(stmt, i + 3, &v[fields[i]]);
		else
			bind(stmt, i + 3, &v[fields[i]]);
	}
	return db_run(s->stmts, stmt, err);
}

/* The row of Media for the item; ${known} when it stood there before. */
static int
find_media(struct store_scratch *s, const struct value *v, int64_t *id,
    bool *known, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, FIND_MEDIA);
	int rc;

	bind_identity(stmt, v);
	if ((rc = db_step(s->stmts, stmt, err)) < 0)
		return -1;
	*known = rc == 1;
	if (*known) {
		*id = sqlite3_column_int64(stmt, 0);
		(void)sqlite3_reset(stmt);
		return put_media(s, FILL_MEDIA, v, err);
	}
	if (put_media(s, ADD_MEDIA, v, err))
		return -1;
	*id = sqlite3_last_insert_rowid(db_handle(s->db));
	return 0;
}

static int
put_item(struct store_scratch *s, size_t which, int64_t user, int64_t media,
    const struct value *v, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, which);

	(void)sqlite3_bind_int64(stmt, 1, user);
	(void)sqlite3_bind_int64(stmt, 2, media);
	bind(stmt, 3, &v[ITEM_STATUS]);
	bind_time(stmt, 4, &v[ITEM_ADDED_AT]);
	bind_time(stmt, 5, &v[ITEM_UPDATED_AT]);
	bind_time(stmt, 6, &v[ITEM_BLOCKED_AT]);
	bind(stmt, 7, &v[ITEM_PERMANENT_BLOCK]);
	bind_time(stmt, 8, &v[ITEM_SOFT_BLOCK_UNTIL]);
	bind(stmt, 9, &v[ITEM_REDEMPTION_ATTEMPTS]);
	return db_run(s->stmts, stmt, err);
}

/* A time in milliseconds; the least there is when it is none. */
static int64_t
moment(const struct value *v)
{
	int64_t ms;

	if (v->kind == VALUE_INT)
		return v->i;
	if (v->kind == VALUE_TEXT && clock_parse(v->s, v->len, &ms) == 0)
		return ms;
	return INT64_MIN;
}

static int
rank(const char *status, size_t len)
{
	if (len == 7 && memcmp(status, "WATCHED", 7) == 0)
		return 2;
	return len == 9 && memcmp(status, "WATCHLIST", 9) == 0 ? 1 : 0;
}

/* The value in ${column} of the present row. */
static struct value
column_value(sqlite3_stmt *stmt, int column)
{
	struct value v = { .kind = VALUE_NULL };

	if (sqlite3_column_type(stmt, column) == SQLITE_INTEGER) {
		v.kind = VALUE_INT;
		v.i = sqlite3_column_int64(stmt, column);
	} else if (sqlite3_column_type(stmt, column) == SQLITE_TEXT) {
		v.kind = VALUE_TEXT;
		v.s = (const char *)sqlite3_column_text(stmt, column);
		v.len = (size_t)sqlite3_column_bytes(stmt, column);
	}
	return v;
}

/* Whether the new item is to take the place of the one in the row. */
static bool
is_newer(sqlite3_stmt *stmt, const struct value *v)
{
	struct value added = column_value(stmt, 1);
	struct value status = column_value(stmt, 2);
	int64_t there = moment(&added);
	int64_t here = moment(&v[ITEM_ADDED_AT]);

	if (here != there)
		return here > there;
	return v[ITEM_STATUS].kind == VALUE_TEXT &&
	    rank(v[ITEM_STATUS].s, v[ITEM_STATUS].len) >
	    rank(status.len > 0 ? status.s : "", status.len);
}

/* What is to become of an item whose title stands in the database. */
static int
judge(struct store_scratch *s, int64_t user, int64_t media,
    const struct value *v, enum scratch_outcome *outcome, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, FIND_ITEM);
	int rc;

	(void)sqlite3_bind_int64(stmt, 1, user);
	(void)sqlite3_bind_int64(stmt, 2, media);
	if ((rc = db_step(s->stmts, stmt, err)) < 0)
		return -1;
	if (rc == 0)
		*outcome = SCRATCH_NEW;
	else
		*outcome = is_newer(stmt, v) ? SCRATCH_NEWER : SCRATCH_OLDER;
	(void)sqlite3_reset(stmt);
	return 0;
}

int
store_scratch_item(struct store_scratch *s, int64_t user, const struct value *v,
    enum scratch_outcome *outcome, struct err *err)
{
	int64_t media;
	bool known;

	*outcome = SCRATCH_NEW;
	if (find_media(s, v, &media, &known, err))
		return -1;
	if (known && judge(s, user, media, v, outcome, err))
		return -1;
	if (*outcome == SCRATCH_OLDER)
		return 0;
	return put_item(s, *outcome == SCRATCH_NEW ? ADD_ITEM : REPLACE_ITEM,
	    user, media, v, err);
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
