#include "core/db_file.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/db.h"
#include "core/file.h"
#include "core/path.h"
#include "core/str.h"

/* Refuse what is no file: a pipe would keep us waiting for ever. */
static int
check_kind(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return err_sys(err, errno, "Cannot look at %s", path);
	if (S_ISREG(st.st_mode))
		return 0;
	return err_set(err, ERR_DENIED,
	    "%s is %s, not a database file. Move it away, and start again.",
	    path, S_ISDIR(st.st_mode) ? "a folder" : "a pipe or a device");
}

int
db_file_ensure(const char *path, bool create, struct err *err)
{
	int fd;

	if (*path == '\0')
		return 0;
	if (path_exists(path))
		return check_kind(path, err);
	if (!create)
		return err_set(err, ERR_MISSING, "There is no database %s.",
		    path);
	if (file_create(path, &fd, err))
		return -1;
	(void)close(fd);
	return 0;
}

void
db_remove(const char *path)
{
	static const char *const tails[] = { "", "-journal", "-wal", "-shm" };
	struct err ignored;

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		char *name = str_printf(&ignored, "%s%s", path, tails[i]);

		if (name != NULL)
			(void)unlink(name);
		free(name);
	}
}
