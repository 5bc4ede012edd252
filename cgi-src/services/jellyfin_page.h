#ifndef CGI_SRC_SERVICES_JELLYFIN_PAGE_H
#define CGI_SRC_SERVICES_JELLYFIN_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/json.h"

/* What a page of items says of itself. */
struct jellyfin_page {
	size_t count; /* items in it */
	int64_t total; /* TotalRecordCount, or -1 */
};

/*
 * jellyfin_page_read(text, len, item, arg, page, err):
 * Give every item of ${text}, which is the answer to a request for items, to
 * ${item}, one at a time, so that a page of any size takes little memory; an
 * item too large to be one counts and is left out.  Return 0 with ${page}
 * filled, or -1 with ${err}: ERR_FORMAT when it is no such answer, or what
 * ${item} said.
 */
int jellyfin_page_read(const char *text, size_t len,
    int (*item)(void *arg, const struct json *j, struct err *err), void *arg,
    struct jellyfin_page *page, struct err *err);

#endif
