#ifndef CORE_SECRET_H
#define CORE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

/* Room for the text of secret_mask. */
#define SECRET_MASK_MAX 16

/*
 * A key, token or password.  No formatter accepts it: its bytes come out
 * only where a caller asks for them by name.
 */
struct secret {
	char *bytes; /* NUL-terminated; NULL when there is none */
	size_t len;
};

/*
 * secret_set(s, bytes, len, err):
 * Keep a copy of ${len} bytes; what was kept before is zeroed.  Return 0, or
 * -1 with ${err} (ERR_NOMEM).
 */
int secret_set(struct secret *s, const char *bytes, size_t len,
    struct err *err);

/*
 * secret_clear(s):
 * Zero and release what is kept; NULL is accepted.
 */
void secret_clear(struct secret *s);

/*
 * secret_expose(s):
 * Return the bytes, which ${s} goes on owning, or NULL when there is none.
 */
const char *secret_expose(const struct secret *s);

/*
 * secret_equal(a, b):
 * Tell whether both hold the same bytes, in a time that does not depend on
 * where they differ.  Two that hold nothing are not equal.
 */
bool secret_equal(const struct secret *a, const struct secret *b);

/*
 * secret_mask(s, out):
 * Write what may be shown of it: "********abcd", with the last four
 * characters only when there are at least twelve; "" when there is none.
 * Return ${out}.
 */
const char *secret_mask(const struct secret *s, char out[SECRET_MASK_MAX]);

/*
 * secret_keep_from_disk(void):
 * Let this process and its children leave no core file, which would hold
 * every secret that they know.
 */
void secret_keep_from_disk(void);

#endif
