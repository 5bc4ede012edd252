#ifndef CGI_SRC_LISTENER_H
#define CGI_SRC_LISTENER_H

#include <sys/types.h>

#include "core/err.h"

/* The unix socket that the web server connects to. */
struct listener {
	int fd;
	const char *path; /* the caller's */
	dev_t dev; /* which file the name stood for */
	ino_t ino;
};

/*
 * listener_open(l, path, err):
 * Listen on the socket ${path}, which must outlive ${l}: mode 0660, in a
 * folder that is created with mode 0750 when it is missing.  A socket that a
 * dead server left is replaced.  Return 0, or -1 with ${err}: ERR_BUSY when
 * another server answers there, ERR_USAGE for a path too long for a socket,
 * ERR_EXISTS when something else bears the name.
 */
int listener_open(struct listener *l, const char *path, struct err *err);

/*
 * listener_unlink(l):
 * Remove the socket's name, if it is still this socket's.
 */
void listener_unlink(const struct listener *l);

#endif
