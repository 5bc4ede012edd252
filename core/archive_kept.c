#include "core/archive_part.h"
#include "core/json.h"

#define REASON "an entry of JairKept is not what an archive can hold"

/* How many levels the JSON text ${s} opens, one within the other. */
static int
depth_of(const char *s, size_t len)
{
	bool inside = false;
	int depth = 0;
	int most = 0;

	for (size_t i = 0; i < len; i++) {
		if (inside && s[i] == '\\')
			i++;
		else if (s[i] == '"')
			inside = !inside;
		else if (!inside && (s[i] == '{' || s[i] == '['))
			most = ++depth > most ? depth : most;
		else if (!inside && (s[i] == '}' || s[i] == ']'))
			depth--;
	}
	return most;
}

/* Tell whether a reader takes the entry as a title: text, or an object with
   one. */
static int
find_title(const struct kept *kept, bool *found, struct err *err)
{
	struct json *j = NULL;
	const struct json *title;
	size_t len = 0;

	*found = false;
	if (!kept->is_json)
		return 0;
	if (json_parse(&j, kept->s, kept->len, err))
		return err->code == ERR_NOMEM ? -1 : 0;
	title = json_kind(j) == JSON_OBJECT ? json_get(j, "title") : j;
	*found = json_text(title, &len) != NULL && len > 0;
	json_free(j);
	return 0;
}

/* An ${usable} entry as it is; one that would spoil the file as a string. */
static void
write_entry(struct archive_out *a, const struct kept *kept, bool usable)
{
	if (usable && kept->len <= ARCHIVE_VALUE_MAX &&
	    a->j.depth + depth_of(kept->s, kept->len) <= JSON_OUT_DEPTH_MAX) {
		json_out_raw(&a->j, NULL, kept->s, kept->len);
		return;
	}
	archive_note(a, REASON);
	archive_value(a, &(struct archive_field){ NULL, "value", ARCHIVE_TEXT },
	    &(struct value){
		.kind = VALUE_TEXT, .s = kept->s, .len = kept->len });
}

int
archive_unresolved(struct archive_job *job, int64_t user, struct err *err)
{
	struct archive_out *a = &job->out;
	struct kept kept;
	bool open = false;
	bool title;
	int rc;

	store_kept_start(job->kept, KEPT_UNRESOLVED, user);
	while ((rc = store_kept_next(job->kept, &kept, err)) == 1) {
		if (kept.len == 0)
			continue;
		if (find_title(&kept, &title, err))
			return -1;
		if (!open)
			json_out_begin(&a->j, "unresolved", '[');
		open = true;
		write_entry(a, &kept, title);
		a->stats->unresolved++;
		if (archive_out_ok(a, err))
			return -1;
	}
	if (open)
		json_out_end(&a->j, ']');
	return rc;
}

int
archive_kept(struct archive_job *job, enum kept_part part, int64_t user,
    bool *open, struct err *err)
{
	struct archive_out *a = &job->out;
	struct kept kept;
	int rc;

	store_kept_start(job->kept, part, user);
	while ((rc = store_kept_next(job->kept, &kept, err)) == 1) {
		archive_rejected_begin(a, open);
		write_entry(a, &kept, kept.is_json);
		a->stats->rejected++;
		if (archive_out_ok(a, err))
			return -1;
	}
	return rc;
}
