#include "cgi-src/services/seerr.h"

#include <stdlib.h>
#include <string.h>

#include "core/fold.h"
#include "core/str.h"

#define QUERY_MAX ((size_t)8 << 10)
#define YEAR_DIGITS 4

/* The year that a date such as "2003-05-30" begins with, or 0. */
static int
year_of(const struct json *j, const char *key)
{
	size_t len = 0;
	const char *text = json_text(json_get(j, key), &len);
	int64_t year = 0;

	if (text == NULL || len < YEAR_DIGITS ||
	    str_int64(text, YEAR_DIGITS, &year) || year < 0)
		return 0;
	return (int)year;
}

/* Return false when it is neither a movie nor a series. */
static bool
read_hit(const struct json *j, struct seerr_hit *hit)
{
	const char *type = json_text(json_get(j, "mediaType"), NULL);
	bool series = type != NULL && strcmp(type, "tv") == 0;

	*hit = (struct seerr_hit){ .series = series };
	if (type == NULL || (!series && strcmp(type, "movie") != 0) ||
	    json_int(json_get(j, "id"), &hit->tmdb_id) || hit->tmdb_id <= 0 ||
	    service_text(j, series ? "name" : "title", hit->title,
		sizeof(hit->title)) == 0)
		return false;
	(void)service_text(j, series ? "originalName" : "originalTitle",
	    hit->original_title, sizeof(hit->original_title));
	hit->year = year_of(j, series ? "firstAirDate" : "releaseDate");
	return true;
}

int
seerr_search_read(const struct fetch *f, struct seerr_hits *hits,
    struct err *err)
{
	const struct json *list;
	struct json *j = NULL;
	size_t count;

	hits->count = 0;
	if (fetch_json(f, &j, err))
		return -1;
	list = json_get(j, "results");
	if (json_kind(list) != JSON_LIST) {
		json_free(j);
		return fetch_not_service(f, err);
	}
	count = json_count(list);
	for (size_t i = 0; i < count && hits->count < SEERR_HITS_MAX; i++) {
		if (read_hit(json_at(list, i), &hits->hit[hits->count]))
			hits->count++;
	}
	json_free(j);
	return 0;
}

static char *
search_url(const struct seerr *s, const char *text, struct err *err)
{
	struct buf url;

	buf_init(&url, QUERY_MAX);
	buf_addz(&url, s->base);
	buf_addz(&url, "/api/v1/search?query=");
	/* Seerr refuses reserved characters that stand as they are. */
	url_escape(&url, text);
	buf_addz(&url, "&page=1&language=en");
	if (buf_ok(&url, "a search", err))
		buf_free(&url);
	return buf_take(&url);
}

int
seerr_search(const struct seerr *s, const char *text, struct seerr_hits *hits,
    struct err *err)
{
	struct fetch f = {
		.who = "Seerr", .header = "X-Api-Key", .value = s->key
	};
	struct fetch_set *set = NULL;
	char *url = search_url(s, text, err);
	int rc = -1;

	hits->count = 0;
	if (url == NULL || fetch_open(&set, FETCH_DATA, err))
		goto out;
	f.url = url;
	fetch_add(set, &f);
	fetch_wait(set);
	if (f.fault == FETCH_ANSWERED && (f.status == 401 || f.status == 403))
		err_set(err, ERR_DENIED, "Seerr refused the API key.");
	else
		rc = seerr_search_read(&f, hits, err);
out:
	fetch_close(set);
	fetch_free(&f);
	free(url);
	return rc;
}

/* Are both the same but for case? */
static bool
same_title(const char *a, const char *b)
{
	struct buf fa;
	struct buf fb;
	bool same;

	buf_init(&fa, QUERY_MAX);
	buf_init(&fb, QUERY_MAX);
	fold_case(a, strlen(a), &fa);
	fold_case(b, strlen(b), &fb);
	same = !fa.failed && !fb.failed && fa.len > 0 &&
	    strcmp(buf_str(&fa), buf_str(&fb)) == 0;
	buf_free(&fa);
	buf_free(&fb);
	return same;
}

const struct seerr_hit *
seerr_pick(const struct seerr_hits *hits, bool series, const char *title,
    int year)
{
	const struct seerr_hit *found = NULL;

	for (size_t i = 0; i < hits->count; i++) {
		const struct seerr_hit *h = &hits->hit[i];

		if (h->series != series || (year != 0 && h->year != year) ||
		    (!same_title(h->title, title) &&
			!same_title(h->original_title, title)))
			continue;
		if (found != NULL && found->tmdb_id != h->tmdb_id)
			return NULL;
		found = h;
	}
	return found;
}
