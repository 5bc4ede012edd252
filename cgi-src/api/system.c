#include "cgi-src/api/api.h"

void
system_status(struct app *app, const struct request *req, struct response *res)
{
	struct store_status *store;
	struct err err = { 0 };
	struct status status;
	struct json_out *j;

	if ((store = app_status(app, &err)) == NULL ||
	    store_status_read(store, &status, &err)) {
		app_db_error(app, req, res, &err);
		return;
	}
	j = response_object(res, 200);
	json_out_bool(j, "configured", status.configured);
	json_out_bool(j, "setupCodeRequired",
	    !status.configured && (app->env->code_required || !req->local));
	json_out_bool(j, "staged", status.staged);
}
