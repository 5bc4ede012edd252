#ifndef CGI_SRC_SERVICES_SEERR_H
#define CGI_SRC_SERVICES_SEERR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgi-src/services/fetch.h"
#include "cgi-src/services/service.h"
#include "core/err.h"
#include "core/secret.h"

/*
 * A Seerr server (formerly Jellyseerr, Overseerr).
 * Source: its published OpenAPI description.
 */

/* Whom to ask, and with which key; all of it the caller's. */
struct seerr {
	const char *base; /* as base_url_clean gives it */
	const struct secret *key;
};

/* A movie or series that a search found. */
struct seerr_hit {
	bool series; /* else a movie */
	int64_t tmdb_id; /* above 0 */
	int year; /* or 0 */
	char title[512];
	char original_title[512]; /* or "" */
};

#define SEERR_HITS_MAX 64

/* What a search found. */
struct seerr_hits {
	size_t count;
	struct seerr_hit hit[SEERR_HITS_MAX];
};

/*
 * seerr_test_begin(set, url, key, r):
 * Begin to ask the server at ${url}, as a person typed it, who it is and
 * whether it takes ${key}; blanks around the key do not count.  When
 * fetch_wait(${set}) returns, the outcome is in ${r}.
 */
void seerr_test_begin(struct fetch_set *set, const char *url,
    const struct secret *key, struct service_result *r);

/*
 * seerr_search(s, text, hits, err):
 * Look for movies and series called ${text} (first page, in English).  Return
 * 0, or -1 with ${err}: ERR_DENIED when the key is refused, else as fetch_say.
 */
int seerr_search(const struct seerr *s, const char *text,
    struct seerr_hits *hits, struct err *err);

/*
 * seerr_pick(hits, series, title, year):
 * Return the only hit of that kind whose title or original title is ${title}
 * but for case, and whose year is ${year} (0: any); NULL when there is none
 * or more than one, since a wrong match is worse than none.
 */
const struct seerr_hit *seerr_pick(const struct seerr_hits *hits, bool series,
    const char *title, int year);

/*
 * seerr_search_read(f, hits, err):
 * Read the answer to a search.  Return 0, or -1 with ${err}.
 */
int seerr_search_read(const struct fetch *f, struct seerr_hits *hits,
    struct err *err);

#endif
