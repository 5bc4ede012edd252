#include "core/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "core/str.h"

static int (*ask_disk)(const char *path, struct statvfs *fs);

char *
path_join(const char *dir, const char *name, struct err *err)
{
	const char *slash = str_ends(dir, "/") ? "" : "/";

	return str_printf(err, "%s%s%s", dir, slash, name);
}

char *
path_dir(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return str_dup(".", err);
	if (slash == path)
		return str_dup("/", err);
	return str_printf(err, "%.*s", (int)(slash - path), path);
}

const char *
path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* mkdir that is content with a folder that exists. */
static int
make_one(const char *path, struct err *err)
{
	struct stat st;

	/* An umask may have taken our own access away. */
	if (mkdir(path, 0700) == 0 && chmod(path, 0700) == 0)
		return 0;
	if (errno == EEXIST && stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return 0;
		return err_set(err, ERR_EXISTS,
		    "%s is not a folder. Move it "
		    "away or choose another folder.",
		    path);
	}
	return err_sys(err, errno, "Cannot create the folder %s", path);
}

int
path_make_dir(const char *path, struct err *err)
{
	char *part = str_dup(path, err);
	int rc = -1;

	if (part == NULL)
		return -1;
	for (char *p = part + 1; *part != '\0' && *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (make_one(part, err))
			goto out;
		*p = '/';
	}
	rc = make_one(part, err);
out:
	free(part);
	return rc;
}

bool
path_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

char *
path_follow_take(char *path, struct err *err)
{
	struct stat st;
	char *real;

	if (path == NULL || lstat(path, &st) != 0 || !S_ISLNK(st.st_mode))
		return path;
	if ((real = realpath(path, NULL)) == NULL)
		err_set(err, ERR_MISSING,
		    "%s is a link that leads to no file (%s). Bring back what"
		    " it led to (a disk that is not mounted?), or remove it.",
		    path, strerror(errno));
	free(path);
	return real;
}

int
path_size(const char *path, uint64_t *bytes, struct err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return err_sys(err, errno, "Cannot look at %s", path);
	*bytes = (uint64_t)st.st_size;
	return 0;
}

void
path_set_statvfs(int (*ask)(const char *path, struct statvfs *fs))
{
	ask_disk = ask;
}

int
path_free_space(const char *path, uint64_t *bytes, struct err *err)
{
	struct statvfs fs;
	int rc = ask_disk != NULL ? ask_disk(path, &fs) : statvfs(path, &fs);

	if (rc != 0)
		return err_sys(err, errno, "Cannot look at the disk of %s",
		    path);
	if (fs.f_blocks == 0)
		*bytes = UINT64_MAX;
	else if (__builtin_mul_overflow((uint64_t)fs.f_bavail,
		     (uint64_t)fs.f_frsize, bytes))
		*bytes = UINT64_MAX;
	return 0;
}
