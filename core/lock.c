#include "core/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"

#define RETRY_NS 20000000L

/* flock(2) until it succeeds or the time is over. */
static int
wait_for(int fd, int operation, int64_t wait_ms)
{
	const struct timespec pause = { .tv_nsec = RETRY_NS };
	int64_t end = clock_mono() + wait_ms;

	while (flock(fd, operation | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -1;
		if (clock_mono() >= end) {
			errno = EWOULDBLOCK;
			return -1;
		}
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}

int
lock_take(const char *path, enum lock_mode mode, int64_t wait_ms, int *fd,
    struct err *err)
{
	int operation = mode == LOCK_SHARED ? LOCK_SH : LOCK_EX;
	int f = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (f < 0)
		return err_sys(err, errno, "Cannot open the lock %s", path);
	/* An umask may have taken our own access away; not ours to set when
	   the file is another user's. */
	(void)fchmod(f, 0600);
	if (wait_for(f, operation, wait_ms) == 0) {
		*fd = f;
		return 0;
	}
	if (errno == EWOULDBLOCK)
		err_set(err, ERR_BUSY,
		    "Another process holds the lock %s. "
		    "Wait until it has ended and try again.",
		    path);
	else
		err_sys(err, errno, "Cannot take the lock %s", path);
	(void)close(f);
	return -1;
}

void
lock_release(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}
