#ifndef CORE_JSON_H
#define CORE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/json_scan.h"
#include "core/value.h"

/*
 * Small JSON documents in memory: a request, a reply, one value cut out of
 * an archive.  Values are owned by their document.  The only module that
 * knows json-c.
 */
struct json;

/*
 * json_parse(j, text, len, err):
 * Read ${len} bytes that must be one strict JSON value (see json_scan) into
 * ${j}, which json_free releases; null is NULL.  Return 0, or -1 with ${err}
 * (ERR_FORMAT with line and column, ERR_LIMIT, ERR_NOMEM).
 */
int json_parse(struct json **j, const char *text, size_t len, struct err *err);

/*
 * json_free(j):
 * Release a document; NULL is accepted.
 */
void json_free(struct json *j);

/*
 * json_kind(j):
 * Return what ${j} is; NULL counts as JSON_NULL.
 */
enum json_kind json_kind(const struct json *j);

/*
 * json_get(j, key), json_at(j, i), json_count(j):
 * Return the member of an object, the element of a list, NULL when it is
 * missing, null, or ${j} is something else; the number of members or
 * elements.  Of a key that is written twice the last counts; one longer than
 * JSON_KEY_MAX is "".
 */
const struct json *json_get(const struct json *j, const char *key);
const struct json *json_at(const struct json *j, size_t i);
size_t json_count(const struct json *j);

/*
 * json_text(j, len), json_int(j, v), json_double(j, v), json_boolean(j, v):
 * Read a string (${len} may be NULL; it may hold NUL), a number that is an
 * integer of 64 bits, any finite number, true or false.  Return NULL or -1
 * when ${j} is something else; ${v} is then untouched.
 */
const char *json_text(const struct json *j, size_t *len);
int json_int(const struct json *j, int64_t *v);
int json_double(const struct json *j, double *v);
int json_boolean(const struct json *j, bool *v);

/*
 * json_unescape(raw, len, out, err):
 * Append the text that ${len} bytes between the quotes of a checked JSON
 * string stand for to ${out}.  A half of a surrogate pair that stands alone
 * becomes U+FFFD.  Return 0, or -1 with ${err} (ERR_NOMEM, ERR_LIMIT).
 */
int json_unescape(const char *raw, size_t len, struct buf *out,
    struct err *err);

#endif
