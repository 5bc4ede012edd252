/*
 * Without this, an answer of a broken or hostile service could crash a worker.
 * The first byte of an input says whose answer the rest is.  Also: what is
 * read is within its bounds, and an address cleaned twice stays as it is.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi-src/services/base_url.h"
#include "cgi-src/services/gemini.h"
#include "cgi-src/services/jellyfin_item.h"
#include "cgi-src/services/jellyfin_page.h"
#include "cgi-src/services/jellyfin_reply.h"
#include "cgi-src/services/seerr.h"
#include "core/str.h"

#define OFFERS 400

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int ok, const char *what)
{
	if (ok)
		return;
	(void)fprintf(stderr, "violated: %s\n", what);
	abort();
}

static void
check_text(const char *s, size_t max)
{
	size_t len = strnlen(s, max);

	must(len < max, "a length");
	must(str_utf8_valid(s, len) == len, "UTF-8");
}

static int
on_item(void *arg, const struct json *j, struct err *err)
{
	const char *genres[JELLYFIN_GENRES_MAX];
	struct jellyfin_item it;
	size_t *items = arg;

	(void)err;
	++*items;
	(void)jellyfin_item_played(j);
	if (jellyfin_item_read(j, &it, genres))
		return 0;
	must(it.tmdb_id > 0 && it.title[0] != '\0', "an item");
	must(it.year >= 0 && it.last_played >= -1, "its numbers");
	must(it.genres_count <= JELLYFIN_GENRES_MAX, "its genres");
	check_text(it.title, SIZE_MAX);
	return 0;
}

static void
page(const char *text, size_t len)
{
	struct jellyfin_page page;
	struct err err = { ERR_NONE, "" };
	size_t items = 0;

	if (jellyfin_page_read(text, len, on_item, &items, &page, &err)) {
		must(err.code != ERR_NONE && err.msg[0] != '\0', "a message");
		return;
	}
	must(items <= page.count && page.total >= -1, "the counts");
}

/* ${text} as the answer of Jellyfin to a login and to the test. */
static void
jellyfin(struct fetch *f)
{
	struct service_result r = { .tested = true };
	struct jellyfin_login l = { .is_admin = false };
	struct err err = { ERR_NONE, "" };
	struct json *j = NULL;
	bool disabled = false;

	if (fetch_json(f, &j, &err)) {
		must(err.code != ERR_NONE && err.msg[0] != '\0', "a message");
		return;
	}
	(void)jellyfin_read_public(f, j, &r, &err);
	check_text(r.version, sizeof(r.version));
	check_text(r.server_name, sizeof(r.server_name));
	if (jellyfin_read_login(f, j, &l, &disabled, &err) == 0)
		must(l.token.len > 0 && service_is_id(l.user_id), "a login");
	check_text(l.user_name, sizeof(l.user_name));
	jellyfin_login_free(&l);
	json_free(j);
}

static void
seerr(struct fetch *f)
{
	static struct seerr_hits hits;
	struct err err = { ERR_NONE, "" };

	if (seerr_search_read(f, &hits, &err))
		return;
	must(hits.count <= SEERR_HITS_MAX, "the hits");
	for (size_t i = 0; i < hits.count; i++) {
		const struct seerr_hit *h = &hits.hit[i];

		check_text(h->title, sizeof(h->title));
		check_text(h->original_title, sizeof(h->original_title));
		must(h->tmdb_id > 0 && h->year >= 0, "a hit");
		(void)seerr_pick(&hits, h->series, h->title, h->year);
	}
}

static void
gemini(struct fetch *f)
{
	char offers[OFFERS];

	gemini_offers(f, offers, sizeof(offers));
	check_text(offers, sizeof(offers));
	f->status = 400;
	(void)gemini_key_refused(f);
}

static void
base_url(const char *text)
{
	struct err err = { ERR_NONE, "" };
	char *once = base_url_clean(text, &err);
	char *twice;

	if (once == NULL) {
		must(err.msg[0] != '\0', "a message");
		return;
	}
	twice = base_url_clean(once, &err);
	must(twice != NULL && strcmp(once, twice) == 0, "a clean address");
	must(url_same_origin(once, twice), "an origin");
	free(once);
	free(twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fetch f = { .who = "It", .url = "http://nas", .status = 200 };

	if (size == 0)
		return 0;
	buf_init(&f.reply, size);
	buf_add(&f.reply, data + 1, size - 1);
	must(!f.reply.failed, "memory");
	switch (data[0] % 8) {
	case 0:
		page(buf_str(&f.reply), f.reply.len);
		break;
	case 1:
		jellyfin(&f);
		break;
	case 2:
		seerr(&f);
		break;
	case 3:
		gemini(&f);
		break;
	case 4:
		base_url(buf_str(&f.reply));
		break;
	default:
		break;
	}
	fetch_free(&f);
	return 0;
}
