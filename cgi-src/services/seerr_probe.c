#include <stdio.h>
#include <stdlib.h>

#include "cgi-src/services/base_url.h"
#include "cgi-src/services/key.h"
#include "cgi-src/services/seerr.h"
#include "core/str.h"

/* Two requests at once: one proves the server, the other the key. */
struct probe {
	struct fetch status;
	struct fetch me;
	int answers;
	struct service_result *r;
	struct secret key;
	char *status_url;
	char *me_url;
};

static void
probe_free(struct probe *p)
{
	fetch_free(&p->status);
	fetch_free(&p->me);
	secret_clear(&p->key);
	free(p->status_url);
	free(p->me_url);
	free(p);
}

/* Is it a Seerr? */
static int
judge_server(struct probe *p, struct err *err)
{
	struct json *j = NULL;
	int rc = fetch_json(&p->status, &j, err);

	if (rc == 0 &&
	    (service_text(j, "version", p->r->version, sizeof(p->r->version)) ==
		    0 ||
		json_get(j, "commitTag") == NULL))
		rc = fetch_not_service(&p->status, err);
	if (rc != 0)
		service_blame(p->r, &p->status);
	json_free(j);
	return rc;
}

/* Does it take the key? */
static int
judge_key(struct probe *p, struct err *err)
{
	const struct fetch *me = &p->me;
	struct json *j = NULL;
	int64_t id;
	int rc;

	service_blame(p->r, me);
	if (me->fault == FETCH_ANSWERED &&
	    (me->status == 401 || me->status == 403))
		p->r->code = "key_refused";
	if (me->fault == FETCH_ANSWERED && me->status == 401)
		return err_set(err, ERR_DENIED,
		    "Reached Seerr %s, but it refused the API key. Copy it "
		    "anew from Settings, General in Seerr.",
		    p->r->version);
	if (me->fault == FETCH_ANSWERED && me->status == 403)
		return err_set(err, ERR_DENIED,
		    "Reached Seerr %s, but it refused the API key. Copy it "
		    "anew from Settings, General in Seerr; if Seerr is new, "
		    "finish its own setup first.",
		    p->r->version);
	if ((rc = fetch_json(me, &j, err)) == 0 &&
	    json_int(json_get(j, "id"), &id) != 0)
		rc = fetch_not_service(me, err);
	json_free(j);
	if (rc != 0)
		return err_prefix(err, "Reached Seerr %s, but not with the key",
		    p->r->version);
	return 0;
}

static void
probe_done(struct fetch *f)
{
	struct probe *p = f->arg;
	struct err err = { ERR_NONE, "" };

	if (++p->answers < 2)
		return;
	/* f came last, so its time is that of both. */
	if (judge_server(p, &err) || judge_key(p, &err))
		service_bad(p->r, f, &err);
	else
		service_good(p->r, f,
		    "Reached Seerr %s, and it takes the "
		    "API key.",
		    p->r->version);
	probe_free(p);
}

static int
prepare(struct probe *p, const char *url, const struct secret *key,
    struct err *err)
{
	char *base = base_url_clean(url, err);

	if (base == NULL)
		return -1;
	(void)snprintf(p->r->url, sizeof(p->r->url), "%s", base);
	p->status_url = str_printf(err, "%s/api/v1/status", base);
	p->me_url = str_printf(err, "%s/api/v1/auth/me", base);
	free(base);
	if (p->status_url == NULL || p->me_url == NULL)
		return -1;
	if (key_trim(key, &p->key, err)) {
		if (err->code != ERR_USAGE)
			return -1;
		p->r->code = "key_missing";
		return err_set(err, ERR_USAGE,
		    "The API key of Seerr is missing.");
	}
	return 0;
}

void
seerr_test_begin(struct fetch_set *set, const char *url,
    const struct secret *key, struct service_result *r)
{
	struct err err = { ERR_NOMEM, "No memory to test Seerr." };
	struct probe *p = calloc(1, sizeof(*p));

	*r = (struct service_result){ .tested = true };
	if (p != NULL)
		p->r = r;
	if (p == NULL || prepare(p, url, key, &err)) {
		service_bad(r, NULL, &err);
		if (p != NULL)
			probe_free(p);
		return;
	}
	p->status = (struct fetch){ .who = "Seerr",
		.url = p->status_url,
		.done = probe_done,
		.arg = p };
	p->me = p->status;
	p->me.url = p->me_url;
	p->me.header = "X-Api-Key";
	p->me.value = &p->key;
	fetch_add(set, &p->status);
	fetch_add(set, &p->me);
}
