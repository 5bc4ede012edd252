#ifndef CGI_SRC_API_UPLOAD_H
#define CGI_SRC_API_UPLOAD_H

#include <stdint.h>

#include "cgi-src/api/app.h"

/*
 * upload_take(app, req, type, user, from, job, res):
 * Save the body of ${req}, of a BODY_FILE row, as an upload in the data
 * folder, and queue a job of ${type} for ${user} (0: the server's own) with
 * it; refuse while another upload is received.  With ${from}, the name of an
 * archive in the data folder, the job copies that instead of a body.  Return
 * 0 with the ${job}'s id, or -1 with a refusal in ${res}; then nothing of the
 * upload stays.
 */
int upload_take(struct app *app, const struct request *req, const char *type,
    int64_t user, const char *from, int64_t *job, struct response *res);

#endif
