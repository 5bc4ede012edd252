#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive_read.h"
#include "core/clock.h"
#include "core/guard.h"
#include "core/inventory.h"
#include "core/lock.h"
#include "core/path.h"
#include "core/restore.h"
#include "core/snapshot.h"
#include "core/store_run.h"
#include "core/str.h"
#include "init/command.h"
#include "init/house.h"

/* One restore under way. */
struct work {
	struct call *call;
	const char *source; /* the file to restore from */
	char *saved; /* name of the snapshot made before it */
	struct restore_report report;
	bool snapshot; /* the source is one */
	bool done; /* something was changed */
};

static void
fill_counts(struct json_out *j, const struct merge_counts *c, int64_t refused)
{
	json_out_int(j, "items", c->items);
	json_out_int(j, "inserted", c->inserted);
	json_out_int(j, "updated", c->updated);
	json_out_int(j, "kept", c->kept);
	json_out_int(j, "removed", c->removed);
	json_out_int(j, "unresolved", c->unresolved);
	json_out_int(j, "refused", refused);
	json_out_int(j, "profiles", c->profiles);
}

static void
fill(struct json_out *j, const void *ctx)
{
	const struct work *w = ctx;

	json_out_bool(j, "restored", w->done);
	json_out_string(j, "kind", w->snapshot ? "snapshot" : "archive");
	if (w->saved != NULL)
		json_out_string(j, "undo", w->saved);
	if (w->snapshot)
		return;
	json_out_begin(j, "total", '{');
	fill_counts(j, &w->report.total, w->report.refused);
	json_out_int(j, "duplicates", w->report.duplicates);
	json_out_end(j, '}');
	json_out_bool(j, "config", w->report.config);
	json_out_begin(j, "users", '[');
	for (size_t i = 0; i < w->report.count; i++) {
		const struct restore_user *u = &w->report.users[i];

		json_out_begin(j, NULL, '{');
		json_out_bytes(j, "username", u->name, u->name_len);
		json_out_bool(j, "created", u->created);
		fill_counts(j, &u->counts, u->refused);
		json_out_end(j, '}');
	}
	json_out_end(j, ']');
}

static void
print_row(const char *name, size_t len, const struct merge_counts *c,
    int64_t refused)
{
	char shown[64];

	(void)printf("%-24s %8lld %8lld %8lld %8lld %10lld %8lld\n",
	    str_show(shown, sizeof(shown), name, len), (long long)c->inserted,
	    (long long)c->updated, (long long)c->kept, (long long)c->removed,
	    (long long)c->unresolved, (long long)refused);
}

/* What an archive brought, for each user. */
static void
print_users(const struct work *w)
{
	(void)printf("%-24s %8s %8s %8s %8s %10s %8s\n", "user", "added",
	    "changed", "kept", "removed", "unresolved", "refused");
	for (size_t i = 0; i < w->report.count; i++) {
		const struct restore_user *u = &w->report.users[i];

		print_row(u->name, u->name_len, &u->counts, u->refused);
	}
	print_row("all", 3, &w->report.total, w->report.refused);
	if (w->report.config)
		(void)printf("The configuration %s restored too.\n",
		    w->done ? "was" : "would be");
	else if (w->call->config)
		(void)printf("The archive holds no configuration; "
			     "the present one stays.\n");
}

static void
print(const struct work *w)
{
	if (!w->snapshot)
		print_users(w);
	if (!w->done)
		(void)printf("Nothing was changed (--dry-run).\n");
	else
		(void)printf("Restored from %s.\n", w->source);
	if (w->saved != NULL)
		(void)printf("The database as it was: %s\n"
			     "To undo this: jair-init restore --undo\n",
		    w->saved);
}

/* Ask on a terminal; elsewhere the caller has decided already. */
static int
confirm(struct call *call, const char *question, bool must, struct err *err)
{
	char answer[16];

	if (call->yes || (!must && !isatty(STDIN_FILENO)))
		return 0;
	if (!isatty(STDIN_FILENO))
		return err_set(err, ERR_USAGE,
		    "%s Nothing was changed. Say "
		    "--yes if you want that.",
		    question);
	(void)fprintf(stderr, "%s Go on? [y/N] ", question);
	if (fgets(answer, sizeof(answer), stdin) != NULL &&
	    (answer[0] == 'y' || answer[0] == 'Y'))
		return 0;
	return err_set(err, ERR_USAGE, "Nothing was changed.");
}

/* Save the database under a name of its own before anything changes. */
static int
save(struct work *w, struct db *db, struct err *err)
{
	return house_save_before(w->call->env, db, INVENTORY_PRE_RESTORE,
	    &w->saved, err);
}

/* Keep a record; ${saved} is what an undo goes back to. */
static void
record(struct work *w, int64_t start)
{
	struct run run;
	struct db *db = NULL;
	struct err err = { 0 };

	house_begin_run(&run, RUN_RESTORE);
	run.ms = clock_mono() - start;
	run.verified = true;
	if (w->saved != NULL)
		(void)snprintf(run.file, sizeof(run.file), "%s",
		    path_base(w->saved));
	if (db_open(&db, w->call->env->db_path, DB_WRITE, &err) ||
	    store_run_add(db, &run, &err))
		(void)fprintf(stderr,
		    "jair-init: The result could not be "
		    "recorded: %s\n",
		    err.msg);
	db_free(db);
}

/* A line on the terminal that is written over again and again. */
static void
show_progress(void *ctx, uint64_t items, uint64_t of)
{
	(void)ctx;
	(void)fprintf(stderr, "\rReading: %llu of %llu items",
	    (unsigned long long)items, (unsigned long long)of);
}

static void
end_progress(const struct restore_options *o)
{
	if (o->progress != NULL)
		(void)fprintf(stderr, "\r%40s\r", "");
}

static int
apply(struct work *w, struct archive *a, struct db *db, struct err *err)
{
	const struct restore_options o = {
		.users = w->call->users_count > 0
		    ? (const char *const *)w->call->users
		    : NULL,
		.users_count = w->call->users_count,
		.replace = w->call->replace,
		.config = w->call->config,
		.progress = isatty(STDERR_FILENO) ? show_progress : NULL,
	};
	const char *dir = w->call->env->data_dir;
	int rc;

	if (!w->call->dry_run && GUARD(restore_save, save(w, db, err)))
		return -1;
	rc = w->call->dry_run ? restore_preview(db, a, dir, &o, &w->report, err)
			      : restore_apply(db, a, dir, &o, &w->report, err);
	end_progress(&o);
	w->done = rc == 0 && !w->call->dry_run;
	return rc;
}

/* What an owner should know before an archive is taken. */
static int
warn(struct work *w, const struct archive_info *info, struct err *err)
{
	for (size_t i = 0; i < info->warnings_count && !w->call->json; i++)
		(void)fprintf(stderr, "%s%s%s\n", info->warnings[i].where,
		    info->warnings[i].where[0] != '\0' ? ": " : "",
		    info->warnings[i].message);
	if (info->warnings_total > info->warnings_count && !w->call->json)
		(void)fprintf(stderr, "and %llu more\n",
		    (unsigned long long)(info->warnings_total -
			info->warnings_count));
	if (w->call->dry_run)
		return 0;
	if (info->integrity == ARCHIVE_CHANGED)
		return confirm(w->call,
		    "This archive was changed since it "
		    "was written.",
		    true, err);
	if (w->call->replace)
		return confirm(w->call,
		    "The lists of these users will be "
		    "those of the archive, and no others.",
		    false, err);
	return 0;
}

static int
from_archive(struct work *w, struct err *err)
{
	struct archive *a = NULL;
	struct db *db = NULL;
	int64_t start = clock_mono();
	int rc = -1;

	if (archive_open(&a, w->source, NULL, err))
		return -1;
	if (warn(w, archive_info(a), err) == 0 &&
	    house_preflight(w->call->env, PREFLIGHT_RESTORE, w->source, err) ==
		0 &&
	    house_open_synced(w->call->env, &db, err) == 0)
		rc = apply(w, a, db, err);
	db_free(db);
	archive_free(a);
	if (rc == 0 && w->done)
		record(w, start);
	return rc;
}

/* Save what is there, unless it is missing or damaged. */
static int
save_live(struct work *w, struct err *err)
{
	struct db *db = NULL;
	int rc;

	if (!path_exists(w->call->env->db_path))
		return 0;
	rc = house_open(w->call->env, DB_READ, &db, err) || save(w, db, err);
	db_free(db);
	if (rc != 0 && err->code == ERR_CORRUPT) {
		/* It goes to quarantine instead. */
		err_clear(err);
		return 0;
	}
	return rc != 0 ? -1 : 0;
}

static int
from_snapshot(struct work *w, struct err *err)
{
	const struct env *env = w->call->env;
	int64_t start = clock_mono();
	int serving = -1;
	int rc = -1;

	if (w->call->users_count > 0 || w->call->replace || w->call->config)
		return err_set(err, ERR_USAGE,
		    "%s is a snapshot: it comes "
		    "back whole, so --user, --replace and --config have no "
		    "meaning.",
		    w->source);
	if (w->call->dry_run)
		return house_verify_snapshot(w->source, NULL, err);
	if (confirm(w->call,
		"The whole database will be that of the "
		"snapshot.",
		false, err) ||
	    house_preflight(env, PREFLIGHT_ROLLBACK, w->source, err) ||
	    GUARD(restore_serving, house_stop_serving(env, &serving, err)))
		return -1;
	if (GUARD(restore_save_live, save_live(w, err)) == 0)
		rc = restore_snapshot(w->source, env->db_path, env->data_dir,
		    err);
	lock_release(serving);
	if (rc != 0)
		return -1;
	w->done = true;
	record(w, start);
	return 0;
}

/* What the last restore can be undone with. */
static int
find_undo(const struct env *env, char **path, struct err *err)
{
	struct db *db = NULL;
	struct run run;
	bool found = false;
	int rc = -1;

	if (house_open(env, DB_READ, &db, err))
		return -1;
	if (store_run_last(db, RUN_RESTORE, &run, &found, err))
		goto out;
	if (!found || run.file[0] == '\0')
		err_set(err, ERR_MISSING, "There is no restore to undo.");
	else
		rc = (*path = house_path(env, run.file, err)) != NULL ? 0 : -1;
out:
	db_free(db);
	return rc;
}

static int
run(struct work *w, struct err *err)
{
	const struct call *call = w->call;
	char *path = NULL;
	int lock = -1;
	int rc = -1;

	if (house_lock(call->env, &lock, err))
		return -1;
	if (call->undo ? find_undo(call->env, &path, err)
		       : house_find(call->env, call->argv[0], &path, err))
		goto out;
	w->source = path;
	if (house_is_database(path, &w->snapshot, err) == 0)
		rc = w->snapshot ? from_snapshot(w, err) : from_archive(w, err);
	if (rc == 0 && call->json)
		rc = command_answer(fill, w, err) == EXIT_DONE ? 0 : -1;
	else if (rc == 0)
		print(w);
out:
	free(path);
	lock_release(lock);
	return rc;
}

enum exit_status
cmd_restore(struct call *call, struct err *err)
{
	struct work w = { .call = call };
	int rc;

	if (call->undo != (call->argc == 0)) {
		err_set(err, ERR_USAGE,
		    "Say what to restore from: a file, a "
		    "name in the data folder, or --undo.");
		return EXIT_USAGE;
	}
	rc = run(&w, err);
	restore_report_free(&w.report);
	free(w.saved);
	return rc == 0 ? EXIT_DONE : command_failed(err);
}
