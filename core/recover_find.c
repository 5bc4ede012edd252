#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive_read.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/path.h"
#include "core/recover_int.h"
#include "core/schema.h"
#include "core/scratch.h"
#include "core/snapshot.h"

void
recover_drop(struct recover_candidate *c)
{
	if (c->path != NULL)
		db_remove(c->path);
	free(c->path);
	c->path = NULL;
}

/* Whether this is about a file's content, not about the machine. */
static bool
is_of_content(const struct err *err)
{
	switch (err->code) {
	case ERR_CORRUPT:
	case ERR_FORMAT:
	case ERR_LIMIT:
	case ERR_NEWER:
	case ERR_SCHEMA:
	case ERR_DB:
		return true;
	default:
		return false;
	}
}

/* A private file in the data folder, which a killed boot leaves to be
   removed by the next one. */
static char *
temp_file(const struct recovering *rec, struct err *err)
{
	char *base = path_join(rec->data_dir, "recover.db", err);
	char *tmp = base != NULL ? file_temp_name(base, err) : NULL;

	free(base);
	return tmp;
}

/* Bring the database file to the target schema; tell what it is worth. */
static int
appraise(struct recover_candidate *c, struct err *err)
{
	struct schema_report report;
	struct db_findings findings;
	struct db *db = NULL;
	int rc = -1;

	if (salvage_audit(c->path, c->name, err) ||
	    db_open(&db, c->path, DB_WRITE, err) ||
	    db_check(db, &findings, err))
		goto out;
	if (findings.indexes > 0)
		(void)db_exec(db, "REINDEX", err);
	err_clear(err);
	/* The rules of the tables are not believed but checked. */
	if (schema_apply(db, true, &report, err) == 0 &&
	    db_check(db, &findings, err) == 0 &&
	    store_recover_worth(db, &c->worth, err) == 0)
		rc = db_close(&db, err);
	c->rejected = rc == 0 ? report.rejected : 0;
out:
	db_free(db);
	return rc;
}

static int
copy_database(const char *from_path, const char *to_path, struct err *err)
{
	struct db *from = NULL;
	struct db *to = NULL;
	int rc = -1;

	if (snapshot_open(&from, from_path, err) == 0 &&
	    db_open(&to, to_path, DB_SCRATCH, err) == 0 &&
	    db_copy(from, to, err) == 0)
		rc = db_close(&to, err);
	db_free(to);
	db_free(from);
	return rc;
}

/* When the archive says that it was written, or when its file was. */
static int64_t
made_at(const struct archive_info *info, int64_t modified)
{
	int64_t ms;

	return clock_parse(info->exported_at, strlen(info->exported_at), &ms) ==
		0
	    ? ms
	    : modified;
}

/* All of an archive, its isConfigured included, as the file ${c->path}. */
static int
unpack(const char *from_path, const char *dir, struct recover_candidate *c,
    struct err *err)
{
	/* One of the data folder is ours, whatever its size. */
	const struct archive_limits limits = { .bytes = UINT64_MAX };
	struct archive *a = NULL;
	struct scratch *s = NULL;
	int rc = -1;

	if (archive_open(&a, from_path, &limits, err) ||
	    scratch_make(a, dir, NULL, &s, err))
		goto out;
	if (archive_info(a)->is_configured &&
	    store_recover_configured(s->db, err))
		goto out;
	c->changed = archive_info(a)->integrity == ARCHIVE_CHANGED;
	c->made = made_at(archive_info(a), c->made);
	if (scratch_close(s, err) == 0)
		rc = copy_database(s->path, c->path, err);
out:
	scratch_free(s);
	archive_free(a);
	return rc;
}

/* An empty file is no backup, though SQLite would take it for one. */
static int
check_size(const struct inventory_entry *e, struct err *err)
{
	return e->bytes > 0
	    ? 0
	    : err_set(err, ERR_CORRUPT, "%s is empty.", e->name);
}

/* Make a candidate of one backup. */
static int
examine(const struct recovering *rec, const struct inventory_entry *e,
    struct recover_candidate *c, struct err *err)
{
	char *from = path_join(rec->data_dir, e->name, err);
	int rc = -1;

	*c = (struct recover_candidate){ .kind = e->kind, .made = e->modified };
	(void)snprintf(c->name, sizeof(c->name), "%s", e->name);
	if (from != NULL && check_size(e, err) == 0 &&
	    (c->path = temp_file(rec, err)) != NULL &&
	    (e->kind == INV_SNAPSHOT
		    ? copy_database(from, c->path, err)
		    : unpack(from, rec->data_dir, c, err)) == 0)
		rc = appraise(c, err);
	if (rc != 0)
		recover_drop(c);
	free(from);
	return rc;
}

/* Whether ${a} is to be preferred to ${b}. */
static bool
is_better(const struct recover_candidate *a, const struct recover_candidate *b)
{
	if (b->path == NULL)
		return true;
	if ((a->worth.users > 0) != (b->worth.users > 0))
		return a->worth.users > 0;
	if (a->changed != b->changed)
		return b->changed;
	if (a->worth.newest != b->worth.newest)
		return a->worth.newest > b->worth.newest;
	if (a->kind != b->kind)
		return a->kind == INV_SNAPSHOT;
	return a->made > b->made;
}

/*
 * Count a backup that cannot be used.  When the machine failed it is passed
 * over only if the file itself cannot be read; else nothing is decided now.
 */
static int
pass_over(struct recovering *rec, const struct inventory_entry *e,
    const struct err *why, struct err *err)
{
	if (!is_of_content(why)) {
		char *path = path_join(rec->data_dir, e->name, err);
		struct err ignored = { 0 };
		bool same;
		int rc =
		    path != NULL ? file_same(path, path, &same, &ignored) : 0;

		free(path);
		if (rc == 0) {
			*err = *why;
			return -1;
		}
		rec->unread = true;
	}
	if (rec->r->unusable++ == 0)
		(void)snprintf(rec->r->first_unusable,
		    sizeof(rec->r->first_unusable), "%s: %.380s", e->name,
		    why->msg);
	return 0;
}

/* Look at one backup; keep it when it is the best so far. */
static int
weigh(struct recovering *rec, const struct inventory_entry *e, struct err *err)
{
	struct recover_candidate c;
	struct err unusable = { 0 };

	rec->r->candidates++;
	if (examine(rec, e, &c, &unusable))
		return pass_over(rec, e, &unusable, err);
	if (is_better(&c, &rec->best)) {
		recover_drop(&rec->best);
		rec->best = c;
	} else {
		recover_drop(&c);
	}
	return 0;
}

/* The paths of all snapshots, the newest first, NULL behind the last. */
static char **
snapshot_paths(const char *dir, const struct inventory *inv, struct err *err)
{
	char **paths = calloc(inv->count + 1, sizeof(*paths));
	size_t n = 0;

	if (paths == NULL) {
		err_set(err, ERR_NOMEM, "No memory for a recovery.");
		return NULL;
	}
	for (size_t i = 0; i < inv->count; i++) {
		if (inv->entry[i].kind == INV_SNAPSHOT &&
		    (paths[n] = path_join(dir, inv->entry[i].name, err)) !=
			NULL)
			n++;
	}
	return paths;
}

/* What the damaged file still gives; nothing is no failure. */
static int
salvage(struct recovering *rec, const struct inventory *inv, struct err *err)
{
	struct recover_candidate *c = &rec->salvage;
	struct err none = { 0 };
	char **paths = snapshot_paths(rec->data_dir, inv, err);

	if (paths == NULL || (c->path = temp_file(rec, err)) == NULL) {
		free(paths);
		return -1;
	}
	(void)snprintf(c->name, sizeof(c->name), RECOVER_SALVAGE);
	c->made = clock_now();
	if (salvage_read(rec->db_path, (const char *const *)paths, c->path,
		&rec->report, &none) == 0)
		rec->salvaged = &rec->report;
	if (rec->salvaged == NULL || appraise(c, &none))
		recover_drop(c);
	for (size_t i = 0; paths[i] != NULL; i++)
		free(paths[i]);
	free(paths);
	if (c->path == NULL && !is_of_content(&none)) {
		*err = none;
		return -1;
	}
	return 0;
}

/*
 * Whether to go on from the salvage itself.  One that lacks rows does not
 * replace a backup that has them: what it has beyond is merged in.
 */
static bool
is_salvage_best(const struct recovering *rec)
{
	const struct recover_candidate *s = &rec->salvage;
	const struct recover_candidate *b = &rec->best;

	if (s->path == NULL)
		return false;
	if (b->path == NULL || (s->worth.users > 0 && b->worth.users == 0))
		return true;
	return rec->report.complete && s->worth.users > 0 &&
	    s->worth.newest >= b->worth.newest;
}

/* Choose what to go on from. */
static int
choose(struct recovering *rec, struct err *err)
{
	if (is_salvage_best(rec)) {
		recover_drop(&rec->best);
		rec->best = rec->salvage;
		rec->salvage.path = NULL;
	}
	if (rec->best.path != NULL) {
		(void)snprintf(rec->r->source, sizeof(rec->r->source), "%s",
		    rec->best.name);
		rec->r->made = rec->best.made;
		rec->r->newest = rec->best.worth.newest;
		return 0;
	}
	if (rec->unread)
		return err_set(err, ERR_IO,
		    "There is no backup that can be read (%s), and nothing"
		    " of the damaged database. Nothing was changed.",
		    rec->r->first_unusable);
	rec->r->newest = INT64_MIN;
	rec->best.path = temp_file(rec, err);
	return rec->best.path != NULL ? 0 : -1;
}

int
recover_find(struct recovering *rec, struct err *err)
{
	struct inventory inv;
	int rc = 0;

	if (inventory_read(rec->data_dir, &inv, err))
		return -1;
	for (size_t i = 0; i < inv.count && rc == 0; i++)
		rc = weigh(rec, &inv.entry[i], err);
	if (rc == 0 && (salvage(rec, &inv, err) || choose(rec, err)))
		rc = -1;
	inventory_free(&inv);
	return rc;
}
