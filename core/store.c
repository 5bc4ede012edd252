#include "core/store.h"

#include "core/store_config.h"
#include "core/store_diff.h"
#include "core/store_item.h"
#include "core/store_job.h"
#include "core/store_kept.h"
#include "core/store_local.h"
#include "core/store_login.h"
#include "core/store_merge.h"
#include "core/store_part.h"
#include "core/store_recover.h"
#include "core/store_rejected.h"
#include "core/store_run.h"
#include "core/store_scratch.h"
#include "core/store_session.h"
#include "core/store_setup.h"
#include "core/store_stage.h"
#include "core/store_status.h"
#include "core/store_unresolved.h"
#include "core/store_user.h"
#include "core/store_watch.h"

/* Every table of statements in both programs. */
static const struct db_table *const tables[] = {
	&store_config_table,
	&store_diff_table,
	&store_item_table,
	&store_job_table,
	&store_kept_table,
	&store_local_table,
	&store_login_table,
	&store_merge_table,
	&store_part_table,
	&store_recover_table,
	&store_rejected_table,
	&store_run_table,
	&store_scratch_table,
	&store_session_table,
	&store_setup_table,
	&store_stage_table,
	&store_status_table,
	&store_unresolved_table,
	&store_user_table,
	&store_watch_table,
};

static int
check(struct db *db, size_t *count, struct err *err)
{
	*count = 0;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		struct db_stmts *stmts;

		if (db_prepare(db, tables[i], &stmts, err)) {
			if (err->code == ERR_DB)
				err->code = ERR_SCHEMA;
			return -1;
		}
		db_stmts_free(stmts);
		*count += tables[i]->count;
	}
	return 0;
}

int
store_check_all(struct db *db, size_t *count, struct err *err)
{
	int rc;

	/* Merging reads from a second database; any with our tables will do. */
	if (store_merge_attach(db, db_path(db), err))
		return -1;
	rc = check(db, count, err);
	store_merge_detach(db);
	return rc;
}
