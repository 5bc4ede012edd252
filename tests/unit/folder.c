#include "tests/unit/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATHS 8

static char folder[256];
static pid_t owner;

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	if (at->level > 0)
		(void)remove(path);
	return 0;
}

void
folder_clean(void)
{
	if (folder[0] != '\0')
		(void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void
remove_all(void)
{
	if (owner != getpid())
		return;
	folder_clean();
	(void)rmdir(folder);
}

const char *
folder_make(void)
{
	const char *tmp = getenv("TMPDIR");

	if (folder[0] != '\0')
		return folder;
	(void)snprintf(folder, sizeof(folder), "%s/jair-unit.XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(folder) == NULL) {
		perror(folder);
		exit(1);
	}
	owner = getpid();
	(void)atexit(remove_all);
	return folder;
}

const char *
folder_path(const char *name)
{
	static char paths[PATHS][512];
	static size_t next;
	char *path = paths[next++ % PATHS];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", folder_make(), name);
	return path;
}

void
folder_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fclose(f), 0);
}

char *
folder_read(const char *path, size_t *len)
{
	FILE *f = fopen(path, "r");
	struct stat st;
	size_t size;
	char *data;

	assert_non_null(f);
	assert_int_equal(fstat(fileno(f), &st), 0);
	size = (size_t)st.st_size;
	data = malloc(size + 1);
	assert_non_null(data);
	assert_int_equal(fread(data, 1, size, f), size);
	data[size] = '\0';
	(void)fclose(f);
	if (len != NULL)
		*len = size;
	return data;
}

mode_t
folder_mode(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

size_t
folder_count(void)
{
	DIR *d = opendir(folder_make());
	struct dirent *e;
	size_t n = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			n++;
	}
	(void)closedir(d);
	return n;
}
