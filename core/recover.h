#ifndef CORE_RECOVER_H
#define CORE_RECOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/inventory.h"

/* What stands in recovery.source when the damaged file gave the most. */
#define RECOVER_SALVAGE "salvage"

#define RECOVER_TABLES 5
/* SQLite takes a file of one byte for an empty one, too. */
#define RECOVER_EMPTY_MAX 1
#define RECOVER_TEXT_MAX 512

struct recover_user {
	char *name;
	int64_t items; /* entries in the new database */
	int64_t merged; /* of these: came or changed by the salvage */
};

/* What a recovery did, for people and for the record. */
struct recovery {
	char source[INVENTORY_NAME_MAX]; /* the backup that was used,
					    RECOVER_SALVAGE, or "": none */
	int64_t made; /* when that backup was written, ms since 1970 */
	int64_t newest; /* its latest change; INT64_MIN: none is known */
	size_t candidates; /* backups that were looked at */
	size_t unusable; /* of these: damaged, or not to be read */
	char first_unusable[RECOVER_TEXT_MAX]; /* which, and why */
	int64_t salvaged; /* rows that the damaged file still gave */
	int64_t guessed; /* of these: from pages that nothing leads to */
	int64_t healed; /* of these: with a number or a name that the
			   newest snapshot tells differently */
	int64_t merged; /* entries that came or changed by it */
	int64_t lost; /* rows of the damaged file that cannot be read */
	int64_t pages; /* pages of it that cannot be read */
	bool complete; /* the damaged file gave all of its rows */
	char left[RECOVER_TEXT_MAX]; /* what of it could not be brought; "" */
	const char *tables[RECOVER_TABLES]; /* names, and rows in the new */
	int64_t rows[RECOVER_TABLES]; /* database */
	struct recover_user *users;
	size_t users_count;
	bool configured; /* setup does not open */
	char *quarantine; /* where the damaged file lies now */
	int64_t ms; /* how long it took until the new file was ready */
};

/*
 * recover_confirm(db_path, err):
 * Look again at a database that was found damaged, while this process has it
 * open nowhere: an error of the disk or a lock must not pass for damage.
 * Return 0 when it is whole after all, or -1 with ${err}: ERR_CORRUPT when it
 * is damaged (an empty file is, and one without any table of a household),
 * ERR_NEWER when it is a newer jair's,
 * ERR_BUSY when another process has it locked, ERR_DISK, ERR_DENIED and
 * others when it cannot be read.
 */
int recover_confirm(const char *db_path, struct err *err);

/*
 * recover_database(db_path, data_dir, r, err):
 * Make a new database in the place of the damaged ${db_path}: from the
 * newest of the snapshots and archives in ${data_dir}, each of them checked,
 * or from a salvage of the damaged file, or empty when there is nothing; with
 * the rows that a salvage has beyond it.  The new file is complete and
 * checked, with a row in BackupRun, before the damaged one and its journals
 * move to quarantine.  Return 0 with ${r}, which recovery_free releases, or
 * -1 with ${err}; then the damaged file is still in its place, or the next
 * recover_finish goes on.
 */
int recover_database(const char *db_path, const char *data_dir,
    struct recovery *r, struct err *err);

/*
 * recover_publish(path, db_path, data_dir, quarantine, err):
 * Let a copy of the complete database ${path} become ${db_path}, which is
 * damaged or missing and which nobody has open: published beside it first,
 * so that a kill at any moment leaves all as it was or recover_finish to go
 * on.  The former one and its journals move to quarantine.  Return 0 with
 * ${quarantine} like recover_finish, or -1 with ${err}.
 */
int recover_publish(const char *path, const char *db_path, const char *data_dir,
    char **quarantine, struct err *err);

/*
 * recover_finish(db_path, data_dir, quarantine, err):
 * Put a new database that is ready (${db_path}.recovered) in its place: what
 * a recovery ends with, or what is left to do after one that was killed.
 * Does nothing when there is none; when ${db_path} is whole, it stays, and
 * the other goes to quarantine.  Return 1 when the new database was put in
 * place, with the new path of the damaged one, which the caller frees, in
 * ${quarantine} (NULL when there was none); else 0, or -1 with ${err}.
 */
int recover_finish(const char *db_path, const char *data_dir, char **quarantine,
    struct err *err);

/*
 * recovery_free(r):
 * Release what ${r} owns.
 */
void recovery_free(struct recovery *r);

#endif
