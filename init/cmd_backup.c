#include <stdio.h>

#include "core/backup.h"
#include "core/clock.h"
#include "core/lock.h"
#include "core/retention.h"
#include "core/store_run.h"
#include "init/command.h"
#include "init/house.h"
#include "init/retain.h"

struct answer {
	struct backup backup;
	struct run run;
	struct retention retention;
};

static void
fill(struct json_out *j, const void *ctx)
{
	const struct answer *a = ctx;

	json_out_string(j, "name", a->backup.name);
	json_out_int(j, "users", a->backup.stats.users);
	json_out_int(j, "items", a->backup.stats.items);
	json_out_int(j, "bytes", a->run.bytes);
	json_out_string(j, "content_sha256", a->run.sha256);
	json_out_bool(j, "verified", a->run.verified);
	json_out_bool(j, "latest", !a->backup.withheld);
	json_out_int(j, "odd", a->backup.stats.odd);
	json_out_int(j, "ms", a->run.ms);
	retain_fill(j, &a->retention);
}

static void
print(const struct answer *a)
{
	(void)printf("%s: %lld users, %lld items, %lld bytes, verified, "
		     "%lld ms\n",
	    a->backup.name, (long long)a->backup.stats.users,
	    (long long)a->backup.stats.items, (long long)a->run.bytes,
	    (long long)a->run.ms);
	if (a->backup.withheld)
		(void)printf("It is empty; backup_latest.json was kept.\n");
	if (a->backup.stats.odd > 0)
		(void)printf("%lld odd values were saved as found, the first: "
			     "%s\n",
		    (long long)a->backup.stats.odd, a->backup.stats.first_odd);
	retain_print(&a->retention, false);
}

/* Make the archive and keep a record of how it went. */
static int
make(const struct env *env, struct db *db, struct answer *a, struct err *err)
{
	int64_t start = clock_mono();
	struct err unrecorded = { 0 };
	int rc;

	house_begin_run(&a->run, RUN_ARCHIVE);
	rc = house_preflight(env, PREFLIGHT_ARCHIVE, NULL, err);
	if (rc == 0)
		rc = backup_make(db, env->data_dir, &a->backup, err);
	a->run.ms = clock_mono() - start;
	if (rc == 0)
		backup_to_run(&a->backup, &a->run);
	else
		(void)snprintf(a->run.error, sizeof(a->run.error), "%.511s",
		    err->msg);
	if (store_run_add(db, &a->run, &unrecorded))
		(void)fprintf(stderr,
		    "jair-init: The result could not be "
		    "recorded: %s\n",
		    unrecorded.msg);
	return rc;
}

/* The archive is there, so what retention cannot do is only said. */
static void
retain(const struct env *env, struct answer *a)
{
	struct err err = { 0 };

	if (retention_run(env->data_dir, &env->keep, &a->backup, false,
		&a->retention, &err))
		(void)fprintf(stderr,
		    "jair-init: Old archives were not looked after: %s\n",
		    err.msg);
}

enum exit_status
cmd_backup(struct call *call, struct err *err)
{
	struct answer a = { 0 };
	struct db *db = NULL;
	int lock = -1;
	enum exit_status status = EXIT_DONE;
	int rc = -1;

	if (house_lock(call->env, &lock, err) == 0 &&
	    house_open_synced(call->env, &db, err) == 0)
		rc = make(call->env, db, &a, err);
	db_free(db);
	if (rc == 0)
		retain(call->env, &a);
	lock_release(lock);
	if (rc != 0)
		return command_failed(err);
	if (call->json)
		status = command_answer(fill, &a, err);
	else
		print(&a);
	retention_free(&a.retention);
	return status;
}
