#ifndef CGI_SRC_HTTP_FCGI_H
#define CGI_SRC_HTTP_FCGI_H

#include <stdbool.h>
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
 * fcgi_read(f, data, len), fcgi_broken(f):
 * Read ${len} bytes of the request's body, fewer at its end or when the
 * connection fails; tell which of them it was.  As struct body wants them.
 */
size_t fcgi_read(void *f, void *data, size_t len);
bool fcgi_broken(void *f);

/*
 * fcgi_write(f, data, len):
 * Send ${len} bytes of the answer.  Return 0, or -1 when the other side had
 * gone.  As struct response_out wants it.
 */
int fcgi_write(void *f, const void *data, size_t len);

/*
 * fcgi_end(f):
 * End the request and close the connection.  Return 0, or -1 when the other
 * side had gone.
 */
int fcgi_end(struct fcgi *f);

/*
 * fcgi_abort(f):
 * Close the connection without ending the request, so that no one takes
 * what was sent for the whole answer.
 */
void fcgi_abort(struct fcgi *f);

#endif
