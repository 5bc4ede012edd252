#include "init/house.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/guard.h"
#include "core/inventory.h"
#include "core/lock.h"
#include "core/path.h"
#include "core/quarantine.h"
#include "core/restore.h"
#include "core/schema.h"
#include "core/snapshot.h"
#include "core/str.h"
#include "init/say.h"

char *
house_path(const struct env *env, const char *name, struct err *err)
{
	return path_join(env->data_dir, name, err);
}

/* Somebody else owns ${path}: say who, and what to do.  Return -1. */
static int
not_ours(const struct env *env, const char *path, uid_t owner, struct err *err)
{
	const unsigned user = (unsigned)geteuid();
	const unsigned group = (unsigned)getegid();
	const char *dir = env->data_dir;

	/* DATABASE_URL may lead elsewhere. */
	if (!str_starts(path, dir))
		dir = path;
	return err_set(err, ERR_DENIED,
	    "%s belongs to user %u, and jair runs as user %u, who may not "
	    "write there. Start again after: chown -R %u:%u %s (with "
	    "containers: sudo chown -R %u:%u ./data)",
	    path, (unsigned)owner, user, user, group, dir, user, group);
}

int
house_check_owner(const struct env *env, const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) != 0 || st.st_uid == geteuid() ||
	    access(path, S_ISDIR(st.st_mode) ? W_OK | X_OK : R_OK | W_OK) ==
		0 ||
	    errno != EACCES)
		return 0;
	return not_ours(env, path, st.st_uid, err);
}

int
house_lock(const struct env *env, int *fd, struct err *err)
{
	char *path;
	int rc;

	if (house_check_owner(env, env->data_dir, err) ||
	    (path = house_path(env, ".jair.lock", err)) == NULL)
		return -1;
	rc = house_check_owner(env, path, err);
	if (rc == 0)
		rc =
		    lock_take(path, LOCK_EXCLUSIVE, env->lock_wait_ms, fd, err);
	free(path);
	return rc;
}

/* The size of ${path}, 0 when there is no such file. */
static uint64_t
size_of(const char *path)
{
	struct err ignored;
	uint64_t bytes;

	return path_size(path, &bytes, &ignored) == 0 ? bytes : 0;
}

int
house_preflight(const struct env *env, enum preflight_task task,
    const char *file, struct err *err)
{
	return preflight_check(task, env->data_dir, env->db_path, file, err);
}

void
house_check_space(const struct env *env)
{
	struct err err = { 0 };

	if (house_preflight(env, PREFLIGHT_START, NULL, &err))
		say(SAY_WARNING, "⚠️  %s", err.msg);
}

/* Mode 0600, but what is read-only for its owner stays so. */
static void
make_private(const char *path)
{
	struct stat st;

	if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (st.st_mode & 0777) == 0600 || (st.st_mode & 0777) == 0400)
		return;
	(void)chmod(path, access(path, W_OK) == 0 ? 0600 : 0400);
}

/* A folder of our own is for us alone; one that all share stays so. */
static void
close_folder(const char *dir)
{
	struct stat st;

	if (stat(dir, &st) == 0 && (st.st_mode & 077) != 0 &&
	    (st.st_mode & S_ISVTX) == 0 && strcmp(dir, "/") != 0)
		(void)chmod(dir, st.st_mode & 07700);
}

void
house_make_private(const struct env *env)
{
	static const char *const tails[] = { "", "-journal", "-wal", "-shm" };
	struct inventory inv;
	struct err ignored;

	close_folder(env->data_dir);
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		char *path =
		    str_printf(&ignored, "%s%s", env->db_path, tails[i]);

		if (path != NULL)
			make_private(path);
		free(path);
	}
	if (inventory_read(env->data_dir, &inv, &ignored))
		return;
	for (size_t i = 0; i < inv.count; i++) {
		char *path = house_path(env, inv.entry[i].name, &ignored);

		if (path != NULL)
			make_private(path);
		free(path);
	}
	inventory_free(&inv);
}

void
house_begin_run(struct run *run, enum run_kind kind)
{
	*run = (struct run){ .kind = kind };
	(void)clock_iso(clock_now(), run->started);
}

int
house_find(const struct env *env, const char *name, char **path,
    struct err *err)
{
	char *in_data =
	    strchr(name, '/') == NULL ? house_path(env, name, err) : NULL;

	*path = NULL;
	if (in_data != NULL && path_exists(in_data))
		*path = in_data;
	else
		free(in_data);
	if (*path != NULL)
		return 0;
	if (path_exists(name))
		return (*path = str_dup(name, err)) != NULL ? 0 : -1;
	return err_set(err, ERR_MISSING,
	    "There is no file %s, neither here "
	    "nor in %s. `jair-init list` shows what there is.",
	    name, env->data_dir);
}

int
house_is_database(const char *path, bool *yes, struct err *err)
{
	static const char magic[] = "SQLite format 3";
	char head[sizeof(magic)] = "";
	/* A pipe must not make us wait for somebody who writes into it. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return err_sys(err, errno, "Cannot open %s", path);
	*yes = pread(fd, head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
	    memcmp(head, magic, sizeof(magic)) == 0;
	(void)close(fd);
	return 0;
}

int
house_verify_snapshot(const char *path, struct db_findings *findings,
    struct err *err)
{
	struct db_findings found = { 0 };
	struct db *db = NULL;

	if (restore_snapshot_open(&db, path, &found, err))
		return -1;
	if (findings != NULL)
		*findings = found;
	db_free(db);
	return 0;
}

int
house_stop_serving(const struct env *env, int *fd, struct err *err)
{
	char *path = house_path(env, ".jair.serving", err);
	int rc;

	if (path == NULL)
		return -1;
	rc = lock_take(path, LOCK_EXCLUSIVE, 0, fd, err);
	if (rc != 0 && err->code == ERR_BUSY)
		err_set(err, ERR_BUSY,
		    "jair-api is running and uses the "
		    "database. Stop jair-api first, then try again.");
	free(path);
	return rc;
}

/* Whether the database equals one of our snapshots byte for byte. */
static int
is_copied_back(const struct env *env, bool *copied, struct err *err)
{
	struct inventory inv;
	int rc = 0;

	*copied = false;
	if (inventory_read(env->data_dir, &inv, err))
		return -1;
	for (size_t i = 0; i < inv.count && rc == 0 && !*copied; i++) {
		char *path;

		if (inv.entry[i].kind != INV_SNAPSHOT)
			continue;
		if ((path = house_path(env, inv.entry[i].name, err)) == NULL)
			rc = -1;
		else
			rc = file_same(env->db_path, path, copied, err);
		free(path);
	}
	inventory_free(&inv);
	return rc;
}

static const char *const tails[] = { "-journal", "-wal", "-shm" };

/* Refuse to open a database that a journal of another file would change. */
static int
check_leftovers(const struct env *env, struct err *err)
{
	bool copied = false;

	for (size_t i = 0; i < 3 && !copied; i++) {
		char *path = str_printf(err, "%s%s", env->db_path, tails[i]);
		int rc = path == NULL ? -1 : 0;

		if (rc == 0 && size_of(path) > 0)
			rc = is_copied_back(env, &copied, err);
		free(path);
		if (rc != 0)
			return -1;
	}
	if (!copied)
		return 0;
	return err_set(err, ERR_CORRUPT,
	    "%s is a copied-back backup with a journal of the former file "
	    "beside it. Start jair, which puts that aside first.",
	    env->db_path);
}

int
house_open(const struct env *env, enum db_mode mode, struct db **db,
    struct err *err)
{
	if (path_exists(env->db_path) &&
	    GUARD(open_leftovers, check_leftovers(env, err)))
		return -1;
	if (!path_exists(env->db_path))
		return err_set(err, ERR_MISSING,
		    "There is no database %s yet. Start jair once, which makes "
		    "one.",
		    env->db_path);
	return db_open(db, env->db_path, mode, err);
}

/* A writer would merge the -wal of a database that may have to be refused. */
int
house_plan(const struct env *env, bool recheck, struct schema_plan **plan,
    struct err *err)
{
	struct db *db = NULL;
	int rc;

	rc = house_open(env, DB_READ, &db, err) ||
		schema_plan(db, recheck, plan, err)
	    ? -1
	    : 0;
	db_free(db);
	return rc;
}

int
house_open_synced(const struct env *env, struct db **db, struct err *err)
{
	struct schema_plan *plan = NULL;
	size_t changes;

	if (house_plan(env, false, &plan, err))
		return -1;
	changes = schema_plan_count(plan);
	schema_plan_free(plan);
	if (changes > 0)
		return err_set(err, ERR_SCHEMA,
		    "The tables of %s are not in sync. Start "
		    "jair again, or run `jair-init schema --apply`.",
		    env->db_path);
	return house_open(env, DB_WRITE, db, err);
}

int
house_leftovers(const struct env *env, struct err *err)
{
	int known = -1; /* not asked yet */
	int rc = 0;

	for (size_t i = 0; i < 3 && rc == 0; i++) {
		char *path = str_printf(err, "%s%s", env->db_path, tails[i]);
		char *where = NULL;
		bool copied = false;

		if (path == NULL)
			return -1;
		if (size_of(path) > 0 && known != 0) {
			rc = is_copied_back(env, &copied, err);
			known = copied;
			if (copied && rc == 0 &&
			    (rc = GUARD(leftover_aside,
				 quarantine_move(env->data_dir, path, &where,
				     err))) == 0)
				say(SAY_WARNING,
				    "⚠️  %s is a copied-back "
				    "startup backup; %s belonged to the former "
				    "file and now lies in %s",
				    env->db_path, path, where);
		}
		free(where);
		free(path);
	}
	return rc;
}
