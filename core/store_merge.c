#include "core/store_merge.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "core/store_merge_int.h"
#include "core/store_value.h"
#include "core/str.h"

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
	rc = db_next(db, stmt, "Cannot attach a database", err);
	(void)sqlite3_finalize(stmt);
	if (rc < 0)
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
	sqlite3_stmt *stmt = db_stmt(m->stmts, MERGE_NEXT_USER);
	int rc;

	*src = 0;
	*name = NULL;
	(void)sqlite3_bind_int64(stmt, 1, after);
	if ((rc = db_step(m->stmts, stmt, err)) < 0)
		return -1;
	if (rc == 0)
		return 0;
	*src = sqlite3_column_int64(stmt, 0);
	rc = store_value_text(stmt, 1, name, err);
	(void)sqlite3_reset(stmt);
	return rc;
}

int
store_merge_find_user(struct store_merge *m, int64_t src, int64_t *dst,
    struct err *err)
{
	return count(m, MERGE_FIND_USER, src, 0, NULL, dst, err);
}

int
store_merge_add_user(struct store_merge *m, int64_t src, int64_t *dst,
    struct err *err)
{
	if (run(m, MERGE_ADD_USER, src, 0, NULL, err))
		return -1;
	*dst = sqlite3_last_insert_rowid(db_handle(m->db));
	return 0;
}

int
store_merge_bind_ids(struct store_merge *m, int64_t src, int64_t dst,
    struct err *err)
{
	return run(m, MERGE_BIND_ID, src, dst, NULL, err);
}

int
store_merge_foreign_id(struct store_merge *m, int64_t src,
    const char *jellyfin_id, bool *foreign, struct err *err)
{
	int64_t found;

	if (count(m, MERGE_FOREIGN, src, 0, jellyfin_id, &found, err))
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
	if (count(m, MERGE_COUNT_ITEMS, src, 0, NULL, &c->items, err) ||
	    count(m, MERGE_COUNT_KEPT, src, 0, "unresolved", &c->unresolved,
		err))
		return -1;
	return count(m, MERGE_COUNT_KEPT, src, 0, "rejected", &c->rejected,
	    err);
}

static int
add_kept(struct store_merge *m, int64_t src, int64_t dst, bool all,
    struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(m->stmts, MERGE_ADD_KEPT);

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
		db_run(m->stmts, db_stmt(m->stmts, MERGE_ADD_MEDIA), err)
	    ? -1
	    : 0;
}

/* The entries of ${src} that ${dst} has not, or has older. */
static int
bring_items(struct store_merge *m, int64_t src, int64_t dst,
    struct merge_counts *c, struct err *err)
{
	int64_t live;

	if (count(m, MERGE_COUNT_LIVE, dst, 0, NULL, &live, err))
		return -1;
	if (live == 0)
		return run(m, MERGE_ADD_FIRST_ITEMS, src, dst, &c->inserted,
		    err);
	return run(m, MERGE_UPDATE_ITEMS, src, dst, &c->updated, err) ||
		run(m, MERGE_ADD_ITEMS, src, dst, &c->inserted, err)
	    ? -1
	    : 0;
}

int
store_merge_user(struct store_merge *m, int64_t src, int64_t dst,
    struct merge_counts *c, struct err *err)
{
	if (count_source(m, src, c, err) ||
	    bring_titles(m, MERGE_FILL_MEDIA, err) ||
	    bring_items(m, src, dst, c, err) ||
	    run(m, MERGE_MOVIE_PROFILE, src, dst, &c->profiles, err) ||
	    run(m, MERGE_TV_PROFILE, src, dst, &c->profiles, err) ||
	    run(m, MERGE_EARLIER, src, dst, NULL, err))
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
	    count(m, MERGE_COUNT_COMMON, src, dst, NULL, &c->updated, err) ||
	    count(m, MERGE_COUNT_LIVE, dst, 0, NULL, &live, err) ||
	    run(m, MERGE_DELETE_ITEMS, dst, 0, NULL, err) ||
	    bring_titles(m, MERGE_SET_MEDIA, err) ||
	    run(m, MERGE_ADD_FIRST_ITEMS, src, dst, &c->inserted, err) ||
	    run(m, MERGE_SET_USER, src, dst, &c->profiles, err) ||
	    run(m, MERGE_DELETE_KEPT, dst, 0, NULL, err))
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
	size_t which = replace ? MERGE_SET_CONFIG : MERGE_FILL_CONFIG;

	if (count(m, MERGE_HAS_CONFIG, 0, 0, NULL, &there, err))
		return -1;
	*changed = there != 0;
	if (there == 0)
		return 0;
	if (db_run(m->stmts, db_stmt(m->stmts, MERGE_ADD_CONFIG), err))
		return -1;
	return db_run(m->stmts, db_stmt(m->stmts, which), err);
}

int
store_merge_nobodys(struct store_merge *m, bool replace, struct err *err)
{
	if (replace && run(m, MERGE_DELETE_KEPT, 0, 0, NULL, err))
		return -1;
	return add_kept(m, 0, 0, replace, err);
}

int
store_merge_mark(struct store_merge *m, int64_t *mark, struct err *err)
{
	return count(m, MERGE_MARK, 0, 0, NULL, mark, err);
}

int
store_merge_drop(struct store_merge *m, int64_t mark, int64_t dst,
    const char *json, size_t len, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(m->stmts, MERGE_DROP);

	(void)sqlite3_bind_int64(stmt, 1, mark);
	bind_id(stmt, 2, dst);
	(void)sqlite3_bind_text64(stmt, 3, json, len, SQLITE_STATIC,
	    SQLITE_UTF8);
	return db_run(m->stmts, stmt, err);
}
