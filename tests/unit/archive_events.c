/* What the tests of the archive reader share. */
#include "tests/unit/archive_events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/archive.h"
#include "core/buf.h"

/* A file in memory with these bytes. */
static int
file_of(const char *p, size_t len)
{
	int fd = memfd_create("archive", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, len), (ssize_t)len);
	return fd;
}

int
events_open(struct archive **a, const char *p, size_t len, struct err *err)
{
	int fd = file_of(p, len);
	int rc = archive_open_fd(a, fd, "backup.json", NULL, err);

	(void)close(fd);
	return rc;
}

struct archive *
events_open_text(const char *text)
{
	struct archive *a = NULL;
	struct err err = { ERR_NONE, "" };

	if (events_open(&a, text, strlen(text), &err))
		fail_msg("%s: %s", text, err.msg);
	return a;
}

static void
add_value(struct buf *b, const struct value *v)
{
	if (v->kind == VALUE_INT)
		buf_addf(b, "%lld", (long long)v->i);
	else if (v->kind == VALUE_REAL)
		buf_addf(b, "%.17g", v->d);
	else if (v->kind == VALUE_TEXT)
		buf_addf(b, "\"%.*s\"", (int)v->len, v->s);
	else
		buf_addz(b, "-");
}

/* The sink writes a line per event into the buffer that is its context. */
static int
log_begin(void *ctx, const struct archive_user_info *u, struct err *err)
{
	(void)err;
	buf_addf(ctx, "begin %.*s\n", (int)u->name_len, u->name);
	return 0;
}

static int
log_item(void *ctx, const struct archive_item *it, struct err *err)
{
	(void)err;
	buf_addf(ctx, "%s: %s %lld", it->place, archive_list_name(it->list),
	    (long long)it->field[ITEM_TMDB_ID].i);
	for (int f = 0; f < ITEM_FIELDS; f++) {
		const struct value *v = &it->field[f];

		if (v->kind == VALUE_NULL ||
		    (f == ITEM_TMDB_ID && v->kind == VALUE_INT))
			continue;
		buf_addf(ctx, " %s=", archive_item_key((enum item_field)f));
		add_value(ctx, &it->field[f]);
	}
	buf_addz(ctx, "\n");
	return 0;
}

static int
log_unresolved(void *ctx, const struct archive_raw *r, struct err *err)
{
	(void)err;
	buf_addf(ctx, "%s: unresolved %s %.*s\n", r->place,
	    archive_list_name(r->list), (int)r->len, r->json);
	return 0;
}

static int
log_rejected(void *ctx, const struct archive_raw *r, struct err *err)
{
	(void)err;
	buf_addf(ctx, "%s: rejected %s %.*s\n", r->place,
	    r->user != NULL ? r->user->name : "(nobody)", (int)r->len, r->json);
	return 0;
}

static int
log_refused(void *ctx, const struct archive_raw *r, struct err *err)
{
	(void)err;
	buf_addf(ctx, "%s: %s: refused %.*s\n", r->place, r->reason,
	    (int)r->len, r->json != NULL ? r->json : "");
	return 0;
}

static int
log_end(void *ctx, const struct archive_user *u, struct err *err)
{
	(void)err;
	buf_addz(ctx, "end");
	add_value(ctx, &u->movie_profile);
	add_value(ctx, &u->tv_profile);
	add_value(ctx, &u->movie_profile_at);
	add_value(ctx, &u->tv_profile_at);
	add_value(ctx, &u->created_at);
	add_value(ctx, &u->jellyfin_user_id);
	buf_addz(ctx, "\n");
	return 0;
}

static const struct archive_sink log_sink = { .user_begin = log_begin,
	.item = log_item,
	.unresolved = log_unresolved,
	.rejected = log_rejected,
	.refused = log_refused,
	.user_end = log_end };

/* Walk ${text} and compare the events and the warnings. */
void
events_read(const char *text, enum archive_form form, const char *events,
    const char *warnings)
{
	struct archive *a = events_open_text(text);
	const struct archive_info *info = archive_info(a);
	struct err err = { ERR_NONE, "" };
	struct buf b;

	buf_init(&b, 1 << 20);
	assert_string_equal(archive_form_name(info->form),
	    archive_form_name(form));
	if (archive_walk(a, &log_sink, &b, &err))
		fail_msg("%s", err.msg);
	assert_string_equal(buf_str(&b), events);
	buf_reset(&b);
	for (size_t i = 0; i < info->warnings_count; i++)
		buf_addf(&b, "%s: %s\n", info->warnings[i].where,
		    info->warnings[i].message);
	assert_string_equal(buf_str(&b), warnings);
	buf_free(&b);
	archive_free(a);
}

void
events_refused(const char *p, size_t len, enum err_code code, const char *msg)
{
	struct archive *a = NULL;
	struct err err = { ERR_NONE, "" };

	if (events_open(&a, p, len, &err) == 0)
		fail_msg("accepted: %.200s", p);
	assert_int_equal(err.code, code);
	if (strstr(err.msg, msg) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", msg, err.msg);
	assert_non_null(strstr(err.msg, "Nothing was changed."));
}
