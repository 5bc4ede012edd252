#include "core/archive_part.h"

#define REASON "an entry of JairKept is no JSON that an archive can hold"

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

/* An entry as it is; one that would spoil the file as a string. */
static void
write_entry(struct archive_out *a, const struct kept *kept)
{
	if (kept->is_json && kept->len <= ARCHIVE_VALUE_MAX &&
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
	int rc;

	store_kept_start(job->kept, KEPT_UNRESOLVED, user);
	while ((rc = store_kept_next(job->kept, &kept, err)) == 1) {
		if (!open)
			json_out_begin(&a->j, "unresolved", '[');
		open = true;
		write_entry(a, &kept);
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
		write_entry(a, &kept);
		a->stats->rejected++;
		if (archive_out_ok(a, err))
			return -1;
	}
	return rc;
}
