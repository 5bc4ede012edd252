/*
 * Without this program no test could stop the library in the middle of what
 * only the server does: stage, claim, import.  The last two commands do their
 * work carelessly, as a control that the sweeps find what is lost.
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/archive_read.h"
#include "core/db.h"
#include "core/env.h"
#include "core/file.h"
#include "core/lock.h"
#include "core/quarantine.h"
#include "core/restore.h"
#include "core/snapshot.h"
#include "core/stage.h"
#include "init/house.h"

struct work {
	const struct env *env;
	struct db *db;
	int argc;
	char **argv;
};

static int
put(struct work *w, struct err *err)
{
	return stage_put(w->db, w->env->data_dir, w->argv[0], err);
}

static int
nothing_more(void *ctx, struct err *err)
{
	(void)ctx;
	(void)err;
	return 0;
}

/* A backup that lies in the data folder, as the wizard offers it. */
static int
put_left(struct work *w, struct err *err)
{
	const struct stage_upload upload = {
		.from = w->argv[0],
		.name = "upload_0123456789abcdef.json",
		.id = 1,
		.finish = nothing_more,
	};

	return stage_upload(w->db, w->env->data_dir, &upload, err);
}

static int
confirm(struct work *w, struct err *err)
{
	return stage_confirm(w->db, w->env->data_dir, NULL, err);
}

static int
discard(struct work *w, struct err *err)
{
	return stage_discard(w->db, w->env->data_dir, err);
}

static int
claim(struct work *w, struct err *err)
{
	const struct stage_login login = { .name = w->argv[0],
		.jellyfin_id = w->argv[1] };
	struct restore_report report;
	bool claimed = false;

	if (stage_claim(w->db, w->env->data_dir, &login, &report, &claimed,
		err))
		return -1;
	restore_report_free(&report);
	return claimed
	    ? 0
	    : err_set(err, ERR_MISSING, "Nothing waits for %s.", w->argv[0]);
}

static int
import(struct work *w, struct err *err)
{
	const struct restore_options options = { .config = true };
	struct restore_report report;
	struct archive *a = NULL;
	int rc = -1;

	if (archive_open(&a, w->argv[0], NULL, err) == 0)
		rc = restore_apply(w->db, a, w->env->data_dir, &options,
		    &report, err);
	if (rc == 0)
		restore_report_free(&report);
	archive_free(a);
	return rc;
}

static int
quarantine(struct work *w, struct err *err)
{
	char *path = house_path(w->env, w->argv[0], err);
	char *where = NULL;
	int rc = -1;

	if (path != NULL)
		rc = quarantine_move(w->env->data_dir, path, &where, err);
	free(where);
	free(path);
	return rc;
}

/* A copy of one archive as another. */
static int
publish(struct work *w, struct err *err)
{
	char *from = house_path(w->env, "backup_latest.json", err);
	char *to = house_path(w->env, w->argv[0], err);
	int rc = -1;

	if (from != NULL && to != NULL)
		rc = file_copy(from, to, err);
	free(from);
	free(to);
	return rc;
}

static int
publish_new(struct work *w, struct err *err)
{
	char *to = house_path(w->env, w->argv[0], err);
	int rc = -1;

	if (to != NULL)
		rc = snapshot_save(w->db, to, err);
	free(to);
	return rc;
}

/* A change with its journal in memory: whoever stops it leaves half of it. */
static int
no_journal(struct work *w, struct err *err)
{
	return db_exec(w->db,
	    "PRAGMA journal_mode=MEMORY; PRAGMA cache_size=2; BEGIN;"
	    "UPDATE Media SET overview = hex(zeroblob(300));"
	    "UPDATE UserMedia SET status = 'WATCHED'; COMMIT",
	    err);
}

/* A file that is written where it stands. */
static int
in_place(struct work *w, struct err *err)
{
	char *path = house_path(w->env, "backup_latest.json", err);
	struct buf b;
	int rc = -1;
	int fd;

	if (path == NULL || file_read(path, (size_t)1 << 20, &b, err))
		return -1;
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd >= 0) {
		rc = file_write_all(fd, b.data, b.len / 2, path, err) ||
			file_write_all(fd, b.data + b.len / 2,
			    b.len - b.len / 2, path, err)
		    ? -1
		    : 0;
		(void)close(fd);
	}
	buf_free(&b);
	free(path);
	return rc;
}

static const struct {
	const char *name;
	int args;
	int (*run)(struct work *w, struct err *err);
} acts[] = {
	{ "put", 1, put },
	{ "put-left", 1, put_left },
	{ "confirm", 0, confirm },
	{ "claim", 2, claim },
	{ "discard", 0, discard },
	{ "import", 1, import },
	{ "quarantine", 1, quarantine },
	{ "publish", 1, publish },
	{ "publish-new", 1, publish_new },
	{ "no-journal", 0, no_journal },
	{ "in-place", 0, in_place },
};

static int
run(struct work *w, const char *name, struct err *err)
{
	int lock = -1;
	int rc = -1;

	if (house_lock(w->env, &lock, err) ||
	    house_open_synced(w->env, &w->db, err))
		goto out;
	err_set(err, ERR_USAGE, "act %s: there is no such command.", name);
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		if (strcmp(acts[i].name, name) != 0 || acts[i].args != w->argc)
			continue;
		err_clear(err);
		rc = acts[i].run(w, err);
		break;
	}
	if (rc == 0)
		rc = db_close(&w->db, err);
out:
	db_free(w->db);
	lock_release(lock);
	return rc;
}

int
main(int argc, char **argv)
{
	struct env env;
	struct err err = { 0 };
	struct work w = { .env = &env, .argc = argc - 2, .argv = argv + 2 };
	int rc = -1;

	(void)umask(077);
	if (argc < 2)
		return EXIT_USAGE;
	if (env_load(&env, &err) == 0) {
		rc = run(&w, argv[1], &err);
		env_free(&env);
	}
	if (rc == 0)
		return EXIT_DONE;
	(void)fprintf(stderr, "act: %s\n", err.msg);
	return (int)err_exit_status(err.code);
}
