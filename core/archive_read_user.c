#include <string.h>

#include "core/archive_read_impl.h"
#include "core/json.h"
#include "core/str.h"

static const char *const head_names[HEADS] = {
	"username",
	"movieProfile",
	"tvProfile",
	"profile_movie_at",
	"profile_tv_at",
	"created_at",
	"jellyfin_user_id",
};

int
reader_key(struct reader *w, struct json_span *key)
{
	size_t len;
	const char *raw = json_scan_key(w->s, &len);

	buf_reset(&w->key);
	if (json_unescape(raw, len, &w->key, w->err))
		return -1;
	*key = (struct json_span){ buf_str(&w->key), w->key.len };
	return 0;
}

/* Cut the next value out into w->item. */
static int
cut_value(struct reader *w, size_t max)
{
	if (w->item.cap > ARCHIVE_KEEP)
		buf_free(&w->item);
	w->item.max = max;
	buf_reset(&w->item);
	return json_scan_value(w->s, &w->item, w->err);
}

void
reader_check_lone(struct reader *w)
{
	struct json_scan_state state;

	json_scan_state(w->s, &state);
	if (state.lone_surrogates != w->lone)
		reader_count(w, "a half of a surrogate pair became U+FFFD");
	w->lone = state.lone_surrogates;
}

int
reader_refuse_value(struct reader *w, const char *reason)
{
	if (cut_value(w, ARCHIVE_ITEM_MAX))
		return -1;
	return reader_refuse(w,
	    w->item.failed ? "it is larger than an item can be" : reason,
	    w->item.failed ? (struct json_span){ NULL, 0 }
			   : (struct json_span){ w->item.data, w->item.len });
}

static int
walk_items(struct reader *w, size_t max)
{
	bool more;

	if (json_scan_enter(w->s, w->err))
		return -1;
	w->in_list = true;
	for (w->index = 0;; w->index++) {
		if (json_scan_next(w->s, &more, w->err))
			return -1;
		if (!more)
			break;
		if (cut_value(w, max))
			return -1;
		reader_check_lone(w);
		if (reader_walk_item(w))
			return -1;
	}
	w->in_list = false;
	return 0;
}

/* Go through one list; its name stands in w->path already. */
static int
walk_list(struct reader *w, enum archive_list list)
{
	bool large = list == ARCHIVE_OTHER || list == ARCHIVE_UNRESOLVED ||
	    list == ARCHIVE_REJECTED;
	enum json_kind kind;
	int rc;

	w->list = list;
	if (large)
		json_scan_string_max(w->s, ARCHIVE_OTHER_STRING);
	if (json_scan_peek(w->s, &kind, w->err))
		return -1;
	if (kind == JSON_NULL)
		rc = json_scan_value(w->s, NULL, w->err);
	else if (kind != JSON_LIST)
		rc = reader_refuse_value(w, "it is not a list");
	else
		rc =
		    walk_items(w, large ? ARCHIVE_OTHER_MAX : ARCHIVE_ITEM_MAX);
	/* A failure tells the limit that was met. */
	if (rc == 0)
		json_scan_string_max(w->s, JSON_STRING_MAX);
	return rc;
}

int
reader_walk_rejected(struct reader *w)
{
	size_t cut = reader_path_add(w, ".rejected");
	int rc = walk_list(w, ARCHIVE_REJECTED);

	reader_path_cut(w, cut);
	return rc;
}

int
reader_skip_unknown(struct reader *w, struct json_span key)
{
	char shown[64];

	(void)str_show(shown, sizeof(shown), key.p, key.len);
	reader_count(w, "unknown key \"%s\" was not restored", shown);
	return json_scan_value(w->s, NULL, w->err);
}

/* Say when a key of this user was there before. */
static void
check_twice(struct reader *w, int bit, const char *name, const char *meaning)
{
	if (w->seen & (uint64_t)1 << bit)
		reader_warn(w, "\"%s\" is written twice; %s", name, meaning);
	w->seen |= (uint64_t)1 << bit;
}

/* A list of a watchlist, or of the data: 1 when ${key} names one. */
static int
list_member(struct reader *w, struct json_span key, bool watch)
{
	enum archive_list list;
	size_t cut;
	int rc;

	if (!reader_is_list(key, &list) || (watch && list > ARCHIVE_SERIES))
		return 0;
	cut = memchr(key.p, '.', key.len) != NULL
	    ? reader_path_add(w, "[\"%.*s\"]", (int)key.len, key.p)
	    : reader_path_add(w, ".%.*s", (int)key.len, key.p);
	if (watch)
		list = list == ARCHIVE_MOVIES ? ARCHIVE_WATCH_MOVIES
					      : ARCHIVE_WATCH_SERIES;
	check_twice(w, HEADS + (int)list, archive_list_name(list),
	    "both are read");
	rc = walk_list(w, list);
	reader_path_cut(w, cut);
	return rc ? -1 : 1;
}

/* An object whose members ${member} knows or leaves (0) to be skipped. */
static int
walk_members(struct reader *w, const char *name,
    int (*member)(struct reader *, struct json_span))
{
	size_t cut = reader_path_add(w, ".%s", name);
	enum json_kind kind;
	struct json_span key;
	bool more = true;
	int found;

	if (json_scan_peek(w->s, &kind, w->err))
		return -1;
	if (kind != JSON_OBJECT) {
		more = false;
		if (kind == JSON_NULL
			? json_scan_value(w->s, NULL, w->err)
			: reader_refuse_value(w, "it is not an object"))
			return -1;
	} else if (json_scan_enter(w->s, w->err)) {
		return -1;
	}
	while (more) {
		if (json_scan_next(w->s, &more, w->err))
			return -1;
		if (!more)
			break;
		if (reader_key(w, &key) || (found = member(w, key)) < 0 ||
		    (found == 0 && reader_skip_unknown(w, key)))
			return -1;
	}
	reader_path_cut(w, cut);
	return 0;
}

static int
watch_member(struct reader *w, struct json_span key)
{
	return list_member(w, key, true);
}

static int
data_member(struct reader *w, struct json_span key)
{
	if (json_span_is(key, "watchlist"))
		return walk_members(w, "watchlist", watch_member) ? -1 : 1;
	return list_member(w, key, false);
}

/* Keep a value of the user's head: 1 when ${key} names one. */
static int
head_member(struct reader *w, struct json_span key)
{
	struct buf *raw;
	int h = 0;

	while (h < HEADS && !json_span_is(key, head_names[h]))
		h++;
	if (h == HEADS)
		return 0;
	check_twice(w, h, head_names[h], "the last one counts");
	raw = &w->head[h].raw;
	if (raw->cap > ARCHIVE_KEEP)
		buf_free(raw);
	raw->max = ARCHIVE_ITEM_MAX;
	buf_reset(raw);
	if (json_scan_value(w->s, raw, w->err))
		return -1;
	if (raw->failed || raw->data[0] == '[' || raw->data[0] == '{' ||
	    (h != HEAD_MOVIE_AT && h != HEAD_TV_AT && h != HEAD_CREATED_AT &&
		raw->data[0] != '"' && raw->data[0] != 'n')) {
		reader_warn(w, "%s is not text; it is left out", head_names[h]);
		buf_reset(raw);
	}
	reader_check_lone(w);
	return 1;
}

/* The member of a user whose key was read last. */
int
reader_user_member(struct reader *w)
{
	static const char *const silent[] = { "exported_at", "version" };
	struct json_span key;
	int found;

	if (reader_key(w, &key))
		return -1;
	if (json_span_is(key, "data"))
		return walk_members(w, "data", data_member);
	if ((found = data_member(w, key)) != 0 ||
	    (found = head_member(w, key)) != 0)
		return found < 0 ? -1 : 0;
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
		if (json_span_is(key, silent[i]))
			return json_scan_value(w->s, NULL, w->err);
	}
	return reader_skip_unknown(w, key);
}
