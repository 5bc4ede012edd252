#ifndef CORE_PREFLIGHT_H
#define CORE_PREFLIGHT_H

#include "core/err.h"

/*
 * Whether the disks have room for what is about to be written, asked before
 * anything is.  What is needed is estimated from the sizes of the files that
 * are there, and rather too low than too high: a task that would succeed is
 * not to be refused.  One that runs out of space all the same fails by
 * itself, and leaves what was there.
 */
enum preflight_task {
	PREFLIGHT_START, /* snapshot and archive */
	PREFLIGHT_SNAPSHOT, /* a copy of the database in the data folder */
	PREFLIGHT_SYNC, /* such a copy, then a change of the tables */
	PREFLIGHT_REBUILD, /* the same where tables are built anew */
	PREFLIGHT_ARCHIVE, /* an archive, its rehearsal, its copy */
	PREFLIGHT_VERIFY, /* the rehearsal of the archive ${file} */
	PREFLIGHT_RESTORE, /* copy the database, bring back ${file} */
	PREFLIGHT_ROLLBACK, /* the same for a snapshot ${file} */
	PREFLIGHT_RECOVERY /* a new database like the snapshot ${file} */
};

/*
 * preflight_check(task, data_dir, db_path, file, err):
 * Compare what ${task} will at least write with what is free: in
 * ${data_dir}, beside the database ${db_path}, and where SQLite puts its
 * temporary files; what lies on one disk is added up.  ${file} is NULL where
 * the task has none.  A disk that cannot be asked, or that says it has no
 * size at all, is believed to have room.  Return 0, or -1 with ${err}
 * (ERR_DISK naming the place, what is needed and what is free).
 */
int preflight_check(enum preflight_task task, const char *data_dir,
    const char *db_path, const char *file, struct err *err);

/*
 * preflight_temp_dir():
 * Return the folder that SQLite puts temporary files in: the first of
 * SQLITE_TMPDIR, TMPDIR, /var/tmp, /usr/tmp, /tmp and the working directory
 * that is a folder to write in.  NULL when none is.
 * Source: https://www.sqlite.org/tempfiles.html, "Temporary File Storage
 * Locations".
 */
const char *preflight_temp_dir(void);

/*
 * preflight_find_temp(data_dir, err):
 * Where no such folder is, as in a container whose only writable place is
 * the data folder, let SQLite use ${data_dir}: sorting a large household
 * needs one.  Return 0, or -1 with ${err} (ERR_NOMEM).
 */
int preflight_find_temp(const char *data_dir, struct err *err);

#endif
