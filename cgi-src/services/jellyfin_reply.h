#ifndef CGI_SRC_SERVICES_JELLYFIN_REPLY_H
#define CGI_SRC_SERVICES_JELLYFIN_REPLY_H

#include <stdbool.h>

#include "cgi-src/services/jellyfin.h"

/*
 * jellyfin_read_public(f, j, r, err):
 * Put what the document ${j} of the answer ${f} says of the server into ${r}.
 * Return 0, or -1 with ${err} when it is no Jellyfin that we can talk to.
 */
int jellyfin_read_public(const struct fetch *f, const struct json *j,
    struct service_result *r, struct err *err);

/*
 * jellyfin_read_login(f, j, l, disabled, err):
 * Put what the document ${j} of the answer ${f} says of a login into ${l},
 * and into ${disabled} when the account is disabled; the token in ${j} is
 * zeroed.  Return 0, or -1 with ${err} when it is no such answer; a token may
 * be in ${l} then, too.
 */
int jellyfin_read_login(const struct fetch *f, const struct json *j,
    struct jellyfin_login *l, bool *disabled, struct err *err);

#endif
