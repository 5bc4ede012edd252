#ifndef CGI_SRC_SERVICES_JELLYFIN_PATHS_H
#define CGI_SRC_SERVICES_JELLYFIN_PATHS_H

#include <stdbool.h>
#include <stddef.h>

#include "cgi-src/services/fetch.h"
#include "core/err.h"

/* How many addresses jellyfin_path knows for a base. */
#define JELLYFIN_PATHS 3

/*
 * jellyfin_path(base, i, path, err):
 * Return the address number ${i} at which the server of ${base} may be (the
 * base itself, then the paths that Jellyfin and Emby usually have), with
 * ${path} behind it; the caller frees.  NULL with ${err} (ERR_NOMEM).
 */
char *jellyfin_path(const char *base, size_t i, const char *path,
    struct err *err);

/*
 * jellyfin_elsewhere(f):
 * Tell whether the answer in ${f} shows that the server may be at one of the
 * other paths: nothing there, a redirect, or a web page.
 */
bool jellyfin_elsewhere(const struct fetch *f);

/* Room for an id as jellyfin_uuid writes it. */
#define JELLYFIN_UUID_MAX 80

/*
 * jellyfin_uuid(id, out):
 * Write ${id} into ${out} as questions take it: Jellyfin gives its ids as 32
 * hexadecimal digits, and its description asks for them with dashes.  What
 * is something else stays as it is.  Return ${out}.
 */
const char *jellyfin_uuid(const char *id, char out[JELLYFIN_UUID_MAX]);

#endif
