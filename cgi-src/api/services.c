#include "cgi-src/api/services.h"

#include <string.h>

#include "cgi-src/services/base_url.h"
#include "cgi-src/services/key.h"
#include "cgi-src/services/url.h"
#include "core/json.h"
#include "core/str.h"

/* How secret_mask begins. */
#define MASK "********"

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
