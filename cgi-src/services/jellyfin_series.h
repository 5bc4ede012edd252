#ifndef CGI_SRC_SERVICES_JELLYFIN_SERIES_H
#define CGI_SRC_SERVICES_JELLYFIN_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

#define JELLYFIN_ID_MAX 65

/* A series: its id in Jellyfin and when an episode was watched last. */
struct jellyfin_seen {
	char id[JELLYFIN_ID_MAX];
	int64_t played; /* or -1 */
	bool watched; /* an episode of it was */
	bool told; /* the sink has it already */
};

/* A set of series; zero-initialised it is empty. */
struct jellyfin_series {
	struct jellyfin_seen *list; /* in the order of coming */
	size_t count;
	size_t cap;
	size_t *slots; /* hash table of places in list, from 1 */
	size_t slots_count;
};

/*
 * jellyfin_series_add(s, id, err):
 * Return the entry of the series ${id}, a new one when there is none; it is
 * good until the next call.  NULL with ${err} (ERR_NOMEM, or ERR_LIMIT beyond
 * what a household can have).
 */
struct jellyfin_seen *jellyfin_series_add(struct jellyfin_series *s,
    const char *id, struct err *err);

/*
 * jellyfin_series_free(s):
 * Release and empty ${s}.
 */
void jellyfin_series_free(struct jellyfin_series *s);

#endif
