#include <stdio.h>

#include "core/lock.h"
#include "core/path.h"
#include "core/retention.h"
#include "core/str.h"
#include "init/command.h"
#include "init/house.h"
#include "init/retain.h"

struct answer {
	struct retention retention;
	bool dry_run;
};

static void
fill(struct json_out *j, const void *ctx)
{
	const struct answer *a = ctx;
	const struct retention *r = &a->retention;

	json_out_bool(j, "dryRun", a->dry_run);
	retain_fill(j, r);
	json_out_begin(j, "files", '[');
	for (size_t i = 0; i < r->count; i++) {
		const struct retention_file *f = &r->file[i];

		json_out_begin(j, NULL, '{');
		json_out_string(j, "name", f->name);
		json_out_int(j, "bytes", (int64_t)f->bytes);
		json_out_bool(j, "stays", !retention_goes(f));
		json_out_string(j, "why", retention_reason_text(f->reason));
		json_out_end(j, '}');
	}
	json_out_end(j, ']');
}

/* One line a file: what becomes of it, and why. */
static void
print(const struct answer *a)
{
	const struct retention *r = &a->retention;

	for (size_t i = 0; i < r->count; i++) {
		const struct retention_file *f = &r->file[i];
		const char *gone = a->dry_run ? "would go" : "removed";
		char size[STR_SIZE_MAX];

		(void)printf("%-40s %10s  %-8s  %s\n", f->name,
		    str_size(f->bytes, size),
		    retention_goes(f) ? gone : "stays",
		    retention_reason_text(f->reason));
	}
	retain_print(r, a->dry_run);
}

enum exit_status
cmd_prune(struct call *call, struct err *err)
{
	struct answer a = { .dry_run = call->dry_run };
	const struct env *env = call->env;
	enum exit_status status = EXIT_DONE;
	int lock = -1;

	/* A dry run writes nothing, the lock file neither. */
	if ((!a.dry_run && house_lock(env, &lock, err)) ||
	    retention_run(env->data_dir, &env->keep, NULL, a.dry_run,
		&a.retention, err)) {
		lock_release(lock);
		return command_failed(err);
	}
	lock_release(lock);
	if (call->json)
		status = command_answer(fill, &a, err);
	else
		print(&a);
	if (status == EXIT_DONE && a.retention.problem.code != ERR_NONE)
		status = EXIT_ENVIRONMENT;
	retention_free(&a.retention);
	return status;
}
