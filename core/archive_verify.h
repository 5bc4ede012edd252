#ifndef CORE_ARCHIVE_VERIFY_H
#define CORE_ARCHIVE_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/archive.h"
#include "core/err.h"

/* What an archive of any form holds, in short. */
struct archive_summary {
	int64_t users;
	int64_t items;
	int64_t unresolved; /* titles without an id */
	int64_t rejected; /* rows that broke a rule in the database */
	int64_t refused; /* items that had to be set aside */
	bool has_config;
	const char *form; /* "archive", "user-export", ... */
	const char *integrity; /* "ok", "absent" or "changed" */
	char content_sha256[DIGEST_HEX_MAX]; /* "" for other forms */
};

/*
 * archive_summarise(path, summary, err):
 * Read the archive ${path} from its first byte to its last.  Return 0 with
 * ${summary}, or -1 with ${err} (ERR_FORMAT naming the fault and its place).
 */
int archive_summarise(const char *path, struct archive_summary *summary,
    struct err *err);

/*
 * archive_rehearse(path, dir, summary, err):
 * The same, and prove that it can come back: restore it into a scratch
 * database in the folder ${dir} and compare what that holds.  Return 0 with
 * ${summary}, or -1 with ${err} (ERR_CORRUPT when something would be lost).
 */
int archive_rehearse(const char *path, const char *dir,
    struct archive_summary *summary, struct err *err);

/*
 * archive_verify(path, stats, err):
 * Prove that ${path} is the archive that archive_write described in
 * ${stats}, and that a restore of it holds the same.  Return 0, or -1 with
 * ${err} (ERR_CORRUPT).
 */
int archive_verify(const char *path, const struct archive_stats *stats,
    struct err *err);

#endif
