#include "cgi-src/api/services.h"

#include <stdlib.h>
#include <string.h>

#include "core/stage.h"
#include "core/store_config.h"
#include "core/str.h"

void
known_free(struct known *k)
{
	free(k->jellyfin_url);
	free(k->seerr_url);
	free(k->gemini_model);
	free(k->server_id);
	secret_clear(&k->seerr_key);
	secret_clear(&k->gemini_key);
	*k = (struct known){ .jellyfin_url = NULL };
}

void
services_free(struct services *s)
{
	for (size_t i = 0; i < KNOWN_PLACES; i++)
		known_free(&s->known[i]);
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
		take_text(&k->gemini_model, &config[CONFIG_GEMINI_MODEL],
		    err) ||
		take_text(&k->server_id, &config[CONFIG_JELLYFIN_SERVER_ID],
		    err)
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
	if (rc == 1)
		rc = know(&s->known[KNOWN_STORED], config.v, err);
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

/* What helps to fill in the form before anything is saved. */
static int
know_offers(struct app *app, struct services *s, struct db *db, bool staged,
    struct err *err)
{
	if (know_set(s, &app->env->offer, err))
		return -1;
	return staged
	    ? stage_config(db, take_staged, &s->known[KNOWN_STAGED], err)
	    : 0;
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
	if (know_stored(s, db->db, err) == 0)
		rc = status.configured
		    ? 0
		    : know_offers(app, s, db->db, status.staged, err);
	if (rc != 0)
		services_free(s);
	return rc;
}

const char *
services_server_id(const struct services *s)
{
	const char *stored = s->known[KNOWN_STORED].server_id;

	return stored != NULL ? stored : s->known[KNOWN_STAGED].server_id;
}
