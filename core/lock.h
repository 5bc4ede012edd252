#ifndef CORE_LOCK_H
#define CORE_LOCK_H

#include <stdint.h>

#include "core/err.h"

enum lock_mode { LOCK_SHARED, LOCK_EXCLUSIVE };

/*
 * lock_take(path, mode, wait_ms, fd, err):
 * Take a flock(2) on ${path}, which is created with mode 0600 when missing,
 * waiting up to ${wait_ms} milliseconds for others.  The descriptor in ${fd}
 * is close-on-exec; lock_release gives the lock back.  Return 0, or -1 with
 * ${err} (ERR_BUSY when others still hold it).
 */
int lock_take(const char *path, enum lock_mode mode, int64_t wait_ms, int *fd,
    struct err *err);

/*
 * lock_release(fd):
 * Give back a lock; -1 is accepted.
 */
void lock_release(int fd);

#endif
