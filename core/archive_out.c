#include "core/archive_out.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"

/* Twice what may wait, as one piece may come on top; far above both. */
#define BUFFER_MAX (4 * (size_t)JSON_OUT_CHUNK)

/* Pass on what waits in the buffers. */
static void
drain(void *arg)
{
	struct archive_out *a = arg;

	if (a->text.len > 0) {
		digest_add(a->file, buf_str(&a->text), a->text.len);
		if (!a->failed &&
		    file_write_all(a->fd, buf_str(&a->text), a->text.len,
			a->path, &a->err))
			a->failed = true;
		a->stats->bytes += a->text.len;
		a->text.len = 0;
	}
	if (a->bare.len > 0) {
		digest_add(a->content, buf_str(&a->bare), a->bare.len);
		a->bare.len = 0;
	}
}

int
archive_out_open(struct archive_out *a, const char *path,
    struct archive_stats *stats, struct err *err)
{
	*a = (struct archive_out){
		.fd = -1, .stats = stats, .place = "archive"
	};
	buf_init(&a->text, BUFFER_MAX);
	buf_init(&a->bare, BUFFER_MAX);
	json_out_init(&a->j, path != NULL ? &a->text : NULL, NULL);
	json_out_drain(&a->j, drain, a);
	if ((a->file = digest_new(err)) == NULL ||
	    (a->content = digest_new(err)) == NULL)
		return -1;
	if (path != NULL && file_create(path, &a->fd, err))
		return -1;
	a->path = path;
	return 0;
}

int
archive_out_ok(struct archive_out *a, struct err *err)
{
	if (!a->failed)
		return buf_ok(&a->text, "an archive", err) ||
			buf_ok(&a->bare, "an archive's digest", err)
		    ? -1
		    : 0;
	*err = a->err;
	return -1;
}

void
archive_integrity(const struct archive_stats *stats, struct buf *out)
{
	buf_addf(out,
	    "  \"integrity\": {\n"
	    "    \"users\": %lld,\n"
	    "    \"items\": %lld,\n"
	    "    \"content_sha256\": \"%s\",\n"
	    "    \"file_sha256\": \"%s\"\n"
	    "  }\n"
	    "}\n",
	    (long long)stats->users, (long long)stats->items,
	    stats->content_sha256, stats->file_sha256);
}

/* The last member, behind the comma that follows the one before it. */
static int
finish_file(struct archive_out *a, struct err *err)
{
	int fd = a->fd;

	buf_addz(&a->text, ",\n");
	drain(a);
	digest_hex(a->file, a->stats->file_sha256);
	archive_integrity(a->stats, &a->text);
	if (archive_out_ok(a, err))
		return -1;
	drain(a);
	if (archive_out_ok(a, err))
		return -1;
	a->fd = -1;
	if (close(fd) != 0) {
		(void)unlink(a->path);
		return err_set(err, ERR_DISK, "Cannot write %s.", a->path);
	}
	return 0;
}

int
archive_out_finish(struct archive_out *a, struct err *err)
{
	if (archive_out_ok(a, err))
		return -1;
	drain(a);
	digest_hex(a->content, a->stats->content_sha256);
	return a->path != NULL ? finish_file(a, err) : 0;
}

void
archive_out_free(struct archive_out *a)
{
	if (a->fd >= 0) {
		(void)close(a->fd);
		(void)unlink(a->path);
	}
	buf_free(&a->text);
	buf_free(&a->bare);
	digest_free(a->file);
	digest_free(a->content);
}

void
archive_hash_begin(struct archive_out *a, const char *key, char bracket)
{
	json_out_begin(&a->j, key, bracket);
	buf_addc(&a->bare, bracket);
	a->j.bare = &a->bare;
}

void
archive_hash_end(struct archive_out *a, char bracket)
{
	json_out_end(&a->j, bracket);
	buf_addc(&a->bare, '\n');
	a->j.bare = NULL;
}

/* "users \"jesse\" movie 603". */
static void
describe(const struct archive_out *a, char *out, size_t max)
{
	char user[ARCHIVE_SHOW_MAX];
	char type[ARCHIVE_SHOW_MAX];
	char id[ARCHIVE_SHOW_MAX];

	if (a->place != NULL) {
		(void)snprintf(out, max, "%s", a->place);
		return;
	}
	(void)snprintf(out, max, "users %s", archive_show(a->user, user));
	if (a->item == NULL)
		return;
	archive_show(&a->item->v[ITEM_MEDIA_TYPE], type);
	(void)snprintf(out, max, "users %s %s %s", user,
	    strcmp(type, "\"movie\"") == 0    ? "movie"
		: strcmp(type, "\"tv\"") == 0 ? "tv"
					      : "item",
	    archive_show(&a->item->v[ITEM_TMDB_ID], id));
}

void
archive_note(struct archive_out *a, const char *fmt, ...)
{
	struct archive_stats *st = a->stats;
	char where[sizeof(st->first_odd)];
	char what[sizeof(st->first_odd)];
	va_list ap;

	if (st->odd++ > 0)
		return;
	va_start(ap, fmt);
	if (vsnprintf(what, sizeof(what), fmt, ap) < 0)
		what[0] = '\0';
	va_end(ap);
	describe(a, where, sizeof(where));
	if (snprintf(st->first_odd, sizeof(st->first_odd), "%s: %s", where,
		what) >= (int)sizeof(st->first_odd))
		memcpy(st->first_odd + sizeof(st->first_odd) - 4, "...", 4);
}
