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

/* jobs.c */
void job_get(struct app *app, const struct request *req, struct response *res);
void sync_jellyfin(struct app *app, const struct request *req,
    struct response *res);

/* login.c */
void auth_login(struct app *app, const struct request *req,
    struct response *res);

/* restore.c */
void restore_get(struct app *app, const struct request *req,
    struct response *res);
void restore_post(struct app *app, const struct request *req,
    struct response *res);
void restore_delete(struct app *app, const struct request *req,
    struct response *res);

/* settings.c */
void settings_export(struct app *app, const struct request *req,
    struct response *res);
void settings_import(struct app *app, const struct request *req,
    struct response *res);

/* setup.c */
void setup_defaults(struct app *app, const struct request *req,
    struct response *res);
void setup_verify(struct app *app, const struct request *req,
    struct response *res);
void setup_save(struct app *app, const struct request *req,
    struct response *res);
void config_get(struct app *app, const struct request *req,
    struct response *res);
void config_put(struct app *app, const struct request *req,
    struct response *res);

#endif
