#include "cgi-src/http/fcgi.h"

#include <fcgiapp.h>
#include <limits.h>
#include <stdlib.h>

struct fcgi {
	FCGX_Request request;
};

struct fcgi *
fcgi_new(struct err *err)
{
	struct fcgi *f = calloc(1, sizeof(*f));

	if (f == NULL) {
		err_set(err, ERR_NOMEM, "No memory for FastCGI.");
		return NULL;
	}
	/* No socket to accept on: connections are handed over to it. */
	if (FCGX_Init() == 0 && FCGX_InitRequest(&f->request, -1, 0) == 0)
		return f;
	err_set(err, ERR_IO, "libfcgi cannot be set up.");
	free(f);
	return NULL;
}

void
fcgi_free(struct fcgi *f)
{
	if (f == NULL)
		return;
	FCGX_Finish_r(&f->request);
	free(f);
}

int
fcgi_begin_take(struct fcgi *f, int fd)
{
	f->request.ipcFd = fd;
	/*
	 * FCGX_Accept_r first finishes a former request, and would close a
	 * connection that is not to be kept.  The request's own flag replaces
	 * this one as soon as it is read.
	 */
	f->request.keepConnection = 1;
	return FCGX_Accept_r(&f->request) == 0 ? 0 : -1;
}

char *const *
fcgi_params(const struct fcgi *f)
{
	return f->request.envp;
}

size_t
fcgi_read(void *fcgi, void *data, size_t len)
{
	struct fcgi *f = fcgi;
	int n = len < INT_MAX ? (int)len : INT_MAX;

	n = FCGX_GetStr(data, n, f->request.in);
	return n > 0 ? (size_t)n : 0;
}

bool
fcgi_broken(void *fcgi)
{
	struct fcgi *f = fcgi;

	return FCGX_GetError(f->request.in) != 0;
}

int
fcgi_write(void *fcgi, const void *data, size_t len)
{
	struct fcgi *f = fcgi;

	return len <= INT_MAX &&
		FCGX_PutStr(data, (int)len, f->request.out) == (int)len
	    ? 0
	    : -1;
}

int
fcgi_end(struct fcgi *f)
{
	int rc;

	/*
	 * Closed in this order, as FCGX_Finish_r would, the rest of the answer
	 * and the record that ends the request are one write: each wakes the
	 * web server.
	 */
	(void)FCGX_FClose(f->request.err);
	rc = FCGX_FClose(f->request.out);
	/* One request a connection, whatever the other side asked for. */
	f->request.keepConnection = 0;
	FCGX_Finish_r(&f->request);
	return rc == 0 ? 0 : -1;
}

void
fcgi_abort(struct fcgi *f)
{
	FCGX_Free(&f->request, 1);
}
