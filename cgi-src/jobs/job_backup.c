#include <stdio.h>

#include "cgi-src/jobs/job_run.h"
#include "core/backup.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/json_out.h"
#include "core/store_run.h"

static void
write_result(struct json_out *j, const struct backup *b, const struct run *run)
{
	json_out_begin(j, NULL, '{');
	json_out_string(j, "name", b->name);
	json_out_int(j, "users", b->stats.users);
	json_out_int(j, "items", b->stats.items);
	json_out_int(j, "bytes", run->bytes);
	json_out_bool(j, "verified", run->verified);
	json_out_bool(j, "latest", !b->withheld);
	json_out_int(j, "odd", b->stats.odd);
	json_out_int(j, "ms", run->ms);
	json_out_end(j, '}');
}

/* The record and the job's end, together. */
static int
end_well(struct job_run *run, const struct backup *b, const struct run *record,
    struct err *err)
{
	struct json_out j;
	struct buf text;
	int rc = -1;

	buf_init(&text, 4096);
	json_out_init(&j, NULL, &text);
	write_result(&j, b, record);
	if (buf_ok(&text, "the result", err) == 0 &&
	    db_begin(run->db, err) == 0 &&
	    store_run_add(run->db, record, err) == 0 &&
	    job_done(run, buf_str(&text), err) == 0)
		rc = db_commit(run->db, err);
	db_rollback(run->db);
	buf_free(&text);
	return rc;
}

/* Make an archive now. */
int
job_backup(struct job_run *run, struct err *err)
{
	struct run record = { .kind = RUN_ARCHIVE };
	struct backup backup;
	struct err unrecorded;
	int64_t start;

	if (job_lock(run, err))
		return -1;
	job_at(run, 0, 0, "writes and checks the archive");
	start = clock_mono();
	(void)clock_iso(clock_now(), record.started);
	if (backup_make(run->db, run->env->data_dir, &backup, err) == 0) {
		record.ms = clock_mono() - start;
		backup_to_run(&backup, &record);
		return end_well(run, &backup, &record, err);
	}
	record.ms = clock_mono() - start;
	(void)snprintf(record.error, sizeof(record.error), "%.511s", err->msg);
	(void)store_run_add(run->db, &record, &unrecorded);
	return -1;
}
