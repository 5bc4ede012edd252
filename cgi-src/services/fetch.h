#ifndef CGI_SRC_SERVICES_FETCH_H
#define CGI_SRC_SERVICES_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "cgi-src/services/url.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/json.h"
#include "core/secret.h"

/*
 * Requests to other services over HTTP: several at once, each bounded in time
 * and size, to no address that address_refused names, through no proxy, with
 * certificates checked, and with redirects only within one origin.  The only
 * module that knows libcurl.  The process must ignore SIGPIPE.
 */
struct fetch_set;

/* What requests are for; it sets the limits of time and size. */
enum fetch_class {
	FETCH_TEST, /* 8 s, 1 MiB */
	FETCH_DATA, /* 15 s, 64 MiB */
	FETCH_AI /* 90 s, 64 MiB */
};

/* Why there is no whole answer. */
enum fetch_fault {
	FETCH_ANSWERED, /* there is one, with any status */
	FETCH_BAD_URL, /* url_split refused it */
	FETCH_BAD_KEY, /* a key that cannot stand in a header */
	FETCH_NO_NAME, /* the host's name was not found */
	FETCH_BAD_ADDRESS, /* only addresses that we do not connect to */
	FETCH_REFUSED, /* nothing listens there */
	FETCH_NO_WAY, /* the network leads not there */
	FETCH_NO_CONNECT, /* no connection in time */
	FETCH_TIMEOUT, /* no whole answer in time */
	FETCH_BAD_CERT, /* a certificate that is not trusted */
	FETCH_NO_TLS, /* no secure connection */
	FETCH_REDIRECT, /* sent on to another origin, or round and round */
	FETCH_NO_HTTP, /* what answers speaks something else */
	FETCH_TOO_LARGE, /* the answer is larger than the limit */
	FETCH_CUT, /* the connection broke off */
	FETCH_SYSTEM /* memory, or a failure of our own */
};

struct fetch {
	/* The question: the caller's, unchanged until done is called. */
	const char *who; /* "Jellyfin", for sentences */
	const char *url;
	const char *header; /* a header with a secret value, or NULL */
	const struct secret *value;
	bool post; /* POST instead of GET */
	const struct secret *body; /* JSON to post, or NULL */
	void (*done)(struct fetch *f); /* called once by fetch_wait, or NULL */
	void *arg; /* for it; it may add more and free the fetch */

	/* The answer; fetch_free releases it. */
	enum fetch_fault fault;
	int status; /* of HTTP; 0 without an answer */
	bool html; /* it claims or seems to be a page */
	struct buf reply;
	int64_t ms; /* since the set began to work */
	char target[URL_ORIGIN_MAX]; /* of a refused redirect, or "" */
	struct err err; /* of FETCH_BAD_URL and FETCH_SYSTEM */

	struct fetch_set *set; /* fetch's own, as is the next one */
	struct fetch *next;
};

/*
 * fetch_open(set, class, err):
 * Make ${set}, which fetch_close releases.  The time limit of ${class} counts
 * for all that is added before fetch_wait returns, and anew after it.  Return
 * 0, or -1 with ${err} (ERR_NOMEM).
 */
int fetch_open(struct fetch_set **set, enum fetch_class class, struct err *err);

/*
 * fetch_add(set, f):
 * Begin what ${f} asks for.  It stays the caller's, and what an earlier answer
 * in it held is not released.  What is wrong is told like every failure: in
 * the answer.
 */
void fetch_add(struct fetch_set *set, struct fetch *f);

/*
 * fetch_wait(set):
 * Return when all that was added, also by done, is answered or has failed.
 */
void fetch_wait(struct fetch_set *set);

/*
 * fetch_close(set):
 * Release ${set}, of which nothing is under way; NULL is accepted.
 */
void fetch_close(struct fetch_set *set);

/*
 * fetch_free(f):
 * Zero and release the answer in ${f}.
 */
void fetch_free(struct fetch *f);

/*
 * fetch_say(f, err):
 * Write into ${err} why ${f} brought no success, for a person: the failure,
 * or the status.  Nothing of the answer's text is in it.  The code is
 * ERR_USAGE for an address, ERR_FORMAT for what is not the service, ERR_LIMIT,
 * ERR_NOMEM, else ERR_IO.  Return -1.
 */
int fetch_say(const struct fetch *f, struct err *err);

/*
 * fetch_word(f):
 * Return the same as one word that never changes, so that a page can say it
 * in its own language.
 */
const char *fetch_word(const struct fetch *f);

/*
 * fetch_json(f, j, err):
 * Read the answer, which must have status 200 and be a JSON object of at most
 * 1 MiB, into ${j}, which json_free releases.  Return 0, or -1 with ${err} as above.
 */
int fetch_json(const struct fetch *f, struct json **j, struct err *err);

/*
 * fetch_not_service(f, err):
 * Say in ${err} (ERR_FORMAT) that what answers is not the service.  Return
 * -1.
 */
int fetch_not_service(const struct fetch *f, struct err *err);

#endif
