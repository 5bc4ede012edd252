#ifndef CGI_SRC_HTTP_FCGI_H
#define CGI_SRC_HTTP_FCGI_H

#include <stddef.h>

#include "core/err.h"

/* One FastCGI connection at a time, with one request on it. */
struct fcgi;

/*
 * fcgi_new(err), fcgi_free(f):
 * Set libfcgi up; release it.  Signal handlers must be in place before, for
 * libfcgi takes signals that still have their default action.  NULL with
 * ${err} when it fails.
 */
struct fcgi *fcgi_new(struct err *err);
void fcgi_free(struct fcgi *f);

/*
 * fcgi_begin_take(f, fd):
 * Read a request's parameters from the accepted connection ${fd}, which now
 * belongs to ${f}.  Return 0, or -1 when no whole request came; ${fd} is
 * then closed.
 */
int fcgi_begin_take(struct fcgi *f, int fd);

/*
 * fcgi_params(f):
 * Return the request's parameters, "NAME=value" each, up to a NULL; they are
 * good until fcgi_end.
 */
char *const *fcgi_params(const struct fcgi *f);

/*
 * fcgi_end(f, data, len):
 * Send ${len} bytes of answer, end the request and close the connection.
 * Return 0, or -1 when the other side had gone.
 */
int fcgi_end(struct fcgi *f, const void *data, size_t len);

#endif
