#ifndef CORE_PART_H
#define CORE_PART_H

#include <stdint.h>

#include "core/archive_read.h"
#include "core/db.h"
#include "core/err.h"
#include "core/json_out.h"
#include "core/restore.h"
#include "core/store_part.h"

/*
 * One person's part of an archive: taken by a first login (core/stage.h) or
 * by the person's own import.
 */

/* Who is told while a part comes; any function may be NULL. */
struct part_hooks {
	/* now and then, how many of the archive's items were read */
	void (*progress)(void *ctx, uint64_t items, uint64_t of);
	/* inside the transaction, before it is committed: what came, as
	   part_finish writes it; -1 with ${err} undoes all */
	int (*finish)(void *ctx, const char *result, struct err *err);
	void *ctx;
};

/*
 * part_write(j, report, lists):
 * Write what a restore did as members of the object that is open in ${j}:
 * inserted, updated, kept, unresolved, refused, profiles, and by ${lists}
 * movies, series, watchlist, blocked.
 */
void part_write(struct json_out *j, const struct restore_report *report,
    const struct part_lists *lists);

/*
 * part_finish(db, hooks, report, text, err):
 * Inside the transaction of a restore into ${db}: put the object of
 * part_write into ${text}, initialised here and the caller's to free, with
 * the first entries that came without an id or could not be used, by name
 * (unresolvedItems, refusedItems), and tell the ${hooks}, which may be NULL.  Return 0, or -1 with ${err}.
 */
int part_finish(struct db *db, const struct part_hooks *hooks,
    const struct restore_report *report, struct buf *text, struct err *err);

/*
 * part_import(db, a, dir, user, hooks, err):
 * Merge into the lists of the row ${user} of User what the archive ${a} has
 * under that name (but for case), or all of it when it names nobody, in one
 * transaction.  ${dir} is where scratch files may lie; ${hooks} may be NULL.
 * Return 0, or -1 with ${err}: ERR_MISSING when there is no such user, or
 * none in the archive; ERR_DENIED when the archive says that the name is
 * another account of this very Jellyfin server.
 */
int part_import(struct db *db, struct archive *a, const char *dir, int64_t user,
    const struct part_hooks *hooks, struct err *err);

#endif
