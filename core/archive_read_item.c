#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive.h"
#include "core/archive_read_impl.h"
#include "core/json.h"
#include "core/str.h"

#define EXACT_MAX 9007199254740992.0 /* 2^53, which 2^53 + 1 becomes too */
#define SHOWN_MAX 60 /* bytes of a value in a message */

/* The members of an item's object; what is missing has no text. */
struct parts {
	size_t next; /* the field that a key of ours most likely names */
	struct json_span rating;
	struct json_span field[ITEM_FIELDS];
};

/* Where the value of ${key} belongs, or NULL. */
static struct json_span *
part(struct parts *p, struct json_span key, enum archive_list list)
{
	for (size_t n = 0; n < ITEM_FIELDS; n++) {
		size_t i = (p->next + n) % ITEM_FIELDS;
		const char *name = archive_item_key((enum item_field)i);

		if (key.p[0] != name[0] || !json_span_is(key, name))
			continue;
		p->next = i + 1;
		return i == ITEM_STATUS && list != ARCHIVE_OTHER ? NULL
								 : &p->field[i];
	}
	return json_span_is(key, "rating") ? &p->rating : NULL;
}

/* A key with escapes, decoded into w->key. */
static int
plain_key(struct reader *w, struct json_span *key)
{
	if (memchr(key->p, '\\', key->len) == NULL)
		return 0;
	buf_reset(&w->key);
	w->key.max = ARCHIVE_OTHER_MAX;
	if (json_unescape(key->p, key->len, &w->key, w->err))
		return -1;
	*key = (struct json_span){ buf_str(&w->key), w->key.len };
	return 0;
}

static bool
is_null(struct json_span v)
{
	return v.p == NULL || v.p[0] == 'n';
}

/* Cut the item's object into its parts. */
static int
split(struct reader *w, struct parts *p)
{
	struct json_span rest = { w->item.data, w->item.len };
	struct json_member m;

	*p = (struct parts){ .rating = { NULL, 0 } };
	while (json_member_next(&rest, &m)) {
		struct json_span *slot;
		char shown[SHOWN_MAX];

		if (plain_key(w, &m.key))
			return -1;
		slot = part(p, m.key, w->list);
		if (slot != NULL && slot->p == NULL) {
			*slot = m.value;
			continue;
		}
		if (!w->counting && slot == NULL)
			continue;
		(void)str_show(shown, sizeof(shown), m.key.p, m.key.len);
		if (slot == NULL) {
			reader_count(w, "unknown key \"%s\" was not restored",
			    shown);
			continue;
		}
		reader_count(w,
		    "\"%s\" is written twice; the last one "
		    "counts",
		    shown);
		*slot = m.value;
	}
	return 0;
}

/* Say what is wrong with an id. */
static int
bad_id(struct json_span v, const char *tail, char reason[ARCHIVE_REASON_MAX])
{
	char shown[SHOWN_MAX];

	(void)str_show(shown, sizeof(shown), v.p, v.len);
	(void)snprintf(reason, ARCHIVE_REASON_MAX, "tmdb_id is %s%s%s", shown,
	    strlen(shown) < v.len ? "..." : "", tail);
	return -1;
}

static bool
all_digits(struct json_span v)
{
	size_t i = v.len > 0 && v.p[0] == '-' ? 1 : 0;

	if (i == v.len)
		return false;
	for (; i < v.len; i++) {
		if (v.p[i] < '0' || v.p[i] > '9')
			return false;
	}
	return true;
}

/*
 * Read an id.  Return 0, or -1 with the reason why it is none, or with w->err
 * and no reason.
 */
static int
read_id(struct reader *w, struct json_span v, int64_t *id,
    char reason[ARCHIVE_REASON_MAX])
{
	enum json_kind kind = json_span_kind(v);
	struct json_span digits = v;
	double d;

	reason[0] = '\0';
	if (kind == JSON_STRING) {
		digits = (struct json_span){ v.p + 1, v.len - 2 };
		buf_reset(&w->scratch);
		if (memchr(v.p, '\\', v.len) != NULL) {
			if (json_unescape(v.p + 1, v.len - 2, &w->scratch,
				w->err))
				return -1;
			digits = (struct json_span){ buf_str(&w->scratch),
				w->scratch.len };
		}
	} else if (kind != JSON_NUMBER) {
		return bad_id(v, "", reason);
	}
	if (str_int64(digits.p, digits.len, id) == 0)
		return 0;
	if (all_digits(digits))
		return bad_id(v, ", beyond 64 bits", reason);
	if (kind == JSON_STRING)
		return bad_id(v, "", reason);
	d = strtod(v.p, NULL);
	if (!isfinite(d) || fabs(d) >= EXACT_MAX || d < rint(d) || d > rint(d))
		return bad_id(v, "", reason);
	*id = (int64_t)d;
	return 0;
}

/* Make room for all strings of the item, so that none of them moves. */
static int
reserve_scratch(struct reader *w)
{
	buf_reset(&w->scratch);
	if (memchr(w->item.data, '\\', w->item.len) == NULL)
		return 0;
	buf_add(&w->scratch, w->item.data, w->item.len);
	if (buf_ok(&w->scratch, "an item", w->err))
		return -1;
	buf_reset(&w->scratch);
	return 0;
}

static bool
is_list_field(size_t f)
{
	return (f >= ITEM_GENRES && f <= ITEM_KEYWORDS) || f == ITEM_TOP_CAST ||
	    f == ITEM_SIMILAR_IDS || f == ITEM_RECOMMENDATION_IDS;
}

static bool
is_number(struct json_span v)
{
	return v.p != NULL && json_span_kind(v) == JSON_NUMBER;
}

/* Whether a number stays one: times, votes, counts and the like. */
static bool
is_number_field(size_t f)
{
	return f == ITEM_TMDB_ID || f == ITEM_VOTE_AVERAGE ||
	    f == ITEM_ADDED_AT || f == ITEM_UPDATED_AT ||
	    f == ITEM_ENRICHED_AT ||
	    (f >= ITEM_BLOCKED_AT && f <= ITEM_REDEMPTION_ATTEMPTS);
}

/* A number that no double can hold.  Without an exponent it has 309 digits. */
static bool
too_large(struct json_span v)
{
	if (!is_number(v) ||
	    (v.len < 300 && memchr(v.p, 'e', v.len) == NULL &&
		memchr(v.p, 'E', v.len) == NULL))
		return false;
	return !isfinite(strtod(v.p, NULL));
}

/* Report values that do not come back as they are written. */
static void
check_fields(struct reader *w, const struct parts *p)
{
	for (size_t i = 0; i < ITEM_FIELDS; i++) {
		struct json_span v = p->field[i];
		char c = v.p == NULL ? 'n' : v.p[0];

		if ((c == '[' || c == '{') && !is_list_field(i))
			reader_count(w, "%s is %s; it is kept as JSON text",
			    archive_item_key((enum item_field)i),
			    c == '[' ? "a list" : "an object");
		else if (is_number_field(i) && too_large(v))
			reader_count(w,
			    "%s is too large a number; it is "
			    "left out",
			    archive_item_key((enum item_field)i));
	}
	if (is_null(p->field[ITEM_MEDIA_TYPE]) && w->list == ARCHIVE_BLOCKED)
		reader_count(w, "media_type is missing; taken as a movie");
}

/* The media type that a list's name says. */
static void
default_type(enum archive_list list, struct value *v)
{
	const char *type =
	    list == ARCHIVE_SERIES || list == ARCHIVE_WATCH_SERIES ? "tv"
								   : "movie";

	if (v->kind == VALUE_NULL && list != ARCHIVE_OTHER)
		*v = (struct value){
			.kind = VALUE_TEXT, .s = type, .len = strlen(type)
		};
}

static int
deliver_item(struct reader *w, struct parts *p, const struct value *id)
{
	struct archive_item it = { .user = w->user, .list = w->list };
	char place[ARCHIVE_PLACE_MAX];

	if (w->sink->item == NULL)
		return 0;
	if (is_null(p->field[ITEM_VOTE_AVERAGE]))
		p->field[ITEM_VOTE_AVERAGE] = p->rating;
	if (reserve_scratch(w))
		return -1;
	for (size_t i = 0; i < ITEM_FIELDS; i++) {
		struct json_span v = p->field[i];

		if (!is_number_field(i) && is_number(v))
			it.field[i] = (struct value){
				.kind = VALUE_TEXT, .s = v.p, .len = v.len
			};
		else if (v.p != NULL &&
		    reader_value(v, &w->scratch, &it.field[i], w->err))
			return -1;
	}
	if (id != NULL)
		it.field[ITEM_TMDB_ID] = *id;
	default_type(w->list, &it.field[ITEM_MEDIA_TYPE]);
	it.place = reader_place(w, place);
	return w->sink->item(w->ctx, &it, w->err);
}

/* Hand on what is no item, or count it. */
static int
deliver_raw(struct reader *w, enum archive_list list)
{
	struct archive_raw raw = { .user = w->user,
		.list = w->list,
		.json = w->item.data,
		.len = w->item.len };
	char place[ARCHIVE_PLACE_MAX];
	int (*take)(void *, const struct archive_raw *, struct err *);

	if (w->counting) {
		if (w->user != NULL)
			w->user->count[list]++;
		else
			w->a->info.rejected++;
		return 0;
	}
	take =
	    list == ARCHIVE_REJECTED ? w->sink->rejected : w->sink->unresolved;
	raw.place = reader_place(w, place);
	return take == NULL ? 0 : take(w->ctx, &raw, w->err);
}

int
reader_refuse(struct reader *w, const char *reason, struct json_span v)
{
	struct archive_raw raw = { .user = w->user,
		.list = w->list,
		.reason = reason,
		.json = v.p,
		.len = v.len };
	char place[ARCHIVE_PLACE_MAX];

	if (w->counting) {
		w->a->info.refused++;
		if (w->user != NULL)
			w->user->refused++;
		reader_warn(w, "%s", reason);
		return 0;
	}
	raw.place = reader_place(w, place);
	if (w->user == &w->nameless)
		raw.user = NULL;
	return w->sink->refused == NULL
	    ? 0
	    : w->sink->refused(w->ctx, &raw, w->err);
}

/* A title without an id: v1's bare strings, or an entry of "unresolved". */
static bool
is_title(struct json_span v)
{
	return v.p != NULL && v.p[0] == '"' && v.len > 2;
}

static int
walk_object(struct reader *w, struct json_span v)
{
	struct parts p;
	char reason[ARCHIVE_REASON_MAX];
	struct value id = { .kind = VALUE_INT };

	if (split(w, &p))
		return -1;
	if (w->list == ARCHIVE_UNRESOLVED)
		return is_title(p.field[ITEM_TITLE])
		    ? deliver_raw(w, ARCHIVE_UNRESOLVED)
		    : reader_refuse(w, "it has no title", v);
	if (is_null(p.field[ITEM_TMDB_ID])) {
		if (w->a->info.form == ARCHIVE_LEGACY &&
		    is_title(p.field[ITEM_TITLE]))
			return deliver_raw(w, ARCHIVE_UNRESOLVED);
		return reader_refuse(w,
		    is_title(p.field[ITEM_TITLE])
			? "tmdb_id is missing"
			: "title and tmdb_id are missing",
		    v);
	}
	if (read_id(w, p.field[ITEM_TMDB_ID], &id.i, reason)) {
		if (reason[0] == '\0')
			return -1;
		if (w->list != ARCHIVE_OTHER ||
		    too_large(p.field[ITEM_TMDB_ID]))
			return reader_refuse(w, reason, v);
		if (!w->counting)
			return deliver_item(w, &p, NULL);
	} else if (!w->counting) {
		return deliver_item(w, &p, &id);
	} else if (id.i <= 0) {
		reader_warn(w, "tmdb_id is %lld, which no title has",
		    (long long)id.i);
	}
	check_fields(w, &p);
	w->user->count[w->list]++;
	return 0;
}

int
reader_walk_item(struct reader *w)
{
	struct json_span v = { w->item.data, w->item.len };

	if (w->item.failed)
		return reader_refuse(w, "it is larger than an item can be",
		    (struct json_span){ NULL, 0 });
	if (w->user == &w->nameless && !w->counting)
		return reader_refuse(w, "its user has no usable name", v);
	if (w->list == ARCHIVE_REJECTED)
		return deliver_raw(w, ARCHIVE_REJECTED);
	switch (json_span_kind(v)) {
	case JSON_OBJECT:
		return walk_object(w, v);
	case JSON_STRING:
		if (w->list != ARCHIVE_OTHER && is_title(v))
			return deliver_raw(w, ARCHIVE_UNRESOLVED);
		return reader_refuse(w,
		    w->list == ARCHIVE_OTHER ? "it is a text, not an item"
					     : "the title is empty",
		    v);
	case JSON_LIST:
		return reader_refuse(w, "it is a list, not an item", v);
	case JSON_NUMBER:
		return reader_refuse(w, "it is a number, not an item", v);
	case JSON_BOOL:
	case JSON_NULL:
	default:
		return reader_refuse(w,
		    "it is null, true or false, not an "
		    "item",
		    v);
	}
}
