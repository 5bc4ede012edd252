#ifndef CGI_SRC_SERVICES_JELLYFIN_HISTORY_H
#define CGI_SRC_SERVICES_JELLYFIN_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "cgi-src/services/jellyfin.h"
#include "core/err.h"

/* What somebody watched.  Texts are valid during the call only. */
struct jellyfin_item {
	bool series; /* else a movie */
	int64_t tmdb_id; /* above 0 */
	const char *title;
	const char *overview; /* or NULL */
	const char *const *genres; /* genres_count of them */
	size_t genres_count;
	int64_t year; /* or 0 */
	int64_t last_played; /* milliseconds since 1970, or -1 */
	int64_t created; /* likewise */
};

/* What was seen so far. */
struct jellyfin_count {
	uint64_t seen; /* items that Jellyfin sent */
	uint64_t expected; /* items that it said there are */
	uint64_t skipped; /* without an id of TMDB or a title */
};

/* Where the history goes; each may refuse with -1 and ${err}. */
struct jellyfin_sink {
	int (*item)(void *arg, const struct jellyfin_item *it, struct err *err);
	/* After each page; NULL where nobody wants to know. */
	int (*page)(void *arg, const struct jellyfin_count *count,
	    struct err *err);
	/* What is skipped and has a title; NULL likewise. */
	void (*skipped)(void *arg, const char *title);
	void *arg;
};

/*
 * jellyfin_history(j, user_id, episodes, sink, count, err):
 * Give every movie and series that the user has watched to ${sink}, newest
 * first as far as Jellyfin sorts them; with ${episodes} also series of which
 * only episodes were watched, with the newest of their times.  An item may
 * come twice when the history changes meanwhile.  Return 0 with the numbers
 * in ${count}, or -1 with ${err}: ERR_DENIED when Jellyfin no longer accepts
 * the token, as fetch_say, or what ${sink} said.
 */
int jellyfin_history(const struct jellyfin *j, const char *user_id,
    bool episodes, const struct jellyfin_sink *sink,
    struct jellyfin_count *count, struct err *err);

#endif
