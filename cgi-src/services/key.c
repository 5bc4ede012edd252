#include "cgi-src/services/key.h"

#include <string.h>

int
key_trim(const struct secret *key, struct secret *out, struct err *err)
{
	static const char blanks[] = " \t\r\n\f\v";
	const char *p = secret_expose(key);
	size_t len = key->len;

	while (len > 0 && strchr(blanks, *p) != NULL) {
		p++;
		len--;
	}
	while (len > 0 && strchr(blanks, p[len - 1]) != NULL)
		len--;
	if (len == 0)
		return err_set(err, ERR_USAGE, "No key was given.");
	return secret_set(out, p, len, err);
}
