#ifndef CORE_JSON_SCAN_IMPL_H
#define CORE_JSON_SCAN_IMPL_H

/* What the two halves of the scanner share; nobody else includes this. */

#include "core/json_scan.h"

#define JSON_SCAN_BARE 4096
#define JSON_SCAN_NOT_UTF8 "the bytes are not UTF-8"

struct json_scan {
	int fd; /* -1: all of the text is in win */
	const char *name;
	unsigned char *own; /* the window's memory, or NULL */
	const unsigned char *win;
	size_t pos, end; /* what of the window is unread */
	size_t
	    from; /* consumed outside white space, up to pos: not handed on */
	uint64_t base; /* offset of win[0] */
	bool eof;

	uint64_t line;
	uint64_t line_start; /* offset of the line's first byte */
	uint64_t wide; /* its bytes that begin no character */

	int depth;
	bool object[JSON_DEPTH_MAX + 1];
	bool filled[JSON_DEPTH_MAX + 1];

	uint64_t string_max;
	uint64_t lone;
	struct buf key;
	uint64_t key_offset;
	bool key_cut; /* too long to be kept */
	struct buf *out; /* takes the text of a value */
	enum json_fault fault;
	struct json_place fault_place;

	struct digest *all;
	size_t hashed; /* bytes of win that are hashed */
	uint64_t mark;
	char *at_mark;
	struct digest *bare;
	size_t bare_len;
	char bare_text[JSON_SCAN_BARE];

	void (*watch)(void *ctx, uint64_t offset); /* or NULL */
	void *watch_ctx;
};

/*
 * json_scan_more(s, err):
 * Read on.  Return 1 when win[pos] is there, 0 at the end, -1 with ${err}.
 */
int json_scan_more(struct json_scan *s, struct err *err);

/*
 * json_scan_flush(s):
 * Complete the digests at the end of the text.
 */
void json_scan_flush(struct json_scan *s);

/*
 * json_scan_fail(s, fault, what, err):
 * Record a fault at the present place.  Return -1.
 */
int json_scan_fail(struct json_scan *s, enum json_fault fault, const char *what,
    struct err *err);

/*
 * json_scan_emit(s):
 * Hand on what was consumed since the last time.  To be called before white
 * space is passed over and before somebody else takes what is handed on.
 */
void json_scan_emit(struct json_scan *s);

/*
 * json_scan_string(s, key, err), json_scan_number, json_scan_word:
 * Consume a string (into ${key} too, unless NULL), a number, or true, false
 * or null.  Return 0, or -1 with ${err}.
 */
int json_scan_string(struct json_scan *s, struct buf *key, struct err *err);
int json_scan_number(struct json_scan *s, struct err *err);
int json_scan_word(struct json_scan *s, const char *word, struct err *err);

#endif
