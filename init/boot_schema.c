#include "init/boot_int.h"

#include <stdlib.h>

#include "core/clock.h"
#include "core/guard.h"
#include "core/schema.h"
#include "core/snapshot.h"
#include "init/boot_say.h"
#include "init/house.h"
#include "init/say.h"

/* Keep the database as it was before an upgrade. */
static int
save_before_upgrade(struct boot *b)
{
	char *path = NULL;
	bool empty;

	if (b->fresh)
		return 0;
	if (snapshot_is_empty(b->db, &empty, &b->err))
		return -1;
	if (empty)
		return 0;
	if (house_save_upgrade(b->env, b->db, &path, &b->err))
		return -1;
	say(SAY_INFO, "💾 Database before the change saved: %s", path);
	free(path);
	return 0;
}

static enum exit_status
apply_schema(struct boot *b, int64_t start)
{
	struct schema_report report;

	if (schema_apply(b->db, b->recheck, &report, &b->err))
		return boot_fail(b, "Schema sync failed!",
		    b->err.code == ERR_BUSY ? EXIT_BUSY : EXIT_DATABASE);
	boot_say_schema(&report, clock_mono() - start);
	return EXIT_DONE;
}

/* The lines of the plan; without a snapshot only an empty one goes on. */
static enum exit_status
follow_plan(struct boot *b, const struct schema_plan *plan, int64_t start)
{
	size_t n = schema_plan_count(plan);

	for (size_t i = 0; i < n; i++)
		say(SAY_INFO, "   · %s", schema_plan_line(plan, i));
	if (n > 0 && GUARD(boot_unsaved, b->unsaved)) {
		err_set(&b->err, ERR_SCHEMA,
		    "The tables need a change, but "
		    "the startup backup failed (%s). Nothing was changed. "
		    "Solve that first and start again.",
		    b->snapshot.error);
		return boot_fail(b, "Schema sync failed!", EXIT_DATABASE);
	}
	if (n > 0 &&
	    (house_preflight(b->env,
		 schema_plan_rebuilds(plan) ? PREFLIGHT_REBUILD
					    : PREFLIGHT_SYNC,
		 NULL, &b->err) ||
		GUARD(boot_save_before, save_before_upgrade(b)))) {
		err_prefix(&b->err,
		    "The tables need a change, but the "
		    "database could not be saved before it");
		return boot_fail(b, "Schema sync failed!", EXIT_DATABASE);
	}
	return apply_schema(b, start);
}

enum exit_status
boot_step_schema(struct boot *b)
{
	struct schema_plan *plan = NULL;
	int64_t start = clock_mono();
	enum exit_status status;

	b->step = "schema";
	say(SAY_INFO, "🔄 Syncing database schema...");
	if ((!b->fresh && house_plan(b->env, b->recheck, &plan, &b->err)) ||
	    db_open(&b->db, b->env->db_path, b->fresh ? DB_CREATE : DB_WRITE,
		&b->err) ||
	    (b->fresh && schema_plan(b->db, false, &plan, &b->err)))
		return boot_fail(b, "Schema sync failed!",
		    b->err.code == ERR_BUSY ? EXIT_BUSY : EXIT_DATABASE);
	status = follow_plan(b, plan, start);
	schema_plan_free(plan);
	return status;
}
