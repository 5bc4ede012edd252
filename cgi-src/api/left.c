#include "cgi-src/api/left.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/archive_verify.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/path.h"

#define SHOWN 6
/* Larger than any archive of nobody, and read in no time. */
#define SMALL 16384

/*
 * Whether ${e} is worth to be offered.  Each start exports what there is, so
 * an empty database soon has archives of nobody.
 */
static bool
holds_something(const char *dir, const struct inventory_entry *e)
{
	struct archive_summary s;
	struct err ignored = { 0 };
	char *path;
	bool found;

	if (e->bytes > SMALL)
		return true;
	path = path_join(dir, e->name, &ignored);
	found = path != NULL && archive_summarise(path, &s, &ignored) == 0 &&
	    (s.users > 0 || s.has_config);
	free(path);
	return found;
}

static void
write_one(struct json_out *j, const struct inventory_entry *e)
{
	char iso[CLOCK_ISO_MAX];

	json_out_begin(j, NULL, '{');
	json_out_string(j, "name", e->name);
	json_out_string(j, "at", clock_iso(e->modified, iso));
	json_out_int(j, "bytes", (int64_t)e->bytes);
	json_out_end(j, '}');
}

static int
write_all(const char *dir, struct json_out *j, struct err *err)
{
	struct inventory inv;
	size_t shown = 0;

	if (inventory_archives(dir, &inv, err))
		return -1;
	for (size_t i = 0; i < inv.count && shown < SHOWN; i++) {
		if (!holds_something(dir, &inv.entry[i]))
			continue;
		write_one(j, &inv.entry[i]);
		shown++;
	}
	inventory_free(&inv);
	return 0;
}

/* Whether nobody has set up anything, and nobody has lists. */
static int
is_of_use(struct app *app, bool *use, struct err *err)
{
	struct app_db *db = app_read(app, err);
	struct status status;

	if (db == NULL || store_status_read(db->status, &status, err))
		return -1;
	*use = !status.configured && !status.users;
	return 0;
}

void
left_write(struct app *app, const struct request *req, struct json_out *j)
{
	struct err err = { 0 };
	bool use = false;

	json_out_begin(j, "backups", '[');
	if (is_of_use(app, &use, &err) ||
	    (use && write_all(app->env->data_dir, j, &err)))
		log_event(LOG_WARN, "backups_left", "message", err.msg, "id",
		    req->id, NULL);
	json_out_end(j, ']');
}

static int
refuse_name(const struct request *req, struct response *res,
    const struct err *err)
{
	struct json_out *j;

	if (err->code == ERR_USAGE) {
		j = response_error(res, 422, "bad_field", err->msg);
		json_out_string(j, "field", "from");
		return -1;
	}
	log_event(LOG_WARN, "backup_not_used", "message", err->msg, "id",
	    req->id, NULL);
	response_error(res, 404, "backup_missing",
	    "This backup is not on the server any more, or cannot be read. "
	    "Nothing was changed. Use another one.");
	return -1;
}

static int
check_size(const struct env *env, uint64_t bytes, struct response *res)
{
	char text[128];

	if (bytes <= env->restore_max)
		return 0;
	(void)snprintf(text, sizeof(text),
	    "A backup may have at most %llu bytes here (JAIR_RESTORE_MAX).",
	    (unsigned long long)env->restore_max);
	response_error(res, 413, "too_large", text);
	return -1;
}

/* Without a length there may be none, or a chunked one. */
static bool
has_body(const struct request *req)
{
	char c;

	return req->length > 0 ||
	    (req->length == REQUEST_LENGTH_UNKNOWN &&
		req->body->read(req->body->arg, &c, 1) > 0);
}

int
left_named(struct app *app, const struct request *req,
    char from[INVENTORY_NAME_MAX], struct response *res)
{
	int found = request_query(req, "from", from, INVENTORY_NAME_MAX);
	struct err err = { 0 };
	uint64_t bytes;
	int fd;

	if (found <= 0)
		*from = '\0';
	if (found == 0)
		return 0;
	if (inventory_open(app->env->data_dir, from, &fd, &bytes, &err))
		return refuse_name(req, res, &err);
	(void)close(fd);
	if (check_size(app->env, bytes, res))
		return -1;
	if (!has_body(req))
		return 0;
	response_error(res, 400, "bad_request",
	    "Send a file, or name a backup of this server: not both.");
	return -1;
}
