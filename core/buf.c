#include "core/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 64

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

void
buf_free(struct buf *b)
{
	if (b == NULL)
		return;
	free(b->data);
	buf_init(b, b->max);
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = false;
	b->full = false;
	if (b->data != NULL)
		b->data[0] = '\0';
}

/* Make room for ${more} bytes and the closing NUL. */
static bool
reserve(struct buf *b, size_t more)
{
	size_t need;
	size_t cap;
	char *data;

	if (b->failed)
		return false;
	if (__builtin_add_overflow(b->len, more, &need) || need > b->max ||
	    need == SIZE_MAX) {
		b->failed = true;
		b->full = true;
		return false;
	}
	if (need < b->cap)
		return true;
	cap = b->cap > FIRST_CAP ? b->cap : FIRST_CAP;
	while (cap <= need) {
		if (__builtin_mul_overflow(cap, 2, &cap))
			cap = need + 1;
	}
	if ((data = realloc(b->data, cap)) == NULL) {
		b->failed = true;
		return false;
	}
	b->data = data;
	b->cap = cap;
	return true;
}

void
buf_add(struct buf *b, const void *data, size_t len)
{
	if (!reserve(b, len))
		return;
	if (len > 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
buf_addz(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->failed = true;
		return;
	}
	if (!reserve(b, (size_t)n))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

int
buf_ok(const struct buf *b, const char *what, struct err *err)
{
	if (!b->failed)
		return 0;
	if (!b->full)
		return err_set(err, ERR_NOMEM, "No memory for %s.", what);
	return err_set(err, ERR_LIMIT,
	    "No room for %s: it may have at most "
	    "%zu bytes.",
	    what, b->max);
}

const char *
buf_str(const struct buf *b)
{
	return b->data != NULL ? b->data : "";
}

char *
buf_take(struct buf *b)
{
	char *data = b->data;

	b->data = NULL;
	buf_free(b);
	return data;
}
