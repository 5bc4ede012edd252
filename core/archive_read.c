#include "core/archive_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/archive_read_impl.h"
#include "core/path.h"
#include "core/str.h"

#define BYTES_MAX ((uint64_t)1 << 30)
#define INTEGRITY_MAX 512 /* bytes of the exact integrity member */

static uint64_t bytes_max = BYTES_MAX;

static const char *const form_names[] = { "archive", "user-export",
	"all-users-export", "legacy-v1", "bare-data" };
static const char *const list_names[ARCHIVE_LISTS] = { "movies", "series",
	"watchlist.movies", "watchlist.series", "do_not_recommend", "other",
	"unresolved", "rejected" };

const char *
archive_form_name(enum archive_form form)
{
	return form_names[form];
}

const char *
archive_list_name(enum archive_list list)
{
	return list_names[list];
}

const struct archive_info *
archive_info(const struct archive *a)
{
	return &a->info;
}

void
archive_free(struct archive *a)
{
	if (a == NULL)
		return;
	if (a->fd >= 0)
		(void)close(a->fd);
	for (int k = 0; k < ARCHIVE_CONFIG_KEYS; k++)
		reader_slot_free(&a->config[k]);
	buf_free(&a->root_user);
	buf_free(&a->names);
	free(a->users);
	free(a->warnings);
	free(a->kinds);
	free(a->name);
	free(a);
}

void
archive_set_max(uint64_t bytes)
{
	bytes_max = bytes;
}

/* Is the file one that we may read at all? */
static int
check_file(struct archive *a, const struct archive_limits *limits,
    struct err *err)
{
	char size[STR_SIZE_MAX];
	char max[STR_SIZE_MAX];
	struct stat st;

	a->limits = limits;
	a->max =
	    limits != NULL && limits->bytes > 0 ? limits->bytes : bytes_max;
	if (fstat(a->fd, &st) != 0)
		return err_sys(err, errno, "Cannot look at %s", a->name);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_FORMAT,
		    "%s is not a file. Nothing "
		    "was changed. Choose a backup file.",
		    a->name);
	a->info.size = (uint64_t)st.st_size;
	if (a->info.size > a->max)
		return err_set(err, ERR_LIMIT,
		    "%s has %s, more than the %s "
		    "that a backup may have. Nothing was changed. Raise "
		    "JAIR_RESTORE_MAX if you trust it.",
		    a->name, str_size(a->info.size, size),
		    str_size(a->max, max));
	return reader_sniff(a, err);
}

/* Opening may look at the whole file twice; each look is half of it then. */
static void
on_offset(void *ctx, uint64_t offset)
{
	const struct archive *a = ctx;
	uint64_t done = offset / 2;

	if (a->pass > 0)
		done = a->looked_through ? a->info.size / 2 + done : offset;
	a->limits->progress(a->limits->ctx, done, a->info.size);
}

static void
watch(struct archive *a, struct json_scan *s)
{
	if (a->limits != NULL && a->limits->progress != NULL)
		json_scan_watch(s, on_offset, a);
}

/* The first look: which form?  It goes as far as that takes. */
static int
find_form(struct archive *a, struct err *err)
{
	struct json_scan *s = NULL;
	struct json_scan_state state;
	int rc;

	if (json_scan_open_fd(&s, a->fd, a->name, err))
		return -1;
	watch(a, s);
	rc = reader_find_form(a, s, err);
	a->pass++;
	json_scan_state(s, &state);
	if (rc && state.fault != JSON_FAULT_NONE)
		reader_scan_error(a, s, err);
	json_scan_free(s);
	return rc;
}

static void
walk_free(struct reader *w)
{
	json_scan_free(w->s);
	for (int h = 0; h < HEADS; h++)
		reader_slot_free(&w->head[h]);
	buf_free(&w->key);
	buf_free(&w->item);
	buf_free(&w->scratch);
	free(w);
}

static struct reader *
walk_new(struct archive *a, struct err *err)
{
	struct reader *w = calloc(1, sizeof(*w));

	if (w == NULL) {
		err_set(err, ERR_NOMEM, "No memory to read %s.", a->name);
		return NULL;
	}
	w->a = a;
	w->err = err;
	buf_init(&w->key, ARCHIVE_OTHER_MAX);
	buf_init(&w->item, ARCHIVE_ITEM_MAX);
	buf_init(&w->scratch, ARCHIVE_OTHER_MAX);
	for (int h = 0; h < HEADS; h++) {
		buf_init(&w->head[h].raw, ARCHIVE_ITEM_MAX);
		buf_init(&w->head[h].text, ARCHIVE_ITEM_MAX);
	}
	if (json_scan_open_fd(&w->s, a->fd, a->name, err)) {
		walk_free(w);
		return NULL;
	}
	return w;
}

/* Find where the file's end has an integrity member as the writer's. */
static int
find_integrity(struct archive *a, struct err *err)
{
	static const char line[] = "\n  \"integrity\": {\n";
	char end[INTEGRITY_MAX];
	uint64_t from =
	    a->info.size > sizeof(end) ? a->info.size - sizeof(end) : 0;
	ssize_t n = pread(a->fd, end, sizeof(end), (off_t)from);
	const char *at;

	if (n < 0)
		return err_sys(err, errno, "Cannot read %s", a->name);
	at = memmem(end, (size_t)n, line, sizeof(line) - 1);
	if (at != NULL)
		a->integrity_line = from + (uint64_t)(at - end) + 1;
	return 0;
}

/* 1 when the file ends as the writer would have ended it, else 0. */
static int
is_exact(const struct archive *a, const char *before, struct err *err)
{
	char want[INTEGRITY_MAX];
	char have[INTEGRITY_MAX];
	int n = snprintf(want, sizeof(want),
	    "  \"integrity\": {\n"
	    "    \"users\": %zu,\n    \"items\": %llu,\n"
	    "    \"content_sha256\": \"%s\",\n    \"file_sha256\": \"%s\"\n"
	    "  }\n}\n",
	    a->info.users_count, (unsigned long long)a->info.items,
	    a->info.content_sha256, before);
	ssize_t m = pread(a->fd, have, sizeof(have), (off_t)a->integrity_line);

	if (m < 0)
		return err_sys(err, errno, "Cannot read %s", a->name);
	return n == m && memcmp(want, have, (size_t)n) == 0;
}

static int
judge_integrity(struct archive *a, const char *before, struct err *err)
{
	bool full = a->info.form == ARCHIVE_FULL;
	bool keyed =
	    a->info.form == ARCHIVE_ALL_USERS || a->info.form == ARCHIVE_LEGACY;
	int exact = 0;

	a->info.integrity = ARCHIVE_CHANGED;
	if (keyed ? !a->is_marked : !a->has_integrity && !a->has_generator)
		a->info.integrity = ARCHIVE_ABSENT;
	/* Two blanks stand before the key in a file of ours. */
	else if (full && a->has_integrity && before[0] != '\0' &&
	    a->integrity_key == a->integrity_line + 2)
		exact = is_exact(a, before, err);
	if (exact == 1)
		a->info.integrity = ARCHIVE_OK;
	return exact < 0 ? -1 : 0;
}

/* The second look: count everything, and compute the digests. */
static int
count_all(struct archive *a, struct err *err)
{
	char before[DIGEST_HEX_MAX] = "";
	struct digest *all = digest_new(err);
	struct digest *content = digest_new(err);
	struct reader *w = walk_new(a, err);
	struct json_scan_state state;
	int rc = -1;

	if (all == NULL || content == NULL || w == NULL)
		goto out;
	w->counting = true;
	watch(a, w->s);
	if (a->info.form == ARCHIVE_FULL)
		w->content = content;
	json_scan_digests(w->s, all, a->integrity_line,
	    a->integrity_line > 0 ? before : NULL);
	if (reader_walk_file(w)) {
		json_scan_state(w->s, &state);
		if (state.fault != JSON_FAULT_NONE)
			reader_scan_error(a, w->s, err);
		goto out;
	}
	digest_hex(all, a->info.file_sha256);
	if (w->content != NULL)
		digest_hex(content, a->info.content_sha256);
	if (reader_users_finish(a, err))
		goto out;
	rc = judge_integrity(a, before, err);
out:
	if (w != NULL)
		walk_free(w);
	digest_free(all);
	digest_free(content);
	return rc;
}

/* The values of the configuration stay with the archive. */
static int
finish_info(struct archive *a, struct err *err)
{
	for (int k = 0; k < ARCHIVE_CONFIG_KEYS; k++) {
		if (reader_slot_value(&a->config[k], &a->info.config[k], err))
			return -1;
	}
	reader_report_kinds(a);
	a->info.warnings = a->warnings;
	return 0;
}

int
archive_open_fd(struct archive **out, int fd, const char *name,
    const struct archive_limits *limits, struct err *err)
{
	struct archive *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return err_set(err, ERR_NOMEM, "No memory to read %s.", name);
	a->warnings = calloc(ARCHIVE_WARNINGS_MAX, sizeof(*a->warnings));
	a->kinds = calloc(ARCHIVE_KINDS_MAX, sizeof(*a->kinds));
	a->name = str_dup(name, err);
	a->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (a->warnings == NULL || a->kinds == NULL || a->name == NULL) {
		err_set(err, ERR_NOMEM, "No memory to read %s.", name);
		goto fail;
	}
	if (a->fd < 0) {
		err_sys(err, errno, "Cannot read %s", name);
		goto fail;
	}
	if (check_file(a, limits, err) || find_form(a, err) ||
	    find_integrity(a, err) || count_all(a, err) || finish_info(a, err))
		goto fail;
	a->limits = NULL; /* the caller's */
	*out = a;
	return 0;
fail:
	archive_free(a);
	return -1;
}

int
archive_open(struct archive **a, const char *path,
    const struct archive_limits *limits, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int rc;

	if (fd < 0)
		return err_sys(err, errno, "Cannot open %s", path);
	rc = archive_open_fd(a, fd, path_base(path), limits, err);
	(void)close(fd);
	return rc;
}

int
archive_walk(struct archive *a, const struct archive_sink *sink, void *ctx,
    struct err *err)
{
	char hex[DIGEST_HEX_MAX];
	struct digest *all = digest_new(err);
	struct reader *w = walk_new(a, err);
	struct json_scan_state state = { .fault = JSON_FAULT_NONE };
	int rc = -1;

	if (all == NULL || w == NULL)
		goto out;
	w->sink = sink;
	w->ctx = ctx;
	json_scan_digests(w->s, all, 0, NULL);
	if (a->info.has_config && sink->config != NULL &&
	    sink->config(ctx, a->info.config, err))
		goto out;
	rc = reader_walk_file(w);
	json_scan_state(w->s, &state);
	digest_hex(all, hex);
	if ((rc == 0 && strcmp(hex, a->info.file_sha256) != 0) ||
	    (rc != 0 && state.fault != JSON_FAULT_NONE &&
		state.fault != JSON_FAULT_SYSTEM))
		rc = err_set(err, ERR_FORMAT,
		    "%s changed while it was read. "
		    "Nothing was changed. Try again.",
		    a->name);
out:
	if (w != NULL)
		walk_free(w);
	digest_free(all);
	return rc;
}
