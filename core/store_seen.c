#include "core/store_seen.h"

#include <stdlib.h>
#include <string.h>

/* A power of two; one and a half MiB in all. */
#define TITLES 65536

/*
 * What stands at the place of a title is that title or another one of its
 * kind: movies have the odd places, series the even ones.
 */
struct store_seen {
	struct seen_title at[TITLES];
};

struct store_seen *
store_seen_new(void)
{
	return calloc(1, sizeof(struct store_seen));
}

void
store_seen_free(struct store_seen *seen)
{
	free(seen);
}

/* 1 for a movie, 2 for a series, 0 for what is neither. */
static uint32_t
kind_of(const struct value *type)
{
	if (type->kind != VALUE_TEXT)
		return 0;
	if (type->len == 5 && memcmp(type->s, "movie", 5) == 0)
		return 1;
	return type->len == 2 && memcmp(type->s, "tv", 2) == 0 ? 2 : 0;
}

struct seen_title *
store_seen_title(struct store_seen *seen, const struct value *v)
{
	const struct value *id = &v[ITEM_TMDB_ID];
	uint32_t kind = kind_of(&v[ITEM_MEDIA_TYPE]);
	struct seen_title *t;

	if (kind == 0 || id->kind != VALUE_INT)
		return NULL;
	t = &seen->at[((uint64_t)id->i * 2 + kind) % TITLES];
	if (t->tmdb_id != id->i)
		*t = (struct seen_title){ .tmdb_id = id->i };
	return t;
}
