#include <string.h>

#include "core/archive_read_impl.h"
#include "core/json.h"

#define ROOT_MAX ((size_t)1 << 20) /* members of the root */
#define MIGRATION "_migration_status_v1_tmdb_backfill"

/* What an object at the root has in it. */
struct inner {
	bool empty;
	bool lists; /* any of the lists, or a watchlist */
	bool data; /* an object "data" */
	bool only_watch; /* nothing but lists of movies and series */
};

/* What the root has in it. */
struct shape {
	bool users_list, version_text, config_object, username_text;
	bool data_object, flat, watchlist, migration;
	uint64_t users, enveloped;
	struct inner last; /* of the last user */
	bool last_is_data, last_is_watchlist;
};

bool
reader_is_list(struct json_span key, enum archive_list *list)
{
	static const struct {
		const char *key;
		enum archive_list list;
	} names[] = {
		{ "movies", ARCHIVE_MOVIES },
		{ "series", ARCHIVE_SERIES },
		{ "watchlist.movies", ARCHIVE_WATCH_MOVIES },
		{ "watchlist.series", ARCHIVE_WATCH_SERIES },
		{ "do_not_recommend", ARCHIVE_BLOCKED },
		{ "other", ARCHIVE_OTHER },
		{ "unresolved", ARCHIVE_UNRESOLVED },
		{ "rejected", ARCHIVE_REJECTED },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (json_span_is(key, names[i].key)) {
			*list = names[i].list;
			return true;
		}
	}
	return false;
}

/* The key that was read last, decoded into ${out}. */
static int
decode_key(struct json_scan *s, struct buf *out, struct json_span *key,
    struct err *err)
{
	size_t len;
	const char *raw = json_scan_key(s, &len);

	buf_reset(out);
	if (json_unescape(raw, len, out, err))
		return -1;
	*key = (struct json_span){ buf_str(out), out->len };
	return 0;
}

/* Look at one member of an object at the root and consume it. */
static int
look_inner(struct json_scan *s, struct json_span key, struct inner *in,
    struct err *err)
{
	enum archive_list list;
	enum json_kind kind;

	if (json_scan_peek(s, &kind, err))
		return -1;
	in->empty = false;
	if (json_span_is(key, "data") && kind == JSON_OBJECT)
		in->data = true;
	if (json_span_is(key, "watchlist") && kind == JSON_OBJECT)
		in->lists = true;
	if (reader_is_list(key, &list) &&
	    (kind == JSON_LIST || kind == JSON_NULL))
		in->lists = true;
	if (kind != JSON_LIST ||
	    (!json_span_is(key, "movies") && !json_span_is(key, "series")))
		in->only_watch = false;
	return json_scan_value(s, NULL, err);
}

static int
look_object(struct json_scan *s, struct buf *b, struct inner *in,
    struct err *err)
{
	struct json_span key;
	bool more;

	*in = (struct inner){ .empty = true, .only_watch = true };
	if (json_scan_enter(s, err))
		return -1;
	do {
		if (json_scan_next(s, &more, err))
			return -1;
		if (more &&
		    (decode_key(s, b, &key, err) ||
			look_inner(s, key, in, err)))
			return -1;
	} while (more);
	return 0;
}

/* Is a member of the root whose value is an object a user? */
static bool
is_user(struct json_span key, const struct inner *in)
{
	if (json_span_is(key, MIGRATION))
		return false;
	return in->data || in->lists ||
	    (in->empty && (key.len == 0 || key.p[0] != '_'));
}

/* Note a member of the root that is an object; ${b} holds its key. */
static int
note_object(struct archive *a, struct json_scan *s, struct shape *sh,
    struct buf *b, struct err *err)
{
	struct json_span key = { buf_str(b), b->len };
	struct buf inner_key;
	struct inner in;
	int rc;

	buf_init(&inner_key, JSON_KEY_MAX);
	rc = look_object(s, &inner_key, &in, err);
	buf_free(&inner_key);
	if (rc)
		return -1;
	if (json_span_is(key, "data"))
		sh->data_object = true;
	if (json_span_is(key, "system_config") && !in.lists && !in.data)
		sh->config_object = true;
	if (json_span_is(key, "watchlist") && in.lists)
		sh->watchlist = true;
	if (is_user(key, &in)) {
		sh->users++;
		sh->enveloped += in.data;
		sh->last = in;
		sh->last_is_data = json_span_is(key, "data");
		sh->last_is_watchlist = json_span_is(key, "watchlist");
		buf_addc(&a->root_user, 1);
	} else {
		buf_addc(&a->root_user, 0);
	}
	return buf_ok(&a->root_user, "the keys at the top of the file", err);
}

/* Note a member of the root that is no object. */
static int
note_plain(struct archive *a, struct json_scan *s, struct shape *sh,
    struct json_span key, enum json_kind kind, struct err *err)
{
	enum archive_list list;

	if (kind == JSON_LIST && json_span_is(key, "users")) {
		sh->users_list = true; /* decides, whatever follows */
		return 0;
	}
	if (kind == JSON_LIST && reader_is_list(key, &list) &&
	    list != ARCHIVE_REJECTED)
		sh->flat = true;
	if (kind == JSON_STRING && json_span_is(key, "version"))
		sh->version_text = true;
	if (kind == JSON_STRING && json_span_is(key, "username"))
		sh->username_text = true;
	buf_addc(&a->root_user, 0);
	if (buf_ok(&a->root_user, "the keys at the top of the file", err))
		return -1;
	return json_scan_value(s, NULL, err);
}

static int
note_member(struct archive *a, struct json_scan *s, struct shape *sh,
    struct buf *b, struct err *err)
{
	struct json_span key;
	enum json_kind kind;
	bool generator;
	bool integrity;

	if (decode_key(s, b, &key, err) || json_scan_peek(s, &kind, err))
		return -1;
	if (json_span_is(key, MIGRATION))
		sh->migration = true;
	/* What stands behind a list of users is seen by the walk. */
	generator = json_span_is(key, "generator");
	integrity = json_span_is(key, "integrity");
	a->has_generator = a->has_generator || generator;
	a->has_integrity = a->has_integrity || integrity;
	if (kind == JSON_OBJECT ? note_object(a, s, sh, b, err)
				: note_plain(a, s, sh, key, kind, err))
		return -1;
	/* A user may be called like that where users have no list. */
	if ((generator || integrity) &&
	    a->root_user.data[a->root_user.len - 1] == 0)
		a->is_marked = true;
	return 0;
}

/*
 * Decide.  docs/format.md, "The five forms", says the same in words.  Return
 * 0, or -1 when it is none of them.
 */
static int
decide(const struct shape *sh, enum archive_form *form)
{
	bool alone = sh->users == 1 && !sh->migration;
	bool bare = alone &&
	    (sh->last_is_data ||
		(sh->last_is_watchlist && sh->last.only_watch));

	*form = ARCHIVE_BARE;
	if (sh->users_list || (sh->config_object && sh->version_text))
		*form = ARCHIVE_FULL;
	else if (sh->username_text &&
	    (sh->data_object || sh->flat || sh->watchlist))
		*form = ARCHIVE_USER_EXPORT;
	else if (!sh->flat && sh->enveloped > 0)
		*form = ARCHIVE_ALL_USERS;
	else if (!sh->flat && !bare && sh->users > 0)
		*form = ARCHIVE_LEGACY;
	else if (!sh->flat && !bare && !sh->data_object)
		return -1;
	return 0;
}

int
reader_find_form(struct archive *a, struct json_scan *s, struct err *err)
{
	struct shape sh = { .users = 0 };
	enum json_kind kind;
	struct buf b;
	bool more = false;
	int rc = -1;

	buf_init(&b, JSON_KEY_MAX);
	buf_init(&a->root_user, ROOT_MAX);
	json_scan_string_max(s, ARCHIVE_OTHER_STRING);
	if (json_scan_peek(s, &kind, err))
		goto out;
	if (kind == JSON_OBJECT) {
		if (json_scan_enter(s, err))
			goto out;
		do {
			if (json_scan_next(s, &more, err) ||
			    (more && note_member(a, s, &sh, &b, err)))
				goto out;
		} while (more && !sh.users_list);
	} else if (json_scan_value(s, NULL, err)) {
		goto out;
	}
	a->looked_through = !sh.users_list;
	if (a->looked_through && json_scan_finish(s, err))
		goto out;
	if (decide(&sh, &a->info.form))
		err_set(err, ERR_FORMAT,
		    "%s is JSON, but not a backup: it has "
		    "neither users nor lists of movies and series. Nothing "
		    "was changed. Choose a file named backup_latest.json, "
		    "backup_<time>.json, an export or an old database.json.",
		    a->name);
	else
		rc = 0;
out:
	buf_free(&b);
	return rc;
}
