#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi-src/jobs/job_run.h"
#include "cgi-src/services/jellyfin_history.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/json_out.h"
#include "core/keyring.h"
#include "core/store_config.h"
#include "core/store_login.h"
#include "core/store_session.h"
#include "core/store_watch.h"
#include "core/str.h"

/* How many items wait for one short transaction. */
#define BATCH 250
#define GENRES_MAX 16384
#define YEAR_MAX 8
/* How many that were skipped are named, and with how much of their title. */
#define NAMED 100
#define TITLE_MAX 200
#define RESULT_MAX (256 * 1024)

/* An item on its way into the database; the texts are ours. */
struct waiting {
	struct watched w;
	char *title;
	char *overview;
	char *genres;
	char year[YEAR_MAX];
	char played[CLOCK_ISO_MAX];
};

struct sync {
	struct job_run *run;
	struct store_watch *store;
	struct waiting batch[BATCH];
	size_t count;
	struct jellyfin_count seen;
	struct buf skipped; /* JSON, a member of an array each */
	struct json_out names; /* into it */
	size_t named;
	int64_t total;
	int64_t added; /* also from the watchlist */
	int64_t kept;
	bool own_fault; /* not Jellyfin's */
};

static void
waiting_free(struct waiting *w)
{
	free(w->title);
	free(w->overview);
	free(w->genres);
	*w = (struct waiting){ .title = NULL };
}

static void
forget_batch(struct sync *s)
{
	while (s->count > 0)
		waiting_free(&s->batch[--s->count]);
}

static int
put_batch(struct sync *s, struct err *err)
{
	enum watch_change change;
	int64_t added = 0;

	for (size_t i = 0; i < s->count; i++) {
		if (store_watch_put(s->store, s->run->user, &s->batch[i].w,
			&change, err))
			return -1;
		added += change != WATCH_KEPT;
	}
	s->added += added;
	s->kept += (int64_t)s->count - added;
	return 0;
}

/* Write what waits, in one short transaction. */
static int
flush(struct sync *s, struct err *err)
{
	struct db *db = s->run->db;

	if (s->count > 0 &&
	    (db_begin(db, err) || put_batch(s, err) || db_commit(db, err))) {
		db_rollback(db);
		s->own_fault = true;
		return -1;
	}
	forget_batch(s);
	return 0;
}

/* The genres as a JSON array, or NULL when there are none. */
static int
copy_genres(const struct jellyfin_item *it, char **out, struct err *err)
{
	struct json_out j;
	struct buf text;
	int rc = 0;

	if (it->genres_count == 0)
		return 0;
	buf_init(&text, GENRES_MAX);
	json_out_init(&j, NULL, &text);
	json_out_begin(&j, NULL, '[');
	for (size_t i = 0; i < it->genres_count; i++)
		json_out_string(&j, NULL, it->genres[i]);
	json_out_end(&j, ']');
	/* Too many to be true: then none. */
	if (buf_ok(&text, "genres", err) == 0)
		rc = (*out = str_dup(buf_str(&text), err)) != NULL ? 0 : -1;
	else
		err_clear(err);
	buf_free(&text);
	return rc;
}

static int
copy_item(struct waiting *w, const struct jellyfin_item *it, struct err *err)
{
	if ((w->title = str_dup(it->title, err)) == NULL ||
	    (it->overview != NULL &&
		(w->overview = str_dup(it->overview, err)) == NULL) ||
	    copy_genres(it, &w->genres, err))
		return -1;
	if (it->year > 0 && it->year < 10000)
		(void)snprintf(w->year, sizeof(w->year), "%d", (int)it->year);
	if (it->last_played >= 0)
		(void)clock_iso(it->last_played, w->played);
	w->w = (struct watched){
		.tmdb_id = it->tmdb_id,
		.media_type = it->series ? "tv" : "movie",
		.title = w->title,
		.overview = w->overview,
		.genres = w->genres,
		.release_year = w->year[0] != '\0' ? w->year : NULL,
		.played_at = w->played[0] != '\0' ? w->played : NULL,
	};
	return 0;
}

static int
on_item(void *arg, const struct jellyfin_item *it, struct err *err)
{
	struct sync *s = arg;
	struct waiting *w;

	if (s->count == BATCH && flush(s, err))
		return -1;
	w = &s->batch[s->count];
	*w = (struct waiting){ .title = NULL };
	s->total++;
	if (copy_item(w, it, err)) {
		waiting_free(w);
		s->own_fault = true;
		return -1;
	}
	s->count++;
	return 0;
}

static void
on_skipped(void *arg, const char *title)
{
	struct sync *s = arg;
	size_t len = strlen(title);

	if (s->named == NAMED)
		return;
	s->named++;
	/* Not in the middle of a character. */
	if (len > TITLE_MAX)
		for (len = TITLE_MAX; (title[len] & 0xc0) == 0x80; len--)
			;
	json_out_begin(&s->names, NULL, '{');
	json_out_bytes(&s->names, "title", title, len);
	json_out_end(&s->names, '}');
}

static int
on_page(void *arg, const struct jellyfin_count *count, struct err *err)
{
	struct sync *s = arg;

	if (flush(s, err))
		return -1;
	job_at(s->run, (int64_t)count->seen, (int64_t)count->expected,
	    "reads your history from Jellyfin");
	return 0;
}

/* The youngest login of the user, whose token Jellyfin knows. */
static int
find_token(struct job_run *run, struct secret *token, struct err *err)
{
	struct store_session *sessions = store_session_new(run->db, err);
	struct session_key key = { NULL, NULL };
	int found;

	if (sessions == NULL)
		return -1;
	found = store_session_key(sessions, run->user, clock_now(), &key, err);
	store_session_free(sessions);
	if (found == 1)
		found = keyring_open(run->env->data_dir, key.jellyfin_token,
			    key.token_hash, token, err) == 0;
	session_key_free(&key);
	if (found < 0)
		return -1;
	return found == 1 ? 0
			  : err_set(err, ERR_DENIED,
				"jair has no valid login of yours at Jellyfin "
				"any more. Log out, log in again and repeat "
				"this.");
}

/* Who the user is at Jellyfin. */
static int
find_user(struct job_run *run, char **jellyfin_id, struct err *err)
{
	struct store_login *logins = NULL;
	char *name = NULL;
	int rc;

	if (store_login_open(run->db, &logins, err))
		return -1;
	rc = store_login_read(logins, run->user, &name, jellyfin_id, err);
	store_login_free(logins);
	free(name);
	if (rc == 0 && *jellyfin_id == NULL)
		rc = err_set(err, ERR_MISSING,
		    "This user is not in the database any more.");
	return rc;
}

static int
find_base(struct job_run *run, char **base, struct err *err)
{
	struct store_config *store = NULL;
	struct config config;
	const struct value *v = &config.v[CONFIG_JELLYFIN_URL];
	int rc;

	if (store_config_open(run->db, &store, err))
		return -1;
	rc = store_config_get(store, &config, err);
	if (rc == 1 && v->kind == VALUE_TEXT && v->len > 0)
		rc =
		    (*base = str_printf(err, "%.*s", (int)v->len, v->s)) != NULL
		    ? 0
		    : -1;
	else if (rc >= 0)
		rc = err_set(err, ERR_MISSING,
		    "There is no address of Jellyfin in the settings.");
	store_config_free(store);
	return rc;
}

static int
end_well(struct sync *s, struct err *err)
{
	struct json_out j;
	struct buf text;
	int rc;

	buf_init(&text, RESULT_MAX);
	json_out_init(&j, NULL, &text);
	json_out_begin(&j, NULL, '{');
	json_out_int(&j, "total", s->total + (int64_t)s->seen.skipped);
	json_out_int(&j, "new", s->added);
	json_out_int(&j, "known", s->kept);
	json_out_int(&j, "skipped", (int64_t)s->seen.skipped);
	json_out_int(&j, "failed", 0);
	json_out_begin(&j, "errors", '[');
	if (s->seen.skipped > 0)
		json_out_string(&j, NULL,
		    "Titles without a TMDB id in Jellyfin cannot be kept. "
		    "Identify them in Jellyfin and sync again.");
	json_out_end(&j, ']');
	json_out_end(&s->names, ']');
	json_out_raw(&j, "skippedItems", buf_str(&s->skipped), s->skipped.len);
	json_out_end(&j, '}');
	rc = buf_ok(&s->skipped, "the skipped titles", err);
	if (rc == 0)
		rc = buf_ok(&text, "the result", err);
	if (rc == 0)
		rc = job_done(s->run, buf_str(&text), err);
	buf_free(&text);
	return rc;
}

static int
read_history(struct sync *s, const struct jellyfin *j, const char *user_id,
    struct err *err)
{
	const struct jellyfin_sink sink = {
		.item = on_item,
		.page = on_page,
		.skipped = on_skipped,
		.arg = s,
	};

	if (jellyfin_history(j, user_id, true, &sink, &s->seen, err) == 0)
		return flush(s, err) || end_well(s, err) ? -1 : 0;
	/* What Jellyfin did is told as it is, not as a fault of this server. */
	if (!s->own_fault && err->code != ERR_NOMEM)
		err->code = ERR_DENIED;
	return -1;
}

/* Put what the user has watched in Jellyfin into their list. */
int
job_sync(struct job_run *run, struct err *err)
{
	struct sync *s = calloc(1, sizeof(*s));
	char device[KEYRING_ID_MAX];
	struct secret token = { 0 };
	char *user_id = NULL;
	char *base = NULL;
	int rc = -1;

	if (s == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a sync.");
	s->run = run;
	buf_init(&s->skipped, RESULT_MAX / 2);
	json_out_init(&s->names, NULL, &s->skipped);
	json_out_begin(&s->names, NULL, '[');
	job_at(run, 0, 0, "asks Jellyfin");
	if (find_base(run, &base, err) == 0 &&
	    find_user(run, &user_id, err) == 0 &&
	    find_token(run, &token, err) == 0 &&
	    keyring_id(run->env->data_dir, "device", device, err) == 0 &&
	    store_watch_open(run->db, &s->store, err) == 0) {
		const struct jellyfin j = {
			.base = base,
			.device_id = device,
			.token = &token,
		};

		rc = read_history(s, &j, user_id, err);
	}
	forget_batch(s);
	buf_free(&s->skipped);
	store_watch_free(s->store);
	secret_clear(&token);
	free(user_id);
	free(base);
	free(s);
	return rc;
}
