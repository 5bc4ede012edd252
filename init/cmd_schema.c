#include <stdio.h>
#include <stdlib.h>

#include "core/inventory.h"
#include "core/lock.h"
#include "core/schema.h"
#include "init/command.h"
#include "init/house.h"

struct answer {
	const struct schema_plan *plan;
	bool applied;
};

static void
fill(struct json_out *j, const void *ctx)
{
	const struct answer *a = ctx;
	size_t n = schema_plan_count(a->plan);

	json_out_begin(j, "plan", '[');
	for (size_t i = 0; i < n; i++)
		json_out_string(j, NULL, schema_plan_line(a->plan, i));
	json_out_end(j, ']');
	json_out_bool(j, "applied", a->applied);
}

static void
print(const struct answer *a)
{
	size_t n = schema_plan_count(a->plan);

	for (size_t i = 0; i < n; i++)
		(void)printf("%s\n", schema_plan_line(a->plan, i));
	if (n == 0)
		(void)printf("The tables are in sync; there is nothing to "
			     "change.\n");
	else if (a->applied)
		(void)printf("Done: %zu changes.\n", n);
}

/* Save the database as it is, then change it. */
static int
apply(struct call *call, struct db *db, const struct schema_plan *plan,
    struct err *err)
{
	enum preflight_task task =
	    schema_plan_rebuilds(plan) ? PREFLIGHT_REBUILD : PREFLIGHT_SYNC;
	struct schema_report report;
	char *saved = NULL;

	if (house_preflight(call->env, task, NULL, err) ||
	    house_save_upgrade(call->env, db, &saved, err))
		return -1;
	if (!call->json)
		(void)printf("The database as it was: %s\n", saved);
	free(saved);
	return schema_apply(db, false, &report, err);
}

enum exit_status
cmd_schema(struct call *call, struct err *err)
{
	struct answer a = { .applied = call->apply };
	struct schema_plan *plan = NULL;
	struct db *db = NULL;
	int lock = -1;
	enum exit_status status = EXIT_DONE;

	if (house_lock(call->env, &lock, err) ||
	    house_plan(call->env, false, &plan, err) ||
	    (call->apply && schema_plan_count(plan) > 0 &&
		(house_open(call->env, DB_WRITE, &db, err) ||
		    apply(call, db, plan, err))))
		status = command_failed(err);
	a.plan = plan;
	if (status == EXIT_DONE && call->json)
		status = command_answer(fill, &a, err);
	else if (status == EXIT_DONE)
		print(&a);
	schema_plan_free(plan);
	db_free(db);
	lock_release(lock);
	return status;
}
