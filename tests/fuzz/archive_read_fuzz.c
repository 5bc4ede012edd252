/*
 * Without this, a file from anywhere could crash the one program that holds
 * the household's data.  Also: what opens can be walked, and the walk finds
 * exactly what opening counted.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/archive_read.h"
#include "core/json.h"
#include "core/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct tally {
	uint64_t users, items, unresolved, rejected, refused;
	uint32_t count[ARCHIVE_LISTS]; /* of the present user */
	uint32_t user_refused;
};

static void
must(int ok, const char *what)
{
	if (ok)
		return;
	(void)fprintf(stderr, "violated: %s\n", what);
	abort();
}

static void
check_text(const struct value *v)
{
	if (v->kind == VALUE_TEXT)
		must(str_utf8_valid(v->s, v->len) == v->len, "UTF-8");
}

static int
on_begin(void *ctx, const struct archive_user_info *u, struct err *err)
{
	struct tally *t = ctx;

	(void)err;
	must(u->name != NULL && u->name[u->name_len] == '\0', "a name");
	memset(t->count, 0, sizeof(t->count));
	t->user_refused = 0;
	t->users++;
	return 0;
}

static int
on_item(void *ctx, const struct archive_item *it, struct err *err)
{
	struct tally *t = ctx;

	(void)err;
	must(it->list <= ARCHIVE_OTHER && it->user != NULL, "an item's list");
	for (int i = 0; i < ITEM_FIELDS; i++)
		check_text(&it->field[i]);
	must(str_utf8_valid(it->place, strlen(it->place)) == strlen(it->place),
	    "a place");
	t->count[it->list]++;
	t->items++;
	return 0;
}

/* Raw text must be JSON that can be read again. */
static void
check_raw(const struct archive_raw *r)
{
	struct json_scan *s = NULL;
	struct err err = { ERR_NONE, "" };

	if (r->json == NULL)
		return;
	must(json_scan_open_text(&s, r->json, r->len, &err) == 0, "memory");
	json_scan_string_max(s, (uint64_t)1 << 30);
	must(json_scan_value(s, NULL, &err) == 0 &&
		json_scan_finish(s, &err) == 0,
	    "raw text");
	json_scan_free(s);
}

static int
on_unresolved(void *ctx, const struct archive_raw *r, struct err *err)
{
	struct tally *t = ctx;

	(void)err;
	check_raw(r);
	t->count[ARCHIVE_UNRESOLVED]++;
	t->unresolved++;
	return 0;
}

static int
on_rejected(void *ctx, const struct archive_raw *r, struct err *err)
{
	struct tally *t = ctx;

	(void)err;
	check_raw(r);
	t->count[ARCHIVE_REJECTED] += r->user != NULL;
	t->rejected++;
	return 0;
}

static int
on_refused(void *ctx, const struct archive_raw *r, struct err *err)
{
	struct tally *t = ctx;

	(void)err;
	check_raw(r);
	must(r->reason != NULL && r->place != NULL, "a reason");
	t->user_refused += r->user != NULL;
	t->refused++;
	return 0;
}

static int
on_end(void *ctx, const struct archive_user *u, struct err *err)
{
	struct tally *t = ctx;

	(void)err;
	must(memcmp(t->count, u->info->count, sizeof(t->count)) == 0,
	    "a user's counts");
	must(t->user_refused == u->info->refused, "a user's refusals");
	check_text(&u->movie_profile);
	check_text(&u->tv_profile);
	check_text(&u->created_at);
	check_text(&u->jellyfin_user_id);
	return 0;
}

static int
on_config(void *ctx, const struct value *config, struct err *err)
{
	(void)ctx;
	(void)err;
	for (int k = 0; k < ARCHIVE_CONFIG_KEYS; k++)
		check_text(&config[k]);
	return 0;
}

static void
check_warnings(const struct archive_info *info)
{
	must(info->warnings_count <= ARCHIVE_WARNINGS_MAX &&
		info->warnings_count <= info->warnings_total,
	    "warnings");
	for (size_t i = 0; i < info->warnings_count; i++) {
		const struct archive_warning *w = &info->warnings[i];

		must(str_utf8_valid(w->message, strlen(w->message)) ==
			strlen(w->message),
		    "a warning");
		must(str_utf8_valid(w->where, strlen(w->where)) ==
			strlen(w->where),
		    "a warning's place");
	}
}

static void
check_archive(struct archive *a)
{
	static const struct archive_sink sink = { .config = on_config,
		.user_begin = on_begin,
		.item = on_item,
		.unresolved = on_unresolved,
		.rejected = on_rejected,
		.refused = on_refused,
		.user_end = on_end };
	const struct archive_info *info = archive_info(a);
	struct tally t = { .users = 0 };
	struct err err = { ERR_NONE, "" };

	check_warnings(info);
	must(archive_walk(a, &sink, &t, &err) == 0, err.msg);
	must(t.users == info->users_count && t.items == info->items &&
		t.unresolved == info->unresolved &&
		t.rejected == info->rejected && t.refused == info->refused,
	    "the counts");
}

/* The same bytes as one small document. */
static void
check_document(const uint8_t *data, size_t size)
{
	struct json *j = NULL;
	struct err err = { ERR_NONE, "" };

	if (json_parse(&j, (const char *)data, size, &err) == 0) {
		(void)json_count(j);
		(void)json_get(j, "users");
		json_free(j);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct archive *a = NULL;
	struct err err = { ERR_NONE, "" };
	int fd = memfd_create("archive", MFD_CLOEXEC);

	must(fd >= 0 && write(fd, data, size) == (ssize_t)size, "memory");
	if (archive_open_fd(&a, fd, "backup.json", NULL, &err) == 0) {
		check_archive(a);
		archive_free(a);
	} else {
		must(err.code != ERR_NONE && err.msg[0] != '\0', "a message");
		must(str_utf8_valid(err.msg, strlen(err.msg)) ==
			strlen(err.msg),
		    "a message in UTF-8");
	}
	(void)close(fd);
	check_document(data, size);
	return 0;
}
