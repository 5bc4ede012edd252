#include "cgi-src/jobs/jobs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgi-src/jobs/job_run.h"
#include "cgi-src/jobs/job_share.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/stage.h"
#include "core/store_job.h"
#include "core/store_stage.h"

#define STAGE "stage"
#define CLAIM "claim"
#define RESOLVE "resolve"
#define SYNC "sync"
#define INPUT_MAX 16384
#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

int
jobs_add(struct db *db, const char *type, int64_t user, const char *input,
    int64_t *id, struct err *err)
{
	if (store_job_add(db, type, user, input, id, err))
		return -1;
	job_share_ring();
	return 0;
}

int
jobs_under_way(struct db *db, const char *type, int64_t user, bool *under_way,
    struct err *err)
{
	int64_t id;

	if (store_job_open(db, type, user, &id, err))
		return -1;
	*under_way = id != 0;
	return 0;
}

static int
add_claim(struct db *db, int64_t user, const char *name,
    const char *jellyfin_id, int64_t *id, struct err *err)
{
	struct json_out j;
	struct buf input;
	int rc;

	buf_init(&input, INPUT_MAX);
	json_out_init(&j, NULL, &input);
	json_out_begin(&j, NULL, '{');
	json_out_string(&j, "name", name);
	json_out_string(&j, "jellyfinId", jellyfin_id);
	json_out_end(&j, '}');
	rc = buf_ok(&input, "the username", err);
	if (rc == 0)
		rc = jobs_add(db, CLAIM, user, buf_str(&input), id, err);
	buf_free(&input);
	return rc;
}

int
jobs_claim(struct db *db, int64_t user, const char *name,
    const char *jellyfin_id, int64_t *id, struct err *err)
{
	bool waits;

	*id = 0;
	if (stage_waits(db, name, &waits, err))
		return -1;
	if (!waits)
		return 0;
	if (store_job_open(db, CLAIM, user, id, err))
		return -1;
	return *id != 0 ? 0 : add_claim(db, user, name, jellyfin_id, id, err);
}

int
jobs_sync(struct db *db, int64_t user, int64_t *id, struct err *err)
{
	if (store_job_open(db, SYNC, user, id, err))
		return -1;
	return *id != 0 ? 0 : jobs_add(db, SYNC, user, NULL, id, err);
}

int
jobs_resolve(struct db *db, int64_t user, bool again, int64_t *id,
    struct err *err)
{
	bool wanted;
	bool recent = false;

	*id = 0;
	if (job_resolve_wanted(db, user, &wanted, err))
		return -1;
	if (!wanted)
		return 0;
	if (store_job_open(db, RESOLVE, user, id, err) ||
	    (!again &&
		store_job_recent(db, RESOLVE, user, clock_now() - DAY_MS,
		    &recent, err)))
		return -1;
	if (*id != 0 || recent)
		return 0;
	return jobs_add(db, RESOLVE, user, NULL, id, err);
}

static void
text_or_null(struct json_out *j, const char *key, const char *text)
{
	if (text != NULL && *text != '\0')
		json_out_string(j, key, text);
	else
		json_out_null(j, key);
}

/* How far a job is; zeros unless it runs. */
static struct job_progress
progress_of(const struct job *job)
{
	struct job_progress p;

	if (job->state == JOB_RUNNING && job_share_get(job->id, &p))
		return p;
	return (struct job_progress){ .id = job->id };
}

static void
write_job(struct json_out *j, const struct job *job)
{
	const struct job_progress p = progress_of(job);

	json_out_int(j, "id", job->id);
	json_out_string(j, "type", job->type);
	json_out_string(j, "state", job_state_name(job->state));
	json_out_int(j, "done", p.done);
	json_out_int(j, "total", p.total);
	text_or_null(j, "current", p.current);
	if (job->result != NULL)
		json_out_raw(j, "result", job->result, strlen(job->result));
	else
		json_out_null(j, "result");
	text_or_null(j, "error", job->error);
}

int
jobs_render(struct db *db, int64_t id, int64_t user, struct json_out *j,
    struct err *err)
{
	struct job job;
	bool found;

	if (store_job_get(db, id, &job, &found, err))
		return -1;
	/* Whether somebody else has one is nobody's business. */
	found = found && job.user == user;
	if (found)
		write_job(j, &job);
	job_free(&job);
	return found
	    ? 0
	    : err_set(err, ERR_MISSING, "You have no job %lld.", (long long)id);
}

/* What is known of a restore that was uploaded. */
struct upload {
	struct job job; /* the newest that checks one */
	bool has_job;
	struct stage_row row;
	bool staged;
	char *preview; /* JSON, or NULL */
};

static int
read_upload(struct db *db, struct upload *u, struct err *err)
{
	struct store_stage *store = NULL;
	int rc = -1;

	*u = (struct upload){ 0 };
	if (store_job_last(db, STAGE, &u->job, &u->has_job, err) ||
	    store_stage_open(db, &store, err))
		return -1;
	if (store_stage_current(store, &u->row, &u->staged, err) == 0)
		rc = u->staged && !u->row.pending
		    ? store_stage_preview(store, u->row.id, &u->preview, err)
		    : 0;
	store_stage_free(store);
	return rc;
}

static const char *
state_of(const struct upload *u)
{
	if (u->staged && u->row.pending)
		return "pending";
	if (u->has_job && u->job.state == JOB_FAILED)
		return "failed";
	if (u->has_job && u->job.state != JOB_DONE)
		return "checking";
	return u->staged ? "ready" : "none";
}

static void
write_upload(struct json_out *j, const struct upload *u)
{
	const struct job_progress p = progress_of(&u->job);
	const char *state = state_of(u);

	if (u->has_job)
		json_out_int(j, "id", u->job.id);
	else
		json_out_null(j, "id");
	json_out_string(j, "state", state);
	json_out_int(j, "done", p.done);
	json_out_int(j, "total", p.total);
	if (strcmp(state, "ready") == 0 && u->preview != NULL)
		json_out_raw(j, "preview", u->preview, strlen(u->preview));
	if (strcmp(state, "failed") == 0)
		text_or_null(j, "error", u->job.error);
}

int
jobs_restore_pending(struct db *db, bool *pending, struct err *err)
{
	struct store_stage *store = NULL;
	struct stage_row row = { .assign_to = NULL };
	bool staged = false;
	int rc;

	if (store_stage_open(db, &store, err))
		return -1;
	rc = store_stage_current(store, &row, &staged, err);
	store_stage_free(store);
	free(row.assign_to);
	*pending = staged && row.pending;
	return rc;
}

static void
upload_free(struct upload *u)
{
	job_free(&u->job);
	free(u->row.assign_to);
	free(u->preview);
}

int
jobs_render_restore(struct db *db, struct json_out *j, struct err *err)
{
	struct upload u;
	int rc = read_upload(db, &u, err);

	if (rc == 0)
		write_upload(j, &u);
	upload_free(&u);
	return rc;
}

int
jobs_restore_ready(struct db *db, int64_t id, bool *ready, struct err *err)
{
	struct upload u;
	int rc = read_upload(db, &u, err);

	*ready = rc == 0 && strcmp(state_of(&u), "ready") == 0 &&
	    (id == 0 || (u.has_job && u.job.id == id));
	upload_free(&u);
	return rc;
}

/* Remove the file that a job was to check. */
static void
remove_upload(const char *data_dir, const struct job *job)
{
	struct json *input = NULL;
	struct err ignored;
	char *path = NULL;

	if (job->input != NULL &&
	    json_parse(&input, job->input, strlen(job->input), &ignored) == 0 &&
	    job_upload(data_dir, input, &path, &ignored) != NULL)
		(void)unlink(path);
	free(path);
	json_free(input);
}

int
jobs_forget_restore(struct db *db, const char *data_dir, struct err *err)
{
	struct job job;
	bool found;

	if (store_job_last(db, STAGE, &job, &found, err))
		return -1;
	/* First the row: a check under way then finds that it may not end. */
	if (store_job_drop(db, STAGE, err)) {
		job_free(&job);
		return -1;
	}
	if (found && job.state != JOB_DONE)
		remove_upload(data_dir, &job);
	job_free(&job);
	return stage_discard(db, data_dir, err);
}
