#include <string.h>

#include "cgi-src/api/api.h"
#include "core/boot_state.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/schema.h"

void
health_get(struct app *app, const struct request *req, struct response *res)
{
	char iso[CLOCK_ISO_MAX];
	struct json_out *j = response_object(res, 200);

	(void)req;
	json_out_string(j, "status", "ok");
	json_out_int(j, "uptime", (clock_mono() - app->started) / 1000);
	json_out_string(j, "timestamp", clock_iso(clock_now(), iso));
	json_out_string(j, "version", JAIR_VERSION);
}

static void
not_ready(struct response *res, const char *reason, const char *sentence)
{
	json_out_string(response_error(res, 503, "not_ready", sentence),
	    "reason", reason);
}

/* 0 when the database answers as it should; else ${res} says why not. */
static int
check_database(struct app *app, const struct request *req, struct response *res)
{
	struct app_db *db;
	struct err err = { 0 };
	struct status status;
	int64_t version = 0;

	if ((db = app_read(app, &err)) == NULL ||
	    store_status_read(db->status, &status, &err) ||
	    store_status_version(db->status, &version, &err)) {
		app_db_error(app, req, res, &err);
		return -1;
	}
	if (version == SCHEMA_VERSION)
		return 0;
	not_ready(res, "schema",
	    "The database's tables are those of another "
	    "version of jair. Your data is untouched. Stop jair and start it "
	    "again: its start brings the tables up to date.");
	return -1;
}

/* Where a boot stopped, and for this machine's own user also why. */
static void
boot_failed(struct response *res, const struct request *req,
    const struct boot_state *boot)
{
	not_ready(res, "boot_failed",
	    "The last start did not end well, so "
	    "the newest backup may be missing. Backups from before are still "
	    "there. The log of jair-init says what to do.");
	json_out_string(&res->json, "step", boot->step);
	json_out_string(&res->json, "at", boot->at);
	if (req->local)
		json_out_string(&res->json, "detail", boot->message);
}

static int
check_boot(const struct app *app, const struct request *req,
    struct response *res)
{
	struct boot_state boot;
	struct err err = { 0 };

	if (boot_state_read(app->env->data_dir, &boot, &err)) {
		log_event(LOG_WARN, "boot_unknown", "message", err.msg, "id",
		    req->id, NULL);
		not_ready(res, "boot_unknown",
		    "It is not known how the last "
		    "start ended. Your data is untouched. Stop jair and "
		    "start it again: its start saves and checks the data.");
		return -1;
	}
	if (strcmp(boot.state, "ok") == 0)
		return 0;
	if (strcmp(boot.state, "running") == 0) {
		not_ready(res, "boot_running",
		    "A start is saving and "
		    "checking the data, or was stopped while it did. Your "
		    "data is kept. Wait a minute; if this stays, stop jair "
		    "and start it again.");
		json_out_string(&res->json, "step", boot.step);
		json_out_string(&res->json, "at", boot.at);
	} else {
		boot_failed(res, req, &boot);
	}
	return -1;
}

void
ready_get(struct app *app, const struct request *req, struct response *res)
{
	if (check_database(app, req, res) || check_boot(app, req, res))
		return;
	json_out_string(response_object(res, 200), "status", "ready");
}
