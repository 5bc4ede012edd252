#ifndef CGI_SRC_SERVICES_JELLYFIN_ITEM_H
#define CGI_SRC_SERVICES_JELLYFIN_ITEM_H

#include "cgi-src/services/jellyfin_history.h"
#include "core/json.h"

#define JELLYFIN_GENRES_MAX 64

/*
 * jellyfin_item_read(j, it, genres):
 * Fill ${it} with what ${j}, an item of Jellyfin, says; texts stay those of
 * ${j}, and ${genres} holds the list.  Return 0, or -1 when it is neither a
 * movie nor a series, or has no title or no id of TMDB.
 */
int jellyfin_item_read(const struct json *j, struct jellyfin_item *it,
    const char *genres[JELLYFIN_GENRES_MAX]);

/*
 * jellyfin_item_played(j):
 * Return when ${j} was watched last, in milliseconds since 1970, or -1.
 */
int64_t jellyfin_item_played(const struct json *j);

#endif
