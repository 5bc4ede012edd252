#include "cgi-src/http/body.h"

#include <stdlib.h>

#include "core/file.h"

#define CHUNK 65536

/* Where the pieces of a body go. */
struct target {
	struct buf *out; /* or, when NULL: */
	int fd;
	const char *path;
};

static int
put(const struct target *t, const void *data, size_t len, struct err *err)
{
	if (t->out == NULL)
		return file_write_all(t->fd, data, len, t->path, err);
	buf_add(t->out, data, len);
	return buf_ok(t->out, "the body", err);
}

static int
too_long(const struct body *b, struct err *err)
{
	return err_set(err, ERR_LIMIT,
	    "The body of this request may have at most %lld bytes.",
	    (long long)b->max);
}

/* The body has ended after ${got} bytes: was that all? */
static int
check_end(struct body *b, int64_t got, struct err *err)
{
	if (!b->broken(b->arg) && (b->length < 0 || got == b->length))
		return 0;
	if (b->length < 0)
		return err_set(err, ERR_FORMAT,
		    "The connection broke after %lld bytes of the body. Send "
		    "it again.",
		    (long long)got);
	return err_set(err, ERR_FORMAT,
	    "Only %lld of %lld bytes of the body arrived. Send it again.",
	    (long long)got, (long long)b->length);
}

/* Move the body into ${t}, piece by piece. */
static int
pump(struct body *b, const struct target *t, int64_t *size, struct err *err)
{
	char *chunk;
	size_t n;
	int rc = -1;

	*size = 0;
	if (b->length > b->max)
		return too_long(b, err);
	if ((chunk = malloc(CHUNK)) == NULL)
		return err_set(err, ERR_NOMEM, "No memory for the body.");
	while ((n = b->read(b->arg, chunk, CHUNK)) > 0) {
		if ((int64_t)n > b->max - *size) {
			too_long(b, err);
			goto out;
		}
		if (put(t, chunk, n, err))
			goto out;
		*size += (int64_t)n;
	}
	rc = check_end(b, *size, err);
out:
	free(chunk);
	return rc;
}

int
body_read(struct body *b, struct buf *out, struct err *err)
{
	const struct target t = { .out = out };
	int64_t size;

	return pump(b, &t, &size, err);
}

int
body_save(struct body *b, int fd, const char *path, int64_t *size,
    struct err *err)
{
	const struct target t = { .fd = fd, .path = path };

	return pump(b, &t, size, err);
}
