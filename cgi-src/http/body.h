#ifndef CGI_SRC_HTTP_BODY_H
#define CGI_SRC_HTTP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

/* The body of a request while it arrives. */
struct body {
	int64_t length; /* announced, or REQUEST_LENGTH_UNKNOWN */
	int64_t max; /* bytes that it may have */
	/* Wait for up to ${len} bytes; fewer only at the end. */
	size_t (*read)(void *arg, void *data, size_t len);
	/* The connection failed before the end. */
	bool (*broken)(void *arg);
	void *arg;
};

/*
 * body_read(b, out, err):
 * Read the whole body into ${out}, which the caller has made.  Return 0, or
 * -1 with ${err}: ERR_LIMIT when it is longer than allowed, ERR_FORMAT when
 * it ended too early, ERR_NOMEM.
 */
int body_read(struct body *b, struct buf *out, struct err *err);

/*
 * body_save(b, fd, path, size, err):
 * Write the body to the end of ${fd} as it arrives, with little memory, and
 * its bytes into ${size}.  ${path} is for messages.  Return 0, or -1 with
 * ${err}: as body_read, and ERR_DISK when the disk is full; part of the body
 * may then stand in the file.
 */
int body_save(struct body *b, int fd, const char *path, int64_t *size,
    struct err *err);

#endif
