/*
 * The functions that OpenSSL recommends instead allocate, and end the program
 * when they cannot; these need nothing but the caller's memory.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "core/digest.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "core/str.h"

struct digest {
	SHA256_CTX ctx;
};

struct digest *
digest_new(struct err *err)
{
	struct digest *d = calloc(1, sizeof(*d));

	if (d == NULL)
		err_set(err, ERR_NOMEM, "No memory for a SHA-256 digest.");
	else
		(void)SHA256_Init(&d->ctx);
	return d;
}

void
digest_free(struct digest *d)
{
	if (d != NULL)
		explicit_bzero(d, sizeof(*d));
	free(d);
}

void
digest_add(struct digest *d, const void *data, size_t len)
{
	(void)SHA256_Update(&d->ctx, data, len);
}

void
digest_peek(const struct digest *d, char out[DIGEST_HEX_MAX])
{
	unsigned char bytes[SHA256_DIGEST_LENGTH];
	SHA256_CTX copy = d->ctx;

	(void)SHA256_Final(bytes, &copy);
	str_hex(bytes, sizeof(bytes), out);
}

void
digest_hex(struct digest *d, char out[DIGEST_HEX_MAX])
{
	digest_peek(d, out);
	(void)SHA256_Init(&d->ctx);
}

int
digest_is_hex(const char *s, size_t len)
{
	if (len != 2 * (size_t)SHA256_DIGEST_LENGTH)
		return 0;
	for (size_t i = 0; i < len; i++) {
		if ((s[i] < '0' || s[i] > '9') && (s[i] < 'a' || s[i] > 'f'))
			return 0;
	}
	return 1;
}
