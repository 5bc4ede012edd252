#ifndef CGI_SRC_SERVICES_KEY_H
#define CGI_SRC_SERVICES_KEY_H

#include "core/err.h"
#include "core/secret.h"

/*
 * key_trim(key, out, err):
 * Put ${key} without the blanks and line breaks around it, as copying leaves
 * them, into ${out}.  Return 0, or -1 with ${err} (ERR_USAGE when nothing is
 * left, ERR_NOMEM).
 */
int key_trim(const struct secret *key, struct secret *out, struct err *err);

#endif
