#ifndef CORE_SNAPSHOT_H
#define CORE_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/db.h"
#include "core/digest.h"
#include "core/err.h"

/* Older snapshots are kept as <path>.1 to <path>.3. */
#define SNAPSHOT_GENERATIONS 3

/* What snapshot_take did. */
struct snapshot {
	bool published; /* a new file stands under the name */
	bool unchanged; /* the former one has equal content */
	bool withheld; /* empty; a former one has content */
	bool healed; /* indexes were built anew */
	bool empty; /* no user and no configuration */
	char *quarantined; /* where a damaged former one went */
	struct db_findings findings;
	uint64_t bytes; /* size of the copy */
	char digest[DIGEST_HEX_MAX]; /* of its content */
};

/*
 * snapshot_take(src, data_dir, path, snap, err):
 * Copy the whole database behind ${src} to ${path} (a file in ${data_dir}):
 * written beside it under a temporary name, checked, then published
 * atomically with mode 0600.  The former ${path} becomes generation .1, and
 * so on; it stays alone when its content is equal, or when the new one is
 * empty and one of them is not.  Damaged indexes are built anew in the copy
 * and, from there, in the database itself.  Return 0 with ${snap}, which
 * snapshot_free releases, or -1 with ${err} (ERR_CORRUPT: the database is
 * damaged; ERR_BUSY; ERR_DISK and others: no copy could be made); then what
 * stood under ${path} is as it was.
 */
int snapshot_take(struct db *src, const char *data_dir, const char *path,
    struct snapshot *snap, struct err *err);

/*
 * snapshot_free(snap):
 * Release what ${snap} owns.
 */
void snapshot_free(struct snapshot *snap);

/*
 * snapshot_save(src, path, err):
 * Copy the database behind ${src} to the new file ${path}, checked and
 * published like snapshot_take's, but never replacing anything.  Return 0,
 * or -1 with ${err}.
 */
int snapshot_save(struct db *src, const char *path, struct err *err);

/*
 * snapshot_open(db, path, err):
 * Open the database file ${path} to be read.  One that bears a name which we
 * alone give to snapshots is whole in itself: what lies beside it under the
 * name of its journal or -wal would change it, and is left alone.  Return 0,
 * or -1 with ${err}.
 */
int snapshot_open(struct db **db, const char *path, struct err *err);

/*
 * snapshot_digest(db, digest, err):
 * Compute the SHA-256 of ${db}'s content: its schema and all rows of all
 * tables but BackupRun, Job and JairSession, which tell of this server's
 * doings alone.  Return 0, or -1 with ${err}.
 */
int snapshot_digest(struct db *db, char digest[DIGEST_HEX_MAX],
    struct err *err);

/*
 * snapshot_is_empty(db, empty, err):
 * Tell whether ${db} holds no user and no configuration.  Works for any
 * version of the schema.  Return 0, or -1 with ${err}.
 */
int snapshot_is_empty(struct db *db, bool *empty, struct err *err);

/*
 * snapshot_is_household(db, yes, err):
 * Tell whether ${db} has one of the tables that every version of a
 * household's database has, whatever was lost.  Return 0, or -1 with ${err}.
 */
int snapshot_is_household(struct db *db, bool *yes, struct err *err);

#endif
