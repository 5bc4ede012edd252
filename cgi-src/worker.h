#ifndef CGI_SRC_WORKER_H
#define CGI_SRC_WORKER_H

#include <stdint.h>

#include "core/env.h"

/*
 * worker_run(env, listen_fd, started):
 * Answer requests from the non-blocking socket ${listen_fd}, one after
 * another, until SIGTERM, which must be blocked by the caller; then also
 * those that wait already, and return 0.  ${started} is the clock_mono of
 * the server's start.  Return -1 when the worker cannot go on; the cause is
 * logged.
 */
int worker_run(const struct env *env, int listen_fd, int64_t started);

#endif
