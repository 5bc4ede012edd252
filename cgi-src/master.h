#ifndef CGI_SRC_MASTER_H
#define CGI_SRC_MASTER_H

#include "core/env.h"
#include "core/err.h"

/*
 * master_run(env, err):
 * Listen on ${env}'s socket and keep its number of workers alive until
 * SIGTERM, SIGINT or SIGHUP; then let each worker finish its request (for
 * 10 s) and remove the socket.  Return 0, or -1 with ${err} when it cannot
 * start.  A worker ends inside, without coming back.
 */
int master_run(const struct env *env, struct err *err);

#endif
