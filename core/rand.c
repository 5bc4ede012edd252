#include "core/rand.h"

#include <sodium.h>

#include "core/str.h"

#define HEX_BYTES_MAX 32

void
rand_bytes(void *out, size_t len)
{
	/* Works before sodium_init, which only makes it safe for threads. */
	randombytes_buf(out, len);
}

void
rand_hex(char *out, size_t digits)
{
	unsigned char bytes[HEX_BYTES_MAX];
	size_t len = digits / 2 < sizeof(bytes) ? digits / 2 : sizeof(bytes);

	rand_bytes(bytes, len);
	str_hex(bytes, len, out);
}
