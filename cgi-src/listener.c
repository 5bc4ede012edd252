#include "cgi-src/listener.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/path.h"

#define BACKLOG 128

static int
fill_address(struct sockaddr_un *a, const char *path, struct err *err)
{
	size_t len = strlen(path);

	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (len >= sizeof(a->sun_path))
		return err_set(err, ERR_USAGE,
		    "The socket path %s has %zu "
		    "bytes, and the system allows %zu. Set JAIR_SOCKET to a "
		    "shorter one.",
		    path, len, sizeof(a->sun_path) - 1);
	memcpy(a->sun_path, path, len);
	return 0;
}

/* The folder of the socket; who may enter it may talk to the workers. */
static int
ensure_dir(const char *path, struct err *err)
{
	char *dir = path_dir(path, err);
	int rc = -1;

	if (dir == NULL)
		return -1;
	if (path_exists(dir))
		rc = 0;
	else if (path_make_dir(dir, err) == 0)
		rc = chmod(dir, 0750) == 0
		    ? 0
		    : err_sys(err, errno, "Cannot set the mode of %s", dir);
	free(dir);
	return rc;
}

/* Make way: fail if a server answers at ${path}, remove a dead one's. */
static int
clear_name(const struct sockaddr_un *a, const char *path, struct err *err)
{
	struct stat st;
	int fd, rc;

	if (lstat(path, &st) != 0)
		return errno == ENOENT
		    ? 0
		    : err_sys(err, errno, "Cannot look at the socket %s", path);
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, ERR_EXISTS,
		    "%s is not a socket. Remove "
		    "it, or set JAIR_SOCKET to another path.",
		    path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_sys(err, errno, "Cannot make a socket");
	rc = connect(fd, (const struct sockaddr *)a, sizeof(*a));
	/* A full queue (EAGAIN) is a server's, too. */
	if (rc == 0 || errno == EAGAIN)
		rc = err_set(err, ERR_BUSY,
		    "Another jair-api answers on %s. "
		    "Stop it, or set JAIR_SOCKET to another path.",
		    path);
	else if (errno != ECONNREFUSED && errno != ENOENT)
		rc = err_sys(err, errno, "Cannot ask who is on %s", path);
	else if (unlink(path) != 0 && errno != ENOENT)
		rc = err_sys(err, errno,
		    "Cannot remove the socket %s that a "
		    "former server left",
		    path);
	else
		rc = 0;
	(void)close(fd);
	return rc;
}

/* Bind with mode 0660 from the first moment on. */
static int
bind_name(int fd, const struct sockaddr_un *a)
{
	mode_t old = umask(0117);
	int rc = bind(fd, (const struct sockaddr *)a, sizeof(*a));
	int saved = errno;

	(void)umask(old);
	errno = saved;
	return rc;
}

int
listener_open(struct listener *l, const char *path, struct err *err)
{
	struct sockaddr_un a;
	struct stat st;

	*l = (struct listener){ .fd = -1, .path = path };
	if (fill_address(&a, path, err) || ensure_dir(path, err) ||
	    clear_name(&a, path, err))
		return -1;
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return err_sys(err, errno, "Cannot make a socket");
	if (bind_name(l->fd, &a) == 0 && listen(l->fd, BACKLOG) == 0 &&
	    lstat(path, &st) == 0) {
		l->dev = st.st_dev;
		l->ino = st.st_ino;
		return 0;
	}
	err_sys(err, errno, "Cannot listen on the socket %s", path);
	(void)close(l->fd);
	l->fd = -1;
	return -1;
}

void
listener_unlink(const struct listener *l)
{
	struct stat st;

	if (lstat(l->path, &st) == 0 && st.st_dev == l->dev &&
	    st.st_ino == l->ino)
		(void)unlink(l->path);
}
