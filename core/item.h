#ifndef CORE_ITEM_H
#define CORE_ITEM_H

#include <stdbool.h>

#include "core/value.h"

/* The values of an item, in the order of an archive's keys. */
enum item_field {
	ITEM_TITLE,
	ITEM_TMDB_ID,
	ITEM_MEDIA_TYPE,
	ITEM_RELEASE_YEAR,
	ITEM_POSTER_URL,
	ITEM_OVERVIEW,
	ITEM_BACKDROP_URL,
	ITEM_VOTE_AVERAGE,
	ITEM_ADDED_AT,
	ITEM_UPDATED_AT,
	ITEM_LANGUAGE,
	ITEM_GENRES,
	ITEM_KEYWORDS,
	ITEM_DIRECTOR,
	ITEM_TOP_CAST,
	ITEM_TAGLINE,
	ITEM_SIMILAR_IDS,
	ITEM_RECOMMENDATION_IDS,
	ITEM_ENRICHED_AT,
	ITEM_POSTER_SOURCE_URL,
	ITEM_BACKDROP_SOURCE_URL,
	ITEM_BLOCKED_AT,
	ITEM_PERMANENT_BLOCK,
	ITEM_SOFT_BLOCK_UNTIL,
	ITEM_REDEMPTION_ATTEMPTS,
	ITEM_STATUS,
	ITEM_FIELDS
};

/*
 * item_is_newer(v, added, status):
 * Tell whether the item ${v}[ITEM_FIELDS] takes the place of one of the same
 * title that was added at ${added} with ${status}: it was added later, or at
 * the same moment with WATCHED before WATCHLIST before anything else.  What
 * is no time is the earliest.
 */
bool item_is_newer(const struct value *v, const struct value *added,
    const struct value *status);

#endif
