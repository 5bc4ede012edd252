#include "core/digest.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/str.h"

#define DIGEST_BYTES 32

struct digest {
	EVP_MD_CTX *ctx;
	bool failed;
};

struct digest *
digest_new(struct err *err)
{
	struct digest *d = calloc(1, sizeof(*d));

	if (d == NULL || (d->ctx = EVP_MD_CTX_new()) == NULL ||
	    EVP_DigestInit_ex(d->ctx, EVP_sha256(), NULL) != 1) {
		err_set(err, ERR_NOMEM, "No memory for a SHA-256 digest.");
		digest_free(d);
		return NULL;
	}
	return d;
}

void
digest_free(struct digest *d)
{
	if (d == NULL)
		return;
	EVP_MD_CTX_free(d->ctx);
	free(d);
}

void
digest_add(struct digest *d, const void *data, size_t len)
{
	if (EVP_DigestUpdate(d->ctx, data, len) != 1)
		d->failed = true;
}

int
digest_hex(struct digest *d, char out[DIGEST_HEX_MAX], struct err *err)
{
	unsigned char bytes[DIGEST_BYTES];

	if (d->failed || EVP_DigestFinal_ex(d->ctx, bytes, NULL) != 1 ||
	    EVP_DigestInit_ex(d->ctx, EVP_sha256(), NULL) != 1)
		return err_set(err, ERR_IO, "SHA-256 failed in libcrypto.");
	str_hex(bytes, sizeof(bytes), out);
	return 0;
}

int
digest_peek(const struct digest *d, char out[DIGEST_HEX_MAX], struct err *err)
{
	unsigned char bytes[DIGEST_BYTES];
	EVP_MD_CTX *copy = EVP_MD_CTX_new();
	int rc = -1;

	if (copy == NULL || d->failed ||
	    EVP_MD_CTX_copy_ex(copy, d->ctx) != 1 ||
	    EVP_DigestFinal_ex(copy, bytes, NULL) != 1) {
		err_set(err, ERR_IO, "SHA-256 failed in libcrypto.");
	} else {
		str_hex(bytes, sizeof(bytes), out);
		rc = 0;
	}
	EVP_MD_CTX_free(copy);
	return rc;
}

int
digest_is_hex(const char *s, size_t len)
{
	if (len != 2 * (size_t)DIGEST_BYTES)
		return 0;
	for (size_t i = 0; i < len; i++) {
		if ((s[i] < '0' || s[i] > '9') && (s[i] < 'a' || s[i] > 'f'))
			return 0;
	}
	return 1;
}
