#ifndef INIT_BOOT_INT_H
#define INIT_BOOT_INT_H

/* What the parts of init/boot share; nobody else includes this. */

#include <stdbool.h>

#include "core/db.h"
#include "core/env.h"
#include "core/err.h"
#include "core/store_run.h"

/* What the steps of one boot hand on. */
struct boot {
	const struct env *env;
	const char *step; /* the one under way */
	int lock;
	bool fresh; /* there was no database */
	bool unsaved; /* no snapshot could be made */
	bool recheck; /* constraints are to be checked row by row */
	struct db *db;
	struct run snapshot;
	struct run archive;
	struct err err;
};

/*
 * boot_fail(b, what, status):
 * Say the failure in ${b->err} behind ${what} (may be ""), once, and keep it
 * for those who ask how the boot went.  Return ${status}.
 */
enum exit_status boot_fail(struct boot *b, const char *what,
    enum exit_status status);

/*
 * boot_step_snapshot(b):
 * Step 1: check and copy the database before anything touches it; a damaged
 * one is recovered.  Return EXIT_DONE with ${b->fresh}, ${b->unsaved},
 * ${b->recheck} and ${b->snapshot}, or the exit status of a failure that was
 * said.
 */
enum exit_status boot_step_snapshot(struct boot *b);

/*
 * boot_step_schema(b):
 * Step 2: open the database as ${b->db}, which the caller frees in either
 * case, and bring its tables to the target schema.  Return EXIT_DONE, or the
 * exit status of a failure that was said.
 */
enum exit_status boot_step_schema(struct boot *b);

#endif
