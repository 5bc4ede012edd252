#ifndef CGI_SRC_API_LEFT_H
#define CGI_SRC_API_LEFT_H

#include "cgi-src/api/app.h"
#include "core/inventory.h"
#include "core/json_out.h"

/* Archives that are left in the data folder when the database is not. */

/*
 * left_write(app, req, j):
 * Write the archives that a setup could begin with as the member "backups" of
 * the object that is open in ${j}: {"name","at","bytes"} each, the newest
 * first, a handful at most; none once somebody has lists here.  A folder that
 * cannot be read is worth a line in the log; what is read is sent.
 */
void left_write(struct app *app, const struct request *req, struct json_out *j);

/*
 * left_named(app, req, from, res):
 * Put the archive that ${req} names with "from" into ${from}, "" when it
 * names none.  Return 0, or -1 with a refusal in ${res} for a name that is
 * not ours, a file that is not there or too large, and a body beside it.
 */
int left_named(struct app *app, const struct request *req,
    char from[INVENTORY_NAME_MAX], struct response *res);

#endif
