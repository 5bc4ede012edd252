#include <stdio.h>
#include <string.h>

#include "core/archive_read_impl.h"
#include "core/json.h"
#include "core/str.h"

static const char *const config_names[ARCHIVE_CONFIG_KEYS] = {
	"jellyfinUrl",
	"jellyseerrUrl",
	"jellyseerrApiKey",
	"geminiApiKey",
	"geminiModel",
	"aiProvider",
	"openrouterApiKey",
	"aiModel",
	"tmdbApiKey",
	"jellyfinServerId",
};

const char *
archive_config_name(enum archive_config_key k)
{
	return config_names[k];
}

/* Pass over a value that was read in an earlier pass. */
static int
skip_value(struct reader *w)
{
	json_scan_string_max(w->s, ARCHIVE_OTHER_STRING);
	if (json_scan_value(w->s, NULL, w->err))
		return -1;
	json_scan_string_max(w->s, JSON_STRING_MAX);
	return 0;
}

/* Cut out a value of the root. */
static int
cut_value(struct reader *w)
{
	w->item.max = ARCHIVE_ITEM_MAX;
	buf_reset(&w->item);
	if (json_scan_value(w->s, &w->item, w->err))
		return -1;
	reader_check_lone(w);
	return 0;
}

/* One user: an object whose key (forms 3 and 4) is in w->key, or none. */
static int
walk_user(struct reader *w, bool keyed)
{
	char name[ARCHIVE_NAME_MAX];
	struct json_scan_state state;
	struct json_span key = { name, w->key.len };
	bool more;
	bool skip;

	json_scan_state(w->s, &state);
	if (keyed && !state.key_cut && w->key.len <= sizeof(name))
		memcpy(name, buf_str(&w->key), w->key.len);
	else
		key.p = NULL;
	if (reader_user_open(w, &skip))
		return -1;
	if (skip)
		return skip_value(w);
	if (json_scan_enter(w->s, w->err))
		return -1;
	for (;;) {
		if (json_scan_next(w->s, &more, w->err))
			return -1;
		if (!more)
			break;
		if (reader_user_member(w))
			return -1;
	}
	return reader_user_close(w, keyed ? &key : NULL);
}

/* An element of "users". */
static int
walk_element(struct reader *w)
{
	enum json_kind kind;

	if (json_scan_peek(w->s, &kind, w->err))
		return -1;
	if (kind != JSON_OBJECT)
		return reader_refuse_value(w, "it is not a user");
	json_scan_bare(w->s, w->content);
	if (walk_user(w, false))
		return -1;
	json_scan_bare(w->s, NULL);
	if (w->content != NULL)
		digest_add(w->content, "\n", 1);
	return 0;
}

static int
walk_users(struct reader *w)
{
	enum json_kind kind;
	bool more;

	if (json_scan_peek(w->s, &kind, w->err))
		return -1;
	if (kind == JSON_NULL)
		return json_scan_value(w->s, NULL, w->err);
	if (kind != JSON_LIST) {
		size_t cut = reader_path_add(w, "users");
		int rc = reader_refuse_value(w, "it is not a list");

		reader_path_cut(w, cut);
		return rc;
	}
	if (w->seq > 0)
		reader_warn(w, "\"users\" is written twice; both are read");
	if (w->content != NULL && !w->config_seen)
		digest_add(w->content, "null\n", 5);
	if (json_scan_enter(w->s, w->err))
		return -1;
	for (;; w->seq++) {
		size_t cut =
		    reader_path_add(w, "users[%lu]", (unsigned long)w->seq);

		if (json_scan_next(w->s, &more, w->err) ||
		    (more && walk_element(w)))
			return -1;
		reader_path_cut(w, cut);
		if (!more)
			return 0;
	}
}

/* One member of system_config: text counts, a number is taken as text. */
static int
config_member(struct reader *w, struct json_span key, struct json_span v)
{
	struct reader_slot *slot = NULL;
	char shown[64];
	int k = 0;

	while (k < ARCHIVE_CONFIG_KEYS && !json_span_is(key, config_names[k]))
		k++;
	(void)str_show(shown, sizeof(shown), key.p, key.len);
	if (k == ARCHIVE_CONFIG_KEYS) {
		if (json_span_is(key, "isConfigured"))
			w->a->info.is_configured = json_span_is(v, "true");
		else
			reader_count(w,
			    "unknown key \"%s\" was not "
			    "restored",
			    shown);
		return 0;
	}
	slot = &w->a->config[k];
	if (slot->raw.len > 0)
		reader_warn(w,
		    "\"%s\" is written twice; the last one "
		    "counts",
		    shown);
	buf_init(&slot->text, ARCHIVE_ITEM_MAX);
	slot->raw.max = ARCHIVE_ITEM_MAX;
	buf_reset(&slot->raw);
	if (json_span_kind(v) == JSON_STRING) {
		buf_add(&slot->raw, v.p, v.len);
	} else if (json_span_kind(v) == JSON_NUMBER) {
		buf_addf(&slot->raw, "\"%.*s\"", (int)v.len, v.p);
		reader_warn(w, "%s is a number; taken as text", shown);
	} else if (json_span_kind(v) != JSON_NULL) {
		reader_warn(w, "%s is not text; it is left out", shown);
	}
	return buf_ok(&slot->raw, "system_config", w->err);
}

/* system_config, cut out in w->item: values, and its part of the digest. */
static int
read_config(struct reader *w)
{
	struct json_span rest = { w->item.data, w->item.len };
	struct json_member m;
	const char *before = "{";

	w->a->info.has_config = true;
	while (json_member_next(&rest, &m)) {
		struct json_span key;

		buf_reset(&w->key);
		if (json_unescape(m.key.p, m.key.len, &w->key, w->err))
			return -1;
		key = (struct json_span){ buf_str(&w->key), w->key.len };
		if (config_member(w, key, m.value))
			return -1;
		if (w->content == NULL || json_span_is(key, "isConfigured"))
			continue;
		digest_add(w->content, before, 1);
		digest_add(w->content, m.key.p - 1,
		    m.key.len + 3 + m.value.len);
		before = ",";
	}
	if (w->content != NULL)
		digest_add(w->content, before[0] == '{' ? "{}\n" : "}\n",
		    before[0] == '{' ? 3 : 2);
	return 0;
}

static int
walk_config(struct reader *w)
{
	size_t cut;
	int rc = 0;

	if (!w->counting)
		return skip_value(w);
	w->config_seen = true;
	cut = reader_path_add(w, "system_config");
	if (cut_value(w))
		return -1;
	if (w->item.failed)
		reader_warn(w, "it is too large; it is left out");
	else if (w->item.data[0] == '{')
		rc = read_config(w);
	else if (w->content != NULL)
		digest_add(w->content, "null\n", 5);
	if (!w->item.failed && w->item.data[0] != '{' && w->item.data[0] != 'n')
		reader_warn(w, "it is not an object; it is left out");
	explicit_bzero(w->item.data, w->item.cap);
	reader_path_cut(w, cut);
	return rc;
}

/* A short text at the root, for people. */
static int
walk_text(struct reader *w, const char *name, char *out, size_t size)
{
	size_t cut;
	struct json *j = NULL;
	const char *text;
	size_t len;

	if (!w->counting)
		return skip_value(w);
	if (cut_value(w))
		return -1;
	if (w->item.failed || json_parse(&j, w->item.data, w->item.len, w->err))
		return w->item.failed ? 0 : -1;
	cut = reader_path_add(w, "%s", name);
	if ((text = json_text(j, &len)) != NULL)
		(void)str_show(out, size, text, len);
	else if (json_kind(j) == JSON_NUMBER)
		(void)str_show(out, size, w->item.data, w->item.len);
	else if (j != NULL)
		reader_warn(w, "%s is not text; it is left out", name);
	reader_path_cut(w, cut);
	json_free(j);
	return 0;
}

static int
walk_generator(struct reader *w)
{
	struct archive_info *info = &w->a->info;
	struct json *j = NULL;
	const char *name;
	const char *version;
	char text[sizeof(info->generator)];

	if (!w->counting)
		return skip_value(w);
	w->a->has_generator = true;
	if (cut_value(w))
		return -1;
	if (w->item.failed || json_parse(&j, w->item.data, w->item.len, w->err))
		return w->item.failed ? 0 : -1;
	name = json_text(json_kind(j) == JSON_STRING ? j : json_get(j, "name"),
	    NULL);
	version = json_text(json_get(j, "version"), NULL);
	(void)snprintf(text, sizeof(text), "%s%s%s", name != NULL ? name : "",
	    version != NULL ? " " : "", version != NULL ? version : "");
	(void)str_show(info->generator, sizeof(info->generator), text,
	    strlen(text));
	(void)json_int(json_get(j, "schema"), &info->generator_schema);
	json_free(j);
	return 0;
}

/* The reader says itself what it finds; here only where it is written. */
static int
walk_integrity(struct reader *w)
{
	struct json_scan_state state;

	json_scan_state(w->s, &state);
	w->a->has_integrity = true;
	w->a->integrity_key = state.key_offset;
	return skip_value(w);
}

/* Rows without a user. */
static int
walk_root_rejected(struct reader *w)
{
	int rc;

	w->user = NULL;
	json_scan_bare(w->s, w->content);
	rc = reader_walk_rejected(w);
	json_scan_bare(w->s, NULL);
	if (rc == 0 && w->content != NULL)
		digest_add(w->content, "\n", 1);
	return rc;
}

/* A member of the root that is the same in all forms: 1, else 0. */
static int
head_member(struct reader *w, struct json_span key)
{
	struct archive_info *info = &w->a->info;
	int rc;

	if (json_span_is(key, "version"))
		rc = walk_text(w, "version", info->version,
		    sizeof(info->version));
	else if (json_span_is(key, "exported_at"))
		rc = walk_text(w, "exported_at", info->exported_at,
		    sizeof(info->exported_at));
	else if (json_span_is(key, "system_config"))
		rc = walk_config(w);
	else if (json_span_is(key, "generator"))
		rc = walk_generator(w);
	else if (json_span_is(key, "integrity"))
		rc = walk_integrity(w);
	else
		return 0;
	return rc ? -1 : 1;
}

/* A member of the root, by form; ${nth} counts them. */
static int
root_member(struct reader *w, size_t nth)
{
	const struct archive *a = w->a;
	enum archive_form form = a->info.form;
	struct json_span key;
	size_t cut;
	int rc;

	if (reader_key(w, &key))
		return -1;
	if ((form == ARCHIVE_ALL_USERS || form == ARCHIVE_LEGACY) &&
	    nth < a->root_user.len && a->root_user.data[nth] == 1) {
		char shown[64];

		(void)str_show(shown, sizeof(shown), key.p, key.len);
		cut = reader_path_add(w, "[\"%s\"]", shown);
		rc = walk_user(w, true);
		w->seq++;
		reader_path_cut(w, cut);
		return rc;
	}
	if ((rc = head_member(w, key)) != 0)
		return rc < 0 ? -1 : 0;
	if (form == ARCHIVE_FULL && json_span_is(key, "users"))
		return walk_users(w);
	if (form == ARCHIVE_FULL && json_span_is(key, "rejected"))
		return walk_root_rejected(w);
	if (form == ARCHIVE_USER_EXPORT || form == ARCHIVE_BARE)
		return reader_user_member(w);
	return reader_skip_unknown(w, key);
}

int
reader_walk_file(struct reader *w)
{
	enum archive_form form = w->a->info.form;
	bool single = form == ARCHIVE_USER_EXPORT || form == ARCHIVE_BARE;
	bool more;
	bool skip = false;

	if (json_scan_enter(w->s, w->err))
		return -1;
	if (single && reader_user_open(w, &skip))
		return -1;
	for (size_t nth = 0;; nth++) {
		if (json_scan_next(w->s, &more, w->err))
			return -1;
		if (!more)
			break;
		if (skip ? skip_value(w) : root_member(w, nth))
			return -1;
	}
	if (single && !skip && reader_user_close(w, NULL))
		return -1;
	return json_scan_finish(w->s, w->err);
}
