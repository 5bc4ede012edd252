#include "core/store_session.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/store_value.h"
#include "core/str.h"

enum { ADD, EXPIRE, FIND, TOUCH, END, KEY, STATEMENTS };

/* Times have one form and one length, so that text order is time order. */
static const char *const sql[STATEMENTS] = {
	[ADD] = "INSERT INTO \"JairSession\" (\"tokenHash\", \"userId\","
		" \"isAdmin\", \"jellyfinTokenEnc\", \"createdAt\","
		" \"lastUsedAt\", \"expiresAt\") VALUES (?1, ?2, ?3, ?4, ?5,"
		" ?5, ?6)",
	[EXPIRE] = "DELETE FROM \"JairSession\" WHERE \"expiresAt\" <= ?1",
	[FIND] = "SELECT s.\"id\", s.\"userId\", u.\"username\","
		 " s.\"isAdmin\", s.\"jellyfinTokenEnc\", s.\"lastUsedAt\""
		 " FROM \"JairSession\" s JOIN \"User\" u ON"
		 " u.\"id\" = s.\"userId\" WHERE s.\"tokenHash\" = ?1 AND"
		 " s.\"expiresAt\" > ?2",
	[TOUCH] = "UPDATE \"JairSession\" SET"
		  " \"lastUsedAt\" = ?2, \"expiresAt\" = ?3"
		  " WHERE \"id\" = ?1",
	[END] = "DELETE FROM \"JairSession\" WHERE \"tokenHash\" = ?1",
	[KEY] = "SELECT \"tokenHash\", \"jellyfinTokenEnc\" FROM"
		" \"JairSession\" WHERE \"userId\" = ?1 AND"
		" \"expiresAt\" > ?2 AND \"jellyfinTokenEnc\" NOT NULL"
		" ORDER BY \"createdAt\" DESC, \"id\" DESC LIMIT 1",
};

const struct db_table store_session_table = { "Session", sql, STATEMENTS };

struct store_session {
	struct db *db;
	struct db_stmts *stmts;
};

struct store_session *
store_session_new(struct db *db, struct err *err)
{
	struct store_session *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		err_set(err, ERR_NOMEM, "No memory for sessions.");
		return NULL;
	}
	s->db = db;
	if (db_prepare(db, &store_session_table, &s->stmts, err) == 0)
		return s;
	free(s);
	return NULL;
}

void
store_session_free(struct store_session *s)
{
	if (s == NULL)
		return;
	db_stmts_free(s->stmts);
	free(s);
}

static int
expire(struct store_session *s, int64_t now, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, EXPIRE);

	store_value_bind_time(stmt, 1, now);
	return db_run(s->stmts, stmt, err);
}

static int
insert(struct store_session *s, const struct session_new *session,
    struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, ADD);

	store_value_bind_text(stmt, 1, session->token_hash);
	(void)sqlite3_bind_int64(stmt, 2, session->user_id);
	(void)sqlite3_bind_int(stmt, 3, session->admin);
	store_value_bind_text(stmt, 4, session->jellyfin_token);
	store_value_bind_time(stmt, 5, session->now);
	store_value_bind_time(stmt, 6, session->expires);
	return db_run(s->stmts, stmt, err);
}

int
store_session_add(struct store_session *s, const struct session_new *session,
    struct err *err)
{
	if (db_begin(s->db, err))
		return -1;
	if (expire(s, session->now, err) == 0 && insert(s, session, err) == 0 &&
	    db_commit(s->db, err) == 0)
		return 0;
	db_rollback(s->db);
	return -1;
}

static int
read_row(sqlite3_stmt *stmt, struct session_row *row, struct err *err)
{
	const char *used;

	*row = (struct session_row){ 0 };
	if (db_text(stmt, 5, &used, err))
		return -1;
	*row = (struct session_row){
		.id = sqlite3_column_int64(stmt, 0),
		.user_id = sqlite3_column_int64(stmt, 1),
		.admin = sqlite3_column_int(stmt, 3) != 0,
	};
	if (used != NULL)
		(void)clock_parse(used, strlen(used), &row->used);
	if (store_value_text(stmt, 2, &row->name, err) == 0 &&
	    store_value_text(stmt, 4, &row->jellyfin_token, err) == 0)
		return 0;
	session_row_free(row);
	return -1;
}

int
store_session_find(struct store_session *s, const char *token_hash, int64_t now,
    struct session_row *row, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, FIND);
	int found;

	store_value_bind_text(stmt, 1, token_hash);
	store_value_bind_time(stmt, 2, now);
	found = db_step(s->stmts, stmt, err);
	if (found == 1 && read_row(stmt, row, err))
		found = -1;
	/* It would otherwise keep the lock of a reader. */
	(void)sqlite3_reset(stmt);
	return found;
}

void
session_row_free(struct session_row *row)
{
	free(row->name);
	free(row->jellyfin_token);
	*row = (struct session_row){ 0 };
}

int
store_session_touch(struct store_session *s, int64_t id, int64_t now,
    int64_t expires, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, TOUCH);

	(void)sqlite3_bind_int64(stmt, 1, id);
	store_value_bind_time(stmt, 2, now);
	store_value_bind_time(stmt, 3, expires);
	return db_run(s->stmts, stmt, err);
}

int
store_session_end(struct store_session *s, const char *token_hash,
    struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, END);

	store_value_bind_text(stmt, 1, token_hash);
	return db_run(s->stmts, stmt, err);
}

int
store_session_key(struct store_session *s, int64_t user, int64_t now,
    struct session_key *key, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, KEY);
	int found;

	*key = (struct session_key){ NULL, NULL };
	(void)sqlite3_bind_int64(stmt, 1, user);
	store_value_bind_time(stmt, 2, now);
	found = db_step(s->stmts, stmt, err);
	if (found == 1 &&
	    (store_value_text(stmt, 0, &key->token_hash, err) ||
		store_value_text(stmt, 1, &key->jellyfin_token, err))) {
		session_key_free(key);
		found = -1;
	}
	(void)sqlite3_reset(stmt);
	return found;
}

void
session_key_free(struct session_key *key)
{
	free(key->token_hash);
	free(key->jellyfin_token);
	*key = (struct session_key){ NULL, NULL };
}
