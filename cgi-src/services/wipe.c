#include "cgi-src/services/wipe.h"

#include <string.h>

void
wipe_room(struct buf *b, size_t len)
{
	static const char zeros[256];

	for (size_t done = 0; done < len; done += sizeof(zeros))
		buf_add(b, zeros, sizeof(zeros));
	if (!b->failed)
		buf_reset(b);
}

void
wipe_free(struct buf *b)
{
	if (b->data != NULL)
		explicit_bzero(b->data, b->cap);
	buf_free(b);
}

int
wipe_take(struct buf *b, struct secret *s, struct err *err)
{
	int rc = buf_ok(b, "a request", err);

	if (rc == 0)
		rc = secret_set(s, buf_str(b), b->len, err);
	wipe_free(b);
	return rc;
}
