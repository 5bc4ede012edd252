#ifndef CGI_SRC_SERVICES_BASE_URL_H
#define CGI_SRC_SERVICES_BASE_URL_H

#include "core/err.h"

/*
 * base_url_clean(text, err):
 * Make of ${text}, as a person types it or copies it from a browser, the
 * address that paths are put behind: scheme (http where none is written), host
 * and port in their plainest form, a path without slashes at its end; blanks
 * around it, "/web/index.html", "/web", queries and fragments are cut off.
 * Return a new string that the caller frees, or NULL with ${err} (ERR_USAGE
 * with a sentence for that person, ERR_NOMEM).
 */
char *base_url_clean(const char *text, struct err *err);

#endif
