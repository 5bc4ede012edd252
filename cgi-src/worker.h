#ifndef CGI_SRC_WORKER_H
#define CGI_SRC_WORKER_H

#include "cgi-src/api/app.h"

/*
 * worker_run(app, listen_fd):
 * Answer requests from the non-blocking socket ${listen_fd}, one after
 * another, until SIGTERM, which must be blocked by the caller; then also
 * those that wait already, and return 0.  ${app} says what the server's
 * workers have in common; no database is open in it.  Return -1 when the
 * worker cannot go on; the cause is logged.
 */
int worker_run(const struct app *app, int listen_fd);

#endif
