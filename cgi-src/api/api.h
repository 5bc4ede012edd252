#ifndef CGI_SRC_API_API_H
#define CGI_SRC_API_API_H

#include <stddef.h>

#include "cgi-src/api/app.h"
#include "cgi-src/http/router.h"

/*
 * api_routes(count):
 * Return the table of all routes, ${count} rows.
 */
const struct route *api_routes(size_t *count);

/* auth.c */
void auth_me(struct app *app, const struct request *req, struct response *res);
void auth_logout(struct app *app, const struct request *req,
    struct response *res);

/* health.c */
void health_get(struct app *app, const struct request *req,
    struct response *res);
void ready_get(struct app *app, const struct request *req,
    struct response *res);

/* system.c */
void system_status(struct app *app, const struct request *req,
    struct response *res);

#endif
