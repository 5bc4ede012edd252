#include "cgi-src/api/services.h"

#include <stdlib.h>
#include <string.h>

#include "cgi-src/services/base_url.h"
#include "cgi-src/services/key.h"
#include "cgi-src/services/url.h"
#include "core/json.h"
#include "core/stage.h"
#include "core/store_config.h"
#include "core/str.h"

/* How secret_mask begins. */
#define MASK "********"

void
known_free(struct known *k)
{
	free(k->jellyfin_url);
	free(k->seerr_url);
	free(k->gemini_model);
	secret_clear(&k->seerr_key);
	secret_clear(&k->gemini_key);
	*k = (struct known){ .jellyfin_url = NULL };
}

void
services_free(struct services *s)
{
	for (size_t i = 0; i < KNOWN_PLACES; i++)
		known_free(&s->known[i]);
	free(s->server_id);
	*s = (struct services){ .configured = false };
}

/* A copy of ${v} when it is a text that says something. */
static int
take_text(char **out, const struct value *v, struct err *err)
{
	if (v->kind != VALUE_TEXT || v->len == 0)
		return 0;
	*out = str_printf(err, "%.*s", (int)v->len, v->s);
	return *out != NULL ? 0 : -1;
}

static int
take_key(struct secret *out, const struct value *v, struct err *err)
{
	if (v->kind != VALUE_TEXT || v->len == 0)
		return 0;
	return secret_set(out, v->s, v->len, err);
}

static int
know(struct known *k, const struct value *config, struct err *err)
{
	return take_text(&k->jellyfin_url, &config[CONFIG_JELLYFIN_URL], err) ||
		take_text(&k->seerr_url, &config[CONFIG_JELLYSEERR_URL], err) ||
		take_key(&k->seerr_key, &config[CONFIG_JELLYSEERR_API_KEY],
		    err) ||
		take_key(&k->gemini_key, &config[CONFIG_GEMINI_API_KEY], err) ||
		take_text(&k->gemini_model, &config[CONFIG_GEMINI_MODEL], err)
	    ? -1
	    : 0;
}

static int
know_stored(struct services *s, struct db *db, struct err *err)
{
	struct store_config *store = NULL;
	struct config config;
	int rc = -1;

	if (store_config_open(db, &store, err))
		return -1;
	rc = store_config_get(store, &config, err);
	if (rc == 1) {
		rc = know(&s->known[KNOWN_STORED], config.v, err);
		if (rc == 0)
			rc = take_text(&s->server_id,
			    &config.v[CONFIG_JELLYFIN_SERVER_ID], err);
	}
	store_config_free(store);
	return rc;
}

static struct value
text_value(const char *text)
{
	return (struct value){ .kind = VALUE_TEXT,
		.s = text,
		.len = text != NULL ? strlen(text) : 0 };
}

static int
know_set(struct services *s, const struct env_offer *offer, struct err *err)
{
	const struct value config[CONFIG_FIELDS] = {
		[CONFIG_JELLYFIN_URL] = text_value(offer->jellyfin_url),
		[CONFIG_JELLYSEERR_URL] = text_value(offer->seerr_url),
		[CONFIG_JELLYSEERR_API_KEY] =
		    text_value(secret_expose(&offer->seerr_key)),
		[CONFIG_GEMINI_API_KEY] =
		    text_value(secret_expose(&offer->gemini_key)),
		[CONFIG_GEMINI_MODEL] = text_value(offer->gemini_model),
	};

	return know(&s->known[KNOWN_SET], config, err);
}

static int
take_staged(void *ctx, const struct value *config, struct err *err)
{
	struct known *k = ctx;

	return know(k, config, err);
}

int
services_load(struct app *app, struct services *s, struct err *err)
{
	struct app_db *db = app_read(app, err);
	struct status status;
	int rc = -1;

	*s = (struct services){ .configured = false };
	if (db == NULL || store_status_read(db->status, &status, err))
		return -1;
	s->configured = status.configured;
	/* Once set up, only what was saved counts. */
	if ((status.configured || know_set(s, &app->env->offer, err) == 0) &&
	    know_stored(s, db->db, err) == 0)
		rc = status.staged ? stage_config(db->db, take_staged,
					 &s->known[KNOWN_STAGED], err)
				   : 0;
	if (rc != 0)
		services_free(s);
	return rc;
}

/* The members of a form, in the order of the answer. */
enum field { JELLYFIN_URL, SEERR_URL, SEERR_KEY, GEMINI_KEY, MODEL, FIELDS };

static const char *const names[FIELDS] = {
	[JELLYFIN_URL] = "jellyfinUrl",
	[SEERR_URL] = "jellyseerrUrl",
	[SEERR_KEY] = "jellyseerrApiKey",
	[GEMINI_KEY] = "geminiApiKey",
	[MODEL] = "geminiModel",
};

static const char *
known_text(const struct known *k, enum field f)
{
	const char *text = f == JELLYFIN_URL ? k->jellyfin_url
	    : f == SEERR_URL                 ? k->seerr_url
					     : k->gemini_model;

	return text != NULL && *text != '\0' ? text : NULL;
}

static const struct secret *
known_key(const struct known *k, enum field f)
{
	const struct secret *key =
	    f == SEERR_KEY ? &k->seerr_key : &k->gemini_key;

	return key->len > 0 ? key : NULL;
}

static const char *
first_text(const struct services *s, enum field f)
{
	const char *text = NULL;

	for (size_t i = 0; i < KNOWN_PLACES && text == NULL; i++)
		text = known_text(&s->known[i], f);
	return text;
}

/* Where a key is known first, or NULL. */
static const struct known *
first_key(const struct services *s, enum field f)
{
	for (size_t i = 0; i < KNOWN_PLACES; i++) {
		if (known_key(&s->known[i], f) != NULL)
			return &s->known[i];
	}
	return NULL;
}

void
services_write(const struct services *s, struct json_out *j)
{
	char mask[SECRET_MASK_MAX];

	for (enum field f = JELLYFIN_URL; f < FIELDS; f++) {
		bool key = f == SEERR_KEY || f == GEMINI_KEY;
		const struct known *k = key ? first_key(s, f) : NULL;
		const char *text = key ? NULL : first_text(s, f);

		if (k != NULL)
			text = secret_mask(known_key(k, f), mask);
		if (text != NULL)
			json_out_string(j, names[f], text);
		else
			json_out_null(j, names[f]);
	}
}

/* What is being read, and what to say when it is wrong. */
struct reading {
	const struct services *s;
	const struct json *body;
	bool trusted;
	struct known *wanted;
	struct response *res;
};

static int
refuse(struct reading *r, enum field f, const char *code, const char *sentence)
{
	struct json_out *j = response_error(r->res, 422, code, sentence);

	json_out_string(j, "field", names[f]);
	return -1;
}

/*
 * The text of a member into ${text}, NULL when it is absent.  Return 0, or
 * -1 when it is no text that a configuration may hold.
 */
static int
member(struct reading *r, enum field f, const char **text)
{
	const struct json *j = json_get(r->body, names[f]);
	size_t len = 0;

	*text = json_text(j, &len);
	if (j == NULL || (*text != NULL && strlen(*text) == len && len < 4096))
		return 0;
	return refuse(r, f, "bad_field",
	    "This is no text, or it is far too long. Type it again.");
}

static int
read_url(struct reading *r, enum field f, char **out)
{
	struct err err = { 0 };
	const char *text;

	if (member(r, f, &text))
		return -1;
	if (text == NULL)
		text = first_text(r->s, f);
	if (text == NULL || *text == '\0')
		return 0;
	if ((*out = base_url_clean(text, &err)) == NULL)
		return refuse(r, f, "bad_address", err.msg);
	return 0;
}

static int
read_model(struct reading *r)
{
	struct err err = { 0 };
	const char *text;

	if (member(r, MODEL, &text))
		return -1;
	if (text == NULL)
		text = first_text(r->s, MODEL);
	if (text == NULL || *text == '\0')
		return 0;
	if ((r->wanted->gemini_model = str_dup(text, &err)) == NULL)
		return refuse(r, MODEL, "no_memory", err.msg);
	return 0;
}

static bool
is_mask_of(const struct secret *key, const char *text)
{
	char mask[SECRET_MASK_MAX];

	return strcmp(secret_mask(key, mask), text) == 0;
}

/* Whether a key known at ${k} may go to the address that was asked for. */
static bool
at_home(const struct reading *r, enum field f, const struct known *k)
{
	if (f == GEMINI_KEY)
		return true; /* always the same service */
	return k->seerr_url != NULL && r->wanted->seerr_url != NULL &&
	    url_same_origin(k->seerr_url, r->wanted->seerr_url);
}

/* The place whose key ${text} is a mask of, at home if there is one. */
static const struct known *
unmask(const struct reading *r, enum field f, const char *text)
{
	const struct known *found = NULL;

	for (size_t i = 0; i < KNOWN_PLACES; i++) {
		const struct known *k = &r->s->known[i];
		const struct secret *key = known_key(k, f);

		if (key == NULL || (text != NULL && !is_mask_of(key, text)))
			continue;
		if (at_home(r, f, k))
			return k;
		if (found == NULL)
			found = k;
	}
	return found;
}

static bool
wants_reuse(const struct reading *r, enum field f)
{
	const struct json *list = json_get(r->body, "reuseKey");
	const char *name = f == SEERR_KEY ? "jellyseerr" : "gemini";

	for (size_t i = 0; i < json_count(list); i++) {
		const char *text = json_text(json_at(list, i), NULL);

		if (text != NULL && strcmp(text, name) == 0)
			return true;
	}
	return false;
}

/* A key that stands for one that is known: ${text} is its mask, or NULL. */
static int
reuse_key(struct reading *r, enum field f, const char *text, struct secret *out)
{
	const struct known *k = unmask(r, f, text);
	const struct secret *key;
	struct err err = { 0 };

	if (k == NULL)
		return text == NULL ? 0
				    : refuse(r, f, "key_unknown",
					  "The key that was kept here has "
					  "changed. Type it again.");
	if (f == SEERR_KEY && r->wanted->seerr_url == NULL)
		return 0;
	if (!at_home(r, f, k) && !(r->trusted && wants_reuse(r, f)))
		return refuse(r, f, "key_moved",
		    "This key was kept for another address. Type it again, "
		    "or allow that it is sent to the new one.");
	key = f == SEERR_KEY ? &k->seerr_key : &k->gemini_key;
	if (secret_set(out, secret_expose(key), key->len, &err))
		return refuse(r, f, "no_memory", err.msg);
	return 0;
}

static int
read_key(struct reading *r, enum field f, struct secret *out)
{
	struct secret typed = { 0 };
	struct err err = { 0 };
	const char *text;
	int rc;

	if (member(r, f, &text))
		return -1;
	if (text != NULL && *text == '\0')
		return 0;
	if (text == NULL || str_starts(text, MASK))
		return reuse_key(r, f, text, out);
	if (secret_set(&typed, text, strlen(text), &err) ||
	    key_trim(&typed, out, &err))
		rc = refuse(r, f, "bad_key", err.msg);
	else
		rc = 0;
	secret_clear(&typed);
	return rc;
}

int
services_read(const struct services *s, const struct request *req, bool trusted,
    struct known *wanted, struct response *res)
{
	struct reading r = { s, req->json, trusted, wanted, res };

	*wanted = (struct known){ .jellyfin_url = NULL };
	if (read_url(&r, JELLYFIN_URL, &wanted->jellyfin_url) ||
	    read_url(&r, SEERR_URL, &wanted->seerr_url) ||
	    read_key(&r, SEERR_KEY, &wanted->seerr_key) ||
	    read_key(&r, GEMINI_KEY, &wanted->gemini_key) || read_model(&r)) {
		known_free(wanted);
		return -1;
	}
	return 0;
}
