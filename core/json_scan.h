#ifndef CORE_JSON_SCAN_H
#define CORE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/digest.h"
#include "core/err.h"

/*
 * A scanner that walks through JSON text of any length with a window of
 * fixed size.  It accepts exactly RFC 8259 (a byte order mark before it and
 * any white space of JSON included), in valid UTF-8, and finds depth and
 * length of strings before they can do harm.  The caller descends:
 *
 *	json_scan_peek(s, &kind, err)		what comes next?
 *	json_scan_enter(s, err)			into the object or list
 *	while (json_scan_next(s, &more, err) == 0 && more)
 *		json_scan_value(s, out, err)	or peek and enter again
 *	json_scan_finish(s, err)		and nothing may follow
 *
 * After a failure a scanner may only be asked for its fault and freed.
 */
struct json_scan;

#define JSON_DEPTH_MAX 32 /* brackets within brackets */
#define JSON_STRING_MAX 1048576 /* bytes of a string, decoded */
#define JSON_KEY_MAX 8192 /* bytes of a key that are kept */

enum json_kind {
	JSON_OBJECT,
	JSON_LIST,
	JSON_STRING,
	JSON_NUMBER,
	JSON_BOOL,
	JSON_NULL
};

/* Why a scanner stopped. */
enum json_fault {
	JSON_FAULT_NONE,
	JSON_FAULT_END, /* the text ends in the middle */
	JSON_FAULT_SYNTAX, /* not JSON */
	JSON_FAULT_UTF8, /* not UTF-8 */
	JSON_FAULT_DEPTH, /* too deep */
	JSON_FAULT_STRING, /* a string is too long */
	JSON_FAULT_SYSTEM /* no memory, or the file cannot be read */
};

/* A place in the text; lines and columns count from 1, columns characters. */
struct json_place {
	uint64_t line;
	uint64_t column;
	uint64_t offset; /* bytes before it */
};

/*
 * json_scan_open_fd(s, fd, name, err), json_scan_open_text(s, p, len, err):
 * Make ${s} a scanner that reads the file behind ${fd} from its beginning
 * (the descriptor's position is not used) or the ${len} bytes at ${p}.
 * Descriptor, ${name} and bytes stay the caller's and must outlive ${s}.
 * Return 0, or -1 with ${err} (ERR_NOMEM).
 */
int json_scan_open_fd(struct json_scan **s, int fd, const char *name,
    struct err *err);
int json_scan_open_text(struct json_scan **s, const char *p, size_t len,
    struct err *err);

/*
 * json_scan_free(s):
 * Release ${s}; NULL is accepted.
 */
void json_scan_free(struct json_scan *s);

/*
 * json_scan_string_max(s, max):
 * From now on strings may have ${max} bytes (at first JSON_STRING_MAX).
 */
void json_scan_string_max(struct json_scan *s, uint64_t max);

/*
 * json_scan_digests(s, all, mark, at_mark, bare):
 * Feed the file's bytes to ${all} and, while ${at_mark} is not NULL, put the
 * digest of the bytes before offset ${mark} there.  json_scan_bare: feed what
 * is outside white space to ${bare} from here on; NULL ends it.
 */
void json_scan_digests(struct json_scan *s, struct digest *all, uint64_t mark,
    char *at_mark);
void json_scan_bare(struct json_scan *s, struct digest *bare);

/*
 * json_scan_peek(s, kind, err):
 * Tell in ${kind} what value comes next.  Return 0, or -1 with ${err}.
 */
int json_scan_peek(struct json_scan *s, enum json_kind *kind, struct err *err);

/*
 * json_scan_enter(s, err):
 * Step into the object or list that comes next.  Return 0, or -1 with ${err}.
 */
int json_scan_enter(struct json_scan *s, struct err *err);

/*
 * json_scan_next(s, more, err):
 * Step to the next value of the object or list that was entered last; in an
 * object its key is read.  ${more} is false when there was none and the end
 * bracket was consumed.  Return 0, or -1 with ${err}.
 */
int json_scan_next(struct json_scan *s, bool *more, struct err *err);

/*
 * json_scan_value(s, out, err):
 * Consume the whole value that comes next and append its text, without white
 * space outside strings, to ${out} (NULL: only check it).  When it does not
 * fit, ${out} is full but the value is consumed.  Return 0, or -1 with
 * ${err}.
 */
int json_scan_value(struct json_scan *s, struct buf *out, struct err *err);

/*
 * json_scan_finish(s, err):
 * Check that nothing but white space follows, and complete the digests.
 * Return 0, or -1 with ${err}.
 */
int json_scan_finish(struct json_scan *s, struct err *err);

/* What a scanner knows about where it is. */
struct json_scan_state {
	enum json_fault fault;
	struct json_place place; /* of the fault, or the present one */
	uint64_t key_offset; /* of the quote before the last key */
	bool key_cut; /* it was longer than JSON_KEY_MAX: now "" */
	uint64_t lone_surrogates; /* escapes so far that mean no character */
	uint64_t string_max; /* bytes that a string may have */
};

/*
 * json_scan_key(s, len):
 * Return the key that json_scan_next read last, as it is written between its
 * quotes, ${len} bytes.  It is the scanner's, until the next key.
 */
const char *json_scan_key(const struct json_scan *s, size_t *len);

/*
 * json_scan_watch(s, at, ctx):
 * Call ${at} with the offset in the file now and then while it is read.
 */
void json_scan_watch(struct json_scan *s,
    void (*at)(void *ctx, uint64_t offset), void *ctx);

/*
 * json_scan_state(s, state):
 * Fill ${state}.
 */
void json_scan_state(const struct json_scan *s, struct json_scan_state *state);

#endif
