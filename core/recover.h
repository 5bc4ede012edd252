#ifndef CORE_RECOVER_H
#define CORE_RECOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

/* What a recovery did, for people and for the record. */
struct recovery {
	char source[128];	/* the backup that was used; "salvage" when the
				   damaged file itself gave the most; "" when
				   there was nothing to go on from */
	char quarantine[512];	/* where the damaged file lies now */
	int64_t newest;		/* its latest change, ms since 1970 */
	int64_t users, items;	/* in the new database */
	int64_t candidates;	/* backups that were looked at */
	int64_t unreadable;	/* of these: could not be used */
	int64_t salvaged;	/* rows that the damaged file still gave */
	int64_t merged;		/* of these: absent or older in the backup */
	int64_t lost;		/* rows of the damaged file that could not be
				   read, as far as one can know */
	bool configured;	/* setup does not open */
};

/*
 * recover_database(db_path, data_dir, r, err):
 * Make a new database in the place of the damaged ${db_path}: from the
 * newest of the snapshots and archives in ${data_dir}, each of them checked
 * by bringing it into a scratch database, with what a salvage of the damaged
 * file has beyond it.  The damaged file and its journals go to quarantine;
 * there is no moment without a file under ${db_path}.  Nobody else may have
 * it open.  Return 0 with ${r}, or -1 with ${err}; the damaged file is then
 * still in its place.
 */
int recover_database(const char *db_path, const char *data_dir,
    struct recovery *r, struct err *err);

#endif
