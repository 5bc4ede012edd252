#include <stdlib.h>
#include <string.h>

#include "core/archive_read_impl.h"
#include "core/json.h"
#include "core/str.h"

#define NAMES_MAX ((size_t)4 << 20) /* bytes of all usernames */
#define NAME_TOO_LONG "the username is longer than 1 KiB"

/* Append a user that is being counted. */
static int
append_user(struct reader *w)
{
	struct archive *a = w->a;
	struct archive_user_info *users;
	size_t cap = a->users_cap < 16 ? 16 : a->users_cap * 2;

	if (a->info.users_count == ARCHIVE_USERS_MAX)
		return err_set(w->err, ERR_LIMIT,
		    "%s holds more than %d "
		    "users. Nothing was changed. Split it into several files.",
		    a->name, ARCHIVE_USERS_MAX);
	if (a->info.users_count == a->users_cap) {
		users = realloc(a->users, cap * sizeof(*users));
		if (users == NULL)
			return err_set(w->err, ERR_NOMEM,
			    "No memory for the users of %s.", a->name);
		a->users = users;
		a->users_cap = cap;
	}
	w->user = &a->users[a->info.users_count];
	*w->user = (struct archive_user_info){ .seq = w->seq };
	return 0;
}

int
reader_user_open(struct reader *w, bool *skip)
{
	struct archive *a = w->a;
	const struct archive_sink *sink = w->sink;

	*skip = false;
	w->seen = 0;
	for (int h = 0; h < HEADS; h++)
		buf_reset(&w->head[h].raw);
	if (w->counting)
		return append_user(w);
	if (w->next_user == a->info.users_count ||
	    a->users[w->next_user].seq != w->seq) {
		w->nameless = (struct archive_user_info){ .seq = w->seq };
		w->user = &w->nameless;
		return 0;
	}
	w->user = &a->users[w->next_user++];
	if (sink->want != NULL && !sink->want(w->ctx, w->user)) {
		*skip = true;
		return 0;
	}
	return sink->user_begin == NULL
	    ? 0
	    : sink->user_begin(w->ctx, w->user, w->err);
}

/* A user that has no usable name: whatever they have is set aside. */
static void
fold_user(struct reader *w, const char *why)
{
	uint64_t n = 0;

	for (int i = 0; i < ARCHIVE_LISTS; i++)
		n += w->user->count[i];
	w->a->info.refused += n;
	reader_warn(w, "%s; %llu items are set aside", why,
	    (unsigned long long)n + w->user->refused);
}

/* Tell whether a profile is there and not empty. */
static bool
has_text(const struct reader_slot *slot)
{
	return slot->raw.len > 2 && slot->raw.data[0] == '"';
}

static int
count_user(struct reader *w, const char *name, size_t len)
{
	struct archive *a = w->a;

	if (len > ARCHIVE_NAME_MAX) {
		fold_user(w, NAME_TOO_LONG);
		return 0;
	}
	a->names.max = NAMES_MAX;
	buf_add(&a->names, name, len);
	buf_addc(&a->names, '\0');
	if (buf_ok(&a->names, "the names of all users", w->err))
		return -1;
	w->user->name_len = len;
	w->user->movie_profile = has_text(&w->head[HEAD_MOVIE_PROFILE]);
	w->user->tv_profile = has_text(&w->head[HEAD_TV_PROFILE]);
	a->info.users_count++;
	return 0;
}

/* The name of the user who ends here; NULL text: none that can be used. */
static int
find_name(struct reader *w, const struct json_span *key, struct value *name)
{
	struct value inner;

	if (reader_slot_value(&w->head[HEAD_USERNAME], &inner, w->err))
		return -1;
	*name = (struct value){ .kind = VALUE_TEXT, .s = "" };
	if (key != NULL) {
		name->s = key->p;
		name->len = key->len;
		if (key->p != NULL && inner.kind == VALUE_TEXT &&
		    (inner.len != key->len ||
			memcmp(inner.s, key->p, key->len) != 0))
			reader_warn(w,
			    "\"username\" says another name than "
			    "the key; the key counts");
	} else if (w->a->info.form != ARCHIVE_BARE) {
		name->s = inner.kind == VALUE_TEXT ? inner.s : NULL;
		name->len = inner.len;
	}
	return 0;
}

static int
deliver_end(struct reader *w)
{
	struct archive_user u = { .info = w->user };
	struct value *out[HEADS] = { NULL, &u.movie_profile, &u.tv_profile,
		&u.movie_profile_at, &u.tv_profile_at, &u.created_at,
		&u.jellyfin_user_id };

	if (w->sink->user_end == NULL)
		return 0;
	for (int h = HEAD_MOVIE_PROFILE; h < HEADS; h++) {
		if (reader_slot_value(&w->head[h], out[h], w->err))
			return -1;
	}
	return w->sink->user_end(w->ctx, &u, w->err);
}

int
reader_user_close(struct reader *w, const struct json_span *key)
{
	struct value name;
	int rc = 0;

	if (w->counting) {
		if (find_name(w, key, &name))
			return -1;
		if (name.s == NULL && key == NULL)
			fold_user(w, "the username is missing");
		else if (name.s == NULL)
			fold_user(w, NAME_TOO_LONG);
		else
			rc = count_user(w, name.s, name.len);
	} else if (w->user != &w->nameless) {
		rc = deliver_end(w);
	}
	w->user = NULL;
	return rc;
}

static int
compare_names(const void *a, const void *b)
{
	const struct archive_user_info *const *x = a;
	const struct archive_user_info *const *y = b;
	size_t n =
	    (*x)->name_len < (*y)->name_len ? (*x)->name_len : (*y)->name_len;
	int c = memcmp((*x)->name, (*y)->name, n);

	if (c != 0)
		return c;
	return ((*x)->name_len > (*y)->name_len) -
	    ((*x)->name_len < (*y)->name_len);
}

/* No two users may bear the same name. */
static int
check_names(const struct archive *a, struct err *err)
{
	size_t n = a->info.users_count;
	const struct archive_user_info **sorted;
	char shown[64];
	int rc = 0;

	if (n < 2)
		return 0;
	if ((sorted = calloc(n, sizeof(*sorted))) == NULL)
		return err_set(err, ERR_NOMEM,
		    "No memory for the users of "
		    "%s.",
		    a->name);
	for (size_t i = 0; i < n; i++)
		sorted[i] = &a->users[i];
	qsort(sorted, n, sizeof(*sorted), compare_names);
	for (size_t i = 1; i < n && rc == 0; i++) {
		if (compare_names(&sorted[i - 1], &sorted[i]) != 0)
			continue;
		(void)str_show(shown, sizeof(shown), sorted[i]->name,
		    sorted[i]->name_len);
		rc = err_set(err, ERR_FORMAT,
		    "%s names the user \"%s\" twice "
		    "(as number %lu and %lu). Nothing was changed. "
		    "Remove or rename one of them in the file.",
		    a->name, shown, (unsigned long)sorted[i - 1]->seq + 1,
		    (unsigned long)sorted[i]->seq + 1);
	}
	free(sorted);
	return rc;
}

int
reader_users_finish(struct archive *a, struct err *err)
{
	const char *p = buf_str(&a->names);

	for (size_t i = 0; i < a->info.users_count; i++) {
		struct archive_user_info *u = &a->users[i];

		u->name = p;
		p += u->name_len + 1;
		for (int l = ARCHIVE_MOVIES; l <= ARCHIVE_OTHER; l++)
			a->info.items += u->count[l];
		a->info.unresolved += u->count[ARCHIVE_UNRESOLVED];
		a->info.rejected += u->count[ARCHIVE_REJECTED];
	}
	a->info.users = a->users;
	return check_names(a, err);
}
