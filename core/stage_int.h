#ifndef CORE_STAGE_INT_H
#define CORE_STAGE_INT_H

#include <stdbool.h>

#include "core/archive_read.h"
#include "core/buf.h"
#include "core/db.h"
#include "core/err.h"
#include "core/store_config.h"
#include "core/store_stage.h"

/* What the files of core/stage share; nobody else includes this. */

/* How the names of staged files begin: a copy, an upload. */
#define STAGE_COPY_HEAD "staged_"
#define STAGE_UPLOAD_HEAD "upload_"

/* A staged archive, its row and its statements. */
struct staged {
	struct db *db;
	const char *data_dir;
	struct store_stage *store;
	struct stage_row row;
	bool found;
	char *path;
	struct archive *archive;
};

/*
 * staged_open(s, db, data_dir, read, err):
 * Find what is staged; with ${read}, open its archive too.  Return 0 with
 * ${s}, which staged_close releases, or -1 with ${err}.
 */
int staged_open(struct staged *s, struct db *db, const char *data_dir,
    bool read, struct err *err);
void staged_close(struct staged *s);

/* What a row keeps of its archive, in the making. */
struct staged_text {
	struct buf preview;
	struct buf config;
	struct stage_about about; /* points into them */
};

/*
 * staged_describe(t, a, id, err), staged_text_free(t):
 * Write what the row of ${a} is to keep into ${t}; release it, in either
 * case.  ${id} is for the preview.  Return 0, or -1 with ${err}.
 */
int staged_describe(struct staged_text *t, const struct archive *a, int64_t id,
    struct err *err);
void staged_text_free(struct staged_text *t);

/*
 * staged_add(db, path, err):
 * Write the row for the published file ${path}.  Return 0, or -1 with
 * ${err}.
 */
int staged_add(struct db *db, const char *path, struct err *err);

/*
 * staged_end(s, discard, err):
 * End the row, then remove the file.  Return 0, or -1 with ${err}.
 */
int staged_end(struct staged *s, bool discard, struct err *err);

/*
 * staged_remove(s, err):
 * Remove the file whose row has ended.  Return 0, or -1 with ${err}.
 */
int staged_remove(const struct staged *s, struct err *err);

#endif
