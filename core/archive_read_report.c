#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/archive_read_impl.h"
#include "core/str.h"

/* End ${s} before a character that was cut in two. */
static void
trim_utf8(char *s)
{
	s[str_utf8_valid(s, strlen(s))] = '\0';
}

size_t
reader_path_add(struct reader *w, const char *fmt, ...)
{
	size_t len = strlen(w->path);
	char text[ARCHIVE_PLACE_MAX];
	const char *p = text;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (len == 0 && *p == '.')
		p++;
	(void)snprintf(w->path + len, sizeof(w->path) - len, "%s", p);
	trim_utf8(w->path);
	return len;
}

void
reader_path_cut(struct reader *w, size_t len)
{
	w->path[len] = '\0';
}

const char *
reader_place(const struct reader *w, char out[ARCHIVE_PLACE_MAX])
{
	char index[32] = "";
	size_t len = strlen(w->path);
	int n = 0;

	if (w->in_list)
		n = snprintf(index, sizeof(index), "[%llu]",
		    (unsigned long long)w->index);
	if (len > ARCHIVE_PLACE_MAX - 1 - (size_t)n)
		len = ARCHIVE_PLACE_MAX - 1 - (size_t)n;
	memcpy(out, w->path, len);
	memcpy(out + len, index, (size_t)n + 1);
	trim_utf8(out);
	return out;
}

/* The slot for the next warning that is kept, or NULL. */
static struct archive_warning *
next_warning(struct archive *a)
{
	if (a->info.warnings_count == ARCHIVE_WARNINGS_MAX)
		return NULL;
	return &a->warnings[a->info.warnings_count++];
}

void
reader_warn(struct reader *w, const char *fmt, ...)
{
	struct archive_warning *slot;
	va_list ap;

	if (!w->counting)
		return;
	w->a->info.warnings_total++;
	if ((slot = next_warning(w->a)) == NULL)
		return;
	(void)reader_place(w, slot->where);
	va_start(ap, fmt);
	(void)vsnprintf(slot->message, sizeof(slot->message), fmt, ap);
	va_end(ap);
	trim_utf8(slot->message);
}

void
reader_count(struct reader *w, const char *fmt, ...)
{
	struct archive *a = w->a;
	char what[ARCHIVE_REASON_MAX];
	struct reader_kind *k;
	va_list ap;

	if (!w->counting)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	trim_utf8(what);
	for (size_t i = 0; i < a->kinds_count; i++) {
		if (strcmp(a->kinds[i].what, what) == 0) {
			a->kinds[i].count++;
			return;
		}
	}
	if (a->kinds_count == ARCHIVE_KINDS_MAX) {
		k = &a->kinds[ARCHIVE_KINDS_MAX - 1];
		(void)snprintf(k->what, sizeof(k->what),
		    "and other things like the ones above");
		k->count++;
		return;
	}
	k = &a->kinds[a->kinds_count++];
	*k = (struct reader_kind){ .count = 1 };
	(void)snprintf(k->what, sizeof(k->what), "%s", what);
	(void)reader_place(w, k->where);
}

void
reader_report_kinds(struct archive *a)
{
	for (size_t i = 0; i < a->kinds_count; i++) {
		const struct reader_kind *k = &a->kinds[i];
		struct archive_warning *slot = next_warning(a);

		a->info.warnings_total++;
		if (slot == NULL)
			continue;
		(void)snprintf(slot->where, sizeof(slot->where), "%s",
		    k->where);
		if (k->count == 1)
			(void)snprintf(slot->message, sizeof(slot->message),
			    "%s", k->what);
		else
			(void)snprintf(slot->message, sizeof(slot->message),
			    "%.200s (%llu times)", k->what,
			    (unsigned long long)k->count);
		trim_utf8(slot->message);
	}
}
