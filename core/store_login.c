#include "core/store_login.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/store_value.h"
#include "core/str.h"

enum {
	BY_ID,
	BY_NAME,
	BY_FOLD,
	NEW_USER,
	UNBIND,
	BIND,
	LOGGED_IN,
	READ,
	SERVER,
	BASE,
	STATEMENTS
};

static const char *const sql[STATEMENTS] = {
	[BY_ID] = "SELECT \"id\" FROM \"User\" WHERE \"jellyfinUserId\" = ?1",
	[BY_NAME] = "SELECT \"id\" FROM \"User\" WHERE \"username\" = ?1",
	[BY_FOLD] =
	    "SELECT \"id\" FROM \"User\" u"
	    " WHERE jair_fold(\"username\") = jair_fold(?1)"
	    " ORDER BY (SELECT max(jair_ms(coalesce(\"updatedAt\","
	    " \"addedAt\"))) FROM \"UserMedia\" WHERE \"userId\" = u.\"id\")"
	    " DESC, \"id\" LIMIT 1",
	[NEW_USER] = "INSERT INTO \"User\" (\"username\", \"createdAt\")"
		     " VALUES (?1, ?2)",
	[UNBIND] = "UPDATE \"User\" SET \"jellyfinUserId\" = NULL"
		   " WHERE \"jellyfinUserId\" = ?1",
	[BIND] = "UPDATE \"User\" SET \"jellyfinUserId\" = ?2"
		 " WHERE \"id\" = ?1",
	[LOGGED_IN] = "UPDATE \"User\" SET \"lastLoginAt\" = ?2"
		      " WHERE \"id\" = ?1",
	[READ] = "SELECT \"username\", \"jellyfinUserId\" FROM \"User\""
		 " WHERE \"id\" = ?1",
	[SERVER] = "UPDATE \"SystemConfig\" SET \"jellyfinServerId\" = ?1"
		   " WHERE \"id\" = 1 AND"
		   " coalesce(\"jellyfinServerId\", '') = ''",
	[BASE] = "UPDATE \"SystemConfig\" SET \"jellyfinUrl\" = ?2"
		 " WHERE \"id\" = 1 AND \"jellyfinUrl\" = ?1",
};

const struct db_table store_login_table = { "login", sql, STATEMENTS };

struct store_login {
	struct db *db;
	struct db_stmts *stmts;
};

int
store_login_open(struct db *db, struct store_login **out, struct err *err)
{
	struct store_login *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a login.");
	s->db = db;
	if (db_prepare(db, &store_login_table, &s->stmts, err)) {
		free(s);
		return -1;
	}
	*out = s;
	return 0;
}

void
store_login_free(struct store_login *s)
{
	if (s == NULL)
		return;
	db_stmts_free(s->stmts);
	free(s);
}

/* The row of User that a login belongs to; 0 when there is none. */
static int
find_user(struct store_login *s, const char *name, const char *jellyfin_id,
    int64_t *user, struct err *err)
{
	static const size_t ways[] = { BY_ID, BY_NAME, BY_FOLD };
	int rc;

	*user = 0;
	for (size_t i = 0; i < 3 && *user == 0; i++) {
		sqlite3_stmt *stmt = db_stmt(s->stmts, ways[i]);

		store_value_bind_text(stmt, 1,
		    ways[i] == BY_ID ? jellyfin_id : name);
		if ((rc = db_step(s->stmts, stmt, err)) < 0)
			return -1;
		if (rc == 1)
			*user = sqlite3_column_int64(stmt, 0);
		(void)sqlite3_reset(stmt);
	}
	return 0;
}

static int
add_user(struct store_login *s, const char *name, int64_t *user,
    struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, NEW_USER);

	store_value_bind_text(stmt, 1, name);
	store_value_bind_time(stmt, 2, clock_now());
	if (db_run(s->stmts, stmt, err))
		return -1;
	*user = sqlite3_last_insert_rowid(db_handle(s->db));
	return 0;
}

int
store_login_user(struct store_login *s, const char *name,
    const char *jellyfin_id, int64_t *user, struct err *err)
{
	sqlite3_stmt *stmt;

	if (find_user(s, name, jellyfin_id, user, err) ||
	    (*user == 0 && add_user(s, name, user, err)))
		return -1;
	stmt = db_stmt(s->stmts, UNBIND);
	store_value_bind_text(stmt, 1, jellyfin_id);
	if (db_run(s->stmts, stmt, err))
		return -1;
	stmt = db_stmt(s->stmts, BIND);
	(void)sqlite3_bind_int64(stmt, 1, *user);
	store_value_bind_text(stmt, 2, jellyfin_id);
	return db_run(s->stmts, stmt, err);
}

int
store_login_note(struct store_login *s, int64_t user, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, LOGGED_IN);

	(void)sqlite3_bind_int64(stmt, 1, user);
	store_value_bind_time(stmt, 2, clock_now());
	return db_run(s->stmts, stmt, err);
}

int
store_login_server(struct store_login *s, const char *server_id,
    struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, SERVER);

	if (*server_id == '\0')
		return 0;
	store_value_bind_text(stmt, 1, server_id);
	return db_run(s->stmts, stmt, err);
}

int
store_login_base(struct store_login *s, const char *asked, const char *found,
    struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, BASE);

	if (strcmp(asked, found) == 0)
		return 0;
	store_value_bind_text(stmt, 1, asked);
	store_value_bind_text(stmt, 2, found);
	return db_run(s->stmts, stmt, err);
}

int
store_login_read(struct store_login *s, int64_t user, char **name,
    char **jellyfin_id, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, READ);
	int rc;

	*name = NULL;
	*jellyfin_id = NULL;
	(void)sqlite3_bind_int64(stmt, 1, user);
	if ((rc = db_step(s->stmts, stmt, err)) == 1 &&
	    (store_value_text(stmt, 0, name, err) ||
		store_value_text(stmt, 1, jellyfin_id, err))) {
		free(*name);
		*name = NULL;
		rc = -1;
	}
	(void)sqlite3_reset(stmt);
	return rc < 0 ? -1 : 0;
}
