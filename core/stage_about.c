#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/json_out.h"
#include "core/preview.h"
#include "core/stage.h"
#include "core/stage_int.h"

/* Of a preview: 65,536 users with usual names take a quarter of it. */
#define PREVIEW_MAX ((size_t)32 << 20)
#define CONFIG_MAX ((size_t)32 << 20)

/* The archive's keys are the columns of SystemConfig, in the same order. */
_Static_assert((int)ARCHIVE_CONFIG_KEYS == (int)CONFIG_IS_CONFIGURED,
    "the archive has another configuration than the database");

static void
write_config(struct json_out *j, const struct archive_info *info)
{
	json_out_begin(j, NULL, '{');
	for (int k = 0; k < (int)ARCHIVE_CONFIG_KEYS; k++) {
		const struct value *v = &info->config[k];

		if (v->kind == VALUE_TEXT)
			json_out_bytes(j,
			    archive_config_name((enum archive_config_key)k),
			    v->s, v->len);
	}
	json_out_end(j, '}');
}

int
staged_describe(struct staged_text *t, const struct archive *a, int64_t id,
    struct err *err)
{
	const struct archive_info *info = archive_info(a);
	struct json_out j;

	buf_init(&t->preview, PREVIEW_MAX);
	buf_init(&t->config, CONFIG_MAX);
	json_out_init(&j, NULL, &t->preview);
	json_out_begin(&j, NULL, '{');
	if (preview_write(&j, id, info, err))
		return -1;
	json_out_end(&j, '}');
	if (info->has_config) {
		json_out_init(&j, NULL, &t->config);
		write_config(&j, info);
	}
	if (buf_ok(&t->preview, "the preview", err) ||
	    buf_ok(&t->config, "the configuration", err))
		return -1;
	t->about = (struct stage_about){
		.preview = buf_str(&t->preview),
		.config = info->has_config ? buf_str(&t->config) : NULL,
	};
	return 0;
}

void
staged_text_free(struct staged_text *t)
{
	buf_free(&t->preview);
	if (t->config.data != NULL)
		explicit_bzero(t->config.data, t->config.len);
	buf_free(&t->config);
}

/* Hand on what ${text}, as write_config made it, says. */
static int
tell_config(const char *text,
    int (*take)(void *ctx, const struct value *config, struct err *err),
    void *ctx, struct err *err)
{
	struct value config[CONFIG_FIELDS] = { { .kind = VALUE_NULL } };
	struct json *j = NULL;
	int rc;

	if (json_parse(&j, text, strlen(text), err))
		return -1;
	for (int k = 0; k < (int)ARCHIVE_CONFIG_KEYS; k++) {
		struct value *v = &config[k];

		v->s =
		    json_text(json_get(j,
				  archive_config_name((enum archive_config_key)
					  k)),
			&v->len);
		v->kind = v->s != NULL ? VALUE_TEXT : VALUE_NULL;
	}
	rc = take(ctx, config, err);
	json_free(j);
	return rc;
}

int
stage_config(struct db *db,
    int (*take)(void *ctx, const struct value *config, struct err *err),
    void *ctx, struct err *err)
{
	struct staged s;
	char *text = NULL;
	int rc;

	if (staged_open(&s, db, "", false, err))
		return -1;
	rc = s.found ? store_stage_config(s.store, s.row.id, &text, err) : 0;
	if (rc == 0 && text != NULL)
		rc = tell_config(text, take, ctx, err);
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
	staged_close(&s);
	return rc;
}
