#include "cgi-src/services/jellyfin_series.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST 64
#define SERIES_MAX 200000

/* FNV-1a. */
static size_t
hash(const char *id)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *id != '\0'; id++)
		h = (h ^ (unsigned char)*id) * UINT64_C(1099511628211);
	return (size_t)(h ^ h >> 32);
}

/* The slot of ${id}, or the empty one where it belongs. */
static size_t *
find(const struct jellyfin_series *s, const char *id)
{
	size_t i = hash(id) & (s->slots_count - 1);

	while (s->slots[i] != 0 && strcmp(s->list[s->slots[i] - 1].id, id) != 0)
		i = (i + 1) & (s->slots_count - 1);
	return &s->slots[i];
}

/* Twice the room; at least half of the slots stay empty. */
static int
grow(struct jellyfin_series *s, struct err *err)
{
	size_t cap = s->cap > 0 ? 2 * s->cap : FIRST;
	struct jellyfin_seen *list = realloc(s->list, cap * sizeof(*list));
	size_t *slots;

	if (list != NULL)
		s->list = list;
	if (list == NULL || (slots = calloc(2 * cap, sizeof(*slots))) == NULL)
		return err_set(err, ERR_NOMEM, "No memory for the series.");
	free(s->slots);
	s->slots = slots;
	s->slots_count = 2 * cap;
	s->cap = cap;
	for (size_t i = 0; i < s->count; i++)
		*find(s, s->list[i].id) = i + 1;
	return 0;
}

struct jellyfin_seen *
jellyfin_series_add(struct jellyfin_series *s, const char *id, struct err *err)
{
	struct jellyfin_seen *new;
	size_t *slot;

	if (s->count == SERIES_MAX) {
		err_set(err, ERR_LIMIT, "Jellyfin names more than %d series.",
		    SERIES_MAX);
		return NULL;
	}
	if (s->count == s->cap && grow(s, err))
		return NULL;
	slot = find(s, id);
	if (*slot != 0)
		return &s->list[*slot - 1];
	new = &s->list[s->count++];
	*slot = s->count;
	*new = (struct jellyfin_seen){ .played = -1 };
	(void)snprintf(new->id, sizeof(new->id), "%s", id);
	return new;
}

void
jellyfin_series_free(struct jellyfin_series *s)
{
	free(s->list);
	free(s->slots);
	*s = (struct jellyfin_series){ .count = 0 };
}
