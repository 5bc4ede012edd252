#include "cgi-src/services/gemini.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi-src/services/base_url.h"
#include "cgi-src/services/key.h"
#include "core/str.h"

#define MODEL_MAX 100
#define OFFERS_MAX 6
#define PREFIX "models/"

/* A test that is under way. */
struct probe {
	struct fetch f;
	struct service_result *r;
	struct secret key;
	char model[MODEL_MAX];
	char *base;
	char *url;
};

static void
probe_free(struct probe *p)
{
	fetch_free(&p->f);
	secret_clear(&p->key);
	free(p->base);
	free(p->url);
	free(p);
}

/* Is one of the error's details API_KEY_INVALID? */
static bool
has_reason(const struct json *j, const char *reason)
{
	const struct json *details = json_get(json_get(j, "error"), "details");
	size_t count =
	    json_kind(details) == JSON_LIST ? json_count(details) : 0;

	for (size_t i = 0; i < count; i++) {
		const char *text =
		    json_text(json_get(json_at(details, i), "reason"), NULL);

		if (text != NULL && strcmp(text, reason) == 0)
			return true;
	}
	return false;
}

bool
gemini_key_refused(const struct fetch *f)
{
	struct fetch as_200 = *f;
	struct json *j = NULL;
	struct err err;
	bool refused;

	if (f->fault != FETCH_ANSWERED)
		return false;
	if (f->status == 401 || f->status == 403)
		return !f->html;
	if (f->status != 400)
		return false;
	as_200.status = 200;
	if (fetch_json(&as_200, &j, &err))
		return false;
	refused = has_reason(j, "API_KEY_INVALID");
	json_free(j);
	return refused;
}

/* Letters, digits, '.', '_' and '-'. */
static bool
is_model(const char *name)
{
	static const char allowed[] = "0123456789._-abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return *name != '\0' && strspn(name, allowed) == strlen(name) &&
	    strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static bool
can_generate(const struct json *model)
{
	const struct json *list = json_get(model, "supportedGenerationMethods");
	size_t count = json_kind(list) == JSON_LIST ? json_count(list) : 0;

	for (size_t i = 0; i < count; i++) {
		const char *method = json_text(json_at(list, i), NULL);

		if (method != NULL && strcmp(method, "generateContent") == 0)
			return true;
	}
	return false;
}

void
gemini_offers(const struct fetch *f, char *out, size_t size)
{
	const struct json *list;
	struct json *j = NULL;
	struct err err;
	size_t used = 0;
	size_t offers = 0;

	out[0] = '\0';
	if (fetch_json(f, &j, &err))
		return;
	list = json_get(j, "models");
	for (size_t i = 0; json_kind(list) == JSON_LIST &&
	     i < json_count(list) && offers < OFFERS_MAX;
	     i++) {
		char name[MODEL_MAX];
		const char *bare = name + strlen(PREFIX);

		(void)service_text(json_at(list, i), "name", name,
		    sizeof(name));
		if (!str_starts(name, PREFIX) || !is_model(bare) ||
		    !can_generate(json_at(list, i)) ||
		    used + strlen(bare) + 3 > size)
			continue;
		used += (size_t)snprintf(out + used, size - used, "%s%s",
		    offers > 0 ? ", " : "", bare);
		offers++;
	}
	json_free(j);
}

/* The list of models has come, or not: say that ours is not among them. */
static void
models_done(struct fetch *f)
{
	struct probe *p = f->arg;
	char *offers = p->r->models;
	struct err err;

	gemini_offers(f, offers, sizeof(p->r->models));
	p->r->code = "no_model";
	err_set(&err, ERR_MISSING, "Gemini knows no model \"%s\".%s%s%s",
	    p->model, offers[0] != '\0' ? " Some that it has: " : "", offers,
	    offers[0] != '\0' ? "." : "");
	service_bad(p->r, f, &err);
	probe_free(p);
}

static void model_done(struct fetch *f);

/* Ask for ${path} below the base's /v1beta/models. */
static int
probe_ask(struct probe *p, struct fetch_set *set, const char *path,
    void (*done)(struct fetch *f), struct err *err)
{
	free(p->url);
	p->url = str_printf(err, "%s/v1beta/models%s%s", p->base,
	    *path != '\0' ? "/" : "", path);
	if (p->url == NULL)
		return -1;
	fetch_free(&p->f);
	p->f = (struct fetch){ .who = "Gemini",
		.url = p->url,
		.header = "x-goog-api-key",
		.value = &p->key,
		.done = done,
		.arg = p };
	fetch_add(set, &p->f);
	return 0;
}

/* Is it the model that we asked for? */
static int
judge(struct probe *p, struct err *err)
{
	struct json *j = NULL;
	const char *name;
	int rc;

	if (gemini_key_refused(&p->f)) {
		p->r->code = "key_refused";
		return err_set(err, ERR_DENIED,
		    "Reached Gemini, but it refused the API key. Copy it anew "
		    "from Google AI Studio.");
	}
	if ((rc = fetch_json(&p->f, &j, err)) != 0)
		return rc;
	name = json_text(json_get(j, "name"), NULL);
	if (name == NULL || !str_starts(name, PREFIX))
		rc = fetch_not_service(&p->f, err);
	json_free(j);
	return rc;
}

static void
model_done(struct fetch *f)
{
	struct probe *p = f->arg;
	struct err err = { ERR_NONE, "" };

	if (f->fault == FETCH_ANSWERED && f->status == 404 && !f->html &&
	    probe_ask(p, f->set, "", models_done, &err) == 0)
		return;
	if (err.code != ERR_NONE || judge(p, &err))
		service_bad(p->r, f, &err);
	else
		service_good(p->r, f,
		    "Reached Gemini: key and model \"%s\" "
		    "are good.",
		    p->model);
	probe_free(p);
}

static int
set_model(struct probe *p, const char *model, struct err *err)
{
	size_t len;

	model += strspn(model, " \t\r\n");
	if (str_starts(model, PREFIX))
		model += strlen(PREFIX);
	len = strcspn(model, " \t\r\n");
	(void)snprintf(p->model, sizeof(p->model), "%.*s", (int)len, model);
	if (len < sizeof(p->model) && is_model(p->model))
		return 0;
	p->r->code = "bad_model";
	return err_set(err, ERR_USAGE,
	    "That is no name of a model of Gemini: it has letters, digits, "
	    "dots and dashes only, such as gemini-2.5-flash.");
}

static int
prepare(struct probe *p, const char *base, const struct secret *key,
    const char *model, struct err *err)
{
	if ((p->base = base_url_clean(base, err)) == NULL)
		return err_prefix(err, "GEMINI_BASE_URL");
	if (key_trim(key, &p->key, err) == 0)
		return set_model(p, model, err);
	if (err->code != ERR_USAGE)
		return -1;
	p->r->code = "key_missing";
	return err_set(err, ERR_USAGE, "The API key of Gemini is missing.");
}

void
gemini_test_begin(struct fetch_set *set, const char *base,
    const struct secret *key, const char *model, struct service_result *r)
{
	struct err err = { ERR_NOMEM, "No memory to test Gemini." };
	struct probe *p = calloc(1, sizeof(*p));

	*r = (struct service_result){ .tested = true };
	if (p != NULL) {
		p->r = r;
		if (prepare(p, base, key, model, &err) == 0 &&
		    probe_ask(p, set, p->model, model_done, &err) == 0)
			return;
		probe_free(p);
	}
	service_bad(r, NULL, &err);
}
