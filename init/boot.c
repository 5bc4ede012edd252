#include "init/boot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/backup.h"
#include "core/boot_state.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/guard.h"
#include "core/inventory.h"
#include "core/lock.h"
#include "core/path.h"
#include "core/quarantine.h"
#include "core/schema.h"
#include "core/snapshot.h"
#include "core/stage.h"
#include "core/store.h"
#include "core/store_run.h"
#include "init/boot_say.h"
#include "init/heal.h"
#include "init/house.h"
#include "init/retain.h"
#include "init/say.h"
#include "init/setup.h"

#define RULER "================================================"

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

/* The failure in ${b->err}, said once; return ${status}. */
static enum exit_status
fail(struct boot *b, const char *what, enum exit_status status)
{
	struct err ignored;

	say(SAY_ERROR, "❌ %s%s%s", what, *what != '\0' ? " " : "", b->err.msg);
	if (b->lock >= 0)
		(void)boot_state_write(b->env->data_dir, "failed", b->step,
		    b->err.msg, &ignored);
	return status;
}

/* Step 0: directory, lock. */
static enum exit_status
step_directory(struct boot *b)
{
	const char *dir = b->env->data_dir;

	b->step = "directory";
	say(SAY_INFO, "📁 Ensuring data directory exists: %s", dir);
	if (path_make_dir(dir, &b->err) ||
	    GUARD(boot_lock, house_lock(b->env, &b->lock, &b->err)) ||
	    house_check_owner(b->env, b->env->db_path, &b->err))
		return fail(b, "", EXIT_ENVIRONMENT);
	if (GUARD(boot_clean, file_clean_temps(dir, &b->err)))
		return fail(b, "", EXIT_ENVIRONMENT);
	house_check_space(b->env);
	house_make_private(b->env);
	if (boot_state_write(dir, "running", b->step, "", &b->err)) {
		/* A full disk is no reason yet; a folder of others is. */
		if (b->err.code != ERR_DISK)
			return fail(b, "", EXIT_ENVIRONMENT);
		err_clear(&b->err);
	}
	return EXIT_DONE;
}

/* What to do about a snapshot that could not be made; EXIT_BROKEN is left to
   be said by whoever deals with the damage. */
static enum exit_status
snapshot_failed(struct boot *b)
{
	switch (b->err.code) {
	case ERR_CORRUPT:
		return EXIT_BROKEN;
	case ERR_BUSY:
		return fail(b, "", EXIT_BUSY);
	default:
		break;
	}
	say(SAY_WARNING, "⚠️  Startup backup failed: %s", b->err.msg);
	(void)snprintf(b->snapshot.error, sizeof(b->snapshot.error), "%.511s",
	    b->err.msg);
	b->unsaved = true;
	err_clear(&b->err);
	return EXIT_DONE;
}

static enum exit_status
take_snapshot(struct boot *b, struct db *src)
{
	char *path = house_path(b->env, INVENTORY_SNAPSHOT, &b->err);
	int64_t start = clock_mono();
	struct snapshot snap;
	int rc;

	if (path == NULL)
		return fail(b, "", EXIT_ENVIRONMENT);
	house_begin_run(&b->snapshot, RUN_SNAPSHOT);
	rc = house_preflight(b->env, PREFLIGHT_SNAPSHOT, NULL, &b->err);
	if (rc == 0)
		rc = snapshot_take(src, b->env->data_dir, path, &snap, &b->err);
	free(path);
	b->snapshot.ms = clock_mono() - start;
	if (rc != 0)
		return snapshot_failed(b);
	boot_say_snapshot(&snap, b->snapshot.ms);
	/* What no index could be built over has duplicates. */
	b->recheck = snap.findings.constraints > 0 ||
	    (snap.findings.indexes > 0 && !snap.healed);
	b->snapshot.bytes = (int64_t)snap.bytes;
	b->snapshot.verified = true;
	memcpy(b->snapshot.sha256, snap.digest, sizeof(snap.digest));
	(void)snprintf(b->snapshot.file, sizeof(b->snapshot.file), "%s",
	    INVENTORY_SNAPSHOT);
	snapshot_free(&snap);
	return EXIT_DONE;
}

/* Check and copy the database that is there. */
static enum exit_status
save_database(struct boot *b)
{
	struct db *src = NULL;
	enum exit_status status;

	if (db_open(&src, b->env->db_path, DB_READ, &b->err))
		return b->err.code == ERR_DENIED ? fail(b, "", EXIT_ENVIRONMENT)
						 : snapshot_failed(b);
	status = take_snapshot(b, src);
	db_free(src);
	return status;
}

/* There is no database: what lies in its place or beside it stays. */
static enum exit_status
begin_anew(struct boot *b)
{
	char *where = NULL;

	b->fresh = true;
	say(SAY_WARNING,
	    "⚠️  No existing database found at %s "
	    "(fresh install)",
	    b->env->db_path);
	/* SQLite would delete a -wal without its database. */
	if (GUARD(boot_journals_aside,
		quarantine_database(b->env->data_dir, b->env->db_path, &where,
		    &b->err)))
		return fail(b, "", EXIT_ENVIRONMENT);
	if (where != NULL)
		say(SAY_WARNING,
		    "⚠️  Journals of a former database lay there; they now "
		    "lie beside %s",
		    where);
	free(where);
	house_say_backups(b->env);
	return EXIT_DONE;
}

/* Step 1: check and copy the database before anything touches it. */
static enum exit_status
step_snapshot(struct boot *b)
{
	enum exit_status status = EXIT_BROKEN;

	b->step = "snapshot";
	if (heal_continue(b->env, &b->err))
		return fail(b, "", err_exit_status(b->err.code));
	if (!path_exists(b->env->db_path))
		return begin_anew(b);
	say(SAY_INFO, "💾 Creating startup backup: %s/%s", b->env->data_dir,
	    INVENTORY_SNAPSHOT);
	if (GUARD(boot_leftovers, house_leftovers(b->env, &b->err)))
		return fail(b, "", EXIT_ENVIRONMENT);
	if (!house_was_replaced(b->env))
		status = save_database(b);
	if (status != EXIT_BROKEN)
		return status;
	b->step = "recovery";
	status = heal_database(b->env, &b->err);
	if (status == EXIT_DONE)
		status = save_database(b);
	else if (status != EXIT_BROKEN)
		return fail(b, "", status);
	if (status == EXIT_BROKEN) {
		fail(b, "The database is damaged.", status);
		house_say_choices(b->env);
	}
	return status;
}

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
		return fail(b, "Schema sync failed!",
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
		return fail(b, "Schema sync failed!", EXIT_DATABASE);
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
		return fail(b, "Schema sync failed!", EXIT_DATABASE);
	}
	return apply_schema(b, start);
}

/* Step 2: bring the tables to the target schema. */
static enum exit_status
step_schema(struct boot *b)
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
		return fail(b, "Schema sync failed!",
		    b->err.code == ERR_BUSY ? EXIT_BUSY : EXIT_DATABASE);
	status = follow_plan(b, plan, start);
	schema_plan_free(plan);
	return status;
}

/* Step 3: compile every statement of both programs. */
static enum exit_status
step_statements(struct boot *b)
{
	char statements[SAY_COUNT_MAX];
	size_t count;

	b->step = "statements";
	say(SAY_INFO, "🔧 Checking prepared statements...");
	if (store_check_all(b->db, &count, &b->err))
		return fail(b, "", EXIT_DATABASE);
	say(SAY_INFO, "✅ %s compiled",
	    say_count((long long)count, "statement", statements));
	return EXIT_DONE;
}

/* What a crash left of a restore that waits for logins. */
static void
heal_stage(struct boot *b)
{
	if (GUARD(boot_heal_stage,
		stage_heal(b->db, b->env->data_dir, &b->err)) == 0)
		return;
	say(SAY_WARNING,
	    "⚠️  A restore that waits for logins could not be "
	    "looked after: %s",
	    b->err.msg);
	err_clear(&b->err);
}

/* Step 4: the portable archive; its failure never stops a boot. */
static void
step_archive(struct boot *b)
{
	struct backup backup;
	int64_t start = clock_mono();

	b->step = "archive";
	say(SAY_INFO, "📦 Creating JSON backup...");
	house_begin_run(&b->archive, RUN_ARCHIVE);
	if (house_preflight(b->env, PREFLIGHT_ARCHIVE, NULL, &b->err) == 0 &&
	    backup_make(b->db, b->env->data_dir, &backup, &b->err) == 0) {
		b->archive.ms = clock_mono() - start;
		backup_to_run(&backup, &b->archive);
		boot_say_archive(&backup, b->archive.ms);
		retain_say(b->env, &backup);
		return;
	}
	b->archive.ms = clock_mono() - start;
	(void)snprintf(b->archive.error, sizeof(b->archive.error), "%.511s",
	    b->err.msg);
	say(SAY_WARNING,
	    "⚠️  JSON backup failed (non-critical, "
	    "continuing...): %s",
	    b->err.msg);
	err_clear(&b->err);
}

/* Keep in the database how it went; a failure here is only worth a line. */
static void
record(struct boot *b)
{
	int rc = 0;

	if (!b->fresh)
		rc = store_run_add(b->db, &b->snapshot, &b->err);
	if (rc != 0 || store_run_add(b->db, &b->archive, &b->err)) {
		say(SAY_WARNING, "⚠️  The result could not be recorded: %s",
		    b->err.msg);
		err_clear(&b->err);
	}
	if (boot_state_write(b->env->data_dir, "ok", "done", "", &b->err)) {
		say(SAY_WARNING,
		    "⚠️  The boot's result could not be "
		    "recorded: %s",
		    b->err.msg);
		err_clear(&b->err);
	}
}

/* What a boot can do without; a failure is only worth a line. */
static void
look_after_setup(struct boot *b)
{
	if (setup_offer(b->env, b->db, &b->err) == 0)
		return;
	say(SAY_WARNING, "⚠️  The setup could not be looked after: %s",
	    b->err.msg);
	err_clear(&b->err);
}

static enum exit_status
run_steps(struct boot *b)
{
	enum exit_status status;

	if ((status = step_directory(b)) != EXIT_DONE ||
	    (status = step_snapshot(b)) != EXIT_DONE ||
	    (status = step_schema(b)) != EXIT_DONE ||
	    (status = step_statements(b)) != EXIT_DONE)
		return status;
	heal_stage(b);
	step_archive(b);
	record(b);
	look_after_setup(b);
	if (db_close(&b->db, &b->err)) {
		b->step = "close";
		return fail(b, "", EXIT_DATABASE);
	}
	return EXIT_DONE;
}

enum exit_status
boot(const struct env *env)
{
	struct boot b = { .env = env, .step = "start", .lock = -1 };
	enum exit_status status;

	say_use_json(env->log_json);
	say(SAY_INFO, "🚀 Starting Jellyfin AI Recommender Backend...");
	say(SAY_INFO, RULER);
	status = run_steps(&b);
	db_free(b.db);
	lock_release(b.lock);
	if (status == EXIT_DONE) {
		say(SAY_INFO, RULER);
		say(SAY_INFO,
		    "🎉 Initialization complete! Starting "
		    "application...");
	}
	return status;
}
