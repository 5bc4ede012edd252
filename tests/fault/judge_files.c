/* Without this part nobody would see what a stopped command has lost. */

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/archive_read.h"
#include "core/db.h"
#include "core/path.h"
#include "core/str.h"
#include "tests/fault/judge_int.h"

#define LATEST "backup_latest.json"
#define STARTUP "dev.db.backup_startup"

static bool
same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len &&
	    (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

bool
judge_same_file(const char *dir_a, const char *dir_b, const char *name)
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

bool
judge_is_temp(const char *name)
{
	return strstr(name, ".jair-tmp-") != NULL ||
	    strstr(name, "-mj") != NULL;
}

bool
judge_is_archive(const char *name)
{
	return str_starts(name, "backup_") && str_ends(name, ".json");
}

bool
judge_is_snapshot(const char *name)
{
	return !judge_is_temp(name) &&
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
	if (strchr(name, '/') != NULL || judge_is_temp(name))
		return 0;
	if (judge_is_archive(name))
		return check_archive(path, err);
	return judge_is_snapshot(name) ? check_snapshot(path, err) : 0;
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

	if (!judge_is_archive(name) || strcmp(name, LATEST) == 0)
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

	if (judge_is_temp(name) || name[0] == '.')
		return 0;
	if (strcmp(name, LATEST) == 0 || strcmp(name, STARTUP) == 0 ||
	    (strcmp(name, "dev.db") == 0 && !j->scene->damaged)) {
		if (!has)
			return err_set(err, ERR_MISSING, "%s has gone", name);
	} else if (judge_is_archive(name) || str_starts(name, "dev.db.pre-")) {
		if (!judge_same_file(p->before, p->data, name) &&
		    (has || !judge_is_archive(name) || !has_twin(j, name)))
			return err_set(err, ERR_MISSING,
			    "%s has changed or gone", name);
	}
	/* Only the oldest generation makes room. */
	if (((judge_is_snapshot(name) && !str_ends(name, ".3")) ||
		(j->scene->keeps_all &&
		    (strcmp(name, "dev.db") != 0 || j->scene->damaged))) &&
	    !judge_is_archive(name) && !lies_somewhere(j, name) &&
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
