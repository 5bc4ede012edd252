#ifndef CGI_SRC_SERVICES_WIPE_H
#define CGI_SRC_SERVICES_WIPE_H

#include "core/buf.h"
#include "core/err.h"
#include "core/secret.h"

/*
 * wipe_room(b, len):
 * Make room for ${len} bytes in the empty ${b}, so that a secret written into
 * it is not left behind in memory that it grew out of.
 */
void wipe_room(struct buf *b, size_t len);

/*
 * wipe_free(b):
 * Zero what ${b} holds and release it.
 */
void wipe_free(struct buf *b);

/*
 * wipe_take(b, s, err):
 * Move the bytes of ${b} into ${s}; ${b} is zeroed and released, also on
 * failure.  Return 0, or -1 with ${err} (ERR_NOMEM, ERR_LIMIT).
 */
int wipe_take(struct buf *b, struct secret *s, struct err *err);

#endif
