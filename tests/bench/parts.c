/*
 * parts WHAT FROM TO: one part of what the programs do, by itself, so that it
 * can be measured:
 *	snapshot DB OUT		a checked copy, as a start makes it
 *	write DB OUT		the archive
 *	verify ARCHIVE FOLDER	read, restored into a scratch database, compared
 *	restore ARCHIVE DB	into a database of the target schema
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive.h"
#include "core/archive_read.h"
#include "core/archive_verify.h"
#include "core/db.h"
#include "core/path.h"
#include "core/restore.h"
#include "core/snapshot.h"

static int
take(const char *from, const char *to, struct err *err)
{
	struct snapshot snap = { 0 };
	struct db *db = NULL;
	char *dir = path_dir(to, err);
	int rc = -1;

	if (dir != NULL && db_open(&db, from, DB_READ, err) == 0)
		rc = snapshot_take(db, dir, to, &snap, err);
	snapshot_free(&snap);
	db_free(db);
	free(dir);
	return rc;
}

static int
write_archive(const char *from, const char *to, struct err *err)
{
	struct archive_stats stats;
	struct db *db = NULL;
	int rc;

	if (db_open(&db, from, DB_READ, err))
		return -1;
	rc = archive_write(db, to, &stats, err);
	db_free(db);
	return rc;
}

static int
verify(const char *from, const char *to, struct err *err)
{
	struct archive_summary summary;

	return archive_rehearse(from, to, &summary, err);
}

static int
restore(const char *from, const char *to, struct err *err)
{
	const struct restore_options options = { .config = true };
	struct restore_report report = { 0 };
	struct archive *a = NULL;
	struct db *db = NULL;
	char *dir = path_dir(to, err);
	int rc = -1;

	if (dir != NULL && archive_open(&a, from, NULL, err) == 0 &&
	    db_open(&db, to, DB_WRITE, err) == 0)
		rc = restore_apply(db, a, dir, &options, &report, err);
	restore_report_free(&report);
	db_free(db);
	archive_free(a);
	free(dir);
	return rc;
}

static const struct part {
	const char *name;
	int (*run)(const char *from, const char *to, struct err *err);
} parts[] = {
	{ "snapshot", take },
	{ "write", write_archive },
	{ "verify", verify },
	{ "restore", restore },
};

int
main(int argc, char **argv)
{
	struct err err = { 0 };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (argc != 4 || strcmp(argv[1], parts[i].name) != 0)
			continue;
		if (parts[i].run(argv[2], argv[3], &err) == 0)
			return 0;
		(void)fprintf(stderr, "parts: %s\n", err.msg);
		return 1;
	}
	(void)fprintf(stderr,
	    "usage: parts snapshot|write|verify|restore FROM TO\n");
	return 1;
}
