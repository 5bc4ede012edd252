#include "cgi-src/services/jellyfin_item.h"

#include <string.h>

#include "core/clock.h"
#include "core/str.h"

#define YEAR_MAX 9999
#define TMDB_MAX INT32_MAX

/* A text without NUL, or NULL. */
static const char *
text_of(const struct json *j)
{
	size_t len = 0;
	const char *text = json_text(j, &len);

	return text != NULL && strlen(text) == len ? text : NULL;
}

static int64_t
time_of(const struct json *j)
{
	size_t len = 0;
	const char *text = json_text(j, &len);
	int64_t ms;

	if (text == NULL || clock_parse(text, len, &ms) || ms < 0)
		return -1;
	return ms;
}

/* ProviderIds.Tmdb, a string; some plugins write a number or "tmdb". */
static int64_t
tmdb_of(const struct json *j)
{
	const struct json *ids = json_get(j, "ProviderIds");
	const struct json *id = json_get(ids, "Tmdb");
	const char *text;
	size_t len = 0;
	int64_t v = 0;

	if (id == NULL)
		id = json_get(ids, "tmdb");
	if ((text = json_text(id, &len)) != NULL)
		(void)str_int64(text, len, &v);
	else
		(void)json_int(id, &v);
	return v > 0 && v <= TMDB_MAX ? v : 0;
}

static size_t
genres_of(const struct json *list, const char *genres[JELLYFIN_GENRES_MAX])
{
	size_t count = json_kind(list) == JSON_LIST ? json_count(list) : 0;
	size_t n = 0;

	for (size_t i = 0; i < count && n < JELLYFIN_GENRES_MAX; i++) {
		const char *genre = text_of(json_at(list, i));

		if (genre != NULL && *genre != '\0')
			genres[n++] = genre;
	}
	return n;
}

int64_t
jellyfin_item_played(const struct json *j)
{
	return time_of(json_get(json_get(j, "UserData"), "LastPlayedDate"));
}

int
jellyfin_item_read(const struct json *j, struct jellyfin_item *it,
    const char *genres[JELLYFIN_GENRES_MAX])
{
	const char *type = text_of(json_get(j, "Type"));
	int64_t year = 0;

	*it = (struct jellyfin_item){ .genres = genres };
	if (type == NULL ||
	    (strcmp(type, "Movie") != 0 && strcmp(type, "Series") != 0))
		return -1;
	it->series = strcmp(type, "Series") == 0;
	it->title = text_of(json_get(j, "Name"));
	it->tmdb_id = tmdb_of(j);
	if (it->title == NULL || *it->title == '\0' || it->tmdb_id == 0)
		return -1;
	it->overview = text_of(json_get(j, "Overview"));
	it->genres_count = genres_of(json_get(j, "Genres"), genres);
	if (json_int(json_get(j, "ProductionYear"), &year) == 0 && year > 0 &&
	    year <= YEAR_MAX)
		it->year = year;
	it->last_played = jellyfin_item_played(j);
	it->created = time_of(json_get(j, "DateCreated"));
	return 0;
}
