#include "core/snapshot.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/guard.h"
#include "core/path.h"
#include "core/quarantine.h"
#include "core/salvage.h"
#include "core/str.h"

/* Remove a temporary database; free its name. */
static void
discard(char *tmp)
{
	if (tmp != NULL)
		db_remove(tmp);
	free(tmp);
}

/*
 * Say in ${err} whose fault a damaged copy is: the database's, or the
 * disk's, when the database itself is found whole.
 */
static int
blame(struct db *src, const char *tmp, struct err *err)
{
	struct db_findings ignored;
	struct err source = { 0 };

	if (err->code != ERR_CORRUPT)
		return -1;
	if (GUARD(snapshot_blame, db_check(src, &ignored, &source))) {
		*err = source;
		return -1;
	}
	return err_set(err, ERR_DISK,
	    "The copy %s came out damaged although "
	    "the database is whole. Check the disk.",
	    tmp);
}

static int
copy_to(struct db *src, const char *tmp, struct err *err)
{
	struct db *copy = NULL;
	int rc = -1;

	if (db_open(&copy, tmp, DB_SCRATCH, err))
		return -1;
	if (db_copy(src, copy, err) == 0)
		rc = db_close(&copy, err);
	db_free(copy);
	return rc;
}

/* Build the indexes of a checked copy anew where needed. */
static int
mend(struct db *copy, struct snapshot *snap, struct err *err)
{
	struct db_findings again;
	struct err refused = { 0 };

	if (snap->findings.indexes == 0)
		return 0;
	if (db_exec(copy, "REINDEX", &refused)) {
		/* Duplicate rows are schema sync's work. */
		if (refused.code == ERR_DB)
			return 0;
		*err = refused;
		return -1;
	}
	if (db_check(copy, &again, err))
		return -1;
	snap->healed = again.indexes == 0;
	return 0;
}

/* Reopen the copy and check it; tell what it holds. */
static int
verify(const char *tmp, struct snapshot *snap, struct err *err)
{
	struct db *copy = NULL;
	int rc = -1;

	if (db_open(&copy, tmp, DB_WRITE, err))
		return -1;
	if (GUARD(snapshot_check, db_check(copy, &snap->findings, err)) ||
	    mend(copy, snap, err) || snapshot_digest(copy, snap->digest, err) ||
	    snapshot_is_empty(copy, &snap->empty, err))
		goto out;
	rc = db_close(&copy, err);
out:
	db_free(copy);
	return rc;
}

/* Make a checked copy; its temporary name in ${out}. */
static int
make(struct db *src, const char *path, struct snapshot *snap, char **out,
    struct err *err)
{
	char *tmp = file_temp_name(path, err);

	if (tmp == NULL)
		return -1;
	if (copy_to(src, tmp, err) || verify(tmp, snap, err)) {
		blame(src, tmp, err);
		goto fail;
	}
	/* The copy has no journal, and nobody else has it open. */
	if (GUARD(snapshot_audit, salvage_audit(tmp, db_path(src), err)) ||
	    path_size(tmp, &snap->bytes, err))
		goto fail;
	*out = tmp;
	return 0;
fail:
	discard(tmp);
	return -1;
}

/* Keep the lock of ${live}, and find it still as ${snap} tells. */
static int
hold(struct db *live, const struct snapshot *snap, struct err *err)
{
	char digest[DIGEST_HEX_MAX];

	if (db_exec(live,
		"PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE;"
		"COMMIT",
		err) ||
	    snapshot_digest(live, digest, err))
		return -1;
	if (strcmp(digest, snap->digest) != 0)
		return err_set(err, ERR_BUSY,
		    "Another process wrote to %s "
		    "while its indexes were built anew. Stop it and start "
		    "again.",
		    db_path(live));
	return 0;
}

/*
 * Let the healed copy's content replace that of the database.  One that is in
 * WAL mode leaves it first, through the connection that is there: that would
 * keep any other from writing.
 */
static int
heal(const char *tmp, struct db *src, const struct snapshot *snap,
    struct err *err)
{
	struct db *copy = NULL;
	struct db *live = NULL;
	int rc = -1;

	if (db_exec(src,
		"PRAGMA query_only=OFF; PRAGMA journal_mode=TRUNCATE;"
		"PRAGMA query_only=ON",
		err))
		return -1;
	if (db_open(&copy, tmp, DB_READ, err) == 0 &&
	    db_open(&live, db_path(src), DB_WRITE, err) == 0 &&
	    GUARD(heal_hold, hold(live, snap, err)) == 0 &&
	    db_copy(copy, live, err) == 0)
		rc = db_close(&live, err);
	db_free(live);
	db_free(copy);
	return rc;
}

/* The name of one generation; 0 is ${path} itself. */
static char *
generation(const char *path, int n, struct err *err)
{
	return n == 0 ? str_dup(path, err) : str_printf(err, "%s.%d", path, n);
}

/* Whether ${path} is a readable database; its digest and emptiness. */
static int
inspect(const char *path, char digest[DIGEST_HEX_MAX], bool *empty,
    struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (snapshot_open(&db, path, err))
		return -1;
	if (snapshot_digest(db, digest, err) == 0)
		rc = snapshot_is_empty(db, empty, err);
	db_free(db);
	return rc;
}

/* The same for a file that is to be relied on: every page is checked. */
static int
inspect_whole(const char *path, struct snapshot *former, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (path_size(path, &former->bytes, err))
		return -1;
	/* SQLite takes an empty file for a database without tables. */
	if (former->bytes == 0)
		return err_set(err, ERR_CORRUPT, "%s has no content.", path);
	if (snapshot_open(&db, path, err))
		return -1;
	if (GUARD(former_check, db_check(db, &former->findings, err)) == 0)
		rc = snapshot_digest(db, former->digest, err);
	db_free(db);
	return rc;
}

/* Whether any generation holds a user or a configuration. */
static int
any_content(const char *path, bool *content, struct err *err)
{
	char digest[DIGEST_HEX_MAX];

	*content = false;
	for (int n = 0; n <= SNAPSHOT_GENERATIONS && !*content; n++) {
		char *name = generation(path, n, err);
		struct err unreadable = { 0 };
		bool empty = true;

		if (name == NULL)
			return -1;
		/* What cannot be read may hold something: keep it. */
		if (path_exists(name) &&
		    inspect(name, digest, &empty, &unreadable))
			empty = false;
		free(name);
		*content = !empty;
	}
	return 0;
}

/* Whether both names lead to the same content. */
static int
is_kept(const char *a, const char *b, bool *kept, struct err *err)
{
	*kept = false;
	return path_exists(b) ? file_same(a, b, kept, err) : 0;
}

/* Give ${from} a second name; a copy where links are not supported. */
static int
link_or_copy(const char *from, const char *to, struct err *err)
{
	if (link(from, to) == 0)
		return 0;
	if (errno == EEXIST || errno == ENOENT || errno == EIO)
		return err_sys(err, errno, "Cannot link %s to %s", to, from);
	return file_copy(from, to, err);
}

/* Rename generation ${n} to the next; -1 only for a real failure. */
static int
shift(const char *path, int n, struct err *err)
{
	char *from = generation(path, n, err);
	char *to = generation(path, n + 1, err);
	int rc = -1;

	if (from == NULL || to == NULL)
		goto out;
	if (GUARD(generation_rename, rename(from, to)) != 0 && errno != ENOENT)
		err_sys(err, errno, "Cannot rename %s to %s", from, to);
	else
		rc = 0;
out:
	free(from);
	free(to);
	return rc;
}

/* The first generation that is missing; the oldest makes room. */
static int
first_gap(const char *path, int *gap, struct err *err)
{
	*gap = SNAPSHOT_GENERATIONS;
	for (int n = 1; n < *gap; n++) {
		char *name = generation(path, n, err);

		if (name == NULL)
			return -1;
		if (!path_exists(name))
			*gap = n;
		free(name);
	}
	return 0;
}

/*
 * Move the generations one on, up to a gap that a killed boot left, so that
 * none is lost twice; ${path} keeps its name meanwhile.
 */
static int
rotate(const char *path, struct err *err)
{
	char *first = generation(path, 1, err);
	bool kept;
	int gap;
	int rc = -1;

	if (first == NULL)
		return -1;
	if (!path_exists(path)) {
		rc = 0;
		goto out;
	}
	/* A boot that was killed right here has made the link already. */
	if (is_kept(path, first, &kept, err) || first_gap(path, &gap, err))
		goto out;
	for (int n = gap - 1; n >= 1 && !kept; n--) {
		if (shift(path, n, err))
			goto out;
	}
	rc = kept ? 0 : link_or_copy(path, first, err);
out:
	free(first);
	return rc;
}

/*
 * Compare the new copy with what stands under ${path}: tell in ${snap}
 * whether it is to be published; put a damaged former one aside.
 */
static int
judge(const char *data_dir, const char *path, struct snapshot *snap,
    struct err *err)
{
	struct snapshot former = { 0 };
	struct err unreadable = { 0 };

	if (snap->empty &&
	    GUARD(snapshot_withhold, any_content(path, &snap->withheld, err)))
		return -1;
	if (snap->withheld || !path_exists(path))
		return 0;
	if (inspect_whole(path, &former, &unreadable) == 0) {
		snap->unchanged = former.findings.indexes == 0 &&
		    strcmp(former.digest, snap->digest) == 0;
		return 0;
	}
	if (unreadable.code == ERR_CORRUPT)
		return GUARD(former_aside,
		    quarantine_move(data_dir, path, &snap->quarantined, err));
	*err = unreadable;
	return -1;
}

int
snapshot_take(struct db *src, const char *data_dir, const char *path,
    struct snapshot *snap, struct err *err)
{
	char *tmp = NULL;
	int rc = -1;

	*snap = (struct snapshot){ 0 };
	if (make(src, path, snap, &tmp, err))
		return -1;
	if (snap->healed && heal(tmp, src, snap, err))
		goto out;
	if (judge(data_dir, path, snap, err))
		goto out;
	if (!snap->withheld && !snap->unchanged) {
		if (GUARD(snapshot_rotate, rotate(path, err)) ||
		    file_publish(tmp, path, err))
			goto out;
		snap->published = true;
	}
	rc = 0;
out:
	discard(tmp);
	if (rc != 0)
		snapshot_free(snap);
	return rc;
}

void
snapshot_free(struct snapshot *snap)
{
	free(snap->quarantined);
	snap->quarantined = NULL;
}

int
snapshot_save(struct db *src, const char *path, struct err *err)
{
	struct snapshot snap = { 0 };
	char *tmp = NULL;
	int rc;

	if (make(src, path, &snap, &tmp, err))
		return -1;
	rc = file_publish_new(tmp, path, err);
	discard(tmp);
	return rc;
}
