#ifndef CGI_SRC_SERVICES_URL_H
#define CGI_SRC_SERVICES_URL_H

#include <stdbool.h>

#include "core/buf.h"
#include "core/err.h"

/* Room for the parts of a URL, with their NUL. */
#define URL_HOST_MAX 256
#define URL_ORIGIN_MAX (URL_HOST_MAX + 32)

/* A whole URL longer than this is refused. */
#define URL_MAX 8192

/* An http or https URL, taken apart. */
struct url {
	bool https;
	char host[URL_HOST_MAX]; /* in its plainest form, IPv6 in brackets */
	int port; /* also when the text names none */
	const char *rest; /* of the text: "", or from '/', '?' or '#' on */
};

/*
 * url_split(text, u, err):
 * Take ${text}, which must begin with http:// or https://, apart.  The host
 * becomes lower case without a dot at its end; an IPv4 address in any form
 * that inet_aton(3) reads (decimal, octal, hexadecimal) becomes a dotted one.
 * Refused are a name or password before the host, characters that no host has,
 * blanks and control characters anywhere.  ${u} points into ${text}.  Return
 * 0, or -1 with ${err} (ERR_USAGE).
 * Source: RFC 3986, section 3.
 */
int url_split(const char *text, struct url *u, struct err *err);

/*
 * url_origin(u, out):
 * Write scheme, host and port, the port only when it is not the scheme's own,
 * into ${out}: "http://nas:8096".  Return ${out}.
 */
const char *url_origin(const struct url *u, char out[URL_ORIGIN_MAX]);

/*
 * url_same_origin(a, b):
 * Tell whether both texts are URLs with the same scheme, host and port: what a
 * stored key is bound to.  False when url_split refuses one of them.
 */
bool url_same_origin(const char *a, const char *b);

/*
 * url_escape(out, s):
 * Append ${s} with everything but letters, digits, '-', '.', '_' and '~' as
 * %XX.
 */
void url_escape(struct buf *out, const char *s);

#endif
