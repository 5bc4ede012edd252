#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/recover_int.h"
#include "core/schema.h"
#include "core/store_local.h"
#include "core/store_merge.h"
#include "core/store_run.h"
#include "core/str.h"

static const char *const local_tables[] = { "BackupRun", "Job", "StagedRestore",
	"StagedUser" };

/* Add to the words about what could not be brought. */
static void
add_left(struct recovery *r, const char *what)
{
	size_t len = strlen(r->left);

	(void)snprintf(r->left + len, sizeof(r->left) - len, "%s%s",
	    len > 0 ? ", " : "", what);
}

/* The user with that name in the report; NULL when memory ran out. */
static struct recover_user *
user_of(struct recovery *r, const char *name, struct err *err)
{
	struct recover_user *more;

	for (size_t i = 0; i < r->users_count; i++) {
		if (strcmp(r->users[i].name, name) == 0)
			return &r->users[i];
	}
	more = realloc(r->users, (r->users_count + 1) * sizeof(*more));
	if (more == NULL) {
		err_set(err, ERR_NOMEM, "No memory for the report.");
		return NULL;
	}
	r->users = more;
	more += r->users_count;
	*more = (struct recover_user){ .name = str_dup(name, err) };
	if (more->name == NULL)
		return NULL;
	r->users_count++;
	return more;
}

/* Bring one user's entries and profiles that are absent or newer. */
static int
merge_user(struct recovering *rec, struct store_merge *m, int64_t src,
    const char *name, struct err *err)
{
	struct recover_user *u = user_of(rec->r, name, err);
	struct merge_counts counts;
	int64_t dst;

	if (u == NULL || store_merge_find_user(m, src, &dst, err) ||
	    (dst == 0 && store_merge_add_user(m, src, &dst, err)) ||
	    store_merge_user(m, src, dst, &counts, err))
		return -1;
	u->merged = counts.inserted + counts.updated;
	rec->r->merged += u->merged;
	return store_merge_bind_ids(m, src, dst, err);
}

static int
merge_users(struct recovering *rec, struct store_merge *m, struct err *err)
{
	int64_t src = 0;

	for (;;) {
		char *name = NULL;
		int rc;

		if (store_merge_next_user(m, src, &src, &name, err))
			return -1;
		if (src == 0)
			return 0;
		rc = merge_user(rec, m, src, name, err);
		free(name);
		if (rc != 0)
			return -1;
	}
}

/* The configuration of the damaged file is newer than any backup's. */
static int
merge_config(struct recovering *rec, struct db *db, struct err *err)
{
	bool configured;
	bool taken;

	if (store_recover_is_configured(db, &configured, err))
		return -1;
	/* A row that was only supposed to be it may not repoint Jellyfin. */
	if (configured && !salvage_table_whole(rec->salvaged, "SystemConfig"))
		return 0;
	return store_recover_config(db, &taken, err);
}

static int
merge_rows(struct recovering *rec, struct db *db, struct store_merge *m,
    struct err *err)
{
	if (merge_config(rec, db, err) || merge_users(rec, m, err) ||
	    store_recover_users(db, err))
		return -1;
	return store_merge_nobodys(m, false, err);
}

static int
merge_in_one(struct recovering *rec, struct db *db, struct err *err)
{
	struct store_merge *m = NULL;
	int rc = -1;

	if (store_merge_open(db, &m, err))
		return -1;
	if (db_begin(db, err) == 0 && merge_rows(rec, db, m, err) == 0)
		rc = db_commit(db, err);
	db_rollback(db);
	store_merge_free(m);
	return rc;
}

/*
 * This server's own records: the damaged file's when they are whole, else
 * the snapshot's.  That they cannot be brought stops nothing.
 */
static int
merge_local(struct recovering *rec, struct db *db, struct err *err)
{
	struct err refused = { 0 };
	bool whole = true;
	int rc = -1;

	for (size_t i = 0; i < 4; i++)
		whole = whole &&
		    salvage_table_whole(rec->salvaged, local_tables[i]);
	if (!whole) {
		add_left(rec->r, "records of runs and jobs");
		return 0;
	}
	if (db_begin(db, &refused) == 0 &&
	    store_local_take_over(db, &refused) == 0 &&
	    store_recover_jobs(db, &refused) == 0)
		rc = db_commit(db, &refused);
	db_rollback(db);
	if (rc == 0)
		return 0;
	if (refused.code != ERR_DB) {
		*err = refused;
		return -1;
	}
	add_left(rec->r, "records of runs and jobs");
	return 0;
}

/* Tables of others that only the damaged file has stay there. */
static int
note_absent(struct recovering *rec, struct db *db, struct err *err)
{
	for (size_t i = 0; i < rec->salvaged->count; i++) {
		const struct salvage_table_report *t =
		    &rec->salvaged->tables[i];
		char what[SALVAGE_NAME_MAX + 48];
		bool there;

		if (t->rows == 0)
			continue;
		if (store_recover_has_table(db, t->name, &there, err))
			return -1;
		if (there)
			continue;
		(void)snprintf(what, sizeof(what), "the table %s (%lld rows)",
		    t->name, (long long)t->rows);
		add_left(rec->r, what);
	}
	return 0;
}

/* Bring what the salvage has beyond the new database. */
static int
merge_salvage(struct recovering *rec, struct db *db, struct err *err)
{
	int rc = -1;

	if (rec->salvage.path == NULL)
		return 0;
	if (store_merge_attach(db, rec->salvage.path, err))
		return -1;
	if (merge_in_one(rec, db, err) == 0 && merge_local(rec, db, err) == 0)
		rc = note_absent(rec, db, err);
	store_merge_detach(db);
	return rc;
}

static int
note_user(void *ctx, const char *name, int64_t items, struct err *err)
{
	struct recover_user *u = user_of(ctx, name, err);

	if (u == NULL)
		return -1;
	u->items = items;
	return 0;
}

/* One sentence on what is missing, for the record; "" when nothing is. */
static void
describe_loss(const struct recovery *r, char *out, size_t size)
{
	*out = '\0';
	if (r->source[0] == '\0')
		(void)snprintf(out, size,
		    "Nothing could be read, and there was no backup.");
	else if (!r->complete)
		(void)snprintf(out, size,
		    "%s may be missing: %lld rows and %lld pages of the"
		    " damaged file could not be read.",
		    strcmp(r->source, RECOVER_SALVAGE) == 0
			? "Some"
			: "Changes after that backup",
		    (long long)r->lost, (long long)r->pages);
}

/* Leave the record of it in the new database. */
static int
record(struct recovering *rec, struct db *db, const char *started,
    int64_t start, struct err *err)
{
	struct run run = { .kind = RUN_RECOVERY, .verified = true };

	rec->r->ms = clock_mono() - start;
	run.ms = rec->r->ms;
	(void)snprintf(run.file, sizeof(run.file), "%s", rec->r->source);
	(void)snprintf(run.started, sizeof(run.started), "%s", started);
	describe_loss(rec->r, run.error, sizeof(run.error));
	return store_run_add(db, &run, err);
}

/* Tell what the new database holds. */
static int
describe(struct recovering *rec, struct db *db, struct err *err)
{
	struct recovery *r = rec->r;

	_Static_assert(RECOVER_TABLES == STORE_RECOVER_TABLES,
	    "the store counts what the report tells");
	if (store_recover_counts(db, r->tables, r->rows, err) ||
	    store_recover_each_user(db, note_user, r, err))
		return -1;
	return store_recover_is_configured(db, &r->configured, err);
}

int
recover_complete(struct recovering *rec, const char *started, int64_t start,
    struct err *err)
{
	struct db_findings findings;
	struct db *db = NULL;
	int rc = -1;

	if (rec->salvaged != NULL) {
		rec->r->salvaged = rec->report.rows;
		rec->r->guessed = rec->report.guessed;
		rec->r->healed = rec->report.healed;
		/* Entries whose title or user is lost are of no use. */
		rec->r->lost = rec->report.lost +
		    (rec->salvage.path != NULL ? rec->salvage.rejected : 0);
		rec->r->pages = rec->report.pages;
		/* What has lost all of its users does not tell of the rest. */
		rec->r->complete = rec->report.complete &&
		    (rec->salvage.worth.users > 0 ||
			rec->best.worth.users == 0);
	}
	if (db_open(&db, rec->best.path, DB_CREATE, err))
		return -1;
	if ((rec->r->source[0] == '\0' && schema_create(db, err)) ||
	    merge_salvage(rec, db, err) ||
	    store_local_forget_sessions(db, err) || describe(rec, db, err) ||
	    record(rec, db, started, start, err) ||
	    db_check(db, &findings, err))
		goto out;
	rc = db_close(&db, err);
out:
	db_free(db);
	return rc;
}
