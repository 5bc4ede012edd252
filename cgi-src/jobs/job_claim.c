#include "cgi-src/jobs/job_run.h"
#include "core/stage.h"

/* Whoever came second, or had nothing waiting, gets nothing. */
static int
nothing(struct job_run *run, struct err *err)
{
	const struct restore_report none = { 0 };
	const struct part_lists lists = { 0 };
	struct json_out j;
	struct buf text;
	int rc;

	buf_init(&text, 1024);
	json_out_init(&j, NULL, &text);
	json_out_begin(&j, NULL, '{');
	part_write(&j, &none, &lists);
	json_out_end(&j, '}');
	rc = buf_ok(&text, "the result", err);
	if (rc == 0)
		rc = job_done(run, buf_str(&text), err);
	buf_free(&text);
	return rc;
}

/* Give {"name","jellyfinId"} their part of the staged archive. */
int
job_claim(struct job_run *run, struct err *err)
{
	const struct part_hooks hooks = job_hooks(run);
	const struct stage_login login = {
		.name = json_text(json_get(run->input, "name"), NULL),
		.jellyfin_id =
		    json_text(json_get(run->input, "jellyfinId"), NULL),
		.hooks = &hooks,
	};
	struct restore_report report;
	bool claimed;

	if (login.name == NULL || login.jellyfin_id == NULL)
		return err_set(err, ERR_USAGE, "Job %lld names no login.",
		    (long long)run->id);
	job_at(run, 0, 0, "checks the backup");
	if (job_lock(run, err) ||
	    stage_claim(run->db, run->env->data_dir, &login, &report, &claimed,
		err))
		return -1;
	restore_report_free(&report);
	return claimed ? 0 : nothing(run, err);
}
