#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/backup_state.h"
#include "core/boot_state.h"
#include "core/inventory.h"
#include "core/path.h"
#include "core/schema.h"
#include "core/str.h"
#include "init/command.h"
#include "init/house.h"

#define DAY_MS INT64_C(86400000)

/* What an owner wants to know. */
struct report {
	const struct env *env;
	struct boot_state boot;
	bool boot_known;
	bool database; /* it can be read and its tables are in sync */
	uint64_t bytes;
	struct backup_state backups;
	bool backups_known; /* the database has told */
	char problem[1024]; /* the first thing that is not well */
};

static void
note(struct report *r, const char *what)
{
	if (r->problem[0] == '\0')
		(void)snprintf(r->problem, sizeof(r->problem), "%s", what);
}

/* Whether the last one of its kind went well. */
static void
look_at_last(struct report *r, const struct backup_last *last)
{
	if (last->has_run && !last->run.verified)
		note(r, last->run.error);
}

/* Whether the newest verified archive is as new as it should be. */
static void
look_at_age(struct report *r)
{
	const char *started = r->backups.archive.verified.started;
	char text[256];

	if (!r->backups.overdue)
		return;
	if (r->backups.age_ms < 0)
		(void)snprintf(text, sizeof(text),
		    "The newest verified archive bears a time in the future "
		    "(%s). Check the clock, then run `jair-init backup`.",
		    started);
	else
		(void)snprintf(text, sizeof(text),
		    "The newest verified archive is %lld days old (%s). Run "
		    "`jair-init backup`, or start jair again.",
		    (long long)(r->backups.age_ms / DAY_MS), started);
	note(r, text);
}

/* What was verified must still be there. */
static void
look_for(struct report *r, const struct backup_last *last, const char *name)
{
	struct err err = { 0 };
	char *path = house_path(r->env, name, &err);
	char text[1024];

	if (path == NULL) {
		note(r, err.msg);
	} else if (last->has_verified && !path_exists(path)) {
		(void)snprintf(text, sizeof(text),
		    "%.900s is missing. Start jair again.", path);
		note(r, text);
	}
	free(path);
}

static void
look_at_database(struct report *r, struct db *db)
{
	struct schema_plan *plan = NULL;
	struct err err = { 0 };

	if (schema_plan(db, false, &plan, &err)) {
		note(r, err.msg);
		return;
	}
	r->database = schema_plan_count(plan) == 0;
	schema_plan_free(plan);
	if (!r->database) {
		note(r, "The tables are not in sync. Start jair again.");
		return;
	}
	if (backup_state_read(db, r->env, &r->backups, &err)) {
		note(r, err.msg);
		return;
	}
	r->backups_known = true;
	look_at_last(r, &r->backups.snapshot);
	look_at_last(r, &r->backups.archive);
	/* Nothing to recover from: the database began anew. */
	if (r->backups.recovered && r->backups.recovery.file[0] == '\0')
		note(r, r->backups.recovery.error);
	if (!r->backups.archive.has_run)
		note(r, "No archive was made yet. Start jair again.");
	look_at_age(r);
	look_for(r, &r->backups.snapshot, INVENTORY_SNAPSHOT);
	look_for(r, &r->backups.archive, INVENTORY_LATEST);
}

static void
look(struct report *r)
{
	struct db *db = NULL;
	struct err err = { 0 };

	if (boot_state_read(r->env->data_dir, &r->boot, &err)) {
		note(r,
		    err.code == ERR_MISSING ? "No start has ended here yet."
					    : err.msg);
	} else {
		r->boot_known = true;
		if (strcmp(r->boot.state, "ok") != 0)
			note(r,
			    r->boot.message[0] != '\0'
				? r->boot.message
				: "A start has not ended.");
	}
	if (path_size(r->env->db_path, &r->bytes, &err) ||
	    house_open(r->env, DB_READ, &db, &err)) {
		note(r, err.msg);
		return;
	}
	look_at_database(r, db);
	db_free(db);
}

static void
fill_run(struct json_out *j, const char *key, const struct run *run, bool found)
{
	if (!found) {
		json_out_null(j, key);
		return;
	}
	json_out_begin(j, key, '{');
	json_out_string(j, "at", run->started);
	json_out_string(j, "file", run->file);
	json_out_int(j, "bytes", run->bytes);
	json_out_bool(j, "verified", run->verified);
	if (run->error[0] != '\0')
		json_out_string(j, "error", run->error);
	json_out_end(j, '}');
}

static void
fill(struct json_out *j, const void *ctx)
{
	const struct report *r = ctx;

	json_out_bool(j, "healthy", r->problem[0] == '\0');
	if (r->problem[0] != '\0')
		json_out_string(j, "problem", r->problem);
	json_out_string(j, "version", JAIR_VERSION);
	json_out_string(j, "dataDir", r->env->data_dir);
	json_out_string(j, "database", r->env->db_path);
	json_out_int(j, "bytes", (int64_t)r->bytes);
	json_out_bool(j, "inSync", r->database);
	if (r->boot_known) {
		json_out_begin(j, "lastBoot", '{');
		json_out_string(j, "state", r->boot.state);
		json_out_string(j, "at", r->boot.at);
		json_out_string(j, "step", r->boot.step);
		json_out_end(j, '}');
	} else {
		json_out_null(j, "lastBoot");
	}
	fill_run(j, "recovered", &r->backups.recovery, r->backups.recovered);
	fill_run(j, "lastSnapshot", &r->backups.snapshot.run,
	    r->backups.snapshot.has_run);
	fill_run(j, "lastVerifiedSnapshot", &r->backups.snapshot.verified,
	    r->backups.snapshot.has_verified);
	fill_run(j, "lastArchive", &r->backups.archive.run,
	    r->backups.archive.has_run);
	fill_run(j, "lastVerifiedArchive", &r->backups.archive.verified,
	    r->backups.archive.has_verified);
	if (r->backups_known)
		json_out_bool(j, "overdue", r->backups.overdue);
	else
		json_out_null(j, "overdue");
}

static void
print_run(const char *what, const struct run *run, bool found)
{
	char size[STR_SIZE_MAX];

	if (!found)
		(void)printf("%-14s none yet\n", what);
	else
		(void)printf("%-14s %s %s (%s)%s\n", what, run->started,
		    run->file, str_size((uint64_t)run->bytes, size),
		    run->verified ? ", verified" : ", FAILED");
}

/* The last one, and when it failed the last that did not. */
static void
print_last(const char *what, const struct backup_last *last)
{
	print_run(what, &last->run, last->has_run);
	if (last->has_run && !last->run.verified)
		print_run("  verified", &last->verified, last->has_verified);
}

static void
print(const struct report *r)
{
	char size[STR_SIZE_MAX];

	(void)printf("jair %s, data in %s\n", JAIR_VERSION, r->env->data_dir);
	(void)printf("%-14s %s (%s)%s\n", "database", r->env->db_path,
	    str_size(r->bytes, size), r->database ? ", in sync" : "");
	if (r->boot_known)
		(void)printf("%-14s %s %s\n", "last start", r->boot.at,
		    r->boot.state);
	if (r->backups.recovered)
		(void)printf("%-14s %s the damaged database was replaced from "
			     "%s.%s%s\n",
		    "recovered", r->backups.recovery.started,
		    r->backups.recovery.file[0] != '\0'
			? r->backups.recovery.file
			: "nothing",
		    r->backups.recovery.error[0] != '\0' ? " " : "",
		    r->backups.recovery.error);
	if (r->backups_known) {
		print_last("last snapshot", &r->backups.snapshot);
		print_last("last archive", &r->backups.archive);
	} else {
		(void)printf("%-14s unknown, the database did not tell\n",
		    "last backups");
	}
	if (r->problem[0] != '\0')
		(void)printf("NOT HEALTHY: %s\n", r->problem);
	else
		(void)printf("healthy\n");
}

enum exit_status
cmd_status(struct call *call, struct err *err)
{
	struct report r = { .env = call->env };
	enum exit_status status = EXIT_DONE;

	look(&r);
	if (call->json)
		status = command_answer(fill, &r, err);
	else
		print(&r);
	if (status == EXIT_DONE && r.problem[0] != '\0')
		status = EXIT_BROKEN;
	return status;
}
