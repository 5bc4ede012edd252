#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi-src/services/base_url.h"
#include "cgi-src/services/jellyfin.h"
#include "cgi-src/services/jellyfin_paths.h"
#include "cgi-src/services/jellyfin_reply.h"
#include "core/str.h"

/* A test that is under way. */
struct probe {
	struct fetch f;
	struct service_result *r;
	char *base;
	char *url;
	size_t path;
	struct err first; /* what the first address said */
};

static void
probe_free(struct probe *p)
{
	fetch_free(&p->f);
	free(p->base);
	free(p->url);
	free(p);
}

/* ${f}: the answer, or NULL when nothing was asked. */
static void
probe_fail(struct probe *p, const struct fetch *f, const struct err *err)
{
	service_bad(p->r, f, err);
	probe_free(p);
}

static void probe_done(struct fetch *f);

/* Ask at the next of the usual paths. */
static int
probe_ask(struct probe *p, struct fetch_set *set, struct err *err)
{
	free(p->url);
	p->url = jellyfin_path(p->base, p->path, "/System/Info/Public", err);
	if (p->url == NULL)
		return -1;
	fetch_free(&p->f);
	p->f = (struct fetch){
		.who = "Jellyfin", .url = p->url, .done = probe_done, .arg = p
	};
	fetch_add(set, &p->f);
	return 0;
}

static void
probe_good(struct probe *p)
{
	struct service_result *r = p->r;

	(void)snprintf(r->url, sizeof(r->url), "%.*s",
	    (int)(strlen(p->url) - strlen("/System/Info/Public")), p->url);
	service_good(r, &p->f, "Reached Jellyfin %s%s%s%s.", r->version,
	    r->server_name[0] != '\0' ? " on \"" : "", r->server_name,
	    r->server_name[0] != '\0' ? "\"" : "");
	probe_free(p);
}

static void
probe_done(struct fetch *f)
{
	struct probe *p = f->arg;
	struct err err = { ERR_NONE, "" };
	struct json *j = NULL;
	bool elsewhere = jellyfin_elsewhere(f);
	int rc;

	/* Of several failures the one of the address that was typed. */
	if (p->path == 0 || !elsewhere)
		service_blame(p->r, f);
	if ((rc = fetch_json(f, &j, &err)) == 0)
		rc = jellyfin_read_public(f, j, p->r, &err);
	json_free(j);
	if (rc == 0) {
		probe_good(p);
		return;
	}
	if (p->path == 0)
		p->first = err;
	if (elsewhere && ++p->path < JELLYFIN_PATHS) {
		if (probe_ask(p, f->set, &err))
			probe_fail(p, NULL, &err);
		return;
	}
	probe_fail(p, f, elsewhere ? &p->first : &err);
}

void
jellyfin_test_begin(struct fetch_set *set, const char *url,
    struct service_result *r)
{
	struct err err;
	struct probe *p;

	*r = (struct service_result){ .tested = true };
	if ((p = calloc(1, sizeof(*p))) == NULL) {
		err_set(&err, ERR_NOMEM, "No memory to test Jellyfin.");
		service_bad(r, NULL, &err);
		return;
	}
	p->r = r;
	if ((p->base = base_url_clean(url, &err)) == NULL) {
		probe_fail(p, NULL, &err);
		return;
	}
	(void)snprintf(r->url, sizeof(r->url), "%s", p->base);
	if (probe_ask(p, set, &err))
		probe_fail(p, NULL, &err);
}
