#include "core/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/file.h"
#include "core/json_out.h"
#include "core/path.h"
#include "core/schema.h"
#include "core/store_scratch.h"

/* An entry of JairKept: what the reader keeps of a value, and its frame. */
#define KEPT_MAX ((size_t)96 << 20)

#define PROGRESS_ITEMS 1024

/* One filling under way. */
struct filling {
	struct scratch *scratch;
	const struct scratch_choice *choice;
	struct store_scratch *store;
	struct scratch_user *user; /* the present one, or NULL */
	struct buf json;
	uint64_t items; /* that came so far */
};

static bool
want(void *ctx, const struct archive_user_info *info)
{
	const struct filling *f = ctx;

	return f->choice == NULL || f->choice->want == NULL ||
	    f->choice->want(f->choice->ctx, info);
}

static int
on_config(void *ctx, const struct value *config, struct err *err)
{
	const struct filling *f = ctx;

	_Static_assert((int)ARCHIVE_CONFIG_KEYS == SCRATCH_CONFIG_KEYS,
	    "the reader and the store name the same keys");
	return store_scratch_config(f->store, config, err);
}

static int
on_user_begin(void *ctx, const struct archive_user_info *info, struct err *err)
{
	struct filling *f = ctx;
	struct scratch *s = f->scratch;
	const char *name = info->name;
	size_t len = info->name_len;

	if (f->choice != NULL && f->choice->assign_to != NULL) {
		name = f->choice->assign_to;
		len = strlen(name);
	}
	f->user = &s->users[s->users_count++];
	f->user->info = info;
	f->user->name = name;
	f->user->name_len = len;
	return store_scratch_user(f->store, name, len, &f->user->id, err);
}

/* Keep {"where","reason","value"} for the present user, or for nobody. */
static int
keep_refused(struct filling *f, const struct archive_raw *r, struct err *err)
{
	struct json_out j;

	buf_reset(&f->json);
	json_out_init(&j, NULL, &f->json);
	json_out_begin(&j, NULL, '{');
	json_out_string(&j, "where", r->place);
	json_out_string(&j, "reason", r->reason);
	if (r->json != NULL)
		json_out_raw(&j, "value", r->json, r->len);
	json_out_end(&j, '}');
	if (buf_ok(&f->json, r->place, err))
		return -1;
	return store_scratch_keep(f->store, f->user != NULL ? f->user->id : 0,
	    "rejected", f->json.data, f->json.len, err);
}

static int
on_refused(void *ctx, const struct archive_raw *r, struct err *err)
{
	struct filling *f = ctx;

	if (f->user == NULL)
		f->scratch->nobodys++;
	else
		f->user->refused++;
	return keep_refused(f, r, err);
}

static const char *
status_of(enum archive_list list)
{
	switch (list) {
	case ARCHIVE_MOVIES:
	case ARCHIVE_SERIES:
		return "WATCHED";
	case ARCHIVE_WATCH_MOVIES:
	case ARCHIVE_WATCH_SERIES:
		return "WATCHLIST";
	case ARCHIVE_BLOCKED:
		return "BLOCKED";
	default:
		return NULL;
	}
}

static int
on_item(void *ctx, const struct archive_item *item, struct err *err)
{
	struct filling *f = ctx;
	struct value v[ITEM_FIELDS];
	const char *status = status_of(item->list);
	enum scratch_outcome outcome;

	if (++f->items % PROGRESS_ITEMS == 0 && f->choice != NULL &&
	    f->choice->progress != NULL)
		f->choice->progress(f->choice->ctx, f->items);
	memcpy(v, item->field, sizeof(v));
	if (status != NULL)
		v[ITEM_STATUS] = (struct value){
			.kind = VALUE_TEXT, .s = status, .len = strlen(status)
		};
	if (store_scratch_item(f->store, f->user->id, v, &outcome, err))
		return -1;
	if (outcome != SCRATCH_NEW) {
		f->user->duplicates++;
		f->scratch->duplicates++;
	}
	return 0;
}

/*
 * A title without an id as an entry of "unresolved": an item that also names
 * the list it was found in.  Movies and series stand together in the list of
 * what is not recommended; which of them a bare title there is, nobody knows.
 */
static void
add_list(struct buf *json, const struct archive_raw *r)
{
	bool series =
	    r->list == ARCHIVE_SERIES || r->list == ARCHIVE_WATCH_SERIES;

	if (r->json[0] == '"') {
		buf_addz(json, "{\"title\":");
		buf_add(json, r->json, r->len);
		if (r->list != ARCHIVE_BLOCKED)
			buf_addf(json, ",\"media_type\":\"%s\"",
			    series ? "tv" : "movie");
	} else {
		buf_add(json, r->json, r->len - 1);
	}
	buf_addf(json, ",\"list\":\"%s\"}", archive_list_name(r->list));
}

static int
on_unresolved(void *ctx, const struct archive_raw *r, struct err *err)
{
	struct filling *f = ctx;

	buf_reset(&f->json);
	if (r->list == ARCHIVE_UNRESOLVED)
		buf_add(&f->json, r->json, r->len);
	else
		add_list(&f->json, r);
	if (buf_ok(&f->json, r->place, err))
		return -1;
	return store_scratch_keep(f->store, f->user->id, "unresolved",
	    f->json.data, f->json.len, err);
}

static int
on_rejected(void *ctx, const struct archive_raw *r, struct err *err)
{
	struct filling *f = ctx;

	if (f->user == NULL)
		f->scratch->nobodys++;
	return store_scratch_keep(f->store, f->user != NULL ? f->user->id : 0,
	    "rejected", r->json, r->len, err);
}

static int
on_user_end(void *ctx, const struct archive_user *u, struct err *err)
{
	struct filling *f = ctx;
	const struct value v[SCRATCH_USER_FIELDS] = {
		[SCRATCH_MOVIE_PROFILE] = u->movie_profile,
		[SCRATCH_TV_PROFILE] = u->tv_profile,
		[SCRATCH_MOVIE_PROFILE_AT] = u->movie_profile_at,
		[SCRATCH_TV_PROFILE_AT] = u->tv_profile_at,
		[SCRATCH_CREATED_AT] = u->created_at,
		[SCRATCH_JELLYFIN_USER_ID] = u->jellyfin_user_id,
	};
	int64_t id = f->user->id;

	f->user = NULL;
	return store_scratch_describe(f->store, id, v, err);
}

static const struct archive_sink sink = {
	.want = want,
	.config = on_config,
	.user_begin = on_user_begin,
	.item = on_item,
	.unresolved = on_unresolved,
	.rejected = on_rejected,
	.refused = on_refused,
	.user_end = on_user_end,
};

/* Walk the archive in one transaction of the new database. */
static int
fill(struct scratch *s, struct archive *a, const struct scratch_choice *choice,
    struct err *err)
{
	struct filling f = { .scratch = s, .choice = choice };
	int rc = -1;

	buf_init(&f.json, KEPT_MAX);
	/* The parents of every row are written here just before it. */
	if (db_exec(s->db, "PRAGMA foreign_keys=OFF", err) ||
	    store_scratch_open(s->db, &f.store, err))
		return -1;
	if (db_begin(s->db, err) == 0 && archive_walk(a, &sink, &f, err) == 0)
		rc = db_commit(s->db, err);
	store_scratch_free(f.store);
	buf_free(&f.json);
	return rc;
}

int
scratch_make(struct archive *a, const char *dir,
    const struct scratch_choice *choice, struct scratch **out, struct err *err)
{
	struct scratch *s = calloc(1, sizeof(*s));
	char *base = path_join(dir, "restore.db", err);
	int rc = -1;

	if (s == NULL || base == NULL) {
		err_set(err, ERR_NOMEM, "No memory for a restore.");
		goto out;
	}
	s->users = calloc(archive_info(a)->users_count + 1, sizeof(*s->users));
	if (s->users == NULL) {
		err_set(err, ERR_NOMEM, "No memory for the users.");
		goto out;
	}
	if ((s->path = file_temp_name(base, err)) == NULL ||
	    db_open(&s->db, s->path, DB_SCRATCH, err) ||
	    schema_create_scratch(s->db, err) || fill(s, a, choice, err))
		goto out;
	rc = 0;
out:
	free(base);
	if (rc == 0)
		*out = s;
	else
		scratch_free(s);
	return rc;
}

int
scratch_close(struct scratch *s, struct err *err)
{
	return db_close(&s->db, err);
}

void
scratch_free(struct scratch *s)
{
	if (s == NULL)
		return;
	db_free(s->db);
	if (s->path != NULL)
		db_remove(s->path);
	free(s->path);
	free(s->users);
	free(s);
}
