#ifndef CORE_BACKUP_H
#define CORE_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/archive.h"
#include "core/db.h"
#include "core/err.h"
#include "core/store_run.h"

#define BACKUP_LATEST "backup_latest.json"

/* What backup_make did. */
struct backup {
	char name[RUN_FILE_MAX]; /* of the new file in the folder */
	struct archive_stats stats;
	bool withheld; /* it is empty and the latest is not */
};

/*
 * backup_make(db, data_dir, backup, err):
 * Write an archive of ${db} into ${data_dir}, prove it, publish it as
 * backup_<time>.json (UTC; the next free second) and replace
 * backup_latest.json by a separate copy.  An archive without users and
 * configuration never replaces a latest one that has any or that cannot be
 * read.  Return 0 with ${backup}, or -1 with ${err}; every earlier file is
 * then as it was.
 */
int backup_make(struct db *db, const char *data_dir, struct backup *backup,
    struct err *err);

/*
 * backup_to_run(backup, run):
 * Put into ${run}, whose kind and times are set, what a good backup was.
 */
void backup_to_run(const struct backup *backup, struct run *run);

#endif
