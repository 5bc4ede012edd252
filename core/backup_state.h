#ifndef CORE_BACKUP_STATE_H
#define CORE_BACKUP_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/db.h"
#include "core/env.h"
#include "core/err.h"
#include "core/store_run.h"

/* What is on record of one kind of backup. */
struct backup_last {
	struct run run, verified; /* the newest, the newest good one */
	bool has_run, has_verified;
};

/* What an owner wants to know of the backups. */
struct backup_state {
	struct backup_last snapshot, archive;
	int64_t age_ms; /* of the newest verified archive */
	bool overdue; /* it is older than it should be, or of the future */
	struct run recovery; /* the last one */
	bool has_recovery;
	bool recovered; /* it was the work of the start that began last */
};

/*
 * backup_state_read(db, env, state, err):
 * Read what ${db} has on record of backups, and what the data folder knows of
 * the last start.  Return 0, or -1 with ${err}.
 */
int backup_state_read(struct db *db, const struct env *env,
    struct backup_state *state, struct err *err);

#endif
