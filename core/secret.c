#include "core/secret.h"

#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define SHOWN 4
#define SHOWN_FROM 12

int
secret_set(struct secret *s, const char *bytes, size_t len, struct err *err)
{
	char *copy = len < SIZE_MAX ? malloc(len + 1) : NULL;

	if (copy == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a key.");
	if (len > 0)
		memcpy(copy, bytes, len);
	copy[len] = '\0';
	secret_clear(s);
	s->bytes = copy;
	s->len = len;
	return 0;
}

void
secret_clear(struct secret *s)
{
	if (s == NULL)
		return;
	if (s->bytes != NULL)
		sodium_memzero(s->bytes, s->len);
	free(s->bytes);
	s->bytes = NULL;
	s->len = 0;
}

const char *
secret_expose(const struct secret *s)
{
	return s->bytes;
}

bool
secret_equal(const struct secret *a, const struct secret *b)
{
	if (a->bytes == NULL || b->bytes == NULL || a->len != b->len)
		return false;
	return sodium_memcmp(a->bytes, b->bytes, a->len) == 0;
}

const char *
secret_mask(const struct secret *s, char out[SECRET_MASK_MAX])
{
	const char *tail = "";

	out[0] = '\0';
	if (s->bytes == NULL || s->len == 0)
		return out;
	if (s->len >= SHOWN_FROM)
		tail = s->bytes + s->len - SHOWN;
	(void)snprintf(out, SECRET_MASK_MAX, "********%s", tail);
	return out;
}

void
secret_keep_from_disk(void)
{
	const struct rlimit none = { 0 };

	/* To lower a limit is allowed to everyone. */
	(void)setrlimit(RLIMIT_CORE, &none);
}
