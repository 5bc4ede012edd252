#ifndef CGI_SRC_API_ACCESS_H
#define CGI_SRC_API_ACCESS_H

#include "cgi-src/api/app.h"
#include "cgi-src/http/router.h"

/*
 * access_admit(app, access, req, res):
 * Let ${req} pass when whoever sends it may do what needs ${access}, and
 * fill req->who with their session: 0 (for ACC_ANYONE nobody is looked
 * up, and nothing asked of the database).  Else refuse: -1
 * with 401, 403 or 503 in ${res}.  As struct router wants it.
 */
int access_admit(struct app *app, enum access access, struct request *req,
    struct response *res);

/*
 * access_find(app, req, who, err):
 * Find whose session the cookie of ${req} is.  Return 0 with ${who}, whose
 * id is 0 for strangers and which session_clear releases, or -1 with ${err}.
 */
int access_find(struct app *app, const struct request *req, struct session *who,
    struct err *err);

/*
 * access_needs_code(app, req):
 * Tell whether ${req} needs the setup code while the setup is open: not when
 * its browser sits on this machine, unless the owner wants it even then.
 */
bool access_needs_code(const struct app *app, const struct request *req);

/*
 * access_trusted(app, req):
 * Tell whether whoever sends ${req} has shown the setup code, or is an
 * administrator: sitting at this machine is not enough here.
 */
bool access_trusted(const struct app *app, const struct request *req);

#endif
