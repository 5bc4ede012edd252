#include "init/retain.h"

#include <stdio.h>

#include "core/str.h"
#include "init/say.h"

#define LINE_MAX 1400
#define WARNINGS 3

/* What a person should know, in sentences; return how many. */
static size_t
warnings(const struct retention *r, char out[WARNINGS][LINE_MAX])
{
	const struct retention_sums *s = &r->sums;
	char count[SAY_COUNT_MAX];
	char size[STR_SIZE_MAX];
	size_t n = 0;

	if (r->failed > 0)
		(void)snprintf(out[n++], LINE_MAX,
		    "%s could not be removed: %s",
		    say_count((long long)r->failed, "old backup", count),
		    r->problem.msg);
	else if (r->problem.code != ERR_NONE)
		(void)snprintf(out[n++], LINE_MAX, "%s", r->problem.msg);
	if (s->over)
		(void)snprintf(out[n++], LINE_MAX,
		    "The backups that are never removed take more than "
		    "JAIR_KEEP_BYTES allows (%s are kept). Allow more, or move "
		    "some of them elsewhere.",
		    str_size(s->kept_bytes, size));
	if (s->broken > 0)
		(void)snprintf(out[n++], LINE_MAX,
		    "%s damaged or changed since written; nothing removes "
		    "such files. `jair-init prune --dry-run` names them.",
		    s->broken == 1
			? "One archive is"
			: say_count((long long)s->broken, "archive", count));
	return n;
}

/* "Removed 3 archives and 1 snapshot (kept 24, 310.0 MB)"; NULL for none. */
static const char *
summary(const struct retention *r, const char *verb, char out[LINE_MAX])
{
	const struct retention_sums *s = &r->sums;
	char archives[SAY_COUNT_MAX] = "";
	char snapshots[SAY_COUNT_MAX] = "";
	char size[STR_SIZE_MAX];

	if (s->archives + s->snapshots == 0)
		return NULL;
	if (s->archives > 0)
		(void)say_count((long long)s->archives, "archive", archives);
	if (s->snapshots > 0)
		(void)say_count((long long)s->snapshots, "snapshot", snapshots);
	(void)snprintf(out, LINE_MAX, "%s %s%s%s (kept %zu, %s)", verb,
	    archives, s->archives > 0 && s->snapshots > 0 ? " and " : "",
	    snapshots, s->kept, str_size(s->kept_bytes, size));
	return out;
}

void
retain_say(const struct env *env, const struct backup *made)
{
	char lines[WARNINGS][LINE_MAX];
	char line[LINE_MAX];
	struct retention r;
	struct err err = { 0 };
	size_t n;

	if (retention_run(env->data_dir, &env->keep, made, false, &r, &err)) {
		say(SAY_WARNING,
		    "⚠️  Old archives were not looked after: %s", err.msg);
		return;
	}
	if (summary(&r, "Removed", line) != NULL)
		say(SAY_INFO, "🧹 %s", line);
	n = warnings(&r, lines);
	for (size_t i = 0; i < n; i++)
		say(SAY_WARNING, "⚠️  %s", lines[i]);
	retention_free(&r);
}

void
retain_print(const struct retention *r, bool dry_run)
{
	const char *verb = dry_run ? "Would remove" : "Removed";
	char lines[WARNINGS][LINE_MAX];
	char line[LINE_MAX];
	size_t n = warnings(r, lines);

	if (summary(r, verb, line) != NULL)
		(void)printf("%s\n", line);
	for (size_t i = 0; i < n; i++)
		(void)fprintf(stderr, "jair-init: %s\n", lines[i]);
}

void
retain_fill(struct json_out *j, const struct retention *r)
{
	char lines[WARNINGS][LINE_MAX];
	size_t n = warnings(r, lines);

	json_out_int(j, "removed",
	    (int64_t)(r->sums.archives + r->sums.snapshots));
	json_out_int(j, "removedBytes", (int64_t)r->sums.bytes);
	json_out_int(j, "kept", (int64_t)r->sums.kept);
	json_out_int(j, "keptBytes", (int64_t)r->sums.kept_bytes);
	if (n == 0)
		return;
	json_out_begin(j, "warnings", '[');
	for (size_t i = 0; i < n; i++)
		json_out_string(j, NULL, lines[i]);
	json_out_end(j, ']');
}
