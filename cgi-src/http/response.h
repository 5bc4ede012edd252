#ifndef CGI_SRC_HTTP_RESPONSE_H
#define CGI_SRC_HTTP_RESPONSE_H

#include <stdbool.h>

#include "core/buf.h"
#include "core/json_out.h"

/* An answer in the making: a status and one JSON object. */
struct response {
	int status; /* 0 while nothing was said */
	struct buf head; /* additional header lines */
	struct buf body;
	struct json_out json; /* writes into body */
};

/*
 * response_init(res), response_free(res):
 * Make ${res} an empty answer; release what it holds.
 */
void response_init(struct response *res);
void response_free(struct response *res);

/*
 * response_object(res, status):
 * Forget what ${res} said so far and begin a JSON object with the HTTP
 * ${status}.  Return its writer, which stays ${res}'s; response_render
 * closes the object.
 */
struct json_out *response_object(struct response *res, int status);

/*
 * response_error(res, status, code, sentence):
 * Begin the object {"error": ${sentence}, "code": ${code}}, to which the
 * caller may add members.  ${code} is a word that never changes.
 */
struct json_out *response_error(struct response *res, int status,
    const char *code, const char *sentence);

/*
 * response_header(res, name, value):
 * Add a header line; neither part may come from a client.
 */
void response_header(struct response *res, const char *name, const char *value);

/*
 * response_render(res, bodiless, out):
 * Finish ${res} and append head and body to ${out}, with the headers that
 * every answer has; ${bodiless} is for HEAD.  What could not be written for
 * want of memory, or was never begun, becomes an error 500.
 * Source: RFC 3875, 6.
 */
void response_render(struct response *res, bool bodiless, struct buf *out);

#endif
