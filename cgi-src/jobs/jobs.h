#ifndef CGI_SRC_JOBS_JOBS_H
#define CGI_SRC_JOBS_JOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/db.h"
#include "core/err.h"
#include "core/json_out.h"

/* What handlers do with jobs; the work is done in another process. */

/*
 * jobs_add(db, type, user, input, id, err):
 * Queue a job and wake the job worker.  ${type} is a name of job_types,
 * ${user} whose job it is (0: the server's own), ${input} a JSON object or
 * NULL.  Return 0 with its ${id}, or -1 with ${err}.
 */
int jobs_add(struct db *db, const char *type, int64_t user, const char *input,
    int64_t *id, struct err *err);

/*
 * jobs_under_way(db, type, user, under_way, err):
 * Tell whether a job of ${type} of ${user} has not ended yet.  Return 0, or
 * -1 with ${err}.
 */
int jobs_under_way(struct db *db, const char *type, int64_t user,
    bool *under_way, struct err *err);

/*
 * jobs_claim(db, user, name, jellyfin_id, id, err):
 * When the part of a staged archive waits for the login ${name}, queue the
 * job that gives it to them, unless one is queued already.  ${user} is the
 * login's row of User.  Return 0 with the job's ${id}, 0 when nothing waits,
 * or -1 with ${err}.
 */
int jobs_claim(struct db *db, int64_t user, const char *name,
    const char *jellyfin_id, int64_t *id, struct err *err);

/*
 * jobs_sync(db, user, id, err):
 * Queue the job that reads the history of ${user} from Jellyfin, unless one
 * has not ended yet.  Return 0 with the ${id} of the one or the other, or -1
 * with ${err}.
 */
int jobs_sync(struct db *db, int64_t user, int64_t *id, struct err *err);

/*
 * jobs_resolve(db, user, again, id, err):
 * When titles of ${user} wait for their id and there is a Seerr to ask, queue
 * the job that does so, unless one is queued already or, without ${again},
 * one was during the last day.  Return 0 with the ${id} of the one that is
 * queued, 0 when none is, or -1 with ${err}.
 */
int jobs_resolve(struct db *db, int64_t user, bool again, int64_t *id,
    struct err *err);

/*
 * jobs_render(db, id, user, j, err):
 * Write the job ${id} of ${user} as members of the object that is open in
 * ${j}: id, type, state, done, total, current, result, error.  Return 0, or
 * -1 with ${err}, nothing being written: ERR_MISSING when ${user} has no
 * such job.
 */
int jobs_render(struct db *db, int64_t id, int64_t user, struct json_out *j,
    struct err *err);

/*
 * jobs_render_restore(db, j, err):
 * Write how the restore of an uploaded archive stands as members of the
 * object that is open in ${j}: id, state ("none", "checking", "ready",
 * "failed", "pending"), done, total, and preview or error.  Return 0, or -1
 * with ${err}, nothing being written.
 */
int jobs_render_restore(struct db *db, struct json_out *j, struct err *err);

/*
 * jobs_restore_pending(db, pending, err):
 * Tell whether people still wait for their part of a confirmed restore.
 * Return 0, or -1 with ${err}.
 */
int jobs_restore_pending(struct db *db, bool *pending, struct err *err);

/*
 * jobs_restore_ready(db, id, ready, err):
 * Tell whether what was uploaded last is checked, good and not confirmed yet,
 * and bears ${id}, unless that is 0.  An archive that was staged before it
 * does not count any more.  Return 0, or -1 with ${err}.
 */
int jobs_restore_ready(struct db *db, int64_t id, bool *ready, struct err *err);

/*
 * jobs_forget_restore(db, data_dir, err):
 * Forget an uploaded archive, whether it is being checked, was refused, or
 * is staged; who has not claimed their part does not get it.  Return 0, also
 * when there is none, or -1 with ${err}.
 */
int jobs_forget_restore(struct db *db, const char *data_dir, struct err *err);

#endif
