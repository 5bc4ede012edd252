#ifndef CGI_SRC_SERVICES_SERVICE_H
#define CGI_SRC_SERVICES_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgi-src/services/fetch.h"
#include "core/err.h"
#include "core/json.h"

/* Room for what a server says of itself, and for its address. */
#define SERVICE_NAME_MAX 128
#define SERVICE_URL_MAX 2048
/* Room for the names of some models. */
#define SERVICE_MODELS_MAX 400

/* What came of the test of one service. */
struct service_result {
	bool tested; /* false: there was nothing to test */
	bool ok;
	bool other_server; /* another Jellyfin than it was so far */
	char message[1024]; /* a sentence, either way */
	const char *code; /* why it failed, as one stable word, or NULL */
	int status; /* of HTTP, of the answer that is to blame, or 0 */
	char target[URL_ORIGIN_MAX]; /* where that one sent us on to, or "" */
	char models[SERVICE_MODELS_MAX]; /* that there are: "a, b", or "" */
	char url[SERVICE_URL_MAX]; /* the cleaned address, or "" */
	char version[SERVICE_NAME_MAX]; /* "" where unknown, as the next two */
	char server_id[SERVICE_NAME_MAX];
	char server_name[SERVICE_NAME_MAX];
	int64_t ms;
};

/*
 * service_good(r, f, fmt, ...), service_bad(r, f, err):
 * Write down how a test ended, with the sentence; ${f}, which may be NULL, was
 * its last request.  What failed is told by service_blame, unless that was
 * called before or r->code is set.
 */
void service_good(struct service_result *r, const struct fetch *f,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void service_bad(struct service_result *r, const struct fetch *f,
    const struct err *err);

/*
 * service_blame(r, f):
 * Write down by fetch_word why ${f} brought no success, for programs.
 */
void service_blame(struct service_result *r, const struct fetch *f);

/*
 * service_text(j, key, out, size):
 * Copy the string ${key} of the object ${j} into ${out} as far as whole
 * characters of it fit into ${size} bytes with a NUL; control characters
 * become blanks.  Return its length; 0 with "" when there is none.
 */
size_t service_text(const struct json *j, const char *key, char *out,
    size_t size);

/*
 * service_is_id(text):
 * Tell whether ${text} is 1 to 64 letters, digits and '-', so that it may
 * stand in a URL.
 */
bool service_is_id(const char *text);

/*
 * service_id(j, key, out, size):
 * Copy the string ${key} of ${j}, which must be such an id and fit into
 * ${size} bytes.  Return 0, or -1 with "" in ${out}.
 */
int service_id(const struct json *j, const char *key, char *out, size_t size);

#endif
