#include "core/recover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/guard.h"
#include "core/path.h"
#include "core/quarantine.h"
#include "core/salvage.h"
#include "core/recover_int.h"
#include "core/schema.h"
#include "core/snapshot.h"
#include "core/str.h"

/* The bytes that SQLite locks.  Source: sqlite.org/fileformat2.html,
   "The Lock-Byte Page". */
#define LOCK_BYTE 0x40000000
#define LOCK_BYTES 512

#define HEADER 100
#define VERSION_AT 60 /* where the header keeps PRAGMA user_version */
#define VERSION_MAX 10000 /* above that it is damage */

static int
check_unlocked(int fd, const char *path, struct err *err)
{
	struct flock lock = { .l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = LOCK_BYTE,
		.l_len = LOCK_BYTES };

	if (fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
		return err_set(err, ERR_BUSY,
		    "%s is damaged, but another process (%ld) holds its lock."
		    " Stop it, and start again.",
		    path, (long)lock.l_pid);
	return 0;
}

/* Read every byte: what the disk does not give says nothing of damage. */
static int
check_readable(int fd, const char *path, uint8_t header[HEADER], size_t *size,
    struct err *err)
{
	static char room[1 << 16];
	ssize_t n;

	*size = 0;
	while ((n = read(fd, room, sizeof(room))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, errno, "Cannot read %s", path);
		if (*size == 0)
			memcpy(header, room, n < HEADER ? (size_t)n : HEADER);
		*size += (size_t)n;
	}
	return 0;
}

/* A newer jair's database is not ours to heal. */
static int
check_version(const char *path, const uint8_t header[HEADER], struct err *err)
{
	static const char magic[16] = "SQLite format 3";
	int64_t version = 0;

	for (int i = 0; i < 4; i++)
		version = version << 8 | header[VERSION_AT + i];
	if (memcmp(header, magic, sizeof(magic)) != 0 ||
	    version <= SCHEMA_VERSION || version > VERSION_MAX)
		return 0;
	return err_set(err, ERR_NEWER,
	    "%s is damaged, and was written by a newer jair (version %lld of"
	    " the tables; this one knows %d). Start that one.",
	    path, (long long)version, SCHEMA_VERSION);
}

static int
look_at_file(const char *path, size_t *size, struct err *err)
{
	uint8_t header[HEADER] = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int rc = -1;

	if (fd < 0)
		return err_sys(err, errno, "Cannot open %s", path);
	if (check_unlocked(fd, path, err) == 0 &&
	    check_readable(fd, path, header, size, err) == 0)
		rc = check_version(path, header, err);
	(void)close(fd);
	return rc;
}

/* The same for what SQLite does not look for, in a copy of its own. */
static int
audit(struct db *db, const char *db_path, struct err *err)
{
	char *tmp = file_temp_name(db_path, err);
	struct db *copy = NULL;
	int rc = -1;

	if (tmp == NULL)
		return -1;
	if (db_open(&copy, tmp, DB_SCRATCH, err) == 0 &&
	    db_copy(db, copy, err) == 0 && db_close(&copy, err) == 0)
		rc = salvage_audit(tmp, db_path, err);
	db_free(copy);
	db_remove(tmp);
	free(tmp);
	return rc;
}

int
recover_confirm(const char *db_path, struct err *err)
{
	struct db_findings findings;
	struct db *db = NULL;
	bool household = true;
	size_t size = 0;
	int rc;

	if (look_at_file(db_path, &size, err))
		return -1;
	if (size <= RECOVER_EMPTY_MAX)
		return err_set(err, ERR_CORRUPT, "%s is empty.", db_path);
	rc = db_open(&db, db_path, DB_READ, err) ||
		db_check(db, &findings, err) ||
		snapshot_is_household(db, &household, err) ||
		(household && audit(db, db_path, err))
	    ? -1
	    : 0;
	if (!household)
		rc = err_set(err, ERR_CORRUPT,
		    "%s has no table of a household: it was emptied, or is"
		    " the database of something else.",
		    db_path);
	db_free(db);
	return rc;
}

static char *
ready_name(const char *db_path, struct err *err)
{
	return str_printf(err, "%s.recovered", db_path);
}

/* Whether the new database may take its place; else it goes aside. */
static int
may_replace(const char *db_path, const char *data_dir, const char *ready,
    bool *may, struct err *err)
{
	char *where = NULL;
	int rc;

	*may = false;
	if (recover_confirm(ready, err)) {
		if (err->code != ERR_CORRUPT)
			return -1;
	} else if (!path_exists(db_path)) {
		*may = true;
	} else if (recover_confirm(db_path, err)) {
		if (err->code != ERR_CORRUPT)
			return -1;
		*may = true;
	}
	err_clear(err);
	rc = *may ? 0
		  : GUARD(recover_ready_aside,
			quarantine_move(data_dir, ready, &where, err));
	free(where);
	return rc;
}

int
recover_finish(const char *db_path, const char *data_dir, char **quarantine,
    struct err *err)
{
	char *ready = ready_name(db_path, err);
	bool may;
	int rc = -1;

	*quarantine = NULL;
	if (ready == NULL)
		return -1;
	if (!path_exists(ready)) {
		rc = 0;
		goto out;
	}
	if (may_replace(db_path, data_dir, ready, &may, err))
		goto out;
	if (!may) {
		rc = 0;
		goto out;
	}
	/* No journal of the damaged file may meet the new one. */
	if (GUARD(recover_aside,
		quarantine_database(data_dir, db_path, quarantine, err)) == 0 &&
	    file_publish_new(ready, db_path, err) == 0)
		rc = 1;
out:
	free(ready);
	return rc;
}

int
recover_publish(const char *path, const char *db_path, const char *data_dir,
    char **quarantine, struct err *err)
{
	char *ready = ready_name(db_path, err);
	int rc = -1;

	*quarantine = NULL;
	if (ready == NULL)
		return -1;
	if (file_copy(path, ready, err) == 0)
		rc = recover_finish(db_path, data_dir, quarantine, err);
	/* What failed before anything moved shall not happen later. */
	if (rc < 0 && path_exists(db_path))
		(void)unlink(ready);
	free(ready);
	if (rc == 0)
		return err_set(err, ERR_DISK,
		    "The new database could not be read back, or %s is whole"
		    " after all. Check the disk, and start again.",
		    db_path);
	return rc == 1 ? 0 : -1;
}

int
recover_database(const char *db_path, const char *data_dir, struct recovery *r,
    struct err *err)
{
	struct recovering rec = {
		.db_path = db_path, .data_dir = data_dir, .r = r
	};
	char started[CLOCK_ISO_MAX];
	int64_t start = clock_mono();
	int rc = -1;

	*r = (struct recovery){ 0 };
	(void)clock_iso(clock_now(), started);
	if (recover_find(&rec, err) == 0 &&
	    recover_complete(&rec, started, start, err) == 0)
		rc = recover_publish(rec.best.path, db_path, data_dir,
		    &r->quarantine, err);
	recover_drop(&rec.best);
	recover_drop(&rec.salvage);
	salvage_report_free(&rec.report);
	if (rc != 0)
		recovery_free(r);
	return rc;
}

void
recovery_free(struct recovery *r)
{
	for (size_t i = 0; i < r->users_count; i++)
		free(r->users[i].name);
	free(r->users);
	free(r->quarantine);
	*r = (struct recovery){ 0 };
}
