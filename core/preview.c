#include "core/preview.h"

#include <stdbool.h>
#include <stddef.h>

#include "core/secret.h"

/* What is shown of the configuration, in this order. */
static const struct {
	enum archive_config_key key;
	bool secret;
} shown[] = {
	{ ARCHIVE_JELLYFIN_URL, false },
	{ ARCHIVE_JELLYSEERR_URL, false },
	{ ARCHIVE_JELLYSEERR_KEY, true },
	{ ARCHIVE_GEMINI_KEY, true },
	{ ARCHIVE_GEMINI_MODEL, false },
};

static void
text_or_null(struct json_out *j, const char *key, const char *text)
{
	if (*text != '\0')
		json_out_string(j, key, text);
	else
		json_out_null(j, key);
}

static int
write_masked(struct json_out *j, const char *key, const struct value *v,
    struct err *err)
{
	struct secret secret = { 0 };
	char mask[SECRET_MASK_MAX];

	if (secret_set(&secret, v->s, v->len, err))
		return -1;
	json_out_string(j, key, secret_mask(&secret, mask));
	secret_clear(&secret);
	return 0;
}

static int
write_config(struct json_out *j, const struct archive_info *info,
    struct err *err)
{
	if (!info->has_config) {
		json_out_null(j, "config");
		return 0;
	}
	json_out_begin(j, "config", '{');
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		const char *key = archive_config_name(shown[i].key);
		const struct value *v = &info->config[shown[i].key];

		if (v->kind != VALUE_TEXT)
			json_out_null(j, key);
		else if (!shown[i].secret)
			json_out_bytes(j, key, v->s, v->len);
		else if (write_masked(j, key, v, err))
			return -1;
	}
	json_out_end(j, '}');
	return 0;
}

static void
write_user(struct json_out *j, const struct archive_user_info *u)
{
	json_out_begin(j, NULL, '{');
	json_out_bytes(j, "username", u->name, u->name_len);
	json_out_int(j, "movies", u->count[ARCHIVE_MOVIES]);
	json_out_int(j, "series", u->count[ARCHIVE_SERIES]);
	json_out_int(j, "watchlistMovies", u->count[ARCHIVE_WATCH_MOVIES]);
	json_out_int(j, "watchlistSeries", u->count[ARCHIVE_WATCH_SERIES]);
	json_out_int(j, "blocked", u->count[ARCHIVE_BLOCKED]);
	json_out_int(j, "unresolved", u->count[ARCHIVE_UNRESOLVED]);
	json_out_bool(j, "movieProfile", u->movie_profile);
	json_out_bool(j, "tvProfile", u->tv_profile);
	json_out_end(j, '}');
}

static void
write_warnings(struct json_out *j, const struct archive_info *info)
{
	json_out_begin(j, "warnings", '[');
	for (size_t i = 0; i < info->warnings_count; i++) {
		json_out_begin(j, NULL, '{');
		json_out_string(j, "where", info->warnings[i].where);
		json_out_string(j, "message", info->warnings[i].message);
		json_out_end(j, '}');
	}
	json_out_end(j, ']');
	json_out_int(j, "warningsTotal", (int64_t)info->warnings_total);
}

int
preview_write(struct json_out *j, int64_t id, const struct archive_info *info,
    struct err *err)
{
	static const char *const integrity[] = {
		[ARCHIVE_OK] = "ok",
		[ARCHIVE_ABSENT] = "absent",
		[ARCHIVE_CHANGED] = "changed",
	};

	json_out_int(j, "id", id);
	json_out_string(j, "format", archive_form_name(info->form));
	text_or_null(j, "version", info->version);
	text_or_null(j, "exportedAt", info->exported_at);
	text_or_null(j, "generator", info->generator);
	json_out_string(j, "integrity", integrity[info->integrity]);
	json_out_int(j, "size", (int64_t)info->size);
	if (write_config(j, info, err))
		return -1;
	json_out_begin(j, "users", '[');
	for (size_t i = 0; i < info->users_count; i++)
		write_user(j, &info->users[i]);
	json_out_end(j, ']');
	json_out_int(j, "refused", (int64_t)info->refused);
	write_warnings(j, info);
	return 0;
}
