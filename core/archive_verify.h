#ifndef CORE_ARCHIVE_VERIFY_H
#define CORE_ARCHIVE_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/archive.h"
#include "core/err.h"

/* What an archive holds, in short. */
struct archive_summary {
	int64_t users;
	int64_t items;
	bool has_config;
	bool intact;	/* its checksums are there and right */
	char integrity[16];	/* "ok", "absent" or "changed" */
	char content_sha256[DIGEST_HEX_MAX];	/* "" unless intact */
};

/*
 * archive_summarise(path, summary, err):
 * Read the archive ${path}, of any form, from its first byte to its last.
 * Return 0 with ${summary}, or -1 with ${err} (ERR_FORMAT naming the fault
 * and its place).
 */
int archive_summarise(const char *path, struct archive_summary *summary,
    struct err *err);

/*
 * archive_verify(path, stats, err):
 * Prove that ${path} is the archive that archive_write described in
 * ${stats}: readable, its counts and both digests right.  Return 0, or -1
 * with ${err} (ERR_CORRUPT).
 */
int archive_verify(const char *path, const struct archive_stats *stats,
    struct err *err);

#endif
