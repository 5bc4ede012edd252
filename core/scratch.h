#ifndef CORE_SCRATCH_H
#define CORE_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/archive_read.h"
#include "core/db.h"
#include "core/err.h"

/* One user of an archive in a scratch database. */
struct scratch_user {
	const struct archive_user_info *info; /* the archive's */
	const char *name; /* the archive's or the choice's; may hold NUL */
	size_t name_len;
	int64_t id; /* in the scratch database */
	uint32_t duplicates; /* items that stood there twice */
	uint32_t refused; /* items that had to be set aside */
};

/*
 * An archive's content in a private database with the target schema: what a
 * restore merges from, what a verification exports again, what two archives
 * are compared by.  Its file lies in the data folder under a temporary name
 * and goes with it.
 */
struct scratch {
	char *path;
	struct db *db; /* NULL after scratch_close */
	struct scratch_user *users; /* in the archive's order */
	size_t users_count;
	uint64_t duplicates; /* of all users */
	uint64_t nobodys; /* refused or rejected, of no user */
};

/* Which part of an archive to take. */
struct scratch_choice {
	/* Whether to take this user; NULL: all. */
	bool (*want)(void *ctx, const struct archive_user_info *user);
	void *ctx;
	/* Told now and then how many items came; NULL: nobody is. */
	void (*progress)(void *ctx, uint64_t items);
	const char *assign_to; /* who owns lists without a name */
};

/*
 * scratch_make(a, dir, choice, scratch, err):
 * Read the archive ${a}, which must outlive the result, into a new scratch
 * database in the folder ${dir}.  NULL for ${choice} takes everything.
 * Return 0 with ${scratch}, which scratch_free releases, or -1 with ${err}.
 */
int scratch_make(struct archive *a, const char *dir,
    const struct scratch_choice *choice, struct scratch **scratch,
    struct err *err);

/*
 * scratch_close(s, err):
 * Close the database, so that another connection can attach ${s}->path.
 * Return 0, or -1 with ${err}.
 */
int scratch_close(struct scratch *s, struct err *err);

/*
 * scratch_free(s):
 * Release ${s} and remove its file; NULL is accepted.
 */
void scratch_free(struct scratch *s);

#endif
