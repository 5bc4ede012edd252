#include <stdlib.h>
#include <string.h>

#include "core/archive_read.h"
#include "core/buf.h"
#include "core/file.h"
#include "core/part.h"
#include "core/path.h"
#include "core/stage.h"
#include "core/stage_int.h"
#include "core/store_login.h"
#include "core/store_stage.h"

/* A claim under way. */
struct claim {
	struct staged staged;
	const struct stage_login *login;
	int64_t user; /* the row of User, 0 until it is known */
	struct err err; /* what a choice ran into */
	bool lost; /* someone else was faster */
	bool last; /* nobody waits any more */
};

static bool
waits(struct claim *c, const struct archive_user_info *info, const char *as)
{
	const struct staged *s = &c->staged;
	bool bare = archive_info(s->archive)->form == ARCHIVE_BARE;
	const char *name = bare ? s->row.assign_to : info->name;
	size_t len = bare ? strlen(name) : info->name_len;
	bool yes = false;

	if (store_stage_waits(s->store, s->row.id, name, len, as, &yes,
		&c->err))
		return false;
	return yes;
}

static bool
want_own(void *ctx, const struct archive_user_info *info)
{
	struct claim *c = ctx;

	return waits(c, info, c->login->name);
}

static bool
want_waiting(void *ctx, const struct archive_user_info *info)
{
	return waits(ctx, info, NULL);
}

/* The row of the login, once for all parts that it claims. */
static int
find_login(struct claim *c, struct err *err)
{
	struct store_login *logins = NULL;
	int rc = -1;

	if (c->user != 0)
		return 0;
	if (store_login_open(c->staged.db, &logins, err) == 0)
		rc = store_login_user(logins, c->login->name,
		    c->login->jellyfin_id, &c->user, err);
	store_login_free(logins);
	return rc;
}

/* Inside the transaction: the row of the login, and whether it may claim. */
static int
claim_target(void *ctx, struct store_merge *merge, int64_t src, int64_t *dst,
    struct err *err)
{
	struct claim *c = ctx;
	bool foreign;

	if (store_merge_foreign_id(merge, src, c->login->jellyfin_id, &foreign,
		err))
		return -1;
	if (foreign)
		return err_set(err, ERR_DENIED,
		    "The backup says that \"%s\" "
		    "is another account of this Jellyfin server. Their part "
		    "was not given out.",
		    c->login->name);
	if (find_login(c, err))
		return -1;
	*dst = c->user;
	return 0;
}

/*
 * Mark the part as claimed, unless someone was faster; when nobody waits any
 * more, the archive has done its duty.
 */
static int
mark_claimed(struct claim *c, size_t users, const char *result, struct err *err)
{
	struct staged *s = &c->staged;
	int64_t before;
	int64_t after;

	if (store_stage_count(s->store, s->row.id, &before, err) ||
	    store_stage_claim(s->store, s->row.id, c->login->name,
		c->login->jellyfin_id, result, err) ||
	    store_stage_count(s->store, s->row.id, &after, err))
		return -1;
	if (before - after != (int64_t)users) {
		c->lost = true;
		return err_set(err, ERR_BUSY,
		    "Another login claimed this part at the same time.");
	}
	c->last = after == 0;
	return c->last ? store_stage_end(s->store, s->row.id, false, err) : 0;
}

/* Still inside it: what came, and the mark. */
static int
claim_finish(void *ctx, const struct restore_report *report, struct err *err)
{
	struct claim *c = ctx;
	struct buf text;
	int rc = part_finish(c->staged.db, c->login->hooks, report, &text, err);

	if (rc == 0)
		rc = mark_claimed(c, report->count, buf_str(&text), err);
	buf_free(&text);
	return rc;
}

static void
claim_progress(void *ctx, uint64_t items, uint64_t of)
{
	const struct claim *c = ctx;
	const struct part_hooks *h = c->login->hooks;

	if (h != NULL && h->progress != NULL)
		h->progress(h->ctx, items, of);
}

static int
claim(struct claim *c, struct restore_report *report, bool *claimed,
    struct err *err)
{
	const struct restore_options options = {
		.want = want_own,
		.progress = claim_progress,
		.target = claim_target,
		.finish = claim_finish,
		.assign_to = c->staged.row.assign_to,
		.no_nobodys = true,
		.ctx = c,
	};
	struct staged *s = &c->staged;
	bool any = false;
	size_t count = archive_info(s->archive)->users_count;

	for (size_t i = 0; i < count && !any; i++)
		any = want_own(c, &archive_info(s->archive)->users[i]);
	if (c->err.code != ERR_NONE) {
		*err = c->err;
		return -1;
	}
	if (!any)
		return 0;
	if (restore_apply(s->db, s->archive, s->data_dir, &options, report,
		err)) {
		if (!c->lost)
			return -1;
		err_clear(err);
		return 0;
	}
	/* None are left for whoever comes second. */
	*claimed = report->count > 0;
	/* A file that cannot be removed now is removed at the next start. */
	if (c->last && staged_remove(s, err))
		err_clear(err);
	return 0;
}

int
stage_claim(struct db *db, const char *data_dir,
    const struct stage_login *login, struct restore_report *report,
    bool *claimed, struct err *err)
{
	struct claim c = { .login = login };
	int rc = 0;

	*claimed = false;
	*report = (struct restore_report){ 0 };
	if (staged_open(&c.staged, db, data_dir, true, err))
		return -1;
	if (c.staged.found && c.staged.row.pending)
		rc = claim(&c, report, claimed, err);
	staged_close(&c.staged);
	return rc;
}

struct stage_combined {
	struct db *db;
	char *path;
};

/* Copy ${db} and give those who wait their part in the copy. */
static int
combine(struct claim *c, struct stage_combined *combined, struct err *err)
{
	const struct restore_options options = {
		.want = want_waiting,
		.assign_to = c->staged.row.assign_to,
		.no_nobodys = true,
		.ctx = c,
	};
	struct restore_report report;
	char *base = path_join(c->staged.data_dir, "combined.db", err);
	int rc = -1;

	if (base != NULL &&
	    (combined->path = file_temp_name(base, err)) != NULL &&
	    db_open(&combined->db, combined->path, DB_SCRATCH, err) == 0 &&
	    db_copy(c->staged.db, combined->db, err) == 0 &&
	    restore_apply(combined->db, c->staged.archive, c->staged.data_dir,
		&options, &report, err) == 0) {
		restore_report_free(&report);
		rc = 0;
	}
	if (rc == 0 && c->err.code != ERR_NONE) {
		*err = c->err;
		rc = -1;
	}
	free(base);
	return rc;
}

int
stage_combine(struct db *db, const char *data_dir, struct stage_combined **out,
    struct err *err)
{
	struct claim c = { .login = NULL };
	struct stage_combined *combined = NULL;
	int rc = 0;

	*out = NULL;
	if (staged_open(&c.staged, db, data_dir, true, err))
		return -1;
	if (c.staged.found && c.staged.row.pending) {
		if ((combined = calloc(1, sizeof(*combined))) == NULL)
			rc = err_set(err, ERR_NOMEM,
			    "No memory for an "
			    "export.");
		else
			rc = combine(&c, combined, err);
	}
	staged_close(&c.staged);
	if (rc == 0)
		*out = combined;
	else
		stage_combined_free(combined);
	return rc;
}

struct db *
stage_combined_db(struct stage_combined *c)
{
	return c->db;
}

void
stage_combined_free(struct stage_combined *c)
{
	if (c == NULL)
		return;
	db_free(c->db);
	if (c->path != NULL)
		db_remove(c->path);
	free(c->path);
	free(c);
}
