#include "core/json_scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/json_scan_impl.h"
#include "core/str.h"

#define WINDOW 131072
#define UTF8_MAX 4 /* bytes of a character */

static struct json_scan *
scan_new(struct err *err)
{
	struct json_scan *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		err_set(err, ERR_NOMEM, "No memory to read JSON.");
		return NULL;
	}
	s->fd = -1;
	s->name = "the text";
	s->line = 1;
	s->string_max = JSON_STRING_MAX;
	buf_init(&s->key, JSON_KEY_MAX);
	return s;
}

/* A byte order mark is no part of the text. */
static int
skip_mark(struct json_scan *s, struct err *err)
{
	if (json_scan_more(s, err) < 0)
		return -1;
	if (s->end >= 3 && memcmp(s->win, "\xef\xbb\xbf", 3) == 0) {
		s->pos = s->from = 3;
		s->line_start = 3;
	}
	return 0;
}

int
json_scan_open_fd(struct json_scan **out, int fd, const char *name,
    struct err *err)
{
	struct json_scan *s = scan_new(err);

	if (s == NULL)
		return -1;
	if ((s->own = malloc(WINDOW)) == NULL) {
		json_scan_free(s);
		return err_set(err, ERR_NOMEM, "No memory to read %s.", name);
	}
	s->fd = fd;
	s->name = name;
	s->win = s->own;
	if (skip_mark(s, err)) {
		json_scan_free(s);
		return -1;
	}
	*out = s;
	return 0;
}

int
json_scan_open_text(struct json_scan **out, const char *p, size_t len,
    struct err *err)
{
	struct json_scan *s = scan_new(err);

	if (s == NULL)
		return -1;
	s->win = (const unsigned char *)p;
	s->end = len;
	s->eof = true;
	if (skip_mark(s, err)) {
		json_scan_free(s);
		return -1;
	}
	*out = s;
	return 0;
}

void
json_scan_free(struct json_scan *s)
{
	if (s == NULL)
		return;
	buf_free(&s->key);
	free(s->own);
	free(s);
}

void
json_scan_string_max(struct json_scan *s, uint64_t max)
{
	s->string_max = max;
}

void
json_scan_digests(struct json_scan *s, struct digest *all, uint64_t mark,
    char *at_mark)
{
	s->all = all;
	s->mark = mark;
	s->at_mark = at_mark;
}

static void
bare_flush(struct json_scan *s)
{
	if (s->bare != NULL && s->bare_len > 0)
		digest_add(s->bare, s->bare_text, s->bare_len);
	s->bare_len = 0;
}

void
json_scan_bare(struct json_scan *s, struct digest *bare)
{
	json_scan_emit(s);
	bare_flush(s);
	s->bare = bare;
}

/* Collect small pieces for the digest. */
static void
bare_add(struct json_scan *s, const void *p, size_t len)
{
	if (len > sizeof(s->bare_text) - s->bare_len)
		bare_flush(s);
	if (len > sizeof(s->bare_text)) {
		digest_add(s->bare, p, len);
		return;
	}
	memcpy(s->bare_text + s->bare_len, p, len);
	s->bare_len += len;
}

void
json_scan_emit(struct json_scan *s)
{
	const unsigned char *p = s->win + s->from;
	size_t len = s->pos - s->from;

	s->from = s->pos;
	if (len == 0)
		return;
	if (s->out != NULL)
		buf_add(s->out, p, len);
	if (s->bare != NULL)
		bare_add(s, p, len);
}

/* Hash what of the window is not hashed yet, noting the digest at the mark. */
static void
hash_window(struct json_scan *s)
{
	size_t from = s->hashed;

	s->hashed = s->end;
	if (s->all == NULL)
		return;
	if (s->at_mark != NULL && s->mark >= s->base + from &&
	    s->mark <= s->base + s->end) {
		size_t cut = (size_t)(s->mark - s->base);

		digest_add(s->all, s->win + from, cut - from);
		digest_peek(s->all, s->at_mark);
		s->at_mark = NULL;
		from = cut;
	}
	digest_add(s->all, s->win + from, s->end - from);
}

int
json_scan_more(struct json_scan *s, struct err *err)
{
	ssize_t n;

	if (s->pos < s->end)
		return 1;
	if (s->eof)
		return 0;
	hash_window(s);
	json_scan_emit(s);
	s->base += s->end;
	s->pos = s->end = s->hashed = s->from = 0;
	do
		n = pread(s->fd, s->own, WINDOW, (off_t)s->base);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		s->fault = JSON_FAULT_SYSTEM;
		return err_sys(err, errno, "Cannot read %s", s->name);
	}
	s->end = (size_t)n;
	s->eof = n == 0;
	if (s->watch != NULL)
		s->watch(s->watch_ctx, s->base + s->end);
	return n > 0;
}

void
json_scan_watch(struct json_scan *s, void (*at)(void *ctx, uint64_t offset),
    void *ctx)
{
	s->watch = at;
	s->watch_ctx = ctx;
}

static struct json_place
present(const struct json_scan *s)
{
	uint64_t offset = s->base + s->pos;

	return (struct json_place){ s->line,
		offset - s->line_start - s->wide + 1, offset };
}

/*
 * Is what stands at the present place no character at all?  One that the
 * window cuts in two counts as none: outside a string neither may stand.
 */
static bool
is_no_character(const struct json_scan *s)
{
	size_t n = s->end - s->pos < UTF8_MAX ? s->end - s->pos : UTF8_MAX;

	return n > 0 && str_utf8_valid((const char *)s->win + s->pos, n) == 0;
}

int
json_scan_fail(struct json_scan *s, enum json_fault fault, const char *what,
    struct err *err)
{
	if (fault == JSON_FAULT_SYNTAX && is_no_character(s)) {
		fault = JSON_FAULT_UTF8;
		what = JSON_SCAN_NOT_UTF8;
	}
	s->fault = fault;
	s->fault_place = present(s);
	return err_set(err,
	    fault == JSON_FAULT_DEPTH || fault == JSON_FAULT_STRING
		? ERR_LIMIT
		: ERR_FORMAT,
	    "line %llu, column %llu: %s",
	    (unsigned long long)s->fault_place.line,
	    (unsigned long long)s->fault_place.column, what);
}

void
json_scan_flush(struct json_scan *s)
{
	json_scan_emit(s);
	bare_flush(s);
	hash_window(s);
}

const char *
json_scan_key(const struct json_scan *s, size_t *len)
{
	*len = s->key.len;
	return buf_str(&s->key);
}

void
json_scan_state(const struct json_scan *s, struct json_scan_state *state)
{
	*state = (struct json_scan_state){ s->fault,
		s->fault != JSON_FAULT_NONE && s->fault != JSON_FAULT_SYSTEM
		    ? s->fault_place
		    : present(s),
		s->key_offset, s->key_cut, s->lone, s->string_max };
}
