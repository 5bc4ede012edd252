#include "core/inventory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/path.h"
#include "core/str.h"

/* "2026-01-05T10-30-00", digits and separators where they belong. */
static bool
is_stamp(const char *s, size_t len)
{
	static const char form[] = "dddd-dd-ddTdd-dd-dd";

	if (len != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (form[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != form[i])
			return false;
	}
	return true;
}

static bool
is_snapshot(const char *name)
{
	const char *tail;

	if (str_starts(name, INVENTORY_SNAPSHOT)) {
		tail = name + strlen(INVENTORY_SNAPSHOT);
		return *tail == '\0' ||
		    (tail[0] == '.' && tail[1] >= '1' && tail[1] <= '3' &&
			tail[2] == '\0');
	}
	if (str_starts(name, INVENTORY_PRE_UPGRADE))
		tail = name + strlen(INVENTORY_PRE_UPGRADE);
	else if (str_starts(name, INVENTORY_PRE_RESTORE))
		tail = name + strlen(INVENTORY_PRE_RESTORE);
	else
		return false;
	return *tail == '\0' ||
	    (*tail == '_' && is_stamp(tail + 1, strlen(tail + 1)));
}

static bool
is_archive(const char *name)
{
	static const char head[] = "backup_";
	static const char tail[] = ".json";
	size_t around = sizeof(head) - 1 + sizeof(tail) - 1;

	if (strcmp(name, INVENTORY_LATEST) == 0)
		return true;
	return str_starts(name, head) && str_ends(name, tail) &&
	    strlen(name) > around &&
	    is_stamp(name + sizeof(head) - 1, strlen(name) - around);
}

int
inventory_kind_of(const char *name, enum inventory_kind *kind)
{
	if (is_snapshot(name))
		*kind = INV_SNAPSHOT;
	else if (is_archive(name))
		*kind = INV_ARCHIVE;
	else
		return 0;
	return 1;
}

int
inventory_time_of(const char *name, int64_t *ms)
{
	char iso[INVENTORY_NAME_MAX];
	enum inventory_kind kind;
	const char *stamp = strchr(name, '_');

	if (!inventory_kind_of(name, &kind) || stamp == NULL)
		return -1;
	(void)snprintf(iso, sizeof(iso), "%.19s", stamp + 1);
	if (!is_stamp(iso, strlen(iso)))
		return -1;
	iso[13] = ':';
	iso[16] = ':';
	return clock_parse(iso, strlen(iso), ms);
}

/* Add the file ${name} when it is a backup. */
static int
consider(struct inventory *inv, int dir, const char *name, struct err *err)
{
	struct inventory_entry e = { 0 };
	struct inventory_entry *more;
	struct stat st;

	if (!inventory_kind_of(name, &e.kind) ||
	    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(st.st_mode))
		return 0;
	(void)snprintf(e.name, sizeof(e.name), "%s", name);
	e.bytes = (uint64_t)st.st_size;
	e.modified =
	    (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
	more = realloc(inv->entry, (inv->count + 1) * sizeof(*more));
	if (more == NULL)
		return err_set(err, ERR_NOMEM,
		    "No memory for the list of "
		    "backups.");
	inv->entry = more;
	inv->entry[inv->count++] = e;
	return 0;
}

/* The newest first; of equal times by name. */
static int
compare(const void *a, const void *b)
{
	const struct inventory_entry *x = a;
	const struct inventory_entry *y = b;

	if (x->modified != y->modified)
		return x->modified < y->modified ? 1 : -1;
	return strcmp(y->name, x->name);
}

int
inventory_read(const char *dir, struct inventory *inv, struct err *err)
{
	struct dirent *e;
	DIR *d = opendir(dir);
	int rc = 0;

	*inv = (struct inventory){ 0 };
	if (d == NULL)
		return err_sys(err, errno, "Cannot list %s", dir);
	while (rc == 0 && (e = readdir(d)) != NULL)
		rc = consider(inv, dirfd(d), e->d_name, err);
	(void)closedir(d);
	if (rc != 0)
		inventory_free(inv);
	else if (inv->count > 1)
		qsort(inv->entry, inv->count, sizeof(*inv->entry), compare);
	return rc;
}

int
inventory_archives(const char *dir, struct inventory *inv, struct err *err)
{
	size_t count = 0;

	if (inventory_read(dir, inv, err))
		return -1;
	for (size_t i = 0; i < inv->count; i++) {
		struct inventory_entry *e = &inv->entry[i];

		if (e->kind != INV_ARCHIVE)
			continue;
		(void)inventory_time_of(e->name, &e->modified);
		inv->entry[count++] = *e;
	}
	inv->count = count;
	if (count > 1)
		qsort(inv->entry, count, sizeof(*inv->entry), compare);
	return 0;
}

/* Whether ${fd} is a file, and how large. */
static int
check_file(int fd, const char *name, uint64_t *bytes, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_sys(err, errno, "Cannot look at %s", name);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_DENIED, "%s is no file.", name);
	*bytes = (uint64_t)st.st_size;
	return 0;
}

int
inventory_open(const char *dir, const char *name, int *fd, uint64_t *bytes,
    struct err *err)
{
	char *path;

	if (!is_archive(name))
		return err_set(err, ERR_USAGE,
		    "No backup of this server has that name.");
	if ((path = path_join(dir, name, err)) == NULL)
		return -1;
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	free(path);
	if (*fd < 0)
		return errno == ELOOP
		    ? err_set(err, ERR_DENIED, "%s is a link, no file.", name)
		    : err_sys(err, errno, "Cannot open %s", name);
	if (check_file(*fd, name, bytes, err) == 0)
		return 0;
	(void)close(*fd);
	return -1;
}

void
inventory_free(struct inventory *inv)
{
	free(inv->entry);
	*inv = (struct inventory){ 0 };
}
