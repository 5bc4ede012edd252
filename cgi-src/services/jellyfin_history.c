#include "cgi-src/services/jellyfin_history.h"

#include <stdlib.h>
#include <string.h>

#include "cgi-src/services/jellyfin_item.h"
#include "cgi-src/services/jellyfin_page.h"
#include "cgi-src/services/jellyfin_paths.h"
#include "cgi-src/services/jellyfin_series.h"
#include "core/str.h"

#define PAGE 500
#define IDS 50 /* series asked for at once */
#define ITEMS_MAX 1000000 /* more is no household's history */
#define PAGES_MAX 20000 /* a server may send shorter pages than asked for */
#define QUERY_MAX ((size_t)8 << 10)

/* A walk through a history. */
struct walk {
	const struct jellyfin *j;
	char user_id[JELLYFIN_UUID_MAX];
	const struct jellyfin_sink *sink;
	struct jellyfin_count *count;
	struct fetch_set *set;
	struct secret authorization;
	struct jellyfin_series series;
	bool old; /* the paths of older servers */
	bool refused; /* the sink said no */
	char head[JELLYFIN_ID_MAX]; /* the first id of the present page */
};

/* One question: what stands in its query, and who reads its items. */
struct question {
	const char *query; /* for this version */
	const char *query_old; /* for older ones */
	int (*item)(void *arg, const struct json *j, struct err *err);
};

#define FIELDS                                                                 \
	"&fields=ProviderIds&fields=Overview&fields=Genres"                    \
	"&fields=DateCreated"
#define SORTED "&sortBy=DatePlayed&sortOrder=Descending"

static char *
url_of(const struct walk *w, const struct question *q, uint64_t start,
    struct err *err)
{
	if (w->old)
		return str_printf(err,
		    "%s/Users/%s/Items?%s&startIndex=%llu&limit=%d", w->j->base,
		    w->user_id, q->query_old, (unsigned long long)start, PAGE);
	return str_printf(err, "%s/Items?userId=%s&%s&startIndex=%llu&limit=%d",
	    w->j->base, w->user_id, q->query, (unsigned long long)start, PAGE);
}

/* Ask for one page. */
static int
ask(struct walk *w, const struct question *q, uint64_t start, struct fetch *f,
    struct err *err)
{
	char *url = url_of(w, q, start, err);

	if (url == NULL)
		return -1;
	fetch_free(f);
	*f = (struct fetch){ .who = "Jellyfin",
		.url = url,
		.header = "Authorization",
		.value = &w->authorization };
	fetch_add(w->set, f);
	fetch_wait(w->set);
	err_clear(err);
	if (f->fault != FETCH_ANSWERED || f->status != 200)
		(void)fetch_say(f, err);
	if (f->fault == FETCH_ANSWERED &&
	    (f->status == 401 || f->status == 403))
		err_set(err, ERR_DENIED,
		    "Jellyfin no longer accepts this login: log in again.");
	f->url = "";
	free(url);
	return err->code == ERR_NONE ? 0 : -1;
}

/* Does the answer say that the server is too old for the question? */
static bool
is_too_new(const struct walk *w, const struct fetch *f)
{
	return !w->old && f->fault == FETCH_ANSWERED &&
	    (f->status == 400 || f->status == 404 || f->status == 405);
}

/* What an answer that cannot be used means. */
static int
say_unreadable(const struct walk *w, uint64_t start, struct err *err)
{
	if (w->refused || err->code == ERR_NOMEM)
		return -1;
	return err_set(err, ERR_FORMAT,
	    "Jellyfin's list of what was watched cannot be read (from item "
	    "%llu on).",
	    (unsigned long long)start + 1);
}

/* One page; ${page} tells how much it was. */
static int
read_page(struct walk *w, const struct question *q, uint64_t start,
    struct jellyfin_page *page, struct err *err)
{
	struct fetch f = { .who = "Jellyfin", .url = "" };
	int rc = ask(w, q, start, &f, err);

	if (rc != 0 && is_too_new(w, &f)) {
		w->old = true;
		rc = ask(w, q, start, &f, err);
	}
	w->head[0] = '\0';
	if (rc == 0 &&
	    jellyfin_page_read(buf_str(&f.reply), f.reply.len, q->item, w, page,
		err))
		rc = say_unreadable(w, start, err);
	fetch_free(&f);
	return rc;
}

/*
 * A server that always sends its first page has sent all of it when that is
 * the total; without an id (head is "") nothing is known.
 */
static bool
is_all(const struct jellyfin_page *page, uint64_t seen)
{
	return page->total >= 0 && (uint64_t)page->total <= seen;
}

static int
say_same(struct err *err)
{
	return err_set(err, ERR_FORMAT,
	    "Jellyfin sends the same page of what was watched again and "
	    "again.");
}

/* Was this the last page?  What the server says of the total may be wrong. */
static bool
is_last(const struct jellyfin_page *page, uint64_t seen)
{
	if (page->count == 0)
		return true;
	return page->count != PAGE &&
	    (page->total < 0 || (uint64_t)page->total <= seen);
}

/* Add a page to the numbers and let the sink know. */
static int
count_page(struct walk *w, const struct jellyfin_page *page, uint64_t before,
    uint64_t seen, struct err *err)
{
	uint64_t total = page->total > 0 ? (uint64_t)page->total : 0;

	w->count->seen += page->count;
	w->count->expected = before + (total > seen ? total : seen);
	if (w->sink->page == NULL)
		return 0;
	return w->sink->page(w->sink->arg, w->count, err);
}

/* Every page of one question. */
static int
read_all(struct walk *w, const struct question *q, struct err *err)
{
	struct jellyfin_page page;
	char first[JELLYFIN_ID_MAX] = "";
	uint64_t before = w->count->expected;
	uint64_t seen = 0;
	int pages = 0;

	do {
		if (read_page(w, q, seen, &page, err))
			return -1;
		if (w->head[0] != '\0' && strcmp(w->head, first) == 0)
			return is_all(&page, seen) ? 0 : say_same(err);
		memcpy(first, w->head, sizeof(first));
		seen += page.count;
		if (seen > ITEMS_MAX || ++pages > PAGES_MAX)
			return err_set(err, ERR_LIMIT,
			    "Jellyfin names more than %d watched items.",
			    ITEMS_MAX);
		if (count_page(w, &page, before, seen, err))
			return -1;
	} while (!is_last(&page, seen));
	return 0;
}

/* The id of the item, noted when it is the page's first. */
static void
note_id(struct walk *w, const struct json *j, char id[JELLYFIN_ID_MAX])
{
	if (service_id(j, "Id", id, JELLYFIN_ID_MAX) == 0 && w->head[0] == '\0')
		memcpy(w->head, id, JELLYFIN_ID_MAX);
}

static void
skip(struct walk *w, const struct json *j)
{
	const char *title = json_text(json_get(j, "Name"), NULL);

	w->count->skipped++;
	if (w->sink->skipped != NULL && title != NULL)
		w->sink->skipped(w->sink->arg, title);
}

static int
tell(struct walk *w, const struct json *j, int64_t played, struct err *err)
{
	const char *genres[JELLYFIN_GENRES_MAX];
	struct jellyfin_item it;

	if (jellyfin_item_read(j, &it, genres)) {
		skip(w, j);
		return 0;
	}
	if (played > it.last_played)
		it.last_played = played;
	w->refused = w->sink->item(w->sink->arg, &it, err) != 0;
	return w->refused ? -1 : 0;
}

/* A watched movie or series. */
static int
on_watched(void *arg, const struct json *j, struct err *err)
{
	struct walk *w = arg;
	const char *type = json_text(json_get(j, "Type"), NULL);
	struct jellyfin_seen *seen;
	char id[JELLYFIN_ID_MAX];

	note_id(w, j, id);
	if (type != NULL && strcmp(type, "Series") == 0 && id[0] != '\0') {
		if ((seen = jellyfin_series_add(&w->series, id, err)) == NULL)
			return -1;
		seen->told = true;
	}
	return tell(w, j, -1, err);
}

/* A watched episode: its series was watched. */
static int
on_episode(void *arg, const struct json *j, struct err *err)
{
	struct walk *w = arg;
	int64_t played = jellyfin_item_played(j);
	struct jellyfin_seen *seen;
	char id[JELLYFIN_ID_MAX];

	note_id(w, j, id);
	if (service_id(j, "SeriesId", id, sizeof(id)))
		return 0;
	if ((seen = jellyfin_series_add(&w->series, id, err)) == NULL)
		return -1;
	seen->watched = true;
	if (played > seen->played)
		seen->played = played;
	return 0;
}

/* A series of which only episodes were watched. */
static int
on_series(void *arg, const struct json *j, struct err *err)
{
	struct walk *w = arg;
	struct jellyfin_seen *seen;
	char id[JELLYFIN_ID_MAX] = "";

	note_id(w, j, id);
	if (id[0] == '\0')
		return 0;
	if ((seen = jellyfin_series_add(&w->series, id, err)) == NULL)
		return -1;
	/* A server that ignores the ids must not make all it has watched. */
	if (seen->told || !seen->watched)
		return 0;
	seen->told = true;
	return tell(w, j, seen->played, err);
}

/* Append the ids of up to IDS series from ${i} on that were not told. */
static size_t
add_ids(const struct jellyfin_series *s, size_t i, size_t known,
    struct buf *query)
{
	char uuid[JELLYFIN_UUID_MAX];

	for (size_t n = 0; i < known && n < IDS; i++) {
		if (s->list[i].told || !s->list[i].watched)
			continue;
		buf_addf(query, "&ids=%s", jellyfin_uuid(s->list[i].id, uuid));
		n++;
	}
	return i;
}

/* The series that only episodes have brought. */
static int
read_series(struct walk *w, struct err *err)
{
	struct question q = { .item = on_series };
	size_t known = w->series.count;
	struct buf query;
	int rc = 0;

	buf_init(&query, QUERY_MAX);
	for (size_t i = 0; rc == 0 && i < known;) {
		buf_reset(&query);
		buf_addz(&query,
		    "recursive=true&includeItemTypes=Series" FIELDS);
		i = add_ids(&w->series, i, known, &query);
		if ((rc = buf_ok(&query, "a question to Jellyfin", err)) != 0)
			break;
		q.query = q.query_old = buf_str(&query);
		if (strstr(q.query, "&ids=") != NULL)
			rc = read_all(w, &q, err);
	}
	buf_free(&query);
	return rc;
}

static int
read_history(struct walk *w, bool episodes, struct err *err)
{
	static const struct question watched = {
		"recursive=true&includeItemTypes=Movie&includeItemTypes=Series"
		"&isPlayed=true" FIELDS SORTED,
		"recursive=true&includeItemTypes=Movie,Series"
		"&filters=IsPlayed" FIELDS SORTED,
		on_watched
	};
	static const struct question watched_episodes = {
		"recursive=true&includeItemTypes=Episode&isPlayed=true" SORTED,
		"recursive=true&includeItemTypes=Episode"
		"&filters=IsPlayed" SORTED,
		on_episode
	};

	if (read_all(w, &watched, err))
		return -1;
	if (!episodes)
		return 0;
	if (read_all(w, &watched_episodes, err))
		return -1;
	return read_series(w, err);
}

int
jellyfin_history(const struct jellyfin *j, const char *user_id, bool episodes,
    const struct jellyfin_sink *sink, struct jellyfin_count *count,
    struct err *err)
{
	struct walk w = { .j = j, .sink = sink, .count = count };
	int rc = -1;

	*count = (struct jellyfin_count){ .seen = 0 };
	if (!service_is_id(user_id))
		return err_set(err, ERR_USAGE,
		    "\"%.80s\" is no id of a user of Jellyfin.", user_id);
	(void)jellyfin_uuid(user_id, w.user_id);
	if (jellyfin_authorization(j, &w.authorization, err) == 0 &&
	    fetch_open(&w.set, FETCH_DATA, err) == 0)
		rc = read_history(&w, episodes, err);
	fetch_close(w.set);
	secret_clear(&w.authorization);
	jellyfin_series_free(&w.series);
	return rc;
}
