/* Without this part no change of a file could be disturbed, or written down. */

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/fault/shim_int.h"

/* ---- opening ------------------------------------------------------------- */

static int
do_open(int at, const char *path, int flags, mode_t mode)
{
	char rel[SHIM_PATH_MAX];
	bool in = (flags & (O_CREAT | O_TRUNC | O_WRONLY | O_RDWR)) != 0 &&
	    shim_path(at, path, rel);
	bool there = in && shim_inode(at, path, 0) != 0;
	int fd;

	if (in && shim_fails(CHANGE))
		return -1;
	fd = (int)syscall(SYS_openat, at, path, flags, mode);
	if (in && fd >= 0 && !there)
		shim_note_fd(SHIM_CREATE, fd, rel, 0, NULL, 0);
	else if (in && fd >= 0 && (flags & O_TRUNC) != 0)
		shim_note_fd(SHIM_TRUNCATE, fd, rel, 0, NULL, 0);
	return fd;
}

/* What open becomes when its flags are no constant. */
int __open_2(const char *path, int flags);

int
__open_2(const char *path, int flags)
{
	return do_open(AT_FDCWD, path, flags, 0);
}

#define MODE_OF(flags, last)                                                   \
	mode_t mode = 0;                                                       \
	va_list ap;                                                            \
	if (((flags) & (O_CREAT | O_TMPFILE)) != 0) {                          \
		va_start(ap, last);                                            \
		mode = (mode_t)va_arg(ap, unsigned int);                       \
		va_end(ap);                                                    \
	}

int
open(const char *path, int flags, ...)
{
	MODE_OF(flags, flags)
	return do_open(AT_FDCWD, path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
	MODE_OF(flags, flags)
	return do_open(AT_FDCWD, path, flags, mode);
}

int
openat(int at, const char *path, int flags, ...)
{
	MODE_OF(flags, flags)
	return do_open(at, path, flags, mode);
}

int
openat64(int at, const char *path, int flags, ...)
{
	MODE_OF(flags, flags)
	return do_open(at, path, flags, mode);
}

/* ---- writing ------------------------------------------------------------- */

/* What a disk writes that does not tell that it cannot. */
static const void *
rotten(const void *data, size_t len)
{
	static unsigned char copy[1 << 20];

	if (len > sizeof(copy))
		return data;
	memcpy(copy, data, len);
	for (size_t i = 0; i < len && i < 16; i++)
		copy[i] ^= 0xa5;
	return copy;
}

/* At ${offset}, or with -1 where the descriptor stands. */
static ssize_t
do_write(int fd, const void *data, size_t len, off_t offset)
{
	char rel[SHIM_PATH_MAX];
	bool in = shim_fd(fd, rel);
	bool temp = in && strstr(rel, ".jair-tmp-") != NULL;
	enum verdict v = in ? shim_judge(CHANGE) : GO;
	off_t from = offset;
	ssize_t n;

	if (temp && shim_judge(TEMP) == ROT)
		data = rotten(data, len);
	if (v == FAIL)
		return -1;
	if ((v == TORN || v == SHORT) && len > 1)
		len /= 2;
	if (in && offset < 0)
		from = lseek(fd, 0, SEEK_CUR);
	n = offset < 0 ? syscall(SYS_write, fd, data, len)
		       : syscall(SYS_pwrite64, fd, data, len, offset);
	if (v == TORN)
		(void)kill(getpid(), SIGKILL);
	if (in && n > 0)
		shim_note_fd(SHIM_WRITE, fd, rel, from, data, (size_t)n);
	return n;
}

ssize_t
write(int fd, const void *data, size_t len)
{
	return do_write(fd, data, len, -1);
}

ssize_t
pwrite(int fd, const void *data, size_t len, off_t offset)
{
	return do_write(fd, data, len, offset);
}

ssize_t
pwrite64(int fd, const void *data, size_t len, off64_t offset)
{
	return do_write(fd, data, len, offset);
}

ssize_t
writev(int fd, const struct iovec *iov, int count)
{
	char rel[SHIM_PATH_MAX];
	ssize_t all = 0;

	if (!shim_fd(fd, rel))
		return syscall(SYS_writev, fd, iov, count);
	for (int i = 0; i < count; i++) {
		ssize_t n = write(fd, iov[i].iov_base, iov[i].iov_len);

		if (n < 0)
			return all > 0 ? all : -1;
		all += n;
	}
	return all;
}

/* By way of memory, so that there are bytes to write down. */
ssize_t
sendfile(int out, int in, off_t *offset, size_t count)
{
	static unsigned char chunk[1 << 16];
	off_t from = offset != NULL ? *offset : lseek(in, 0, SEEK_CUR);
	ssize_t n;

	if (count > sizeof(chunk))
		count = sizeof(chunk);
	n = pread(in, chunk, count, from);
	if (n <= 0 || (n = write(out, chunk, (size_t)n)) < 0)
		return n;
	/* What was read and not written comes again. */
	if (offset != NULL)
		*offset = from + n;
	else if (lseek(in, from + n, SEEK_SET) < 0)
		return -1;
	return n;
}

static int
do_truncate(int fd, off_t len)
{
	char rel[SHIM_PATH_MAX];
	bool in = shim_fd(fd, rel);
	int rc;

	if (in && shim_fails(CHANGE))
		return -1;
	rc = (int)syscall(SYS_ftruncate, fd, len);
	if (in && rc == 0)
		shim_note_fd(SHIM_TRUNCATE, fd, rel, len, NULL, 0);
	return rc;
}

int
ftruncate(int fd, off_t len)
{
	return do_truncate(fd, len);
}

int
ftruncate64(int fd, off64_t len)
{
	return do_truncate(fd, len);
}

static int
do_sync(int fd, long call)
{
	char rel[SHIM_PATH_MAX];
	bool in = shim_fd(fd, rel);
	struct stat st;
	int rc;

	if (in && shim_fails(CHANGE))
		return -1;
	/* Mostly nobody cuts the power: the disk itself need not wait. */
	rc = in && !shim_saves() ? 0 : (int)syscall(call, fd);
	if (in && fstat(fd, &st) == 0)
		shim_note_fd(S_ISDIR(st.st_mode) ? SHIM_SYNC_DIR : SHIM_SYNC,
		    fd, rel, 0, NULL, 0);
	return rc;
}

int
fsync(int fd)
{
	return do_sync(fd, SYS_fsync);
}

int
fdatasync(int fd)
{
	return do_sync(fd, SYS_fdatasync);
}

/* ---- names --------------------------------------------------------------- */

static int
do_rename(int at, const char *from, int at2, const char *to, unsigned flags)
{
	char rel[SHIM_PATH_MAX];
	char rel2[SHIM_PATH_MAX];
	bool in = shim_path(at, from, rel) && shim_path(at2, to, rel2);
	int rc;

	if (in && shim_fails(CHANGE))
		return -1;
	rc = (int)syscall(SYS_renameat2, at, from, at2, to, flags);
	if (in && rc == 0)
		shim_note_path(SHIM_RENAME, 0, rel, rel2);
	return rc;
}

int
rename(const char *from, const char *to)
{
	return do_rename(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
renameat(int at, const char *from, int at2, const char *to)
{
	return do_rename(at, from, at2, to, 0);
}

int
renameat2(int at, const char *from, int at2, const char *to, unsigned flags)
{
	return do_rename(at, from, at2, to, flags);
}

int
linkat(int at, const char *from, int at2, const char *to, int flags)
{
	char rel[SHIM_PATH_MAX];
	char rel2[SHIM_PATH_MAX];
	bool in = shim_path(at, from, rel) && shim_path(at2, to, rel2);
	int rc;

	if (in && shim_fails(CHANGE))
		return -1;
	rc = (int)syscall(SYS_linkat, at, from, at2, to, flags);
	if (in && rc == 0)
		shim_note_path(SHIM_LINK, 0, rel, rel2);
	return rc;
}

int
link(const char *from, const char *to)
{
	return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
unlinkat(int at, const char *path, int flags)
{
	char rel[SHIM_PATH_MAX];
	bool in = shim_path(at, path, rel) &&
	    shim_inode(at, path, AT_SYMLINK_NOFOLLOW) != 0;
	int rc;

	if (in && shim_fails(CHANGE))
		return -1;
	rc = (int)syscall(SYS_unlinkat, at, path, flags);
	if (in && rc == 0)
		shim_note_path(SHIM_UNLINK, 0, rel, "");
	return rc;
}

int
unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

int
mkdir(const char *path, mode_t mode)
{
	char rel[SHIM_PATH_MAX];
	bool in = shim_path(AT_FDCWD, path, rel) &&
	    shim_inode(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW) == 0;
	int rc;

	if (in && shim_fails(CHANGE))
		return -1;
	rc = (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
	if (in && rc == 0)
		shim_note_path(SHIM_MKDIR, 0, rel, "");
	return rc;
}

int
chmod(const char *path, mode_t mode)
{
	char rel[SHIM_PATH_MAX];

	if (shim_path(AT_FDCWD, path, rel) && shim_fails(CHANGE))
		return -1;
	return (int)syscall(SYS_fchmodat, AT_FDCWD, path, mode);
}

int
fchmod(int fd, mode_t mode)
{
	char rel[SHIM_PATH_MAX];

	if (shim_fd(fd, rel) && shim_fails(CHANGE))
		return -1;
	return (int)syscall(SYS_fchmod, fd, mode);
}
