#ifndef CORE_INVENTORY_H
#define CORE_INVENTORY_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

#define INVENTORY_NAME_MAX 128

/* The names that backups bear in the data folder. */
#define INVENTORY_SNAPSHOT "dev.db.backup_startup"
#define INVENTORY_PRE_UPGRADE "dev.db.pre-upgrade"
#define INVENTORY_PRE_RESTORE "dev.db.pre-restore"
#define INVENTORY_LATEST "backup_latest.json"

enum inventory_kind { INV_SNAPSHOT, INV_ARCHIVE };

struct inventory_entry {
	enum inventory_kind kind;
	char name[INVENTORY_NAME_MAX];
	uint64_t bytes;
	int64_t modified; /* milliseconds since 1970 */
};

/* The backups in a data folder, the newest first. */
struct inventory {
	struct inventory_entry *entry;
	size_t count;
};

/*
 * inventory_read(dir, inv, err):
 * List the files in ${dir} whose names are those of backups; nothing is
 * opened.  Return 0 with ${inv}, which inventory_free releases, or -1 with
 * ${err}.
 */
int inventory_read(const char *dir, struct inventory *inv, struct err *err);

/*
 * inventory_archives(dir, inv, err):
 * The same of archives alone; the time of one is that in its name, where it
 * has one, whoever copied the file since.
 */
int inventory_archives(const char *dir, struct inventory *inv, struct err *err);

/*
 * inventory_free(inv):
 * Release what inventory_read or inventory_archives allocated.
 */
void inventory_free(struct inventory *inv);

/*
 * inventory_open(dir, name, fd, bytes, err):
 * Open the archive ${name} in ${dir} for reading as ${fd}, with its size in
 * ${bytes}.  Return 0, or -1 with ${err} (ERR_USAGE for a name that no
 * archive of ours has, ERR_MISSING, ERR_DENIED for what is no file).
 */
int inventory_open(const char *dir, const char *name, int *fd, uint64_t *bytes,
    struct err *err);

/*
 * inventory_kind_of(name, kind):
 * Return 1 with ${kind} when a file of that name is a backup, else 0.
 */
int inventory_kind_of(const char *name, enum inventory_kind *kind);

/*
 * inventory_time_of(name, ms):
 * Read the time (UTC) in the name of a backup.  Return 0 with milliseconds
 * since 1970 in ${ms}, or -1 when it has none, or one that never was.
 */
int inventory_time_of(const char *name, int64_t *ms);

#endif
