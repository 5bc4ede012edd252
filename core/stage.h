#ifndef CORE_STAGE_H
#define CORE_STAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/archive_read.h"
#include "core/db.h"
#include "core/err.h"
#include "core/part.h"
#include "core/restore.h"
#include "core/value.h"

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
 * stage_upload_name(data_dir, err), stage_is_upload(name):
 * Return a new path in ${data_dir} for an uploaded file, which the caller
 * frees, or NULL with ${err}; tell whether ${name} is that of such a file.
 * Whoever receives it publishes it there (file_publish_new) before its job
 * is queued.
 */
char *stage_upload_name(const char *data_dir, struct err *err);
bool stage_is_upload(const char *name);

/*
 * stage_upload_read(path, limits, a, err):
 * Read the uploaded file ${path} whole within ${limits}, as archive_open_fd
 * does; messages call it "The file", its own name means nothing to whoever
 * sent it.  Return 0 with ${a}, or -1 with ${err} (ERR_MISSING, ...).
 */
int stage_upload_read(const char *path, const struct archive_limits *limits,
    struct archive **a, struct err *err);

/* An upload to be staged. */
struct stage_upload {
	const char *name; /* in the data folder, see stage_upload_name */
	/* the archive in it that is to be copied there first, or NULL */
	const char *from;
	int64_t id; /* for the preview */
	/* told how much of the file was checked, or NULL */
	void (*progress)(void *ctx, uint64_t bytes, uint64_t of);
	/* what else belongs into the transaction */
	int (*finish)(void *ctx, struct err *err);
	void *ctx; /* of both */
};

/*
 * stage_upload(db, data_dir, upload, err):
 * Check an uploaded file and stage it where it lies, with its preview, in
 * one transaction; an archive that was staged but not confirmed makes way.
 * What it is to be copied from stays as it is.  Return 0, or -1 with ${err}
 * (ERR_EXISTS while people still wait for another one, ERR_FORMAT, ...); the
 * file then still lies there.
 */
int stage_upload(struct db *db, const char *data_dir,
    const struct stage_upload *upload, struct err *err);

/*
 * stage_config(db, take, ctx, err):
 * Hand the configuration of the staged archive, by enum config_field, to
 * ${take}, or do nothing when there is none.  The values are text or NULL and
 * good during the call.  Return 0, or -1 with ${err}.
 */
int stage_config(struct db *db,
    int (*take)(void *ctx, const struct value *config, struct err *err),
    void *ctx, struct err *err);

/* How a staged archive is to be taken over. */
struct stage_choice {
	const char *assign_to; /* owner of lists without a name, or NULL */
	bool config; /* its configuration comes now */
	/* what else belongs into the transaction, and its argument */
	int (*finish)(void *ctx, struct err *err);
	void *ctx;
};

/*
 * stage_confirm(db, data_dir, choice, err):
 * Let everyone in the staged archive wait for their login; ${choice} may be
 * NULL.  Entries of no user are taken over now.  Return 0, or -1 with ${err}
 * (ERR_MISSING when none is staged, ERR_USAGE when the file names nobody and
 * no owner was chosen).
 */
int stage_confirm(struct db *db, const char *data_dir,
    const struct stage_choice *choice, struct err *err);

/*
 * stage_discard(db, data_dir, err):
 * Forget the staged archive.  Return 0, also when there is none, or -1 with
 * ${err}.
 */
int stage_discard(struct db *db, const char *data_dir, struct err *err);

/*
 * stage_heal(db, data_dir, err):
 * After a crash: stage a file without a row again, and end a row whose file
 * is gone.  An upload that no row and no job names is removed when it is a
 * day old.  Return 0, or -1 with ${err}.
 */
int stage_heal(struct db *db, const char *data_dir, struct err *err);

/* Who logs in, as Jellyfin says. */
struct stage_login {
	const char *name;
	const char *jellyfin_id;
	const struct part_hooks *hooks; /* who is told, or NULL */
};

/*
 * stage_waits(db, name, waits, err):
 * Tell whether a login with that name has something to claim.  Return 0, or
 * -1 with ${err}.
 */
int stage_waits(struct db *db, const char *name, bool *waits, struct err *err);

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
