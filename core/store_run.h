#ifndef CORE_STORE_RUN_H
#define CORE_STORE_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/db.h"
#include "core/digest.h"
#include "core/err.h"

extern const struct db_table store_run_table;

/* Room for the name of a backup file in the data folder. */
#define RUN_FILE_MAX 128

enum run_kind { RUN_SNAPSHOT, RUN_ARCHIVE, RUN_RESTORE, RUN_RECOVERY };

/* A row of BackupRun: one snapshot, archive, restore or recovery. */
struct run {
	enum run_kind kind;
	char file[RUN_FILE_MAX]; /* "" when none was made */
	char started[CLOCK_ISO_MAX];
	int64_t ms; /* how long it took */
	int64_t bytes; /* size of the file */
	char sha256[DIGEST_HEX_MAX]; /* content digest, "" if none */
	bool verified;
	char error[512]; /* "" when it succeeded */
};

/*
 * store_run_add(db, run, err):
 * Keep one row, and of the older ones of its kind the newest 500.  Return 0,
 * or -1 with ${err}.
 */
int store_run_add(struct db *db, const struct run *run, struct err *err);

/*
 * store_run_last(db, kind, run, found, err), store_run_last_verified(...):
 * Put the newest row of ${kind}, or the newest of what was verified, into
 * ${run}; ${found} says whether there is one.  Return 0, or -1 with ${err}.
 */
int store_run_last(struct db *db, enum run_kind kind, struct run *run,
    bool *found, struct err *err);
int store_run_last_verified(struct db *db, enum run_kind kind, struct run *run,
    bool *found, struct err *err);

/*
 * store_run_of(db, file, run, found, err):
 * The same for the newest row about the file named ${file}.
 */
int store_run_of(struct db *db, const char *file, struct run *run, bool *found,
    struct err *err);

#endif
