#include <stdio.h>

#include "core/clock.h"
#include "core/inventory.h"
#include "core/path.h"
#include "core/store_run.h"
#include "core/str.h"
#include "init/command.h"
#include "init/house.h"

struct listing {
	struct inventory inv;
	struct db *db; /* NULL when it cannot be read */
};

static const char *const kinds[] = {
	[INV_SNAPSHOT] = "snapshot",
	[INV_ARCHIVE] = "archive",
};

/* What the database remembers of the file; false when nothing. */
static bool
recall(struct db *db, const char *name, struct run *run)
{
	struct err ignored;
	bool found = false;

	return db != NULL &&
	    store_run_of(db, name, run, &found, &ignored) == 0 && found;
}

static void
fill(struct json_out *j, const void *ctx)
{
	const struct listing *l = ctx;

	json_out_begin(j, "backups", '[');
	for (size_t i = 0; i < l->inv.count; i++) {
		const struct inventory_entry *e = &l->inv.entry[i];
		char iso[CLOCK_ISO_MAX];
		struct run run;

		json_out_begin(j, NULL, '{');
		json_out_string(j, "name", e->name);
		json_out_string(j, "kind", kinds[e->kind]);
		json_out_string(j, "at", clock_iso(e->modified, iso));
		json_out_int(j, "bytes", (int64_t)e->bytes);
		if (recall(l->db, e->name, &run)) {
			json_out_bool(j, "verified", run.verified);
			json_out_string(j, "sha256", run.sha256);
		}
		json_out_end(j, '}');
	}
	json_out_end(j, ']');
}

static void
print(const struct listing *l)
{
	if (l->inv.count == 0)
		(void)printf("There are no backups.\n");
	for (size_t i = 0; i < l->inv.count; i++) {
		const struct inventory_entry *e = &l->inv.entry[i];
		const char *state = "";
		char iso[CLOCK_ISO_MAX];
		char size[STR_SIZE_MAX];
		struct run run;

		if (recall(l->db, e->name, &run))
			state = run.verified ? "verified" : "not verified";
		(void)printf("%-40s %-8s %s %10s  %s\n", e->name,
		    kinds[e->kind], clock_iso(e->modified, iso),
		    str_size(e->bytes, size), state);
	}
}

enum exit_status
cmd_list(struct call *call, struct err *err)
{
	struct listing l = { 0 };
	struct err unreadable = { 0 };
	enum exit_status status = EXIT_DONE;

	if (inventory_read(call->env->data_dir, &l.inv, err))
		return command_failed(err);
	/* The files count, also when the database is lost. */
	if (path_exists(call->env->db_path) &&
	    house_open(call->env, DB_READ, &l.db, &unreadable))
		l.db = NULL;
	if (call->json)
		status = command_answer(fill, &l, err);
	else
		print(&l);
	db_free(l.db);
	inventory_free(&l.inv);
	return status;
}
