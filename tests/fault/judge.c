#include "tests/fault/judge_int.h"

#include <stdio.h>
#include <string.h>

#include "core/archive.h"
#include "core/archive_read.h"
#include "core/db.h"
#include "core/snapshot.h"
#include "core/stage.h"
#include "core/str.h"

#define LATEST "backup_latest.json"

static const char *const boot[] = { "init", NULL };

/* ---- what is right ------------------------------------------------------- */

static int
digest(const struct judge *j, char out[DIGEST_HEX_MAX], struct err *err)
{
	char path[PLACE_PATH_MAX + 8];
	struct db *db = NULL;
	int rc = -1;

	(void)snprintf(path, sizeof(path), "%s/dev.db", j->place->data);
	if (db_open(&db, path, DB_READ, err) == 0)
		rc = snapshot_digest(db, out, err);
	db_free(db);
	return rc;
}

/* Start without a fault; the database's content then. */
static int
start_and_digest(const struct judge *j, char out[DIGEST_HEX_MAX],
    struct err *err)
{
	struct outcome o;

	place_run(j->place, boot, NULL, &o);
	if (o.status != 0)
		return err_set(err, ERR_DB, "the next start ends with %d: %s",
		    o.status, o.text);
	return digest(j, out, err);
}

void
judge_reset(const struct judge *j)
{
	tree_copy(j->place->before, j->place->data);
}

void
judge_learn(struct judge *j, const struct place *p, const struct scene *s,
    const char *what)
{
	const struct fault none = { .what = what };
	struct err err = { 0 };
	struct outcome o;

	*j = (struct judge){ .place = p, .scene = s };
	tree_clear(p->data);
	s->prepare(p);
	tree_copy(p->data, p->before);
	j->has_old = start_and_digest(j, j->before, &err) == 0;
	judge_reset(j);
	place_run(p, s->argv, &none, &o);
	if (o.status != 0)
		place_die("%s ends with %d: %s", s->name, o.status, o.text);
	j->calls = o.calls;
	tree_copy(p->data, p->after);
	if (start_and_digest(j, j->after, &err))
		place_die("%s: %s", s->name, err.msg);
}

/* ---- the next start ------------------------------------------------------ */

static int
is_leftover(void *ctx, const char *name)
{
	return judge_is_temp(name)
	    ? err_set(ctx, ERR_EXISTS, "%s was not removed", name)
	    : 0;
}

/* The staged archives that lie there. */
struct staged_files {
	int64_t copies;
	int64_t uploads;
};

static int
count_staged(void *ctx, const char *name)
{
	struct staged_files *f = ctx;

	f->copies += str_starts(name, "staged_") ? 1 : 0;
	f->uploads += stage_is_upload(name) ? 1 : 0;
	return 0;
}

/*
 * Each staged archive is known to the database, and lies there; only an
 * upload may still wait for its job.
 */
static int
check_staged(const struct judge *j, struct err *err)
{
	static const char *const known[] = {
		"SELECT count(*) FROM StagedRestore WHERE state IN"
		" ('ready', 'pending') AND file NOT LIKE 'upload%'",
		"SELECT count(*) FROM StagedRestore WHERE state IN"
		" ('ready', 'pending') AND file LIKE 'upload%'",
	};
	char path[PLACE_PATH_MAX + 8];
	struct db *db = NULL;
	struct staged_files files = { 0, 0 };
	int64_t copies = 0;
	int64_t uploads = 0;
	int rc = -1;

	(void)tree_each(j->place->data, count_staged, &files);
	(void)snprintf(path, sizeof(path), "%s/dev.db", j->place->data);
	if (db_open(&db, path, DB_READ, err) == 0 &&
	    db_int(db, known[0], &copies, err) == 0)
		rc = db_int(db, known[1], &uploads, err);
	db_free(db);
	if (rc == 0 && (copies != files.copies || uploads > files.uploads))
		rc = err_set(err, ERR_MISSING,
		    "%d staged archives and %d uploads, %d and %d known",
		    (int)files.copies, (int)files.uploads, (int)copies,
		    (int)uploads);
	return rc;
}

/* The latest archive holds what the database does, and who still waits. */
static int
check_latest(const struct judge *j, struct err *err)
{
	char path[PLACE_PATH_MAX + 32];
	struct stage_combined *combined = NULL;
	struct archive_stats stats;
	struct archive *a = NULL;
	struct db *db = NULL;
	int rc = -1;

	(void)snprintf(path, sizeof(path), "%s/dev.db", j->place->data);
	if (db_open(&db, path, DB_READ, err) ||
	    stage_combine(db, j->place->data, &combined, err))
		goto out;
	(void)snprintf(path, sizeof(path), "%s/" LATEST, j->place->data);
	if (archive_digest(combined != NULL ? stage_combined_db(combined) : db,
		&stats, err) ||
	    archive_open(&a, path, NULL, err))
		goto out;
	rc = strcmp(stats.content_sha256, archive_info(a)->content_sha256) == 0
	    ? 0
	    : err_set(err, ERR_CORRUPT, LATEST " does not hold the database");
out:
	archive_free(a);
	stage_combined_free(combined);
	db_free(db);
	return rc;
}

static int
start(const struct judge *j, bool done, struct err *err)
{
	char now[DIGEST_HEX_MAX];
	struct outcome o;

	/* What a start cannot open is for the command to do again. */
	if (!j->has_old && !done) {
		place_run(j->place, j->scene->argv, NULL, &o);
		if (o.status != 0)
			return err_set(err, ERR_DB, "again it ends with %d: %s",
			    o.status, o.text);
	}
	if (start_and_digest(j, now, err))
		return -1;
	if (strcmp(now, j->after) != 0 &&
	    (done || !j->has_old || strcmp(now, j->before) != 0))
		return err_set(err, ERR_CORRUPT,
		    done ? "it said it was done, but its work is lost"
			 : "the database is neither the old nor the new one");
	if (judge_files(j, err) || check_latest(j, err) || check_staged(j, err))
		return -1;
	return tree_each(j->place->data, is_leftover, err);
}

int
judge_start(const struct judge *j, struct err *err)
{
	return start(j, false, err);
}

/* Each backup that the command made undisturbed is there. */
static int
check_made(void *ctx, const char *name)
{
	const struct judge *j = ((const struct look *)ctx)->j;
	struct err *err = ((const struct look *)ctx)->err;

	/* SQLite's own notes, which it makes anew. */
	if (str_ends(name, "-shm"))
		return 0;
	if (!judge_is_archive(name) && !judge_is_snapshot(name) &&
	    !str_starts(name, "staged_") && !str_starts(name, "quarantine/"))
		return 0;
	if (judge_same_file(j->place->after, j->place->data, name) ||
	    (judge_is_snapshot(name) && place_has(j->place->data, name)))
		return 0;
	return err_set(err, ERR_MISSING, "it said it was done, but %s is lost",
	    name);
}

/* What the command ended is not back.  A start removes staged files. */
static int
check_ended(void *ctx, const char *name)
{
	const struct judge *j = ((const struct look *)ctx)->j;
	struct err *err = ((const struct look *)ctx)->err;

	if (place_has(j->place->after, name) || str_starts(name, "staged_") ||
	    !place_has(j->place->data, name))
		return 0;
	return err_set(err, ERR_EXISTS, "it said it was done, but %s is back",
	    name);
}

int
judge_done(const struct judge *j, struct err *err)
{
	struct look look = { j, err };

	if (tree_each(j->place->after, check_made, &look) ||
	    tree_each(j->place->before, check_ended, &look))
		return -1;
	return start(j, true, err);
}

int
judge_exit(const struct judge *j, const struct outcome *o, struct err *err)
{
	const char *mark = strcmp(j->scene->argv[0], "act") == 0 ? "act: "
	    : j->scene->argv[1] == NULL                          ? "❌ "
					: "jair-init: ";
	const char *said = strstr(o->text, mark);

	/* Without its environment a start has not begun. */
	if (said == NULL)
		said = strstr(o->text, "jair-init: ");
	if (o->status > EXIT_BUSY)
		return err_set(err, ERR_IO, "it ends with %d: %s", o->status,
		    o->text);
	if (o->status == EXIT_BROKEN && !j->scene->damaged &&
	    j->scene->argv[1] == NULL)
		return err_set(err, ERR_CORRUPT,
		    "it calls a good database damaged: %s", o->text);
	if (o->status != 0 && (said == NULL || strlen(said) < 20))
		return err_set(err, ERR_IO, "it ends with %d and says: %s",
		    o->status, o->text);
	return 0;
}
