#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/inventory.h"
#include "core/path.h"
#include "core/recover.h"
#include "core/snapshot.h"
#include "core/str.h"
#include "init/house.h"
#include "init/say.h"

#define SHOWN_BACKUPS 6

/* One line a backup, the newest first. */
static size_t
say_inventory(const struct env *env)
{
	struct inventory inv;
	struct err err;
	size_t count;

	if (inventory_read(env->data_dir, &inv, &err))
		return 0;
	for (size_t i = 0; i < inv.count && i < SHOWN_BACKUPS; i++) {
		char iso[CLOCK_ISO_MAX];
		char size[STR_SIZE_MAX];

		say(SAY_INFO, "   · %s (%s, %s)", inv.entry[i].name,
		    clock_iso(inv.entry[i].modified, iso),
		    str_size(inv.entry[i].bytes, size));
	}
	if (inv.count > SHOWN_BACKUPS)
		say(SAY_INFO, "   · and %zu older", inv.count - SHOWN_BACKUPS);
	count = inv.count;
	inventory_free(&inv);
	return count;
}

/* How an owner goes on from a backup. */
static void
say_how(const struct env *env, const struct inventory_entry *e)
{
	if (e->kind == INV_SNAPSHOT)
		say(SAY_INFO,
		    "   To go on from the newest: stop jair, then "
		    "cp %s/%s %s and start it again.",
		    env->data_dir, e->name, env->db_path);
	else
		say(SAY_INFO,
		    "   To go on from the newest: jair-init restore "
		    "--config %s",
		    e->name);
}

void
house_say_backups(const struct env *env)
{
	struct inventory inv;
	struct err err;

	if (inventory_read(env->data_dir, &inv, &err))
		return;
	if (inv.count > 0) {
		say(SAY_WARNING,
		    "⚠️  But there are backups in %s:", env->data_dir);
		(void)say_inventory(env);
		say_how(env, &inv.entry[0]);
	}
	inventory_free(&inv);
}

/* Whether it is a database, and has nothing that any version of ours has. */
static bool
is_strange(const struct env *env)
{
	struct err ignored = { 0 };
	struct db *db = NULL;
	bool household = true;

	if (db_open(&db, env->db_path, DB_READ, &ignored) == 0)
		(void)snapshot_is_household(db, &household, &ignored);
	db_free(db);
	return !household;
}

bool
house_was_replaced(const struct env *env)
{
	struct inventory inv;
	struct err ignored;
	struct stat st;
	bool backups;

	if (stat(env->db_path, &st) != 0 || !S_ISREG(st.st_mode) ||
	    inventory_read(env->data_dir, &inv, &ignored))
		return false;
	backups = inv.count > 0;
	inventory_free(&inv);
	return backups && (st.st_size <= RECOVER_EMPTY_MAX || is_strange(env));
}

void
house_say_choices(const struct env *env)
{
	say(SAY_ERROR,
	    "   Nothing was changed, and no backup was touched. "
	    "Stop jair and move the damaged file away:");
	say(SAY_INFO, "     mv %s %s.damaged", env->db_path, env->db_path);
	say(SAY_INFO,
	    "   then bring back the startup backup and start "
	    "again:");
	say(SAY_INFO, "     cp %s/%s %s", env->data_dir, INVENTORY_SNAPSHOT,
	    env->db_path);
	say(SAY_INFO, "   Backups in %s:", env->data_dir);
	if (say_inventory(env) == 0)
		say(SAY_INFO, "   · none");
}

int
house_save_before(const struct env *env, struct db *db, const char *what,
    char **path, struct err *err)
{
	char stamp[CLOCK_STAMP_MAX];
	int64_t now = clock_now();
	int rc;

	*path = NULL;
	do {
		err_clear(err);
		free(*path);
		*path = str_printf(err, "%s/%s_%s", env->data_dir, what,
		    clock_stamp(now, stamp));
		if (*path == NULL)
			return -1;
		rc = snapshot_save(db, *path, err);
		now += 1000;
	} while (rc != 0 && err->code == ERR_EXISTS);
	if (rc != 0) {
		free(*path);
		*path = NULL;
	}
	return rc;
}

/* Of two files of the same bytes the one that was there already counts. */
static bool
keep_former(char **path, char *former)
{
	struct err unreadable;
	bool same = false;

	if (former == NULL || file_same(former, *path, &same, &unreadable) ||
	    !same || unlink(*path) != 0) {
		free(former);
		return false;
	}
	free(*path);
	*path = former;
	return true;
}

int
house_save_upgrade(const struct env *env, struct db *db, char **path,
    struct err *err)
{
	struct inventory inv;
	struct err ignored;

	if (house_save_before(env, db, INVENTORY_PRE_UPGRADE, path, err))
		return -1;
	if (inventory_read(env->data_dir, &inv, &ignored))
		return 0;
	for (size_t i = 0; i < inv.count; i++) {
		const char *name = inv.entry[i].name;

		if (str_starts(name, INVENTORY_PRE_UPGRADE) &&
		    strcmp(name, path_base(*path)) != 0 &&
		    keep_former(path, house_path(env, name, &ignored)))
			break;
	}
	inventory_free(&inv);
	return 0;
}
