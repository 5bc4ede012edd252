#include "tests/fault/judge.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/archive.h"
#include "core/archive_read.h"
#include "core/db.h"
#include "core/inventory.h"
#include "core/path.h"
#include "core/snapshot.h"
#include "core/stage.h"
#include "core/str.h"

#define LATEST "backup_latest.json"
#define STARTUP "dev.db.backup_startup"

static const char *const boot[] = { "init", NULL };

/* What walks over trees carry. */
struct look {
	const struct judge *j;
	struct err *err;
};

static bool
same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len &&
	    (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static bool
same_file(const char *dir_a, const char *dir_b, const char *name)
{
	struct buf a;
	struct buf b;
	bool yes;

	yes = place_read(dir_a, name, &a) == 0 &&
	    place_read(dir_b, name, &b) == 0 && same(&a, &b);
	buf_free(&a);
	buf_free(&b);
	return yes;
}

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

/* ---- files --------------------------------------------------------------- */

/* Ours, and the list of files of SQLite's transactions over several. */
static bool
is_temp(const char *name)
{
	return strstr(name, ".jair-tmp-") != NULL ||
	    strstr(name, "-mj") != NULL;
}

static bool
is_archive(const char *name)
{
	return str_starts(name, "backup_") && str_ends(name, ".json");
}

/* A snapshot, under a name of ours. */
static bool
is_snapshot(const char *name)
{
	return !is_temp(name) &&
	    (str_starts(name, STARTUP) || str_starts(name, "dev.db.pre-")) &&
	    !str_ends(name, "-journal");
}

static int
check_archive(const char *path, struct err *err)
{
	struct archive *a = NULL;
	int rc = 0;

	if (archive_open(&a, path, NULL, err))
		return -1;
	if (archive_info(a)->integrity != ARCHIVE_OK)
		rc = err_set(err, ERR_CORRUPT, "%s is not as written", path);
	archive_free(a);
	return rc;
}

static int
check_snapshot(const char *path, struct err *err)
{
	struct db_findings findings;
	struct db *db = NULL;
	uint64_t bytes = 0;
	int rc = -1;

	if (path_size(path, &bytes, err))
		return -1;
	if (bytes == 0)
		return err_set(err, ERR_CORRUPT, "%s is empty", path);
	if (db_open(&db, path, DB_READ, err) == 0)
		rc = db_check(db, &findings, err);
	db_free(db);
	return rc;
}

/* A file under a final name is whole and private. */
static int
check_whole(void *ctx, const char *name)
{
	char path[PLACE_PATH_MAX * 2];
	struct err *err = ((const struct look *)ctx)->err;
	const struct judge *j = ((const struct look *)ctx)->j;
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", j->place->data, name);
	if (stat(path, &st) == 0 && (st.st_mode & 077) != 0)
		return err_set(err, ERR_DENIED, "%s has mode %o", name,
		    st.st_mode & 0777);
	if (strchr(name, '/') != NULL || is_temp(name))
		return 0;
	if (is_archive(name))
		return check_archive(path, err);
	return is_snapshot(name) ? check_snapshot(path, err) : 0;
}

/* A file with the bytes that are looked for. */
struct search {
	const char *dir;
	const struct buf *bytes;
};

static int
matches(void *ctx, const char *name)
{
	const struct search *s = ctx;
	struct buf b;
	int rc;

	rc = place_read(s->dir, name, &b) == 0 && same(&b, s->bytes) ? -1 : 0;
	buf_free(&b);
	return rc;
}

/* Whether the bytes of a file of before lie in the folder under any name. */
static bool
lies_somewhere(const struct judge *j, const char *name)
{
	struct buf bytes;
	struct search s = { j->place->data, &bytes };
	bool found;

	if (place_read(j->place->before, name, &bytes))
		place_die("%s has gone", name);
	found = tree_each(s.dir, matches, &s) != 0;
	buf_free(&bytes);
	return found;
}

/* The digest of what an archive holds, or "". */
static void
content(const char *dir, const char *name, char out[DIGEST_HEX_MAX])
{
	char path[PLACE_PATH_MAX * 2];
	struct archive *a = NULL;
	struct err ignored = { 0 };

	out[0] = '\0';
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (archive_open(&a, path, NULL, &ignored))
		return;
	memcpy(out, archive_info(a)->content_sha256, DIGEST_HEX_MAX);
	archive_free(a);
}

/* An archive that is looked for by what it holds. */
struct twin {
	const char *dir;
	char digest[DIGEST_HEX_MAX];
};

static int
is_twin(void *ctx, const char *name)
{
	const struct twin *t = ctx;
	char digest[DIGEST_HEX_MAX];

	if (!is_archive(name) || strcmp(name, LATEST) == 0)
		return 0;
	content(t->dir, name, digest);
	return strcmp(digest, t->digest) == 0 ? -1 : 0;
}

/* Retention counts archives with the same content once. */
static bool
has_twin(const struct judge *j, const char *name)
{
	struct twin t = { .dir = j->place->data };

	content(j->place->before, name, t.digest);
	return t.digest[0] != '\0' && tree_each(t.dir, is_twin, &t) != 0;
}

/* Nothing that was kept before is lost. */
static int
check_kept(void *ctx, const char *name)
{
	const struct judge *j = ((const struct look *)ctx)->j;
	struct err *err = ((const struct look *)ctx)->err;
	const struct place *p = j->place;
	bool has = place_has(p->data, name);

	if (is_temp(name) || name[0] == '.')
		return 0;
	if (strcmp(name, LATEST) == 0 || strcmp(name, STARTUP) == 0 ||
	    (strcmp(name, "dev.db") == 0 && !j->scene->damaged)) {
		if (!has)
			return err_set(err, ERR_MISSING, "%s has gone", name);
	} else if (is_archive(name) || str_starts(name, "dev.db.pre-")) {
		if (!same_file(p->before, p->data, name) &&
		    (has || !is_archive(name) || !has_twin(j, name)))
			return err_set(err, ERR_MISSING,
			    "%s has changed or gone", name);
	}
	/* Only the oldest generation makes room. */
	if (((is_snapshot(name) && !str_ends(name, ".3")) ||
		(j->scene->keeps_all &&
		    (strcmp(name, "dev.db") != 0 || j->scene->damaged))) &&
	    !is_archive(name) && !lies_somewhere(j, name) &&
	    !str_ends(name, ".3"))
		return err_set(err, ERR_MISSING,
		    "what %s held is nowhere any more", name);
	return 0;
}

int
judge_files(const struct judge *j, struct err *err)
{
	struct look look = { j, err };

	if (tree_each(j->place->data, check_whole, &look))
		return -1;
	return tree_each(j->place->before, check_kept, &look);
}

/* ---- the next start ------------------------------------------------------ */

static int
is_leftover(void *ctx, const char *name)
{
	return is_temp(name)
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
	if (!is_archive(name) && !is_snapshot(name) &&
	    !str_starts(name, "staged_") && !str_starts(name, "quarantine/"))
		return 0;
	if (same_file(j->place->after, j->place->data, name) ||
	    (is_snapshot(name) && place_has(j->place->data, name)))
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
