#include "core/preflight.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/inventory.h"
#include "core/path.h"
#include "core/str.h"

/*
 * Measured on households of 60 to 100,000 items: an archive is 3 to 6 times
 * as large as its content in a database, which is never smaller than our
 * empty tables; sorting for a restore takes a hundredth of the archive,
 * for a new index a tenth of the database.
 */
#define ARCHIVE_PER_DB 8
#define EMPTY_DB 98304
#define ARCHIVE_PER_SORT 128
#define DB_PER_SORT 16
/* For names, locks and notes. */
#define SPARE 65536

enum { IN_DATA, BESIDE_DB, IN_TEMP, PLACES };

/* What will be written where. */
struct need {
	const char *path;
	uint64_t bytes;
	dev_t dev;
};

/* The sizes that an estimate starts from, in bytes. */
struct sizes {
	uint64_t db; /* with its -wal */
	uint64_t archive; /* what a new one will have */
	uint64_t file;
};

const char *
preflight_temp_dir(void)
{
	const char *const dirs[] = { getenv("SQLITE_TMPDIR"), getenv("TMPDIR"),
		"/var/tmp", "/usr/tmp", "/tmp", "." };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		struct stat st;

		if (dirs[i] != NULL && stat(dirs[i], &st) == 0 &&
		    S_ISDIR(st.st_mode) && access(dirs[i], W_OK | X_OK) == 0)
			return dirs[i];
	}
	return NULL;
}

int
preflight_find_temp(const char *data_dir, struct err *err)
{
	if (preflight_temp_dir() != NULL ||
	    setenv("SQLITE_TMPDIR", data_dir, 1) == 0)
		return 0;
	return err_set(err, ERR_NOMEM, "No memory to set SQLITE_TMPDIR.");
}

/* The size of ${path}${tail}; 0 when there is no such file. */
static int
add_size(const char *path, const char *tail, uint64_t *bytes, struct err *err)
{
	char *name = str_printf(err, "%s%s", path, tail);
	struct err missing = { 0 };
	uint64_t n = 0;

	if (name == NULL)
		return -1;
	if (path_size(name, &n, &missing) == 0)
		*bytes += n;
	free(name);
	return 0;
}

static int
measure(const char *data_dir, const char *db_path, const char *file,
    struct sizes *s, struct err *err)
{
	*s = (struct sizes){ 0 };
	if (add_size(db_path, "", &s->db, err) ||
	    add_size(db_path, "-wal", &s->db, err) ||
	    add_size(data_dir, "/" INVENTORY_LATEST, &s->archive, err) ||
	    (file != NULL && add_size(file, "", &s->file, err)))
		return -1;
	/* None yet, or one of times when there was more to save. */
	if (s->archive == 0)
		s->archive = s->db;
	else if (s->archive > s->db * ARCHIVE_PER_DB)
		s->archive = s->db * ARCHIVE_PER_DB;
	return 0;
}

static void
estimate(enum preflight_task task, const struct sizes *s, struct need *n)
{
	uint64_t scratch = s->file / ARCHIVE_PER_DB + EMPTY_DB;

	switch (task) {
	case PREFLIGHT_START:
		n[IN_DATA].bytes = s->db + 2 * s->archive;
		break;
	case PREFLIGHT_REBUILD:
		n[BESIDE_DB].bytes = s->db;
		n[IN_TEMP].bytes = s->db / DB_PER_SORT;
		n[IN_DATA].bytes = s->db;
		break;
	case PREFLIGHT_SNAPSHOT:
	case PREFLIGHT_SYNC:
		n[IN_DATA].bytes = s->db;
		break;
	case PREFLIGHT_ARCHIVE:
		n[IN_DATA].bytes = 2 * s->archive;
		break;
	case PREFLIGHT_VERIFY:
		n[IN_DATA].bytes = scratch;
		break;
	case PREFLIGHT_RESTORE:
		n[IN_DATA].bytes = s->db + scratch;
		n[IN_TEMP].bytes = s->file / ARCHIVE_PER_SORT;
		break;
	case PREFLIGHT_ROLLBACK:
		n[IN_DATA].bytes = s->db;
		n[BESIDE_DB].bytes = s->file + s->db;
		break;
	case PREFLIGHT_RECOVERY:
		/* Not the damaged one's size: that may say anything. */
		n[IN_DATA].bytes = s->file;
		n[BESIDE_DB].bytes = s->file;
		break;
	}
	n[IN_DATA].bytes += SPARE;
}

/* Add up what lies on one disk; the first place stands for all of it. */
static void
merge(struct need *n)
{
	struct stat st;

	for (int i = 0; i < PLACES; i++) {
		if (n[i].bytes == 0)
			continue;
		if (n[i].path == NULL || stat(n[i].path, &st) != 0) {
			n[i].bytes = 0;
			continue;
		}
		n[i].dev = st.st_dev;
		for (int j = 0; j < i; j++) {
			if (n[j].bytes > 0 && n[j].dev == n[i].dev) {
				n[j].bytes += n[i].bytes;
				n[i].bytes = 0;
			}
		}
	}
}

static int
too_little(enum preflight_task task, const struct need *n, bool temp,
    uint64_t have, struct err *err)
{
	static const char *const whats[] = {
		[PREFLIGHT_START] = "a snapshot and an archive",
		[PREFLIGHT_SNAPSHOT] = "a copy of the database",
		[PREFLIGHT_SYNC] = "changing the tables",
		[PREFLIGHT_REBUILD] = "building tables anew",
		[PREFLIGHT_ARCHIVE] = "an archive",
		[PREFLIGHT_VERIFY] = "rehearsing a restore",
		[PREFLIGHT_RESTORE] = "a restore",
		[PREFLIGHT_ROLLBACK] = "a restore",
		[PREFLIGHT_RECOVERY] = "recovering the database",
	};
	char need_text[STR_SIZE_MAX];
	char have_text[STR_SIZE_MAX];

	return err_set(err, ERR_DISK,
	    "There is too little space in %s for %s: %s are needed, %s are "
	    "free. Make room there%s and try again.",
	    n->path, whats[task], str_size(n->bytes, need_text),
	    str_size(have, have_text),
	    temp ? ", or name another folder in SQLITE_TMPDIR," : "");
}

static int
compare(enum preflight_task task, const struct need *n, struct err *err)
{
	for (int i = 0; i < PLACES; i++) {
		struct err unknown = { 0 };
		uint64_t have;

		if (n[i].bytes == 0 ||
		    path_free_space(n[i].path, &have, &unknown) != 0)
			continue;
		if (have < n[i].bytes)
			return too_little(task, &n[i], i == IN_TEMP, have, err);
	}
	return 0;
}

int
preflight_check(enum preflight_task task, const char *data_dir,
    const char *db_path, const char *file, struct err *err)
{
	char *beside = path_dir(db_path, err);
	struct need needs[PLACES] = {
		[IN_DATA] = { .path = data_dir },
		[BESIDE_DB] = { .path = beside },
		[IN_TEMP] = { .path = preflight_temp_dir() },
	};
	struct sizes sizes;
	int rc = -1;

	if (beside != NULL &&
	    measure(data_dir, db_path, file, &sizes, err) == 0) {
		estimate(task, &sizes, needs);
		merge(needs);
		rc = compare(task, needs, err);
	}
	free(beside);
	return rc;
}
