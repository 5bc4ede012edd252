#include "core/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/guard.h"
#include "core/path.h"
#include "core/quarantine.h"
#include "core/salvage.h"
#include "core/snapshot_int.h"

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

/* Check every page of what is to be relied on; its digest in ${former}. */
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
	    GUARD(snapshot_withhold,
		snapshot_any_content(path, &snap->withheld, err)))
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
		if (GUARD(snapshot_rotate, snapshot_rotate(path, err)) ||
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
