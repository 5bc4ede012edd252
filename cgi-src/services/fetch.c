#include "cgi-src/services/fetch.h"

#include <stdlib.h>

#include "cgi-src/services/fetch_impl.h"
#include "cgi-src/services/wipe.h"
#include "core/clock.h"

#define POLL_MS 1000

static const struct fetch_limits limits[] = {
	[FETCH_TEST] = { 8000, (size_t)1 << 20 },
	[FETCH_DATA] = { 15000, (size_t)64 << 20 },
	[FETCH_AI] = { 90000, (size_t)64 << 20 },
};

struct fetch_set {
	const struct fetch_limits *limits;
	CURLM *multi;
	struct fetch *failed; /* before they began */
	size_t running;
	bool busy; /* something was added since the last wait */
	int64_t began;
};

int
fetch_open(struct fetch_set **set, enum fetch_class class, struct err *err)
{
	static bool initialised;
	struct fetch_set *s;

	*set = NULL;
	if (!initialised && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(err, ERR_NOMEM, "libcurl cannot start.");
	initialised = true;
	if ((s = calloc(1, sizeof(*s))) == NULL ||
	    (s->multi = curl_multi_init()) == NULL) {
		free(s);
		return err_set(err, ERR_NOMEM, "No memory for requests.");
	}
	s->limits = &limits[class];
	*set = s;
	return 0;
}

void
fetch_close(struct fetch_set *set)
{
	if (set == NULL)
		return;
	(void)curl_multi_cleanup(set->multi);
	free(set);
}

/* Give ${t} to libcurl with the time that is left. */
static bool
start(struct fetch_set *s, struct transfer *t)
{
	int64_t left = s->began + s->limits->ms - clock_mono();

	if (left < 1)
		left = 1;
	return curl_easy_setopt(t->easy, CURLOPT_URL, t->url) == CURLE_OK &&
	    curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)left) ==
	    CURLE_OK &&
	    curl_multi_add_handle(s->multi, t->easy) == CURLM_OK;
}

static void
fail(struct fetch_set *s, struct fetch *f)
{
	f->next = s->failed;
	s->failed = f;
}

static void
fail_system(struct fetch *f)
{
	f->fault = FETCH_SYSTEM;
	err_set(&f->err, ERR_NOMEM, "No memory to ask %s.", f->who);
}

void
fetch_add(struct fetch_set *set, struct fetch *f)
{
	struct transfer *t;

	if (!set->busy) {
		set->busy = true;
		set->began = clock_mono();
	}
	f->set = set;
	f->fault = FETCH_ANSWERED;
	f->status = 0;
	f->html = false;
	f->target[0] = '\0';
	err_clear(&f->err);
	buf_init(&f->reply, set->limits->bytes);
	if ((t = fetch_transfer_new(f, set->limits)) == NULL) {
		fail(set, f);
	} else if (!start(set, t)) {
		fail_system(f);
		fetch_transfer_free(t);
		fail(set, f);
	} else {
		set->running++;
	}
}

static void
tell(struct fetch_set *s, struct fetch *f)
{
	f->ms = clock_mono() - s->began;
	if (f->done != NULL)
		f->done(f);
}

/* The request of ${t} is over, or is made again elsewhere. */
static void
settle(struct fetch_set *s, struct transfer *t, CURLcode code)
{
	struct fetch *f = t->f;
	bool again = fetch_transfer_end(t, code);

	(void)curl_multi_remove_handle(s->multi, t->easy);
	if (again && start(s, t))
		return;
	if (again)
		fail_system(f);
	fetch_transfer_free(t);
	s->running--;
	tell(s, f);
}

static void
settle_all(struct fetch_set *s)
{
	struct fetch *f;
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(s->multi, &left)) != NULL) {
		struct transfer *t = NULL;
		CURLcode code = m->data.result;

		(void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
		settle(s, t, code);
	}
	while ((f = s->failed) != NULL) {
		s->failed = f->next;
		tell(s, f);
	}
}

void
fetch_wait(struct fetch_set *set)
{
	int running;

	while (set->running > 0 || set->failed != NULL) {
		/* What fails here, fails in each request as well. */
		(void)curl_multi_perform(set->multi, &running);
		settle_all(set);
		if (set->running > 0 && set->failed == NULL)
			(void)curl_multi_poll(set->multi, NULL, 0, POLL_MS,
			    NULL);
	}
	set->busy = false;
}

void
fetch_free(struct fetch *f)
{
	wipe_free(&f->reply);
}
