#include "core/recover.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive_read.h"
#include "core/file.h"
#include "core/inventory.h"
#include "core/path.h"
#include "core/quarantine.h"
#include "core/salvage.h"
#include "core/schema.h"
#include "core/scratch.h"
#include "core/store_local.h"
#include "core/store_merge.h"
#include "core/store_recover.h"
#include "core/str.h"

/* A database that may become the new one. */
struct candidate {
	char *path;		/* its file, a temporary one; NULL: none */
	char name[INVENTORY_NAME_MAX];
	enum inventory_kind kind;
	struct recover_worth worth;
	int64_t made;		/* when the backup was made */
};

/* One recovery under way. */
struct recovering {
	const char *db_path;
	const char *data_dir;
	struct inventory inv;
	struct candidate best;
	struct candidate salvage;
	bool complete;		/* the salvage lost nothing */
	struct recovery *r;
};

static void
drop(struct candidate *c)
{
	if (c->path != NULL)
		db_remove(c->path);
	free(c->path);
	c->path = NULL;
}

static char *
temp_name(const struct recovering *rec, struct err *err)
{
	return file_temp_name(rec->db_path, err);
}

/* Bring the database file to the target schema; tell what it is worth. */
static int
appraise(struct candidate *c, struct err *err)
{
	struct schema_report report;
	struct db_findings findings;
	struct db *db = NULL;
	int rc = -1;

	if (db_open(&db, c->path, DB_WRITE, err) == 0 &&
	    db_check(db, &findings, err) == 0 &&
	    schema_apply(db, true, &report, err) == 0 &&
	    store_recover_worth(db, &c->worth, err) == 0)
		rc = db_close(&db, err);
	db_free(db);
	return rc;
}

static int
copy_snapshot(const char *from_path, const char *to_path, struct err *err)
{
	struct db *from = NULL;
	struct db *to = NULL;
	int rc = -1;

	if (db_open(&from, from_path, DB_READ, err) == 0 &&
	    db_open(&to, to_path, DB_CREATE, err) == 0 &&
	    db_copy(from, to, err) == 0)
		rc = db_close(&to, err);
	db_free(to);
	db_free(from);
	return rc;
}

/* All of an archive, its isConfigured included, as the file ${to_path}. */
static int
unpack(const char *from_path, const char *dir, const char *to_path,
    struct err *err)
{
	struct archive *a = NULL;
	struct scratch *s = NULL;
	struct db *db = NULL;
	int rc = -1;

	if (archive_open(&a, from_path, NULL, err) ||
	    scratch_make(a, dir, NULL, &s, err) ||
	    (archive_info(a)->is_configured &&
	    store_recover_configured(s->db, err)) ||
	    scratch_close(s, err))
		goto out;
	rc = copy_snapshot(s->path, to_path, err);
out:
	db_free(db);
	scratch_free(s);
	archive_free(a);
	return rc;
}

/* Make a candidate of one backup. */
static int
examine(const struct recovering *rec, const struct inventory_entry *e,
    struct candidate *c, struct err *err)
{
	char *from = path_join(rec->data_dir, e->name, err);
	int rc = -1;

	*c = (struct candidate){ .kind = e->kind, .made = e->modified };
	(void)snprintf(c->name, sizeof(c->name), "%s", e->name);
	if (from != NULL && (c->path = temp_name(rec, err)) != NULL &&
	    (e->kind == INV_SNAPSHOT ? copy_snapshot(from, c->path, err) :
	    unpack(from, rec->data_dir, c->path, err)) == 0)
		rc = appraise(c, err);
	if (rc != 0)
		drop(c);
	free(from);
	return rc;
}

/* Whether ${a} is to be preferred to ${b}. */
static bool
is_better(const struct candidate *a, const struct candidate *b)
{
	if (b->path == NULL)
		return true;
	if ((a->worth.users > 0) != (b->worth.users > 0))
		return a->worth.users > 0;
	if (a->worth.newest != b->worth.newest)
		return a->worth.newest > b->worth.newest;
	if (a->kind != b->kind)
		return a->kind == INV_SNAPSHOT;
	return a->made > b->made;
}

/* Look at every backup and keep the best. */
static int
find_best(struct recovering *rec, struct err *err)
{
	if (inventory_read(rec->data_dir, &rec->inv, err))
		return -1;
	for (size_t i = 0; i < rec->inv.count; i++) {
		struct candidate c;
		struct err unusable = { 0 };

		rec->r->candidates++;
		if (examine(rec, &rec->inv.entry[i], &c, &unusable)) {
			if (unusable.code == ERR_DISK ||
			    unusable.code == ERR_NOMEM) {
				*err = unusable;
				return -1;
			}
			rec->r->unreadable++;
			continue;
		}
		if (is_better(&c, &rec->best)) {
			drop(&rec->best);
			rec->best = c;
		} else {
			drop(&c);
		}
	}
	return 0;
}

/* The paths of all snapshots, NULL behind the last. */
static char **
snapshot_paths(const struct recovering *rec, struct err *err)
{
	char **paths = calloc(rec->inv.count + 1, sizeof(*paths));
	size_t n = 0;

	if (paths == NULL) {
		err_set(err, ERR_NOMEM, "No memory for a recovery.");
		return NULL;
	}
	for (size_t i = 0; i < rec->inv.count; i++) {
		if (rec->inv.entry[i].kind == INV_SNAPSHOT &&
		    (paths[n] = path_join(rec->data_dir,
		    rec->inv.entry[i].name, err)) != NULL)
			n++;
	}
	return paths;
}

/* What the damaged file still gives; nothing is no failure. */
static int
salvage(struct recovering *rec, struct err *err)
{
	struct candidate *c = &rec->salvage;
	struct salvage_report report;
	struct err none = { 0 };
	char **paths = snapshot_paths(rec, err);

	if (paths == NULL || (c->path = temp_name(rec, err)) == NULL) {
		free(paths);
		return -1;
	}
	(void)snprintf(c->name, sizeof(c->name), "salvage");
	if (salvage_read(rec->db_path, (const char *const *)paths, c->path,
	    &report, &none) || appraise(c, &none)) {
		drop(c);
	} else {
		rec->complete = report.complete;
		rec->r->salvaged = report.rows;
		rec->r->lost = report.lost;
	}
	for (size_t i = 0; paths[i] != NULL; i++)
		free(paths[i]);
	free(paths);
	if (none.code == ERR_DISK || none.code == ERR_NOMEM) {
		*err = none;
		return -1;
	}
	return 0;
}

/* Bring what the salvage has beyond the best backup. */
static int
merge_rows(struct recovering *rec, struct db *db, struct store_merge *m,
    struct err *err)
{
	int64_t src = 0;
	bool taken;

	for (;;) {
		struct merge_counts counts;
		char *name = NULL;
		int64_t dst;

		if (store_merge_next_user(m, src, &src, &name, err))
			return -1;
		free(name);
		if (src == 0)
			break;
		if (store_merge_find_user(m, src, &dst, err) ||
		    (dst == 0 && store_merge_add_user(m, src, &dst, err)) ||
		    store_merge_user(m, src, dst, &counts, err) ||
		    store_merge_bind_ids(m, src, dst, err))
			return -1;
		rec->r->merged += counts.inserted + counts.updated;
	}
	if (store_merge_nobodys(m, false, err) ||
	    store_recover_config(db, &taken, err))
		return -1;
	return store_local_take_over(db, err);
}

static int
merge_attached(struct recovering *rec, struct db *db, struct err *err)
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

static int
merge_salvage(struct recovering *rec, struct db *db, struct err *err)
{
	int rc;

	if (rec->salvage.path == NULL)
		return 0;
	if (store_merge_attach(db, rec->salvage.path, err))
		return -1;
	rc = merge_attached(rec, db, err);
	store_merge_detach(db);
	return rc;
}

/* Complete and check the new database; say what it holds. */
static int
finish(struct recovering *rec, struct err *err)
{
	struct db_findings findings;
	struct recover_worth worth;
	struct db *db = NULL;
	int64_t configured = 0;
	int rc = -1;

	if (db_open(&db, rec->best.path, DB_CREATE, err))
		return -1;
	if ((rec->r->source[0] == '\0' && schema_create(db, err)) ||
	    merge_salvage(rec, db, err) ||
	    store_local_forget_sessions(db, err) ||
	    db_check(db, &findings, err) ||
	    store_recover_worth(db, &worth, err) ||
	    db_int(db, "SELECT \"isConfigured\" FROM \"SystemConfig\""
	    " WHERE \"id\" = 1", &configured, err))
		goto out;
	rec->r->users = worth.users;
	rec->r->items = worth.items;
	rec->r->newest = worth.newest;
	rec->r->configured = configured != 0;
	rc = db_close(&db, err);
out:
	db_free(db);
	return rc;
}

/* Choose what to go on from. */
static int
choose(struct recovering *rec, struct err *err)
{
	if (rec->salvage.path != NULL && rec->complete &&
	    is_better(&rec->salvage, &rec->best)) {
		drop(&rec->best);
		rec->best = rec->salvage;
		rec->salvage.path = NULL;
	}
	if (rec->best.path != NULL) {
		(void)snprintf(rec->r->source, sizeof(rec->r->source), "%s",
		    rec->best.name);
		return 0;
	}
	rec->best.path = temp_name(rec, err);
	return rec->best.path != NULL ? 0 : -1;
}

/* Give the damaged file a second name in quarantine. */
static int
quarantine_link(struct recovering *rec, struct err *err)
{
	char *where = NULL;
	char *copy;
	int rc = -1;

	/* A second name first: the original one is replaced in one step. */
	if ((copy = str_printf(err, "%s.damaged", rec->db_path)) == NULL)
		return -1;
	(void)unlink(copy);
	if (link(rec->db_path, copy) != 0 &&
	    file_copy(rec->db_path, copy, err))
		goto out;
	if (quarantine_move(rec->data_dir, copy, &where, err))
		goto out;
	(void)snprintf(rec->r->quarantine, sizeof(rec->r->quarantine), "%s",
	    where);
	rc = 0;
out:
	free(where);
	free(copy);
	return rc;
}

static int
quarantine_journals(struct recovering *rec, struct err *err)
{
	static const char *const tails[] = { "-journal", "-wal", "-shm" };
	int rc = 0;

	for (size_t i = 0; i < 3 && rc == 0; i++) {
		char *path = str_printf(err, "%s%s", rec->db_path, tails[i]);
		char *where = NULL;

		if (path == NULL)
			return -1;
		if (path_exists(path))
			rc = quarantine_move(rec->data_dir, path, &where,
			    err);
		free(where);
		free(path);
	}
	return rc;
}

/* No journal of the damaged file may meet the new one. */
static int
publish(struct recovering *rec, struct err *err)
{
	if (quarantine_link(rec, err) || quarantine_journals(rec, err))
		return -1;
	return file_publish(rec->best.path, rec->db_path, err);
}

int
recover_database(const char *db_path, const char *data_dir,
    struct recovery *r, struct err *err)
{
	struct recovering rec = { .db_path = db_path, .data_dir = data_dir,
	    .r = r };
	int rc = -1;

	*r = (struct recovery){ 0 };
	if (find_best(&rec, err) == 0 && salvage(&rec, err) == 0 &&
	    choose(&rec, err) == 0 && finish(&rec, err) == 0)
		rc = publish(&rec, err);
	drop(&rec.best);
	drop(&rec.salvage);
	inventory_free(&rec.inv);
	return rc;
}
