#include "core/quarantine.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/guard.h"
#include "core/path.h"
#include "core/str.h"

/* What belongs to a database, by what follows its name. */
static const char *const tails[] = { "", "-journal", "-wal", "-shm" };
#define TAILS (sizeof(tails) / sizeof(tails[0]))

/* Whether neither that name nor one of a journal's is taken. */
static bool
is_free(const char *name)
{
	bool taken = false;

	for (size_t i = 0; i < TAILS && !taken; i++) {
		struct err ignored;
		char *full = str_printf(&ignored, "%s%s", name, tails[i]);

		taken = full == NULL || path_exists(full);
		free(full);
	}
	return !taken;
}

/* A name in quarantine/<now>/ that is free; its folder exists. */
static char *
free_name(const char *data_dir, const char *path, struct err *err)
{
	char stamp[CLOCK_STAMP_MAX];
	char *dir = NULL;
	char *name = NULL;
	int64_t now = clock_now();

	do {
		free(dir);
		free(name);
		name = NULL;
		dir = str_printf(err, "%s/quarantine/%s", data_dir,
		    clock_stamp(now, stamp));
		if (dir == NULL || path_make_dir(dir, err))
			break;
		name = path_join(dir, path_base(path), err);
		now += 1000;
	} while (name != NULL && !is_free(name));
	free(dir);
	return name;
}

/* The folder that ${path} came from, unless it is the data folder. */
static int
sync_source(const char *data_dir, const char *path, struct err *err)
{
	char *dir = path_dir(path, err);
	int rc = -1;

	if (dir == NULL)
		return -1;
	rc = strcmp(dir, data_dir) == 0
	    ? 0
	    : GUARD(quarantine_source, file_sync_dir(path, err));
	free(dir);
	return rc;
}

/* Make the rename and the new folders survive a power cut. */
static int
sync_dirs(const char *data_dir, const char *path, const char *name,
    struct err *err)
{
	char *above = str_printf(err, "%s/quarantine/.", data_dir);
	char *top = str_printf(err, "%s/.", data_dir);
	int rc = -1;

	if (above != NULL && top != NULL &&
	    GUARD(quarantine_name, file_sync_dir(name, err)) == 0 &&
	    GUARD(quarantine_folder, file_sync_dir(above, err)) == 0 &&
	    GUARD(quarantine_top, file_sync_dir(top, err)) == 0)
		rc = sync_source(data_dir, path, err);
	free(above);
	free(top);
	return rc;
}

/* Move one file to its new name, for good. */
static int
move(const char *data_dir, const char *path, const char *name, struct err *err)
{
	if (GUARD(quarantine_rename, rename(path, name)) == 0)
		return sync_dirs(data_dir, path, name, err);
	if (errno != EXDEV)
		return err_sys(err, errno, "Cannot move %s to %s", path, name);
	if (file_copy(path, name, err) || sync_dirs(data_dir, path, name, err))
		return -1;
	if (unlink(path) != 0)
		return err_sys(err, errno, "Cannot remove %s", path);
	return sync_source(data_dir, path, err);
}

int
quarantine_move(const char *data_dir, const char *path, char **where,
    struct err *err)
{
	char *name = free_name(data_dir, path, err);

	if (name == NULL)
		return -1;
	if (move(data_dir, path, name, err)) {
		free(name);
		return -1;
	}
	*where = name;
	return 0;
}

/* The database's file first: then it is gone, and its journals say nothing
   to anyone until they follow. */
int
quarantine_database(const char *data_dir, const char *db_path, char **where,
    struct err *err)
{
	char *base = NULL;
	int rc = 0;

	*where = NULL;
	for (size_t i = 0; i < TAILS && rc == 0; i++) {
		char *path = str_printf(err, "%s%s", db_path, tails[i]);
		char *name = NULL;

		rc = path == NULL ? -1 : 0;
		if (rc == 0 && path_exists(path)) {
			if (base == NULL)
				base = free_name(data_dir, db_path, err);
			name = base != NULL
			    ? str_printf(err, "%s%s", base, tails[i])
			    : NULL;
			rc =
			    name != NULL ? move(data_dir, path, name, err) : -1;
		}
		free(name);
		free(path);
	}
	if (rc == 0)
		*where = base;
	else
		free(base);
	return rc;
}
