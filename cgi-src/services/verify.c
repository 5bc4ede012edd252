#include "cgi-src/services/verify.h"

#include <stddef.h>
#include <string.h>

#include "cgi-src/services/gemini.h"
#include "cgi-src/services/jellyfin.h"
#include "cgi-src/services/seerr.h"
#include "core/json_out.h"

static bool
given(const char *text)
{
	return text != NULL && *text != '\0';
}

int
verify_services(const struct verify_wish *wish, struct verify_report *report,
    struct err *err)
{
	static const struct secret none = { NULL, 0 };
	const struct secret *seerr_key =
	    wish->seerr_key != NULL ? wish->seerr_key : &none;
	struct fetch_set *set;

	*report = (struct verify_report){ .jellyfin = { .tested = false } };
	if (fetch_open(&set, FETCH_TEST, err))
		return -1;
	if (given(wish->jellyfin_url))
		jellyfin_test_begin(set, wish->jellyfin_url, &report->jellyfin);
	if (given(wish->seerr_url))
		seerr_test_begin(set, wish->seerr_url, seerr_key,
		    &report->seerr);
	if (wish->gemini_key != NULL && wish->gemini_key->len > 0)
		gemini_test_begin(set, wish->gemini_base, wish->gemini_key,
		    wish->gemini_model != NULL ? wish->gemini_model : "",
		    &report->gemini);
	fetch_wait(set);
	fetch_close(set);
	report->jellyfin.other_server = report->jellyfin.ok &&
	    given(wish->jellyfin_id) &&
	    strcmp(wish->jellyfin_id, report->jellyfin.server_id) != 0;
	return 0;
}

/* The names in "a, b" as a list. */
static void
put_models(struct json_out *j, const char *names)
{
	char one[SERVICE_MODELS_MAX];

	json_out_begin(j, "models", '[');
	for (size_t len; *names != '\0'; names += len) {
		len = strcspn(names, ", ");
		memcpy(one, names, len);
		one[len] = '\0';
		if (len > 0)
			json_out_string(j, NULL, one);
		len += strspn(names + len, ", ");
	}
	json_out_end(j, ']');
}

/* Why it failed, for a page that says it in its own words. */
static void
put_code(struct json_out *j, const struct service_result *r)
{
	if (r->code == NULL)
		return;
	json_out_string(j, "code", r->code);
	if (r->status != 0)
		json_out_int(j, "status", r->status);
	if (r->target[0] != '\0')
		json_out_string(j, "target", r->target);
}

static void
put(struct json_out *j, const char *key, const struct service_result *r)
{
	if (!r->tested) {
		json_out_null(j, key);
		return;
	}
	json_out_begin(j, key, '{');
	json_out_bool(j, "ok", r->ok);
	json_out_string(j, "message", r->message);
	json_out_string(j, "version", r->version);
	json_out_string(j, "serverId", r->server_id);
	json_out_string(j, "serverName", r->server_name);
	json_out_string(j, "url", r->url);
	json_out_int(j, "ms", r->ms);
	put_code(j, r);
	if (r->other_server)
		json_out_bool(j, "otherServer", true);
	if (r->models[0] != '\0')
		put_models(j, r->models);
	json_out_end(j, '}');
}

void
verify_write(const struct verify_report *report, struct json_out *j)
{
	put(j, "jellyfin", &report->jellyfin);
	put(j, "jellyseerr", &report->seerr);
	put(j, "gemini", &report->gemini);
}
