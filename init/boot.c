#include "init/boot.h"

#include <stdio.h>

#include "core/backup.h"
#include "core/boot_state.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/guard.h"
#include "core/lock.h"
#include "core/path.h"
#include "core/stage.h"
#include "core/store.h"
#include "core/store_run.h"
#include "init/boot_int.h"
#include "init/boot_say.h"
#include "init/house.h"
#include "init/retain.h"
#include "init/say.h"
#include "init/setup.h"

#define RULER "================================================"

enum exit_status
boot_fail(struct boot *b, const char *what, enum exit_status status)
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
		return boot_fail(b, "", EXIT_ENVIRONMENT);
	if (GUARD(boot_clean, file_clean_temps(dir, &b->err)))
		return boot_fail(b, "", EXIT_ENVIRONMENT);
	house_check_space(b->env);
	house_make_private(b->env);
	if (boot_state_write(dir, "running", b->step, "", &b->err)) {
		/* A full disk is no reason yet; a folder of others is. */
		if (b->err.code != ERR_DISK)
			return boot_fail(b, "", EXIT_ENVIRONMENT);
		err_clear(&b->err);
	}
	return EXIT_DONE;
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
		return boot_fail(b, "", EXIT_DATABASE);
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
	    (status = boot_step_snapshot(b)) != EXIT_DONE ||
	    (status = boot_step_schema(b)) != EXIT_DONE ||
	    (status = step_statements(b)) != EXIT_DONE)
		return status;
	heal_stage(b);
	step_archive(b);
	record(b);
	look_after_setup(b);
	if (db_close(&b->db, &b->err)) {
		b->step = "close";
		return boot_fail(b, "", EXIT_DATABASE);
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
