#ifndef CGI_SRC_SERVICES_FETCH_IMPL_H
#define CGI_SRC_SERVICES_FETCH_IMPL_H

#include <curl/curl.h>

#include "cgi-src/services/fetch.h"

/* Inside of fetch: one request under way. */
struct transfer {
	struct fetch *f;
	CURL *easy;
	struct curl_slist *headers;
	char *url; /* what is asked now */
	int hops; /* redirects so far */
	size_t header_bytes;
	bool large; /* a limit of size was passed */
	bool refused; /* an address was */
	bool tried; /* an address was not */
};

/* The limits of a class. */
struct fetch_limits {
	long ms;
	size_t bytes;
};

/*
 * fetch_transfer_new(f, limits):
 * Return ${f} made ready for libcurl, which fetch_transfer_free releases, or
 * NULL with f->fault and f->err set.
 */
struct transfer *fetch_transfer_new(struct fetch *f,
    const struct fetch_limits *limits);

/*
 * fetch_transfer_free(t):
 * Release ${t}; the secret in its headers is zeroed.  NULL is accepted.
 */
void fetch_transfer_free(struct transfer *t);

/*
 * fetch_transfer_end(t, code):
 * Put what libcurl says at the end into the answer.  Return true when the
 * request is to be made again, for t->url.
 */
bool fetch_transfer_end(struct transfer *t, CURLcode code);

#endif
