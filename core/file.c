#include "core/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/guard.h"
#include "core/path.h"
#include "core/rand.h"
#include "core/str.h"

#define CHUNK 65536
#define TEMP_MARK ".jair-tmp-"
#define TEMP_DIGITS 16

char *
file_temp_name(const char *path, struct err *err)
{
	char hex[TEMP_DIGITS + 1];

	rand_hex(hex, TEMP_DIGITS);
	return str_printf(err, "%s" TEMP_MARK "%s", path, hex);
}

/* What SQLite appends to the name of a database, a super-journal's too. */
static bool
is_journal_tail(const char *tail)
{
	return strcmp(tail, "-journal") == 0 || strcmp(tail, "-wal") == 0 ||
	    strcmp(tail, "-shm") == 0 ||
	    (str_starts(tail, "-mj") && strlen(tail) == 12 &&
		strspn(tail + 3, "0123456789ABCDEF") == 9);
}

/* A name of file_temp_name, maybe with what SQLite appends to it; also one
   that was made of such a name. */
static bool
is_temp(const char *name)
{
	const char *tail = NULL;

	while ((name = strstr(name, TEMP_MARK)) != NULL)
		tail = name += strlen(TEMP_MARK);
	if (tail == NULL || strspn(tail, "0123456789abcdef") != TEMP_DIGITS)
		return false;
	tail += TEMP_DIGITS;
	return *tail == '\0' || is_journal_tail(tail);
}

int
file_clean_temps(const char *dir, struct err *err)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int rc = 0;

	if (d == NULL)
		return err_sys(err, errno, "Cannot list %s", dir);
	while ((e = readdir(d)) != NULL) {
		if (is_temp(e->d_name) &&
		    unlinkat(dirfd(d), e->d_name, 0) != 0 && errno != ENOENT)
			rc = err_sys(err, errno, "Cannot remove %s/%s", dir,
			    e->d_name);
	}
	(void)closedir(d);
	return rc;
}

int
file_create(const char *path, int *fd, struct err *err)
{
	int f = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0600);

	if (f < 0)
		return err_sys(err, errno, "Cannot create %s", path);
	if (fchmod(f, 0600) != 0) {
		err_sys(err, errno, "Cannot set the mode of %s", path);
		(void)close(f);
		return -1;
	}
	*fd = f;
	return 0;
}

int
file_write_all(int fd, const void *data, size_t len, const char *path,
    struct err *err)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, errno, "Cannot write %s", path);
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Open ${path}, fsync it, and when it is ours to keep, set its mode. */
static int
sync_path(const char *path, int flags, struct err *err)
{
	bool dir = (flags & O_DIRECTORY) != 0;
	int fd = open(path, flags | O_CLOEXEC);
	int rc = 0;

	if (fd < 0)
		return err_sys(err, errno, "Cannot open %s", path);
	if (!dir && fchmod(fd, 0600) != 0)
		rc = err_sys(err, errno, "Cannot set the mode of %s", path);
	else if (dir ? GUARD(folder_fsync, fsync(fd)) != 0
		     : GUARD(file_fsync, fsync(fd)) != 0)
		rc = err_sys(err, errno, "Cannot save %s to the disk", path);
	(void)close(fd);
	return rc;
}

int
file_sync_dir(const char *path, struct err *err)
{
	char *dir = path_dir(path, err);
	int rc;

	if (dir == NULL)
		return -1;
	rc = sync_path(dir, O_RDONLY | O_DIRECTORY, err);
	free(dir);
	return rc;
}

int
file_publish(const char *tmp, const char *path, struct err *err)
{
	if (sync_path(tmp, O_RDWR | O_NOFOLLOW, err))
		return -1;
	if (GUARD(publish_rename, rename(tmp, path)) != 0)
		return err_sys(err, errno, "Cannot rename %s to %s", tmp, path);
	return GUARD(publish_folder, file_sync_dir(path, err));
}

/* Rename without replacing, also where renameat2 is not supported. */
static int
rename_new(const char *tmp, const char *path)
{
	const unsigned flags = GUARD(publish_no_replace, RENAME_NOREPLACE);

	if (GUARD(publish_new_rename,
		renameat2(AT_FDCWD, tmp, AT_FDCWD, path, flags)) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (link(tmp, path) != 0)
		return -1;
	return unlink(tmp);
}

int
file_publish_new(const char *tmp, const char *path, struct err *err)
{
	if (sync_path(tmp, O_RDWR | O_NOFOLLOW, err))
		return -1;
	if (rename_new(tmp, path) != 0)
		return err_sys(err, errno, "Cannot rename %s to %s", tmp, path);
	return GUARD(publish_new_folder, file_sync_dir(path, err));
}

/* Open for reading; -1 with ${err}. */
static int
open_read(const char *path, struct err *err)
{
	/* A pipe must not make us wait for somebody who writes into it. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return err_sys(err, errno, "Cannot open %s", path);
	if (fstat(fd, &st) == 0 && !S_ISFIFO(st.st_mode))
		return fd;
	(void)close(fd);
	return err_set(err, ERR_DENIED, "%s is a pipe, not a file.", path);
}

/* Read up to ${len} bytes; fewer only at the end.  -1 with ${err}. */
static ssize_t
read_full(int fd, char *data, size_t len, const char *path, struct err *err)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, data + got, len - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, errno, "Cannot read %s", path);
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

int
file_read(const char *path, size_t max, struct buf *out, struct err *err)
{
	char chunk[4096];
	ssize_t n;
	int fd;

	buf_init(out, max);
	if ((fd = open_read(path, err)) < 0)
		return -1;
	do {
		n = read_full(fd, chunk, sizeof(chunk), path, err);
		if (n > 0)
			buf_add(out, chunk, (size_t)n);
	} while (n > 0 && !out->failed);
	(void)close(fd);
	if (n < 0 || buf_ok(out, path, err)) {
		buf_free(out);
		return -1;
	}
	return 0;
}

/* Fill the new file ${tmp} with ${len} bytes. */
static int
fill(const char *tmp, const void *data, size_t len, struct err *err)
{
	int fd = -1;
	int rc;

	if (file_create(tmp, &fd, err))
		return -1;
	rc = file_write_all(fd, data, len, tmp, err);
	(void)close(fd);
	return rc;
}

/* Publish ${tmp} when ${made} is 0, else remove it; free its name. */
static int
finish(char *tmp, const char *path, int made, struct err *err)
{
	int rc = made == 0 ? file_publish(tmp, path, err) : -1;

	if (rc != 0)
		(void)unlink(tmp);
	free(tmp);
	return rc;
}

int
file_write(const char *path, const void *data, size_t len, struct err *err)
{
	char *tmp = file_temp_name(path, err);

	if (tmp == NULL)
		return -1;
	return finish(tmp, path, fill(tmp, data, len, err), err);
}

/* Copy all bytes of ${from} into the new file ${tmp}. */
static int
copy_bytes(const char *from, const char *tmp, struct err *err)
{
	char *chunk = malloc(CHUNK);
	ssize_t n = -1;
	int in = -1;
	int out = -1;

	if (chunk == NULL) {
		err_set(err, ERR_NOMEM, "No memory to copy %s.", from);
		goto out;
	}
	if ((in = open_read(from, err)) < 0 || file_create(tmp, &out, err))
		goto out;
	while ((n = read_full(in, chunk, CHUNK, from, err)) > 0) {
		if (file_write_all(out, chunk, (size_t)n, tmp, err)) {
			n = -1;
			break;
		}
	}
out:
	if (in >= 0)
		(void)close(in);
	if (out >= 0)
		(void)close(out);
	free(chunk);
	return n == 0 ? 0 : -1;
}

/* Compare what two descriptors still have to give. */
static int
same_bytes(int a, int b, const char *name_a, const char *name_b, bool *same,
    struct err *err)
{
	char *chunk = malloc(2 * (size_t)CHUNK);
	ssize_t n;
	ssize_t m;
	int rc = -1;

	if (chunk == NULL)
		return err_set(err, ERR_NOMEM, "No memory to compare %s.",
		    name_a);
	do {
		n = read_full(a, chunk, CHUNK, name_a, err);
		m = read_full(b, chunk + CHUNK, CHUNK, name_b, err);
		if (n < 0 || m < 0)
			goto out;
		*same = n == m && memcmp(chunk, chunk + CHUNK, (size_t)n) == 0;
	} while (*same && n > 0);
	rc = 0;
out:
	free(chunk);
	return rc;
}

static int
check_copy(const char *from, const char *tmp, struct err *err)
{
	bool same = false;

	if (file_same(from, tmp, &same, err))
		return -1;
	return same ? 0
		    : err_set(err, ERR_DISK,
			  "The copy %s of %s came out different. Check the "
			  "disk.",
			  tmp, from);
}

int
file_copy(const char *from, const char *to, struct err *err)
{
	char *tmp = file_temp_name(to, err);
	int rc;

	if (tmp == NULL)
		return -1;
	rc = copy_bytes(from, tmp, err);
	if (rc == 0)
		rc = GUARD(copy_check, check_copy(from, tmp, err));
	return finish(tmp, to, rc, err);
}

int
file_same(const char *a, const char *b, bool *same, struct err *err)
{
	struct stat sa;
	struct stat sb;
	int fa = -1;
	int fb = -1;
	int rc = -1;

	if ((fa = open_read(a, err)) < 0 || (fb = open_read(b, err)) < 0)
		goto out;
	if (fstat(fa, &sa) != 0 || fstat(fb, &sb) != 0) {
		err_sys(err, errno, "Cannot look at %s and %s", a, b);
		goto out;
	}
	*same = sa.st_size == sb.st_size;
	rc = *same ? same_bytes(fa, fb, a, b, same, err) : 0;
out:
	if (fa >= 0)
		(void)close(fa);
	if (fb >= 0)
		(void)close(fb);
	return rc;
}

void
file_fill_standard(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		(void)close(fd);
}
