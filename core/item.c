#include "core/item.h"

static const char *const names[ITEM_FIELDS] = {
	[ITEM_TITLE] = "title",
	[ITEM_TMDB_ID] = "tmdb_id",
	[ITEM_MEDIA_TYPE] = "media_type",
	[ITEM_RELEASE_YEAR] = "release_year",
	[ITEM_POSTER_URL] = "poster_url",
	[ITEM_OVERVIEW] = "overview",
	[ITEM_BACKDROP_URL] = "backdrop_url",
	[ITEM_VOTE_AVERAGE] = "vote_average",
	[ITEM_ADDED_AT] = "added_at",
	[ITEM_UPDATED_AT] = "updated_at",
	[ITEM_LANGUAGE] = "language",
	[ITEM_GENRES] = "genres",
	[ITEM_KEYWORDS] = "keywords",
	[ITEM_DIRECTOR] = "director",
	[ITEM_TOP_CAST] = "top_cast",
	[ITEM_TAGLINE] = "tagline",
	[ITEM_SIMILAR_IDS] = "similar_ids",
	[ITEM_RECOMMENDATION_IDS] = "recommendation_ids",
	[ITEM_ENRICHED_AT] = "enriched_at",
	[ITEM_POSTER_SOURCE_URL] = "poster_source_url",
	[ITEM_BACKDROP_SOURCE_URL] = "backdrop_source_url",
	[ITEM_BLOCKED_AT] = "blocked_at",
	[ITEM_PERMANENT_BLOCK] = "permanent_block",
	[ITEM_SOFT_BLOCK_UNTIL] = "soft_block_until",
	[ITEM_REDEMPTION_ATTEMPTS] = "redemption_attempts",
	[ITEM_STATUS] = "status",
};

const char *
item_field_name(enum item_field field)
{
	return names[field];
}
