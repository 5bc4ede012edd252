#include <stdio.h>
#include <string.h>

#include "core/boot_state.h"
#include "core/clock.h"
#include "core/path.h"
#include "core/schema.h"
#include "core/store_run.h"
#include "core/str.h"
#include "init/command.h"
#include "init/house.h"

/* What an owner wants to know. */
struct report {
	const struct env *env;
	struct boot_state boot;
	bool boot_known;
	bool database; /* it can be read and its tables are in sync */
	uint64_t bytes;
	struct run snapshot, archive;
	bool has_snapshot, has_archive;
	char problem[1024]; /* the first thing that is not well */
};

static void
note(struct report *r, const char *what)
{
	if (r->problem[0] == '\0')
		(void)snprintf(r->problem, sizeof(r->problem), "%s", what);
}

/* The newest record of ${kind}, and whether it went well. */
static void
look_at_run(struct report *r, struct db *db, enum run_kind kind,
    struct run *run, bool *found)
{
	struct err err = { 0 };

	if (store_run_last(db, kind, run, found, &err))
		note(r, err.msg);
	else if (*found && !run->verified)
		note(r, run->error);
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
	look_at_run(r, db, RUN_SNAPSHOT, &r->snapshot, &r->has_snapshot);
	look_at_run(r, db, RUN_ARCHIVE, &r->archive, &r->has_archive);
	if (!r->has_archive)
		note(r, "No archive was made yet. Start jair again.");
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
	fill_run(j, "lastSnapshot", &r->snapshot, r->has_snapshot);
	fill_run(j, "lastArchive", &r->archive, r->has_archive);
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
	print_run("last snapshot", &r->snapshot, r->has_snapshot);
	print_run("last archive", &r->archive, r->has_archive);
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
