#ifndef CORE_RESTORE_H
#define CORE_RESTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/archive_read.h"
#include "core/db.h"
#include "core/err.h"
#include "core/store_merge.h"

struct restore_report;

/* What to bring back from an archive. */
struct restore_options {
	const char *const *users; /* only these; NULL: everyone */
	size_t users_count;
	const char *assign_to; /* who owns lists without a name, or NULL */
	bool replace; /* make the lists equal to the archive's */
	bool config; /* the configuration too */
	bool no_nobodys; /* leave out entries that belong to no user */

	/* Told now and then how many of the archive's items were read; NULL,
	   or with ${ctx} */
	void (*progress)(void *ctx, uint64_t items, uint64_t of);

	/* For callers that choose in another way; NULL, or with ${ctx}: */
	bool (*want)(void *ctx, const struct archive_user_info *user);
	/* the row that the user ${src} of "src" goes to, in the transaction */
	int (*target)(void *ctx, struct store_merge *merge, int64_t src,
	    int64_t *dst, struct err *err);
	/* what else belongs into the transaction, before it is committed */
	int (*finish)(void *ctx, const struct restore_report *report,
	    struct err *err);
	void *ctx;
};

/* What became of one user of the archive. */
struct restore_user {
	char *name; /* may hold NUL */
	size_t name_len;
	bool created; /* was not in the database */
	struct merge_counts counts; /* kept includes duplicates */
	int64_t refused;
};

struct restore_report {
	struct restore_user *users;
	size_t count;
	struct merge_counts total;
	int64_t refused; /* of all users */
	int64_t duplicates; /* items that stood there twice */
	int64_t nobodys; /* entries that belong to no user */
	bool config; /* the configuration came */
};

/*
 * restore_apply(live, a, dir, options, report, err):
 * Bring the content of the archive ${a} into ${live}, which has the target
 * schema, in one transaction: all of it or nothing.  ${dir} is where the
 * scratch database may lie.  Return 0 with ${report}, which
 * restore_report_free releases, or -1 with ${err} (ERR_MISSING when the
 * archive has no such user).
 */
int restore_apply(struct db *live, struct archive *a, const char *dir,
    const struct restore_options *options, struct restore_report *report,
    struct err *err);

/*
 * restore_preview(live, a, dir, options, report, err):
 * Find out what restore_apply would do, on a copy; ${live} is only read.
 * Return 0 with ${report}, or -1 with ${err}.
 */
int restore_preview(struct db *live, struct archive *a, const char *dir,
    const struct restore_options *options, struct restore_report *report,
    struct err *err);

/*
 * restore_report_free(report):
 * Release what ${report} owns.
 */
void restore_report_free(struct restore_report *report);

/*
 * restore_snapshot_open(db, path, findings, err):
 * Open the snapshot ${path} to be read, when it can be restored: whole, of a
 * household, of no newer jair.  Return 0 with ${findings}, or -1 with ${err}
 * (ERR_CORRUPT, ERR_FORMAT, ERR_NEWER, naming ${path}).
 */
int restore_snapshot_open(struct db **db, const char *path,
    struct db_findings *findings, struct err *err);

/*
 * restore_snapshot(path, live_path, data_dir, err):
 * Put the content of the snapshot ${path} in the place of that of
 * ${live_path}, in one transaction of SQLite, after bringing a copy of it to
 * the target schema and checking it.  What belongs to this server (runs,
 * jobs, staged restores) stays; sessions are emptied.  A damaged or missing
 * ${live_path} is put aside and made anew.  Return 0, or -1 with ${err}
 * (ERR_FORMAT when ${path} is a database of something else, ERR_CORRUPT,
 * ERR_NEWER); the database is then as it was.
 */
int restore_snapshot(const char *path, const char *live_path,
    const char *data_dir, struct err *err);

#endif
