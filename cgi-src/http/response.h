#ifndef CGI_SRC_HTTP_RESPONSE_H
#define CGI_SRC_HTTP_RESPONSE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/json_out.h"
#include "core/secret.h"

#define RESPONSE_COOKIE_MAX 256

/* Writes a JSON document of any length while it is sent. */
struct response_writer {
	/* Write it, from its first bracket on: 0, or -1 with ${err}. */
	int (*write)(void *ctx, struct json_out *j, struct err *err);
	void (*free)(void *ctx); /* called once, in any case; or NULL */
	void *ctx;
};

/*
 * An answer in the making: a status and one JSON object, or a file, or what
 * a writer writes.
 */
struct response {
	int status; /* 0 while nothing was said */
	struct buf head; /* additional header lines */
	struct buf body;
	struct json_out json; /* writes into body */
	char cookie[RESPONSE_COOKIE_MAX]; /* Set-Cookie, or "" */
	const char *type; /* of what follows */
	int file; /* descriptor to send, or -1 */
	int64_t size; /* of the file */
	struct response_writer writer; /* .write is NULL: none */
};

/*
 * response_init(res), response_free(res):
 * Make ${res} an empty answer; release what it holds.
 */
void response_init(struct response *res);
void response_free(struct response *res);

/*
 * response_reset(res):
 * Make ${res} empty again, also its cookie; close and release what it was to
 * send.
 */
void response_reset(struct response *res);

/*
 * response_object(res, status):
 * Forget what ${res} said so far, but for a cookie, and begin a JSON object
 * with the HTTP ${status}.  Return its writer, which stays ${res}'s;
 * response_send closes the object.
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
 * response_file_take(res, fd, size, type):
 * Answer 200 with the first ${size} bytes of the open file ${fd}, which is
 * ${res}'s from now on.  ${type} outlives ${res}.
 */
void response_file_take(struct response *res, int fd, int64_t size,
    const char *type);

/*
 * response_stream(res, writer):
 * Answer 200 with the document that ${writer} writes when it is sent.  A
 * failure then breaks the answer off.
 */
void response_stream(struct response *res,
    const struct response_writer *writer);

/*
 * response_header(res, name, value):
 * Add a header line; neither part may come from a client.  Behind
 * response_object and the like, which forget it.
 */
void response_header(struct response *res, const char *name, const char *value);

/*
 * response_cookie(res, value):
 * Set the one cookie of the answer.
 */
void response_cookie(struct response *res, const char *value);

/*
 * response_retry(res, ms):
 * Add the header Retry-After, in whole seconds, at least one.
 * Source: RFC 9110, 10.2.3.
 */
void response_retry(struct response *res, int64_t ms);

/* Where an answer goes, piece by piece: 0, or -1 when nobody is there. */
struct response_out {
	int (*write)(void *arg, const void *data, size_t len);
	void *arg;
};

/*
 * response_send(res, bodiless, out, err):
 * Finish ${res} and write head and body to ${out}, with the headers that
 * every answer has; ${bodiless} is for HEAD.  What could not be made for
 * want of memory, or was never begun, becomes an error 500.  Return 0, or -1
 * when the answer was broken off: with ${err}, or without when nobody was
 * there to take it.
 * Source: RFC 3875, 6.
 */
int response_send(struct response *res, bool bodiless,
    const struct response_out *out, struct err *err);

#endif
