#include "init/boot_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/guard.h"
#include "core/inventory.h"
#include "core/path.h"
#include "core/quarantine.h"
#include "core/snapshot.h"
#include "init/boot_say.h"
#include "init/heal.h"
#include "init/house.h"
#include "init/say.h"

/* What to do about a snapshot that could not be made; EXIT_BROKEN is left to
   be said by whoever deals with the damage. */
static enum exit_status
snapshot_failed(struct boot *b)
{
	switch (b->err.code) {
	case ERR_CORRUPT:
		return EXIT_BROKEN;
	case ERR_BUSY:
		return boot_fail(b, "", EXIT_BUSY);
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
		return boot_fail(b, "", EXIT_ENVIRONMENT);
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
		return b->err.code == ERR_DENIED
		    ? boot_fail(b, "", EXIT_ENVIRONMENT)
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
		return boot_fail(b, "", EXIT_ENVIRONMENT);
	if (where != NULL)
		say(SAY_WARNING,
		    "⚠️  Journals of a former database lay there; they now "
		    "lie beside %s",
		    where);
	free(where);
	house_say_backups(b->env);
	return EXIT_DONE;
}

enum exit_status
boot_step_snapshot(struct boot *b)
{
	enum exit_status status = EXIT_BROKEN;

	b->step = "snapshot";
	if (heal_continue(b->env, &b->err))
		return boot_fail(b, "", err_exit_status(b->err.code));
	if (!path_exists(b->env->db_path))
		return begin_anew(b);
	say(SAY_INFO, "💾 Creating startup backup: %s/%s", b->env->data_dir,
	    INVENTORY_SNAPSHOT);
	if (GUARD(boot_leftovers, house_leftovers(b->env, &b->err)))
		return boot_fail(b, "", EXIT_ENVIRONMENT);
	if (!house_was_replaced(b->env))
		status = save_database(b);
	if (status != EXIT_BROKEN)
		return status;
	b->step = "recovery";
	status = heal_database(b->env, &b->err);
	if (status == EXIT_DONE)
		status = save_database(b);
	else if (status != EXIT_BROKEN)
		return boot_fail(b, "", status);
	if (status == EXIT_BROKEN) {
		boot_fail(b, "The database is damaged.", status);
		house_say_choices(b->env);
	}
	return status;
}
