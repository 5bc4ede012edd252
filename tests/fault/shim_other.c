/*
 * Without this part reads and allocations could not be disturbed, and the
 * clock would run.
 */

#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "tests/fault/shim_int.h"

/* They stand in no header: glibc's own allocator. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

static bool
no_memory(void)
{
	if (!shim_fails(ALLOC))
		return false;
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t size)
{
	return no_memory() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return no_memory() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t size)
{
	return no_memory() ? NULL : __libc_realloc(p, size);
}

static ssize_t
do_read(int fd, void *data, size_t len, off_t offset)
{
	char rel[SHIM_PATH_MAX];

	if (shim_fd(fd, rel) && shim_fails(READ))
		return -1;
	return offset < 0 ? syscall(SYS_read, fd, data, len)
			  : syscall(SYS_pread64, fd, data, len, offset);
}

ssize_t
read(int fd, void *data, size_t len)
{
	return do_read(fd, data, len, -1);
}

ssize_t
pread(int fd, void *data, size_t len, off_t offset)
{
	return do_read(fd, data, len, offset);
}

ssize_t
pread64(int fd, void *data, size_t len, off64_t offset)
{
	return do_read(fd, data, len, offset);
}

/* ---- time ---------------------------------------------------------------- */

/* Milliseconds of sleep, by which the clock that never jumps has moved. */
static int64_t slept;

int
clock_gettime(clockid_t id, struct timespec *ts)
{
	int64_t now = shim_now();

	if (now == 0 || (id != CLOCK_REALTIME && id != CLOCK_MONOTONIC))
		return (int)syscall(SYS_clock_gettime, id, ts);
	/* How long a thing takes must not tell two runs apart either. */
	if (id == CLOCK_MONOTONIC)
		now = 1000 + slept;
	ts->tv_sec = now / 1000;
	ts->tv_nsec = (long)(now % 1000) * 1000000;
	return 0;
}

int
nanosleep(const struct timespec *want, struct timespec *left)
{
	slept += want->tv_sec * 1000 + want->tv_nsec / 1000000 + 1;
	return (int)syscall(SYS_nanosleep, want, left);
}

int
usleep(useconds_t us)
{
	const struct timespec want = { us / 1000000, us % 1000000 * 1000 };

	return nanosleep(&want, NULL);
}

int
gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec ts;

	(void)zone;
	if (clock_gettime(CLOCK_REALTIME, &ts) != 0)
		return -1;
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / 1000;
	return 0;
}

time_t
time(time_t *out)
{
	struct timespec ts = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	if (out != NULL)
		*out = ts.tv_sec;
	return ts.tv_sec;
}
