#ifndef CORE_STAGE_H
#define CORE_STAGE_H

#include <stdbool.h>

#include "core/db.h"
#include "core/err.h"
#include "core/restore.h"

/*
 * An archive that waits in the data folder until the people in it log in
 * for the first time.  Its file is published before its row is written and
 * removed after the row has ended, so that a crash leaves at most a file
 * without a row, which stage_heal finds.  There is one at a time.
 */

/*
 * stage_put(db, data_dir, path, err):
 * Check the archive ${path} and stage a copy of it.  Return 0, or -1 with
 * ${err} (ERR_EXISTS while another one is staged, ERR_FORMAT, ...).
 */
int stage_put(struct db *db, const char *data_dir, const char *path,
    struct err *err);

/*
 * stage_confirm(db, data_dir, assign_to, err):
 * Let everyone in the staged archive wait for their login.  ${assign_to} is
 * the owner of lists without a name, or NULL.  Entries of no user are taken
 * over now.  Return 0, or -1 with ${err} (ERR_MISSING when none is staged).
 */
int stage_confirm(struct db *db, const char *data_dir, const char *assign_to,
    struct err *err);

/*
 * stage_discard(db, data_dir, err):
 * Forget the staged archive.  Return 0, also when there is none, or -1 with
 * ${err}.
 */
int stage_discard(struct db *db, const char *data_dir, struct err *err);

/*
 * stage_heal(db, data_dir, err):
 * After a crash: stage a file without a row again, and end a row whose file
 * is gone.  Return 0, or -1 with ${err}.
 */
int stage_heal(struct db *db, const char *data_dir, struct err *err);

/* Who logs in, as Jellyfin says. */
struct stage_login {
	const char *name;
	const char *jellyfin_id;
};

/*
 * stage_claim(db, data_dir, login, report, claimed, err):
 * Merge the staged part of whoever logs in into their lists, exactly once:
 * in one transaction with the mark that it was claimed.  Names match but for
 * case.  ${claimed} says whether there was a part; then ${report}, which
 * restore_report_free releases, tells what came.  Return 0, or -1 with
 * ${err} (ERR_DENIED when the archive says that the person has another id at
 * this very Jellyfin server); the part then still waits.
 */
int stage_claim(struct db *db, const char *data_dir,
    const struct stage_login *login, struct restore_report *report,
    bool *claimed, struct err *err);

/*
 * stage_combine(db, data_dir, combined, err):
 * For exports: put a scratch copy of ${db} into ${combined} in which those
 * who still wait have their part already, or NULL when nobody waits.
 * db_free and the removal of its file are one call: stage_combined_free.
 * Return 0, or -1 with ${err}.
 */
struct stage_combined;
int stage_combine(struct db *db, const char *data_dir,
    struct stage_combined **combined, struct err *err);

/*
 * stage_combined_db(c), stage_combined_free(c):
 * Return the database of ${c}; release it with its file.  NULL is accepted
 * by the latter.
 */
struct db *stage_combined_db(struct stage_combined *c);
void stage_combined_free(struct stage_combined *c);

#endif
