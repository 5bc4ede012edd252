#ifndef INIT_HOUSE_H
#define INIT_HOUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/db.h"
#include "core/env.h"
#include "core/err.h"
#include "core/preflight.h"
#include "core/store_run.h"

/*
 * house_check_owner(env, path, err):
 * Make sure that ${path} does not belong to somebody else who keeps us from
 * writing there, as a folder does that a container engine has made.  Return
 * 0, also when it is not there or something else is wrong, or -1 with ${err}
 * (ERR_DENIED), which says how to give it away.
 */
int house_check_owner(const struct env *env, const char *path, struct err *err);

/*
 * house_lock(env, fd, err):
 * Take the lock that serialises boot, backup and restore, waiting as long
 * as the environment says.  Return 0 with the lock in ${fd}, or -1 with
 * ${err} (ERR_BUSY; ERR_DENIED as house_check_owner).
 */
int house_lock(const struct env *env, int *fd, struct err *err);

/*
 * house_path(env, name, err):
 * Return the path of ${name} in the data folder, which the caller frees, or
 * NULL with ${err}.
 */
char *house_path(const struct env *env, const char *name, struct err *err);

/*
 * house_make_private(env):
 * Let nobody but their owner read the database and the backups that came
 * from elsewhere; what cannot be changed stays as it is.
 */
void house_make_private(const struct env *env);

/*
 * house_check_space(env):
 * Say a warning when the disk is too full for a snapshot and an archive.
 */
void house_check_space(const struct env *env);

/*
 * house_preflight(env, task, file, err):
 * Make sure that there is room for ${task}; ${file} is what it reads, or
 * NULL.  Return 0, or -1 with ${err} (ERR_DISK).
 */
int house_preflight(const struct env *env, enum preflight_task task,
    const char *file, struct err *err);

/*
 * house_say_backups(env), house_say_choices(env):
 * Say which backups lie in the data folder, and what an owner can do with
 * them when there is no database, or when it is damaged.
 */
void house_say_backups(const struct env *env);
void house_say_choices(const struct env *env);

/*
 * house_was_replaced(env):
 * Tell whether the database, beside backups, is a file without content, or
 * one without any table of a household: cut off, or something else's.
 */
bool house_was_replaced(const struct env *env);

/*
 * house_open(env, mode, db, err):
 * Open the database outside a boot.  Return 0 with ${db}, or -1 with ${err}
 * (ERR_CORRUPT when a journal of a former file lies beside it, which only a
 * boot puts aside).
 */
int house_open(const struct env *env, enum db_mode mode, struct db **db,
    struct err *err);

/*
 * house_plan(env, recheck, plan, err):
 * Find what brings the tables of the database to the ones of this version
 * (schema_plan), with every byte of its files as it was.  Return 0 with
 * ${plan}, or -1 with ${err}.
 */
struct schema_plan;
int house_plan(const struct env *env, bool recheck, struct schema_plan **plan,
    struct err *err);

/*
 * house_open_synced(env, db, err):
 * Open the database for writing.  Return 0 with ${db}, or -1 with ${err}
 * (ERR_MISSING, ERR_SCHEMA when its tables are not in sync).
 */
int house_open_synced(const struct env *env, struct db **db, struct err *err);

/*
 * house_save_before(env, db, what, path, err):
 * Keep the database as it is, before a change, as ${what}_<time> in the data
 * folder.  Return 0 with ${path}, which the caller frees, or -1 with ${err}.
 */
int house_save_before(const struct env *env, struct db *db, const char *what,
    char **path, struct err *err);

/*
 * house_save_upgrade(env, db, path, err):
 * The same before a change of tables, but no second file for a database that
 * was saved already: a start that fails again and again must not fill the
 * disk.
 */
int house_save_upgrade(const struct env *env, struct db *db, char **path,
    struct err *err);

/*
 * house_find(env, name, path, err):
 * Find the file that an owner means: a path, or a name in the data folder.
 * Return 0 with ${path}, which the caller frees, or -1 with ${err}
 * (ERR_MISSING).
 */
int house_find(const struct env *env, const char *name, char **path,
    struct err *err);

/*
 * house_is_database(path, yes, err):
 * Tell whether the file begins like an SQLite database.  Return 0, or -1
 * with ${err}.
 */
int house_is_database(const char *path, bool *yes, struct err *err);

/*
 * house_verify_snapshot(path, findings, err):
 * Check a snapshot from its first byte to its last, and that its tables can
 * be brought to the ones of this version.  Return 0 with ${findings} (may be
 * NULL), or -1 with ${err}.
 */
int house_verify_snapshot(const char *path, struct db_findings *findings,
    struct err *err);

/*
 * house_stop_serving(env, fd, err):
 * Make sure that no jair-api uses the database while it is replaced: take
 * its lock for as long as ${fd} is kept.  Return 0, or -1 with ${err}
 * (ERR_BUSY: stop jair-api first).
 */
int house_stop_serving(const struct env *env, int *fd, struct err *err);

/*
 * house_begin_run(run, kind):
 * Make ${run} a record of something that begins now.
 */
void house_begin_run(struct run *run, enum run_kind kind);

/*
 * house_leftovers(env, err):
 * Put aside a journal that belongs to a former file: when the database
 * equals one of our snapshots byte for byte, somebody copied it back, and a
 * -journal, -wal or -shm beside it would be mixed into it.  Return 0, or -1
 * with ${err}.
 */
int house_leftovers(const struct env *env, struct err *err);

#endif
