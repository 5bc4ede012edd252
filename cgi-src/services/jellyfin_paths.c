#include "cgi-src/services/jellyfin_paths.h"

#include <stdio.h>
#include <string.h>

#include "core/str.h"

#define DIGITS 32

char *
jellyfin_path(const char *base, size_t i, const char *path, struct err *err)
{
	static const char *const usual[JELLYFIN_PATHS] = { "", "/jellyfin",
		"/emby" };

	return str_printf(err, "%s%s%s", base, usual[i], path);
}

bool
jellyfin_elsewhere(const struct fetch *f)
{
	if (f->fault == FETCH_REDIRECT)
		return f->target[0] == '\0';
	return f->fault == FETCH_ANSWERED &&
	    (f->status == 404 || f->status == 405 ||
		(f->status >= 300 && f->status < 400) ||
		(f->status == 200 && f->html));
}

const char *
jellyfin_uuid(const char *id, char out[JELLYFIN_UUID_MAX])
{
	if (strlen(id) == DIGITS &&
	    strspn(id, "0123456789abcdefABCDEF") == DIGITS)
		(void)snprintf(out, JELLYFIN_UUID_MAX,
		    "%.8s-%.4s-%.4s-%.4s-%.12s", id, id + 8, id + 12, id + 16,
		    id + 20);
	else
		(void)snprintf(out, JELLYFIN_UUID_MAX, "%s", id);
	return out;
}
