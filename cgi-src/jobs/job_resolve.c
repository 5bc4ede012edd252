#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cgi-src/jobs/job_run.h"
#include "cgi-src/services/base_url.h"
#include "cgi-src/services/key.h"
#include "cgi-src/services/seerr.h"
#include "core/clock.h"
#include "core/lock.h"
#include "core/log.h"
#include "core/resolve.h"
#include "core/store_config.h"
#include "core/store_job.h"
#include "core/store_unresolved.h"

/* Between the beginnings of two searches. */
#define PACE_MS 250
/* So many searches in a row that fail mean that Seerr does. */
#define FAILURES_MAX 3
#define RESULT_MAX ((size_t)512 << 10)
#define NOTE_MAX 64

struct resolving {
	struct job_run *run;
	struct seerr seerr;
	struct seerr_hits *hits;
	int64_t total;
	int64_t resolved; /* also before a kill */
	int64_t seen; /* of the total */
	int64_t asked_at; /* clock_mono of the last search, 0: none */
	int failures; /* in a row */
	struct err trouble; /* what Seerr's last failure was */
};

/* The address and the key of Seerr; both NULL when it is not set up. */
static int
find_seerr(struct db *db, char **base, struct secret *key, struct err *err)
{
	struct store_config *store = NULL;
	struct config config;
	const struct value *url = &config.v[CONFIG_JELLYSEERR_URL];
	const struct value *v = &config.v[CONFIG_JELLYSEERR_API_KEY];
	struct secret raw = { 0 };
	int rc;

	if (store_config_open(db, &store, err))
		return -1;
	rc = store_config_get(store, &config, err);
	if (rc == 1 && url->kind == VALUE_TEXT && url->len > 0 &&
	    v->kind == VALUE_TEXT && v->len > 0) {
		rc = secret_set(&raw, v->s, v->len, err) ||
			key_trim(&raw, key, err) ||
			(*base = base_url_clean(url->s, err)) == NULL
		    ? -1
		    : 0;
	}
	secret_clear(&raw);
	store_config_free(store);
	return rc < 0 ? -1 : 0;
}

int
job_resolve_wanted(struct db *db, int64_t user, bool *wanted, struct err *err)
{
	struct secret key = { 0 };
	char *base = NULL;
	int64_t count;
	int rc = store_unresolved_count(db, user, &count, err);

	*wanted = false;
	if (rc == 0 && count > 0) {
		rc = find_seerr(db, &base, &key, err);
		/* What no server can be asked with is as if it were not. */
		if (rc != 0 && err->code == ERR_USAGE) {
			err_clear(err);
			rc = 0;
		}
		*wanted = rc == 0 && base != NULL;
	}
	secret_clear(&key);
	free(base);
	return rc;
}

/* Wait until it is polite to ask again; a signal may end it early. */
static void
keep_pace(struct resolving *r)
{
	int64_t left = r->asked_at + PACE_MS - clock_mono();
	const struct timespec pause = { .tv_nsec = (long)left * 1000000 };

	if (r->asked_at != 0 && left > 0 && !*r->run->stop)
		(void)nanosleep(&pause, NULL);
	r->asked_at = clock_mono();
}

/* The one hit that the title can be, or NULL. */
static const struct seerr_hit *
pick(const struct resolving *r, const struct resolve_title *t)
{
	const struct seerr_hit *movie = t->kind == RESOLVE_SERIES
	    ? NULL
	    : seerr_pick(r->hits, false, t->title, t->year);
	const struct seerr_hit *series = t->kind == RESOLVE_MOVIE
	    ? NULL
	    : seerr_pick(r->hits, true, t->title, t->year);

	if (movie != NULL && series != NULL)
		return NULL;
	return movie != NULL ? movie : series;
}

/* Inside the transaction of a title: it counts once, whatever happens. */
static int
note(void *ctx, struct err *err)
{
	const struct resolving *r = ctx;
	struct json_out j;
	struct buf text;
	int rc;

	buf_init(&text, NOTE_MAX);
	json_out_init(&j, NULL, &text);
	json_out_begin(&j, NULL, '{');
	json_out_int(&j, "resolved", r->resolved + 1);
	json_out_end(&j, '}');
	rc = buf_ok(&text, "the count", err);
	if (rc == 0)
		rc =
		    store_job_note(r->run->db, r->run->id, buf_str(&text), err);
	buf_free(&text);
	return rc;
}

/* Give a kept title the id of a hit. */
static int
apply(struct resolving *r, const struct unresolved *u,
    const struct resolve_title *t, const struct seerr_hit *hit, struct err *err)
{
	const struct resolve_found found = {
		.user = r->run->user,
		.row = u->id,
		.json = u->json,
		.title = t,
		.tmdb_id = hit->tmdb_id,
		.series = hit->series,
		.year = hit->year,
		.finish = note,
		.ctx = r,
	};
	int rc = -1;

	/* For a moment only, so that a backup need not wait for Seerr. */
	if (job_lock(r->run, err) == 0)
		rc = resolve_apply(r->run->db, r->run->env->data_dir, &found,
		    err);
	lock_release(r->run->lock);
	r->run->lock = -1;
	if (rc == 0) {
		r->resolved++;
	} else if (err->code == ERR_FORMAT || err->code == ERR_LIMIT ||
	    err->code == ERR_MISSING) {
		/* No archive could hold it, so it stays; or it waits no more. */
		err_clear(err);
		rc = 0;
	}
	return rc;
}

/* Look for one title. */
static int
ask(struct resolving *r, const struct unresolved *u, struct err *err)
{
	const struct seerr_hit *hit;
	struct resolve_title t;

	r->seen++;
	if (u->json == NULL || !resolve_read(u->json, &t))
		return 0;
	keep_pace(r);
	job_at(r->run, r->seen - 1, r->total, t.title);
	if (*r->run->stop)
		return err_set(err, ERR_BUSY, "The server stops.");
	err_clear(&r->trouble);
	if (seerr_search(&r->seerr, t.title, r->hits, &r->trouble)) {
		r->failures = r->trouble.code == ERR_DENIED ? FAILURES_MAX
							    : r->failures + 1;
		return 0;
	}
	r->failures = 0;
	hit = pick(r, &t);
	return hit == NULL ? 0 : apply(r, u, &t, hit, err);
}

/* Look for all titles, one after the other, in the order they were kept. */
static int
ask_all(struct resolving *r, struct err *err)
{
	struct unresolved u = { .id = 0 };
	int rc = 1;

	while (rc == 1 && r->failures < FAILURES_MAX) {
		rc = store_unresolved_next(r->run->db, r->run->user, u.id, &u,
		    err);
		if (rc == 1 && ask(r, &u, err))
			rc = -1;
		free(u.json);
	}
	return rc < 0 ? -1 : 0;
}

static int
end_well(struct resolving *r, struct err *err)
{
	struct db *db = r->run->db;
	struct json_out j;
	struct buf text;
	int64_t left;
	int rc = -1;

	if (store_unresolved_count(db, r->run->user, &left, err))
		return -1;
	buf_init(&text, RESULT_MAX);
	json_out_init(&j, NULL, &text);
	json_out_begin(&j, NULL, '{');
	json_out_int(&j, "total", r->resolved + left);
	json_out_int(&j, "resolved", r->resolved);
	json_out_int(&j, "left", left);
	json_out_begin(&j, "errors", '[');
	if (r->failures > 0)
		json_out_string(&j, NULL, r->trouble.msg);
	json_out_end(&j, ']');
	if (store_unresolved_names(db, r->run->user, "leftItems", &j, err))
		goto out;
	json_out_end(&j, '}');
	if (buf_ok(&text, "the result", err) == 0)
		rc = job_done(r->run, buf_str(&text), err);
out:
	buf_free(&text);
	return rc;
}

/* Look for the ids of the user's titles that have none. */
int
job_resolve(struct job_run *run, struct err *err)
{
	struct resolving r = { .run = run };
	struct secret key = { 0 };
	char *base = NULL;
	int rc = -1;

	(void)json_int(json_get(run->input, "resolved"), &r.resolved);
	if ((r.hits = calloc(1, sizeof(*r.hits))) == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a search.");
	if (find_seerr(run->db, &base, &key, err) ||
	    store_unresolved_count(run->db, run->user, &r.total, err))
		goto out;
	if (base == NULL) {
		err_set(err, ERR_USAGE,
		    "There is no Seerr in the settings to ask. The titles are "
		    "kept.");
		goto out;
	}
	r.total += r.resolved;
	r.seen = r.resolved;
	r.seerr = (struct seerr){ .base = base, .key = &key };
	if (ask_all(&r, err) == 0) {
		if (r.failures > 0)
			log_event(LOG_WARN, "resolve_failed", "message",
			    r.trouble.msg, NULL);
		rc = end_well(&r, err);
	}
out:
	secret_clear(&key);
	free(base);
	free(r.hits);
	return rc;
}
