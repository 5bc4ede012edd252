#include "core/archive.h"
#include "core/archive_part.h"

static const struct archive_field fields[ITEM_FIELDS] = {
	[ITEM_TITLE] = { "title", "title", ARCHIVE_TEXT },
	[ITEM_TMDB_ID] = { "tmdb_id", "tmdbId", ARCHIVE_ID },
	[ITEM_MEDIA_TYPE] = { "media_type", "mediaType", ARCHIVE_TEXT },
	[ITEM_RELEASE_YEAR] = { "release_year", "releaseYear", ARCHIVE_TEXT },
	[ITEM_POSTER_URL] = { "poster_url", "posterUrl", ARCHIVE_TEXT },
	[ITEM_OVERVIEW] = { "overview", "overview", ARCHIVE_TEXT },
	[ITEM_BACKDROP_URL] = { "backdrop_url", "backdropUrl", ARCHIVE_TEXT },
	[ITEM_VOTE_AVERAGE] = { "vote_average", "voteAverage", ARCHIVE_REAL },
	[ITEM_ADDED_AT] = { "added_at", "addedAt", ARCHIVE_TIME },
	[ITEM_UPDATED_AT] = { "updated_at", "updatedAt", ARCHIVE_TIME },
	[ITEM_LANGUAGE] = { "language", "language", ARCHIVE_TEXT },
	[ITEM_GENRES] = { "genres", "genres", ARCHIVE_TEXT },
	[ITEM_KEYWORDS] = { "keywords", "keywords", ARCHIVE_TEXT },
	[ITEM_DIRECTOR] = { "director", "director", ARCHIVE_TEXT },
	[ITEM_TOP_CAST] = { "top_cast", "topCast", ARCHIVE_TEXT },
	[ITEM_TAGLINE] = { "tagline", "tagline", ARCHIVE_TEXT },
	[ITEM_SIMILAR_IDS] = { "similar_ids", "similarIds", ARCHIVE_TEXT },
	[ITEM_RECOMMENDATION_IDS] = { "recommendation_ids", "recommendationIds",
	    ARCHIVE_TEXT },
	[ITEM_ENRICHED_AT] = { "enriched_at", "enrichedAt", ARCHIVE_TIME },
	[ITEM_POSTER_SOURCE_URL] = { "poster_source_url", "posterSourceUrl",
	    ARCHIVE_TEXT },
	[ITEM_BACKDROP_SOURCE_URL] = { "backdrop_source_url",
	    "backdropSourceUrl", ARCHIVE_TEXT },
	[ITEM_BLOCKED_AT] = { "blocked_at", "blockedAt", ARCHIVE_TIME },
	[ITEM_PERMANENT_BLOCK] = { "permanent_block", "permanentBlock",
	    ARCHIVE_BOOL },
	[ITEM_SOFT_BLOCK_UNTIL] = { "soft_block_until", "softBlockUntil",
	    ARCHIVE_TIME },
	[ITEM_REDEMPTION_ATTEMPTS] = { "redemption_attempts",
	    "redemptionAttempts", ARCHIVE_INT },
	[ITEM_STATUS] = { "status", "status", ARCHIVE_TEXT },
};

const char *
archive_item_key(enum item_field field)
{
	return fields[field].key;
}

/* How each list begins and ends. */
static const struct {
	const char *outer; /* the object around it, opened here */
	const char *name;
	bool closes; /* ends the object around it */
} lists[] = {
	[LIST_MOVIES] = { NULL, "movies", false },
	[LIST_SERIES] = { NULL, "series", false },
	[LIST_WATCHLIST_MOVIES] = { "watchlist", "movies", false },
	[LIST_WATCHLIST_SERIES] = { NULL, "series", true },
	[LIST_BLOCKED] = { NULL, "do_not_recommend", false },
	[LIST_OTHER] = { NULL, "other", false },
};

static void
enter(struct json_out *j, enum item_list list)
{
	if (lists[list].outer != NULL)
		json_out_begin(j, lists[list].outer, '{');
	json_out_begin(j, lists[list].name, '[');
}

static void
leave(struct json_out *j, enum item_list list)
{
	json_out_end(j, ']');
	if (lists[list].closes)
		json_out_end(j, '}');
}

/* From one list to a later one; those between are empty. */
static void
go_to(struct json_out *j, enum item_list *at, enum item_list list)
{
	while (*at < list) {
		leave(j, *at);
		*at = (enum item_list)((int)*at + 1);
		enter(j, *at);
	}
}

/* An item that can stand in one of the five lists. */
static bool
is_regular(const struct item *item)
{
	if (item->list >= LIST_OTHER)
		return false;
	for (int i = 0; i < ITEM_STATUS; i++) {
		if (!archive_value_fits(&fields[i], &item->v[i]))
			return false;
	}
	return true;
}

/* Say what is odd about where the item stands. */
static void
note_list(struct archive_out *a, const struct item *item)
{
	const struct value *type = &item->v[ITEM_MEDIA_TYPE];
	char show[ARCHIVE_SHOW_MAX];

	if (type->kind == VALUE_NULL)
		archive_note(a, "mediaType is NULL");
	else if (item->list == LIST_OTHER)
		archive_note(a, "status is %s",
		    archive_show(&item->v[ITEM_STATUS], show));
}

/* A media type that is none of ours: BLOBs are noted as such. */
static bool
is_strange_type(const struct value *v)
{
	if (v->kind != VALUE_TEXT)
		return false;
	return !(v->len == 5 && v->s[0] == 'm' && v->s[1] == 'o' &&
		   v->s[2] == 'v' && v->s[3] == 'i' && v->s[4] == 'e') &&
	    !(v->len == 2 && v->s[0] == 't' && v->s[1] == 'v');
}

static int
write_item(struct archive_job *job, const struct item *item, bool other,
    struct err *err)
{
	struct archive_out *a = &job->out;
	int count = other ? ITEM_FIELDS : ITEM_STATUS;
	char show[ARCHIVE_SHOW_MAX];

	a->item = item;
	if (other)
		note_list(a, item);
	if (is_strange_type(&item->v[ITEM_MEDIA_TYPE]))
		archive_note(a, "mediaType is %s",
		    archive_show(&item->v[ITEM_MEDIA_TYPE], show));
	json_out_begin(&a->j, NULL, '{');
	for (int i = 0; i < count; i++)
		archive_value(a, &fields[i], &item->v[i]);
	json_out_end(&a->j, '}');
	a->item = NULL;
	a->stats->items++;
	return archive_out_ok(a, err);
}

/* The five lists; count what has no place there. */
static int
write_lists(struct archive_job *job, int64_t user, int64_t *other,
    bool *dangling, struct err *err)
{
	struct json_out *j = &job->out.j;
	enum item_list at = LIST_MOVIES;
	struct item item;
	int rc;

	if (store_item_start(job->items, user, job->order, err))
		return -1;
	enter(j, at);
	while ((rc = store_item_next(job->items, &item, err)) == 1) {
		job->seen++;
		if (item.list == LIST_DANGLING) {
			*dangling = true;
		} else if (!is_regular(&item)) {
			++*other;
		} else if (item.list < at) {
			return err_set(err, ERR_FORMAT,
			    "The items of a user are not stored list by list.");
		} else {
			go_to(j, &at, item.list);
			if (write_item(job, &item, false, err))
				return -1;
		}
	}
	go_to(j, &at, LIST_BLOCKED);
	leave(j, at);
	return rc;
}

/* Read all again for what was left over: rare, and needs no memory. */
static int
write_other(struct archive_job *job, int64_t user, struct err *err)
{
	struct json_out *j = &job->out.j;
	struct item item;
	int rc;

	if (store_item_start(job->items, user, ORDER_TIMES, err))
		return -1;
	enter(j, LIST_OTHER);
	while ((rc = store_item_next(job->items, &item, err)) == 1) {
		if (item.list == LIST_DANGLING || is_regular(&item))
			continue;
		if (write_item(job, &item, true, err))
			return -1;
	}
	leave(j, LIST_OTHER);
	return rc;
}

int
archive_items(struct archive_job *job, int64_t user, bool *dangling,
    struct err *err)
{
	int64_t other = 0;

	*dangling = false;
	if (write_lists(job, user, &other, dangling, err))
		return -1;
	return other > 0 ? write_other(job, user, err) : 0;
}
