#ifndef CORE_ARCHIVE_SEEN_H
#define CORE_ARCHIVE_SEEN_H

#include <stdbool.h>

#include "core/digest.h"
#include "core/err.h"

/*
 * What the archives in a data folder were found to hold, remembered in
 * .jair.archives, so that each is read once and again only after a change:
 * a file is the same while its name, size and change time (ctime, which
 * nobody can set) are.  A list that is lost or damaged only costs time.
 */
struct archive_seen;

enum seen_state {
	SEEN_VERIFIED, /* as it was written, by its checksums */
	SEEN_UNSUMMED, /* readable, but without a checksum */
	SEEN_BROKEN /* not readable, or changed since it was written */
};

/*
 * archive_seen_open(data_dir, err), archive_seen_free(s):
 * Read the list, empty when there is none.  Return NULL with ${err}
 * (ERR_NOMEM).
 */
struct archive_seen *archive_seen_open(const char *data_dir, struct err *err);
void archive_seen_free(struct archive_seen *s);

/*
 * archive_seen_tell(s, name, digest, err):
 * Remember that the archive ${name} was verified just now and has the
 * content ${digest}.  Return 0, or -1 with ${err}.
 */
int archive_seen_tell(struct archive_seen *s, const char *name,
    const char *digest, struct err *err);

/*
 * archive_seen_ask(s, name, anew, state, digest, err):
 * Tell what the archive ${name} is, and the digest of its content, or of the
 * file where its form has none.  With ${anew} it is read in any case.
 * Return 0, or -1 with ${err} (ERR_NOMEM).
 */
int archive_seen_ask(struct archive_seen *s, const char *name, bool anew,
    enum seen_state *state, char digest[DIGEST_HEX_MAX], struct err *err);

/*
 * archive_seen_save(s, err):
 * Write the list of what was asked or told, unless the file says the same.
 * Return 0, or -1 with ${err}.
 */
int archive_seen_save(struct archive_seen *s, struct err *err);

#endif
