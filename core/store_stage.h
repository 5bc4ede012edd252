#ifndef CORE_STORE_STAGE_H
#define CORE_STORE_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/db.h"
#include "core/digest.h"
#include "core/err.h"

/*
 * The rows of an archive that waits in the data folder for first logins.
 * Transactions are the caller's.
 */
struct store_stage;

extern const struct db_table store_stage_table;

#define STAGE_FILE_MAX 64

/* A row of StagedRestore. */
struct stage_row {
	int64_t id;
	char file[STAGE_FILE_MAX]; /* name in the data folder */
	bool pending; /* confirmed: waits for logins */
	char sha256[DIGEST_HEX_MAX]; /* of the file */
	char *assign_to; /* owner of a file without names */
};

/*
 * store_stage_open(db, s, err):
 * Prepare.  Return 0 with ${s}, which store_stage_free releases before ${db}
 * is closed, or -1 with ${err}.
 */
int store_stage_open(struct db *db, struct store_stage **s, struct err *err);
void store_stage_free(struct store_stage *s);

/*
 * store_stage_current(s, row, found, err):
 * Find the archive that is staged; the caller frees ${row}->assign_to.
 * Return 0, or -1 with ${err}.
 */
int store_stage_current(struct store_stage *s, struct stage_row *row,
    bool *found, struct err *err);

/* What a row keeps of its archive; JSON, NULL for none. */
struct stage_about {
	const char *preview;
	const char
	    *config; /* with its keys, as long as the row has not ended */
};

/*
 * store_stage_add(s, file, sha256, about, err), store_stage_confirm(s, id,
 * assign_to, err), store_stage_end(s, id, discard, err):
 * Add a row; let it wait for logins; end
 * it, with everyone who has not claimed their part when ${discard}.  Return
 * 0, or -1 with ${err} (store_stage_add: ERR_EXISTS while another one is
 * staged; store_stage_confirm: ERR_MISSING when it waits no more).
 */
int store_stage_add(struct store_stage *s, const char *file, const char *sha256,
    const struct stage_about *about, struct err *err);
int store_stage_confirm(struct store_stage *s, int64_t id,
    const char *assign_to, struct err *err);
int store_stage_end(struct store_stage *s, int64_t id, bool discard,
    struct err *err);

/*
 * store_stage_preview(s, id, preview, err), store_stage_config(s, id, config,
 * err):
 * Put what the row ${id} keeps of its archive into ${preview} or ${config},
 * which the caller frees; NULL when there is none.  Return 0, or -1 with
 * ${err}.
 */
int store_stage_preview(struct store_stage *s, int64_t id, char **preview,
    struct err *err);
int store_stage_config(struct store_stage *s, int64_t id, char **config,
    struct err *err);

/*
 * store_stage_named(s, file, named, err):
 * Tell whether any row, also one that has ended, names ${file}.  Return 0,
 * or -1 with ${err}.
 */
int store_stage_named(struct store_stage *s, const char *file, bool *named,
    struct err *err);

/*
 * store_stage_add_user(s, id, name, len, err):
 * Let a user of the archive wait for their login.  Return 0, or -1 with
 * ${err}.
 */
int store_stage_add_user(struct store_stage *s, int64_t id, const char *name,
    size_t len, struct err *err);

/*
 * store_stage_waits(s, id, name, len, as, waits, err):
 * Tell whether the user of exactly that name still waits and, when ${as} is
 * not NULL, whether a login with the name ${as} may claim their part: it
 * differs at most in case.  Return 0, or -1 with ${err}.
 */
int store_stage_waits(struct store_stage *s, int64_t id, const char *name,
    size_t len, const char *as, bool *waits, struct err *err);

/*
 * store_stage_count(s, id, count, err):
 * Put how many still wait into ${count}.  Return 0, or -1 with ${err}.
 */
int store_stage_count(struct store_stage *s, int64_t id, int64_t *count,
    struct err *err);

/*
 * store_stage_waiting(s, name, waiting, err):
 * Tell whether anyone whose name equals ${name} but for case still waits.
 * Return 0, or -1 with ${err}.
 */
int store_stage_waiting(struct store_stage *s, const char *name, bool *waiting,
    struct err *err);

/*
 * store_stage_claim(s, id, name, jellyfin_id, result, err):
 * Mark the waiting users whose names equal ${name} but for case as claimed.
 * Return 0, or -1 with ${err}.
 */
int store_stage_claim(struct store_stage *s, int64_t id, const char *name,
    const char *jellyfin_id, const char *result, struct err *err);

#endif
