#ifndef CORE_JSON_MEMBERS_H
#define CORE_JSON_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/json_scan.h"

/* A part of a JSON text that a scanner has checked and freed of white space. */
struct json_span {
	const char *p;
	size_t len;
};

/* A member of an object: what stands between the key's quotes, the value. */
struct json_member {
	struct json_span key;
	struct json_span value;
};

/*
 * json_span_kind(v):
 * Return what ${v}, which is not empty, is.
 */
enum json_kind json_span_kind(struct json_span v);

/*
 * json_member_next(rest, m):
 * Cut the next member off ${rest}, at first a whole object.  Return false
 * when there is none left.
 */
bool json_member_next(struct json_span *rest, struct json_member *m);

/*
 * json_span_is(key, name):
 * Tell whether a key or string without escapes is ${name}.
 */
bool json_span_is(struct json_span key, const char *name);

#endif
