/*
 * Without this test a job that is killed in the middle could be lost, come
 * twice, or leave half of what it does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgi-src/jobs/job_share.h"
#include "core/archive_read.h"
#include "core/clock.h"
#include "core/stage.h"
#include "core/str.h"
#include "tests/unit/folder.h"
#include "tests/unit/job_house.h"
#include "tests/unit/must.h"

#define ROUNDS 12
#define ITEMS 1500
#define UPLOAD "upload_0123456789abcdef.json"
#define INPUT "{\"file\":\"" UPLOAD "\"}"

static const struct env *env;

/* How one type of job is prepared, and what must be true at its end. */
struct trial {
	const char *type;
	const char *input;
	void (*prepare)(void);
	void (*check)(const struct job *job);
};

static void
upload(void)
{
	jobhouse_archive(UPLOAD, 1, ITEMS);
	jobhouse_sql("INSERT INTO User (username) VALUES ('user0')");
}

static void
await_logins(void)
{
	struct db *db = jobhouse_open();
	struct err err = { 0 };

	jobhouse_archive("in.json", 2, ITEMS);
	must(stage_put(db, env->data_dir, folder_path("in.json"), &err), &err);
	must(stage_confirm(db, env->data_dir, NULL, &err), &err);
	db_free(db);
}

static void
check_stage(const struct job *job)
{
	(void)job;
	assert_int_equal(jobhouse_count(UPLOAD), 1);
	assert_int_equal(
	    jobhouse_number("SELECT count(*) FROM StagedRestore WHERE"
			    " state = 'ready' AND file = '" UPLOAD "'"
			    " AND preview LIKE '{\"id\":1,%user0%'"),
	    1);
	assert_int_equal(jobhouse_number("SELECT count(*) FROM StagedRestore"),
	    1);
}

/* All of one part came, and the result says so although it came once. */
static void
check_part(const struct job *job)
{
	assert_int_equal(jobhouse_member(job, "inserted"), ITEMS);
	assert_int_equal(jobhouse_member(job, "movies"), ITEMS);
	assert_int_equal(jobhouse_member(job, "kept"), 0);
	assert_int_equal(jobhouse_number("SELECT count(*) FROM UserMedia"),
	    ITEMS);
	assert_int_equal(jobhouse_number("SELECT count(*) FROM User"), 1);
}

static void
check_claim(const struct job *job)
{
	check_part(job);
	assert_int_equal(jobhouse_number("SELECT count(*) FROM StagedUser"
					 " WHERE state = 'claimed'"),
	    1);
}

static void
check_backup(const struct job *job)
{
	DIR *d = opendir(folder_make());
	struct dirent *e;
	int count = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		struct archive *a = NULL;
		struct err err = { 0 };

		if (!str_starts(e->d_name, "backup_") ||
		    !str_ends(e->d_name, ".json"))
			continue;
		must(archive_open(&a, folder_path(e->d_name), NULL, &err),
		    &err);
		assert_int_equal(archive_info(a)->integrity, ARCHIVE_OK);
		archive_free(a);
		count++;
	}
	(void)closedir(d);
	assert_true(count >= 2);
	assert_int_equal(jobhouse_member(job, "users"), 2);
	assert_int_equal(jobhouse_number("SELECT count(*) FROM BackupRun"
					 " WHERE verified"),
	    1);
}

static void
check_end(const struct trial *t, int64_t id)
{
	struct job job = jobhouse_end(id);

	if (job.state != JOB_DONE)
		fail_msg("%s: %s", t->type, job.error);
	t->check(&job);
	job_free(&job);
	assert_int_equal(jobhouse_number("SELECT integrity_check = 'ok' FROM"
					 " pragma_integrity_check"),
	    1);
}

/* Run it once without disturbance.  Return its milliseconds. */
static int64_t
time_of(const struct trial *t)
{
	int64_t start;
	int64_t id;
	pid_t worker;

	env = jobhouse_fresh();
	t->prepare();
	id = jobhouse_add(t->type, 1, t->input);
	start = clock_mono();
	worker = jobhouse_worker();
	check_end(t, id);
	jobhouse_stop(worker);
	return clock_mono() - start + 1;
}

/* Kill the worker at ${us}, and let another one go on. */
static void
kill_at(const struct trial *t, int64_t us)
{
	int64_t id;
	pid_t worker;

	env = jobhouse_fresh();
	t->prepare();
	id = jobhouse_add(t->type, 1, t->input);
	worker = jobhouse_worker();
	(void)usleep((useconds_t)us);
	jobhouse_kill(worker);
	worker = jobhouse_worker();
	check_end(t, id);
	jobhouse_stop(worker);
	assert_true(jobhouse_number("SELECT attempts FROM Job") <= 1);
}

static void
sweep(const struct trial *t)
{
	int64_t ms = time_of(t);

	for (int i = 0; i < ROUNDS; i++)
		kill_at(t, ms * 1000 * i / ROUNDS);
}

static void
job_stage_killed_runs_again(void **state)
{
	static const struct trial t = { "stage", INPUT, upload, check_stage };

	(void)state;
	sweep(&t);
}

static void
job_import_killed_comes_once(void **state)
{
	static const struct trial t = { "import", INPUT, upload, check_part };

	(void)state;
	sweep(&t);
}

static void
job_claim_killed_comes_once(void **state)
{
	static const struct trial t = {
		"claim",
		"{\"name\":\"user0\",\"jellyfinId\":\"j0\"}",
		await_logins,
		check_claim,
	};

	(void)state;
	sweep(&t);
}

static void
job_backup_killed_leaves_whole_files(void **state)
{
	static const struct trial t = { "backup", NULL, await_logins,
		check_backup };

	(void)state;
	sweep(&t);
}

static void
job_worker_killed_three_times_gives_up(void **state)
{
	struct job job;
	int64_t id;
	pid_t worker;

	(void)state;
	env = jobhouse_fresh();
	await_logins();
	id = jobhouse_add("backup", 1, NULL);
	for (int i = 0; i < JOB_ATTEMPTS_MAX; i++) {
		worker = jobhouse_worker();
		/* Taken by this one; what it left counts as an attempt. */
		while (jobhouse_number("SELECT coalesce(max(attempts), -1)"
				       " FROM Job WHERE state = 'running'") !=
		    i)
			(void)usleep(500);
		jobhouse_kill(worker);
	}
	worker = jobhouse_worker();
	job = jobhouse_end(id);
	assert_int_equal(job.state, JOB_FAILED);
	assert_non_null(strstr(job.error, "three times"));
	job_free(&job);
	/* The next one has its turn. */
	id = jobhouse_add("backup", 1, NULL);
	job = jobhouse_end(id);
	assert_int_equal(job.state, JOB_DONE);
	job_free(&job);
	jobhouse_stop(worker);
}

static void
job_share_progress_is_seen_elsewhere(void **state)
{
	struct job_progress p = { 0 };
	int64_t end = clock_mono() + 60000;
	int64_t id;
	pid_t worker;

	(void)state;
	env = jobhouse_fresh();
	jobhouse_archive(UPLOAD, 1, 40 * ITEMS);
	jobhouse_sql("INSERT INTO User (username) VALUES ('user0')");
	worker = jobhouse_worker();
	id = jobhouse_add("import", 1, INPUT);
	while (!job_share_get(id, &p) || p.done == 0 || p.done >= 20 * ITEMS) {
		assert_true(clock_mono() < end);
		(void)usleep(100);
	}
	assert_int_equal(p.total, 40 * ITEMS);
	assert_string_equal(p.current, "reads the lists");
	jobhouse_stop(worker);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(job_stage_killed_runs_again),
		cmocka_unit_test(job_import_killed_comes_once),
		cmocka_unit_test(job_claim_killed_comes_once),
		cmocka_unit_test(job_backup_killed_leaves_whole_files),
		cmocka_unit_test(job_worker_killed_three_times_gives_up),
		cmocka_unit_test(job_share_progress_is_seen_elsewhere),
	};

	(void)folder_make();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
