#ifndef CORE_JSON_OUT_H
#define CORE_JSON_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

#define JSON_OUT_DEPTH_MAX 32

/* How many bytes wait before they are drained. */
#define JSON_OUT_CHUNK 65536

/*
 * JSON text as ECMAScript's JSON.stringify(x, null, 2) writes it, or with no
 * white space at all.  Text is appended to a buffer that the caller may
 * empty between any two calls, so a document of any length streams.  In an
 * object each value has a ${key}; in an array and at the top the key is
 * NULL.  Failures stick in the buffers.
 * Source: ECMA-262, SerializeJSONProperty, QuoteJSONString, Number::toString.
 */
struct json_out {
	struct buf *text; /* with line breaks and indentation, or NULL */
	struct buf *bare; /* without white space, or NULL */
	int depth;
	bool filled[JSON_OUT_DEPTH_MAX + 1]; /* something stands there */
	int64_t repaired; /* bytes of invalid UTF-8 that became U+FFFD */
	void (*drain)(void *arg); /* empties the buffers, or NULL */
	void *drain_arg;
};

/*
 * json_out_init(j, text, bare):
 * Begin a document.  Either buffer may be NULL; both stay the caller's.
 * Setting the fields text and bare to NULL and back turns an output off.
 */
void json_out_init(struct json_out *j, struct buf *text, struct buf *bare);

/*
 * json_out_drain(j, drain, arg):
 * Call ${drain} with ${arg} whenever JSON_OUT_CHUNK bytes or more wait in a
 * buffer; it takes them away (buf_reset).  No value is then held as a whole.
 */
void json_out_drain(struct json_out *j, void (*drain)(void *arg), void *arg);

/*
 * json_out_begin(j, key, bracket), json_out_end(j, bracket):
 * Open with '{' or '[', close with '}' or ']'.
 */
void json_out_begin(struct json_out *j, const char *key, char bracket);
void json_out_end(struct json_out *j, char bracket);

/*
 * json_out_bytes(j, key, s, len), json_out_string(j, key, s):
 * Write a string of ${len} bytes, which may hold NUL, or up to its NUL.  Each
 * byte of invalid UTF-8 becomes U+FFFD and is counted.
 */
void json_out_bytes(struct json_out *j, const char *key, const char *s,
    size_t len);
void json_out_string(struct json_out *j, const char *key, const char *s);

/*
 * json_out_buf(j, key, b):
 * Write the text in ${b} as json_out_bytes does; if ${b} has failed, so has
 * the document.
 */
void json_out_buf(struct json_out *j, const char *key, const struct buf *b);

/*
 * json_out_int, json_out_double, json_out_bool, json_out_null:
 * Write one value.  A double must be finite; it takes the shortest form that
 * reads back as the same number.
 */
void json_out_int(struct json_out *j, const char *key, int64_t v);
void json_out_double(struct json_out *j, const char *key, double v);
void json_out_bool(struct json_out *j, const char *key, bool v);
void json_out_null(struct json_out *j, const char *key);

/*
 * json_out_raw(j, key, text, len):
 * Write a value that is JSON text already, without white space and not
 * deeper than JSON_OUT_DEPTH_MAX allows here; indented where the rest is.
 */
void json_out_raw(struct json_out *j, const char *key, const char *text,
    size_t len);

#endif
