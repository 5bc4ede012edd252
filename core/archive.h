#ifndef CORE_ARCHIVE_H
#define CORE_ARCHIVE_H

#include <stdint.h>

#include "core/buf.h"
#include "core/db.h"
#include "core/digest.h"
#include "core/err.h"
#include "core/item.h"

/* The version of the format, which older readers look at. */
#define ARCHIVE_VERSION "2.0.3"

/* Longer strings stand only in "other" and "rejected" (bytes of UTF-8). */
#define ARCHIVE_STRING_MAX ((size_t)1 << 20)
/* The longest string anywhere; what is longer is cut off and counted. */
#define ARCHIVE_VALUE_MAX ((size_t)64 << 20)

/* What an archive holds. */
struct archive_stats {
	int64_t users;
	int64_t items; /* in the lists and in "other" */
	int64_t unresolved; /* entries of all "unresolved" */
	int64_t rejected; /* entries of all "rejected" */
	int64_t odd; /* values outside the rules, all written */
	int64_t repaired; /* of these: not valid UTF-8 */
	uint64_t bytes; /* of the file; 0 for a mere digest */
	char content_sha256[DIGEST_HEX_MAX];
	char file_sha256[DIGEST_HEX_MAX];
	char first_odd[256]; /* the first odd value, for people */
};

/*
 * archive_write(db, path, stats, err):
 * Write everything in ${db} that is the household's into the new file
 * ${path}, from one unchanging state; no transaction may be open.  No value,
 * however odd, makes it fail.  The file is complete but not yet published.
 * Return 0 with ${stats}, or -1 with ${err}; there is then no file, unless
 * one was there before (ERR_EXISTS).
 * Source: docs/format.md, "The archive".
 */
int archive_write(struct db *db, const char *path, struct archive_stats *stats,
    struct err *err);

/*
 * archive_write_user(db, user, path, stats, err):
 * Like archive_write, but only what is the user's whose id is ${user}: no
 * configuration, nobody else.  Return 0, or -1 with ${err} (ERR_MISSING when
 * there is no such user).
 */
int archive_write_user(struct db *db, int64_t user, const char *path,
    struct archive_stats *stats, struct err *err);

/*
 * archive_digest(db, stats, err):
 * Like archive_write, but without a file: of the digests only
 * content_sha256 is computed.
 */
int archive_digest(struct db *db, struct archive_stats *stats, struct err *err);

/*
 * archive_digest_stored(db, stats, err):
 * Like archive_digest, without sorting: the digest is the same only when each
 * user's items were put into ${db} in the order of an archive of ours.
 * Return 0, or -1 with ${err} (ERR_FORMAT when lists are mixed).
 */
int archive_digest_stored(struct db *db, struct archive_stats *stats,
    struct err *err);

/*
 * archive_rejected_each(db, user, each, ctx, err):
 * Hand to ${each} every row of ${db} that was put aside, as the entry that
 * archive_write makes of it, JSON without white space: those of ${user}, or
 * with 0 nobody's.  Entries of JairKept are not among them.  Return 0, or -1 with ${err}.
 */
int archive_rejected_each(struct db *db, int64_t user,
    int (*each)(void *ctx, const char *json, size_t len, struct err *err),
    void *ctx, struct err *err);

/*
 * archive_integrity(stats, out):
 * Append the end of an archive to ${out}, from the line that begins
 * `  "integrity"` on, byte for byte as archive_write writes it.
 */
void archive_integrity(const struct archive_stats *stats, struct buf *out);

/*
 * archive_item_key(field):
 * Return the key of ${field} in an item: "tmdb_id".
 */
const char *archive_item_key(enum item_field field);

#endif
