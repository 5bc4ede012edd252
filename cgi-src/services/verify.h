#ifndef CGI_SRC_SERVICES_VERIFY_H
#define CGI_SRC_SERVICES_VERIFY_H

#include "cgi-src/services/service.h"
#include "core/err.h"
#include "core/json_out.h"
#include "core/secret.h"

/* What to test; all of it the caller's. */
struct verify_wish {
	const char *jellyfin_url; /* NULL or "": not tested, as the next */
	const char *jellyfin_id; /* which server it was so far, or NULL */
	const char *seerr_url;
	const struct secret *seerr_key; /* may be NULL or empty */
	const struct secret *gemini_key; /* NULL or empty: not tested */
	const char *gemini_model;
	const char *gemini_base; /* the setting GEMINI_BASE_URL */
};

struct verify_report {
	struct service_result jellyfin;
	struct service_result seerr;
	struct service_result gemini;
};

/*
 * verify_services(wish, report, err):
 * Test the services at the same time, in 8 seconds at most.  Return 0 with
 * what came of each in ${report}, or -1 with ${err} (ERR_NOMEM) when no test
 * could begin.
 */
int verify_services(const struct verify_wish *wish,
    struct verify_report *report, struct err *err);

/*
 * verify_write(report, j):
 * Write ${report} as members of the object that is open in ${j}, as POST
 * /api/system/verify answers; a service that was not tested is null.
 */
void verify_write(const struct verify_report *report, struct json_out *j);

#endif
