#include "core/store_stage.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/store_value.h"
#include "core/str.h"

enum {
	CURRENT,
	ADD,
	CONFIRM,
	END,
	DISCARD_USERS,
	ADD_USER,
	WAITS,
	WAITS_AS,
	COUNT,
	NAMED,
	CLAIM,
	PREVIEW,
	CONFIG,
	WAITING,
	STATEMENTS
};

static const char *const sql[STATEMENTS] = {
	[CURRENT] = "SELECT \"id\", \"file\", \"state\" = 'pending',"
		    " \"sha256\", \"assignTo\" FROM \"StagedRestore\""
		    " WHERE \"state\" IN ('ready', 'pending')"
		    " ORDER BY \"id\" DESC LIMIT 1",
	[ADD] = "INSERT INTO \"StagedRestore\" (\"file\", \"state\","
		" \"sha256\", \"createdAt\", \"preview\", \"config\")"
		" SELECT ?1, 'ready', ?2, ?3, ?4, ?5"
		" WHERE NOT EXISTS (SELECT 1 FROM \"StagedRestore\""
		" WHERE \"state\" IN ('ready', 'pending'))",
	[NAMED] = "SELECT count(*) FROM \"StagedRestore\""
		  " WHERE \"file\" = ?1",
	[CONFIRM] =
	    "UPDATE \"StagedRestore\" SET \"state\" = 'pending',"
	    " \"assignTo\" = ?2 WHERE \"id\" = ?1 AND \"state\" = 'ready'",
	[END] = "UPDATE \"StagedRestore\" SET \"state\" ="
		" CASE WHEN ?2 THEN 'discarded' ELSE 'done' END,"
		" \"config\" = NULL WHERE \"id\" = ?1",
	[DISCARD_USERS] = "UPDATE \"StagedUser\" SET \"state\" = 'discarded'"
			  " WHERE \"restoreId\" = ?1 AND \"state\" = 'pending'",
	[ADD_USER] = "INSERT INTO \"StagedUser\" (\"restoreId\","
		     " \"username\", \"state\") VALUES (?1, ?2, 'pending')",
	[WAITS] = "SELECT count(*) FROM \"StagedUser\" WHERE"
		  " \"restoreId\" = ?1 AND \"username\" = ?2"
		  " AND \"state\" = 'pending'",
	[WAITS_AS] =
	    "SELECT count(*) FROM \"StagedUser\" WHERE"
	    " \"restoreId\" = ?1 AND \"username\" = ?2"
	    " AND \"state\" = 'pending' AND jair_fold(?2) = jair_fold(?3)",
	[COUNT] = "SELECT count(*) FROM \"StagedUser\" WHERE"
		  " \"restoreId\" = ?1 AND \"state\" = 'pending'",
	[CLAIM] =
	    "UPDATE \"StagedUser\" SET \"state\" = 'claimed',"
	    " \"jellyfinUserId\" = ?3, \"claimedAt\" = ?4, \"result\" = ?5"
	    " WHERE \"restoreId\" = ?1 AND \"state\" = 'pending'"
	    " AND jair_fold(\"username\") = jair_fold(?2)",
	[PREVIEW] = "SELECT \"preview\" FROM \"StagedRestore\""
		    " WHERE \"id\" = ?1",
	[CONFIG] = "SELECT \"config\" FROM \"StagedRestore\""
		   " WHERE \"id\" = ?1",
	[WAITING] = "SELECT count(*) FROM \"StagedUser\" u WHERE"
		    " \"state\" = 'pending' AND"
		    " jair_fold(\"username\") = jair_fold(?1) AND EXISTS"
		    " (SELECT 1 FROM \"StagedRestore\" WHERE"
		    " \"id\" = u.\"restoreId\" AND \"state\" = 'pending')",
};

const struct db_table store_stage_table = { "stage", sql, STATEMENTS };

struct store_stage {
	struct db *db;
	struct db_stmts *stmts;
};

int
store_stage_open(struct db *db, struct store_stage **out, struct err *err)
{
	struct store_stage *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a restore.");
	s->db = db;
	if (db_prepare(db, &store_stage_table, &s->stmts, err)) {
		free(s);
		return -1;
	}
	*out = s;
	return 0;
}

void
store_stage_free(struct store_stage *s)
{
	if (s == NULL)
		return;
	db_stmts_free(s->stmts);
	free(s);
}

/* The number that a prepared and bound statement gives. */
static int
number(struct store_stage *s, sqlite3_stmt *stmt, int64_t *value,
    struct err *err)
{
	int rc = db_step(s->stmts, stmt, err);

	if (rc < 0)
		return -1;
	*value = rc == 1 ? sqlite3_column_int64(stmt, 0) : 0;
	(void)sqlite3_reset(stmt);
	return 0;
}

static int
read_row(sqlite3_stmt *stmt, struct stage_row *row, struct err *err)
{
	const char *file;
	const char *sha256;

	if (db_text(stmt, 1, &file, err) || db_text(stmt, 3, &sha256, err))
		return -1;
	row->id = sqlite3_column_int64(stmt, 0);
	(void)snprintf(row->file, sizeof(row->file), "%s",
	    file != NULL ? file : "");
	row->pending = sqlite3_column_int(stmt, 2) != 0;
	(void)snprintf(row->sha256, sizeof(row->sha256), "%s",
	    sha256 != NULL ? sha256 : "");
	return store_value_text(stmt, 4, &row->assign_to, err);
}

int
store_stage_current(struct store_stage *s, struct stage_row *row, bool *found,
    struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, CURRENT);
	int rc = db_step(s->stmts, stmt, err);

	*row = (struct stage_row){ 0 };
	*found = rc == 1;
	if (rc == 1)
		rc = read_row(stmt, row, err);
	(void)sqlite3_reset(stmt);
	return rc;
}

int
store_stage_add(struct store_stage *s, const char *file, const char *sha256,
    const struct stage_about *about, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, ADD);

	store_value_bind_text(stmt, 1, file);
	store_value_bind_text(stmt, 2, sha256);
	store_value_bind_time(stmt, 3, clock_now());
	store_value_bind_text(stmt, 4, about->preview);
	store_value_bind_text(stmt, 5, about->config);
	if (db_run(s->stmts, stmt, err))
		return -1;
	if (sqlite3_changes(db_handle(s->db)) == 0)
		return err_set(err, ERR_EXISTS,
		    "Another archive was staged "
		    "at the same time.");
	return 0;
}

int
store_stage_named(struct store_stage *s, const char *file, bool *named,
    struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, NAMED);
	int64_t count;

	store_value_bind_text(stmt, 1, file);
	if (number(s, stmt, &count, err))
		return -1;
	*named = count > 0;
	return 0;
}

int
store_stage_confirm(struct store_stage *s, int64_t id, const char *assign_to,
    struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, CONFIRM);

	(void)sqlite3_bind_int64(stmt, 1, id);
	store_value_bind_text(stmt, 2, assign_to);
	if (db_run(s->stmts, stmt, err))
		return -1;
	if (sqlite3_changes(db_handle(s->db)) == 1)
		return 0;
	return err_set(err, ERR_MISSING,
	    "The staged archive was confirmed or discarded meanwhile.");
}

int
store_stage_end(struct store_stage *s, int64_t id, bool discard,
    struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, END);

	(void)sqlite3_bind_int64(stmt, 1, id);
	(void)sqlite3_bind_int(stmt, 2, discard);
	if (db_run(s->stmts, stmt, err))
		return -1;
	stmt = db_stmt(s->stmts, DISCARD_USERS);
	(void)sqlite3_bind_int64(stmt, 1, id);
	return db_run(s->stmts, stmt, err);
}

int
store_stage_add_user(struct store_stage *s, int64_t id, const char *name,
    size_t len, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, ADD_USER);

	(void)sqlite3_bind_int64(stmt, 1, id);
	(void)sqlite3_bind_text64(stmt, 2, name, len, SQLITE_STATIC,
	    SQLITE_UTF8);
	return db_run(s->stmts, stmt, err);
}

int
store_stage_waits(struct store_stage *s, int64_t id, const char *name,
    size_t len, const char *as, bool *waits, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, as != NULL ? WAITS_AS : WAITS);
	int64_t count;

	(void)sqlite3_bind_int64(stmt, 1, id);
	(void)sqlite3_bind_text64(stmt, 2, name, len, SQLITE_STATIC,
	    SQLITE_UTF8);
	if (as != NULL)
		store_value_bind_text(stmt, 3, as);
	if (number(s, stmt, &count, err))
		return -1;
	*waits = count > 0;
	return 0;
}

int
store_stage_count(struct store_stage *s, int64_t id, int64_t *count,
    struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, COUNT);

	(void)sqlite3_bind_int64(stmt, 1, id);
	return number(s, stmt, count, err);
}

int
store_stage_waiting(struct store_stage *s, const char *name, bool *waiting,
    struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, WAITING);
	int64_t count;

	store_value_bind_text(stmt, 1, name);
	if (number(s, stmt, &count, err))
		return -1;
	*waiting = count > 0;
	return 0;
}

/* The text that ${index} gives of the row ${id}, NULL for NULL. */
static int
row_text(struct store_stage *s, size_t index, int64_t id, char **out,
    struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, index);
	int rc;

	*out = NULL;
	(void)sqlite3_bind_int64(stmt, 1, id);
	if ((rc = db_step(s->stmts, stmt, err)) < 0)
		return -1;
	rc = rc == 1 ? store_value_text(stmt, 0, out, err) : 0;
	(void)sqlite3_reset(stmt);
	return rc;
}

int
store_stage_preview(struct store_stage *s, int64_t id, char **preview,
    struct err *err)
{
	return row_text(s, PREVIEW, id, preview, err);
}

int
store_stage_config(struct store_stage *s, int64_t id, char **config,
    struct err *err)
{
	return row_text(s, CONFIG, id, config, err);
}

int
store_stage_claim(struct store_stage *s, int64_t id, const char *name,
    const char *jellyfin_id, const char *result, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s->stmts, CLAIM);

	(void)sqlite3_bind_int64(stmt, 1, id);
	store_value_bind_text(stmt, 2, name);
	store_value_bind_text(stmt, 3, jellyfin_id);
	store_value_bind_time(stmt, 4, clock_now());
	store_value_bind_text(stmt, 5, result);
	return db_run(s->stmts, stmt, err);
}
