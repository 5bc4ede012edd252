#ifndef CORE_ARCHIVE_OUT_H
#define CORE_ARCHIVE_OUT_H

#include <stdbool.h>

#include "core/archive.h"
#include "core/buf.h"
#include "core/digest.h"
#include "core/json_out.h"
#include "core/store_item.h"
#include "core/store_value.h"

/* An archive being written: for the parts of the archive writer alone. */
struct archive_out {
	struct json_out j;
	struct buf text; /* on its way into the file */
	struct buf bare; /* on its way into the content digest */
	struct digest *file;
	struct digest *content;
	const char *path; /* NULL: digest only */
	int fd;
	bool failed; /* a drain did; the error is in ${err} */
	struct err err;
	struct archive_stats *stats;
	/* What is being written, for notes. */
	const char *place; /* outside the users, else NULL */
	const struct value *user; /* the name */
	const struct item *item; /* or NULL */
};

/* How a value is written, and what is odd. */
enum archive_kind {
	ARCHIVE_TEXT,
	ARCHIVE_TIME,
	ARCHIVE_ID, /* an integer that must be there */
	ARCHIVE_INT,
	ARCHIVE_REAL,
	ARCHIVE_BOOL
};

struct archive_field {
	const char *key; /* in the archive */
	const char *column; /* in the database, for notes */
	enum archive_kind kind;
};

/*
 * archive_out_open(a, path, stats, err):
 * Begin an archive in the new file ${path}, or only its digest when ${path}
 * is NULL.  Return 0, or -1 with ${err}; archive_out_free in either case.
 */
int archive_out_open(struct archive_out *a, const char *path,
    struct archive_stats *stats, struct err *err);

/*
 * archive_out_finish(a, err):
 * Compute the digests, write the end, close the file.  Return 0, or -1 with
 * ${err}.
 */
int archive_out_finish(struct archive_out *a, struct err *err);

/*
 * archive_out_free(a):
 * Release everything; a file that was not finished is removed.
 */
void archive_out_free(struct archive_out *a);

/*
 * archive_out_ok(a, err):
 * Return 0, or -1 with ${err} when something could not be written.
 */
int archive_out_ok(struct archive_out *a, struct err *err);

/*
 * archive_hash_begin(a, key, bracket), archive_hash_end(a, bracket):
 * Open and close a part that counts for the content digest.
 */
void archive_hash_begin(struct archive_out *a, const char *key, char bracket);
void archive_hash_end(struct archive_out *a, char bracket);

/*
 * archive_note(a, fmt, ...):
 * Count something odd in what is being written; the text of the first is
 * kept.
 */
void archive_note(struct archive_out *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Room for the text of archive_show. */
#define ARCHIVE_SHOW_MAX 64

/*
 * archive_show(v, out):
 * Write the beginning of ${v} for people into ${out}, and return it.
 */
const char *archive_show(const struct value *v, char out[ARCHIVE_SHOW_MAX]);

/*
 * archive_value_fits(field, v):
 * Tell whether ${v} is within the rules for ${field}: its kind is right, or
 * it is a time of any form, and no string is above ARCHIVE_STRING_MAX.
 */
bool archive_value_fits(const struct archive_field *field,
    const struct value *v);

/*
 * archive_value(a, field, v):
 * Write ${v} under the field's key: nothing for NULL; odd values as they are,
 * noted.
 */
void archive_value(struct archive_out *a, const struct archive_field *field,
    const struct value *v);

#endif
