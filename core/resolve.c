#include "core/resolve.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/archive.h"
#include "core/buf.h"
#include "core/file.h"
#include "core/json.h"
#include "core/restore.h"
#include "core/str.h"
#include "core/store_unresolved.h"

#define TEXT_MAX ((size_t)UNRESOLVED_MAX + 1024)
#define YEAR_DIGITS 4
#define YEAR_MAX 9999

static bool
read_title(const struct json *j, char out[RESOLVE_TITLE_MAX])
{
	size_t len = 0;
	const char *text =
	    json_text(json_get(j, archive_item_key(ITEM_TITLE)), &len);

	if (text == NULL || len == 0 || len >= RESOLVE_TITLE_MAX ||
	    strlen(text) != len)
		return false;
	memcpy(out, text, len + 1);
	return true;
}

static bool
read_list(const struct json *j, enum archive_list *list)
{
	const char *name = json_text(json_get(j, "list"), NULL);

	for (int i = 0; name != NULL && i < ARCHIVE_UNRESOLVED; i++) {
		*list = (enum archive_list)i;
		if (strcmp(name, archive_list_name(*list)) == 0)
			return true;
	}
	return false;
}

static enum resolve_kind
read_kind(const struct json *j, enum archive_list list)
{
	const char *type =
	    json_text(json_get(j, archive_item_key(ITEM_MEDIA_TYPE)), NULL);

	if (type != NULL && strcmp(type, "movie") == 0)
		return RESOLVE_MOVIE;
	if (type != NULL && strcmp(type, "tv") == 0)
		return RESOLVE_SERIES;
	if (list == ARCHIVE_MOVIES || list == ARCHIVE_WATCH_MOVIES)
		return RESOLVE_MOVIE;
	if (list == ARCHIVE_SERIES || list == ARCHIVE_WATCH_SERIES)
		return RESOLVE_SERIES;
	return RESOLVE_EITHER;
}

/* A year as a number or as a text; 0 when there is none. */
static int
read_year(const struct json *j)
{
	const struct json *v = json_get(j, archive_item_key(ITEM_RELEASE_YEAR));
	const char *text = json_text(v, NULL);
	int64_t year = 0;

	if (text != NULL ? strlen(text) != YEAR_DIGITS ||
		    str_int64(text, YEAR_DIGITS, &year)
			 : json_int(v, &year) != 0)
		return 0;
	return year > 0 && year <= YEAR_MAX ? (int)year : 0;
}

bool
resolve_read(const char *json, struct resolve_title *t)
{
	struct json *j = NULL;
	struct err ignored;
	bool good;

	*t = (struct resolve_title){ .year = 0 };
	if (json_parse(&j, json, strlen(json), &ignored))
		return false;
	good = read_title(j, t->title) && read_list(j, &t->list);
	if (good) {
		t->kind = read_kind(j, t->list);
		t->year = read_year(j);
	}
	json_free(j);
	return good;
}

/*
 * The title with its id as an archive that holds nothing else.  Of a key that
 * stands twice the last one counts.
 */
static int
write_archive(const struct resolve_found *f, struct buf *text, struct err *err)
{
	const char *end = strrchr(f->json, '}');

	if (end == NULL)
		return err_set(err, ERR_FORMAT, "A kept title is no object.");
	buf_addf(text, "{\"data\":{\"%s\":[",
	    archive_list_name(f->title->list));
	buf_add(text, f->json, (size_t)(end - f->json));
	buf_addf(text, ",\"%s\":%lld,\"%s\":\"%s\"",
	    archive_item_key(ITEM_TMDB_ID), (long long)f->tmdb_id,
	    archive_item_key(ITEM_MEDIA_TYPE), f->series ? "tv" : "movie");
	if (f->title->year == 0 && f->year != 0)
		buf_addf(text, ",\"%s\":\"%04d\"",
		    archive_item_key(ITEM_RELEASE_YEAR), f->year);
	buf_addz(text, "}]}}");
	return buf_ok(text, "a title", err);
}

/* Open it without a file that a crash could leave. */
static int
open_archive(const struct resolve_found *f, struct archive **a, struct err *err)
{
	struct buf text;
	int fd = -1;
	int rc = -1;

	buf_init(&text, TEXT_MAX);
	if (write_archive(f, &text, err))
		goto out;
	if ((fd = memfd_create("title", MFD_CLOEXEC)) < 0) {
		err_sys(err, errno, "Cannot make a file in memory");
		goto out;
	}
	if (file_write_all(fd, text.data, text.len, "memory", err) == 0)
		rc = archive_open_fd(a, fd, "The title", NULL, err);
out:
	if (fd >= 0)
		(void)close(fd);
	buf_free(&text);
	return rc;
}

/* What the functions of the restore work with. */
struct resolving {
	struct db *db;
	const struct resolve_found *found;
};

static int
target(void *ctx, struct store_merge *merge, int64_t src, int64_t *dst,
    struct err *err)
{
	const struct resolving *r = ctx;

	(void)merge;
	(void)src;
	(void)err;
	*dst = r->found->user;
	return 0;
}

static int
finish(void *ctx, const struct restore_report *report, struct err *err)
{
	const struct resolving *r = ctx;
	const struct resolve_found *f = r->found;

	if (report->total.items != 1)
		return err_set(err, ERR_FORMAT, "A kept title is no item.");
	if (store_unresolved_drop(r->db, f->user, f->row, err))
		return -1;
	return f->finish == NULL ? 0 : f->finish(f->ctx, err);
}

int
resolve_apply(struct db *db, const char *dir, const struct resolve_found *found,
    struct err *err)
{
	struct resolving r = { .db = db, .found = found };
	const struct restore_options options = {
		.assign_to = "user",
		.no_nobodys = true,
		.target = target,
		.finish = finish,
		.ctx = &r,
	};
	struct restore_report report;
	struct archive *a = NULL;
	int rc = -1;

	if (open_archive(found, &a, err) == 0 &&
	    restore_apply(db, a, dir, &options, &report, err) == 0) {
		restore_report_free(&report);
		rc = 0;
	}
	archive_free(a);
	return rc;
}
