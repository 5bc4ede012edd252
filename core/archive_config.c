#include "core/archive_part.h"

const struct archive_field archive_config_fields[CONFIG_FIELDS] = {
	[CONFIG_JELLYFIN_URL] = { "jellyfinUrl", "jellyfinUrl", ARCHIVE_TEXT },
	[CONFIG_JELLYSEERR_URL] = { "jellyseerrUrl", "jellyseerrUrl",
	    ARCHIVE_TEXT },
	[CONFIG_JELLYSEERR_API_KEY] = { "jellyseerrApiKey", "jellyseerrApiKey",
	    ARCHIVE_TEXT },
	[CONFIG_GEMINI_API_KEY] = { "geminiApiKey", "geminiApiKey",
	    ARCHIVE_TEXT },
	[CONFIG_GEMINI_MODEL] = { "geminiModel", "geminiModel", ARCHIVE_TEXT },
	[CONFIG_AI_PROVIDER] = { "aiProvider", "aiProvider", ARCHIVE_TEXT },
	[CONFIG_OPENROUTER_API_KEY] = { "openrouterApiKey", "openrouterApiKey",
	    ARCHIVE_TEXT },
	[CONFIG_AI_MODEL] = { "aiModel", "aiModel", ARCHIVE_TEXT },
	[CONFIG_TMDB_API_KEY] = { "tmdbApiKey", "tmdbApiKey", ARCHIVE_TEXT },
	[CONFIG_JELLYFIN_SERVER_ID] = { "jellyfinServerId", "jellyfinServerId",
	    ARCHIVE_TEXT },
	[CONFIG_IS_CONFIGURED] = { "isConfigured", "isConfigured",
	    ARCHIVE_BOOL },
};

/* Always a boolean: readers look at it. */
static void
write_configured(struct archive_out *a, const struct value *v)
{
	const struct archive_field *f =
	    &archive_config_fields[CONFIG_IS_CONFIGURED];
	char show[ARCHIVE_SHOW_MAX];

	/* Not part of the content: a restored system may not be set up. */
	a->j.bare = NULL;
	if (v->kind != VALUE_NULL && archive_value_fits(f, v)) {
		archive_value(a, f, v);
	} else {
		archive_note(a, "isConfigured is %s", archive_show(v, show));
		json_out_bool(&a->j, f->key,
		    v->kind == VALUE_INT ||
			(v->kind == VALUE_REAL && (v->d < 0 || v->d > 0)));
	}
	a->j.bare = &a->bare;
}

int
archive_config(struct archive_job *job, struct err *err)
{
	struct archive_out *a = &job->out;
	struct config config;
	int rc = 0;

	if (job->only == 0)
		rc = store_config_get(job->configs, &config, err);
	if (rc < 0)
		return -1;
	if (rc == 0) {
		json_out_null(&a->j, "system_config");
		buf_addz(&a->bare, "null\n");
		return archive_out_ok(a, err);
	}
	a->place = "system_config";
	archive_hash_begin(a, "system_config", '{');
	for (int i = 0; i < CONFIG_IS_CONFIGURED; i++) {
		/* What is too long goes to "rejected". */
		if (archive_value_fits(&archive_config_fields[i], &config.v[i]))
			archive_value(a, &archive_config_fields[i],
			    &config.v[i]);
	}
	write_configured(a, &config.v[CONFIG_IS_CONFIGURED]);
	archive_hash_end(a, '}');
	return archive_out_ok(a, err);
}
