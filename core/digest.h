#ifndef CORE_DIGEST_H
#define CORE_DIGEST_H

#include <stddef.h>

#include "core/err.h"

/* A SHA-256 digest as 64 lower-case hexadecimal digits and a NUL. */
#define DIGEST_HEX_MAX 65

/* A SHA-256 computation under way (FIPS 180-4). */
struct digest;

/*
 * digest_new(err):
 * Start a computation; digest_free releases it.  Return NULL with ${err}
 * (ERR_NOMEM) on failure.
 */
struct digest *digest_new(struct err *err);

/*
 * digest_free(d):
 * Wipe and release ${d}; NULL is accepted.
 */
void digest_free(struct digest *d);

/*
 * digest_add(d, data, len):
 * Hash ${len} more bytes.
 */
void digest_add(struct digest *d, const void *data, size_t len);

/*
 * digest_hex(d, out):
 * Write the digest of all that was added into ${out} and begin anew with
 * nothing added.
 */
void digest_hex(struct digest *d, char out[DIGEST_HEX_MAX]);

/*
 * digest_peek(d, out):
 * Like digest_hex, but the computation goes on.
 */
void digest_peek(const struct digest *d, char out[DIGEST_HEX_MAX]);

/*
 * digest_is_hex(s, len):
 * Return 1 when the ${len} bytes at ${s} are 64 lower-case hexadecimal
 * digits, else 0.
 */
int digest_is_hex(const char *s, size_t len);

#endif
