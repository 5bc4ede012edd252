#ifndef CORE_RETENTION_H
#define CORE_RETENTION_H

#include <stdbool.h>
#include <stddef.h>

#include "core/backup.h"
#include "core/env.h"
#include "core/err.h"
#include "core/retention_plan.h"

/* What was looked at, decided and done. */
struct retention {
	struct retention_file *file; /* the newest first */
	size_t count;
	struct retention_sums sums;
	size_t failed; /* files that could not be removed */
	struct err problem; /* the first failure that stopped nothing */
};

/*
 * retention_run(data_dir, keep, made, dry_run, r, err):
 * Remove the archives and saved databases in ${data_dir} that ${keep} leaves
 * no place for.  ${made} is the archive that was made and verified under the
 * same lock, which is then the successor of what goes; with NULL the newest
 * archive is read from its first byte to its last before.  With ${dry_run}
 * nothing is written.  Only for whoever holds the lock of the data folder,
 * unless ${dry_run}.  Return 0 with ${r}, which retention_free releases and
 * which tells what could not be removed, or -1 with ${err}; then nothing
 * was removed.
 */
int retention_run(const char *data_dir, const struct env_keep *keep,
    const struct backup *made, bool dry_run, struct retention *r,
    struct err *err);

/*
 * retention_free(r):
 * Release what ${r} owns.
 */
void retention_free(struct retention *r);

#endif
