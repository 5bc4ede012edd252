/*
 * Without this test a job could run twice, be lost when its worker dies, or
 * bring down the worker for ever.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/db.h"
#include "core/schema.h"
#include "core/store_job.h"
#include "tests/unit/folder.h"
#include "tests/unit/must.h"

#define TAKERS 4
#define JOBS 40

static struct db *db;

static int
setup(void **state)
{
	struct err err = { 0 };

	(void)state;
	folder_clean();
	must(db_open(&db, folder_path("dev.db"), DB_CREATE, &err), &err);
	must(schema_create(db, &err), &err);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	clock_set_source(NULL);
	db_free(db);
	db = NULL;
	return 0;
}

static int64_t
add(const char *type)
{
	struct err err = { 0 };
	int64_t id = 0;

	must(store_job_add(db, type, 0, NULL, &id, &err), &err);
	return id;
}

/* Take a job; its id, or 0 when there is none. */
static int64_t
take(void)
{
	struct err err = { 0 };
	struct job job;
	bool found;
	int64_t id;

	must(store_job_take(db, &job, &found, &err), &err);
	assert_true(found || job.id == 0);
	id = job.id;
	job_free(&job);
	return id;
}

static struct job
get(int64_t id)
{
	struct err err = { 0 };
	struct job job;
	bool found;

	must(store_job_get(db, id, &job, &found, &err), &err);
	assert_true(found);
	return job;
}

static enum job_state
state_of(int64_t id)
{
	struct job job = get(id);
	enum job_state state = job.state;

	job_free(&job);
	return state;
}

static int64_t
number(const char *sql)
{
	struct err err = { 0 };
	int64_t n = 0;

	must(db_int(db, sql, &n, &err), &err);
	return n;
}

static void
store_job_take_oldest_first(void **state)
{
	struct err err = { 0 };
	struct job job;
	int64_t id;
	bool found;

	(void)state;
	assert_int_equal(take(), 0);
	must(store_job_add(db, "import", 7, "{\"file\":\"x\"}", &id, &err),
	    &err);
	(void)add("backup");
	must(store_job_take(db, &job, &found, &err), &err);
	assert_true(found);
	assert_int_equal(job.id, id);
	assert_string_equal(job.type, "import");
	assert_int_equal(job.state, JOB_RUNNING);
	assert_int_equal(job.user, 7);
	assert_string_equal(job.input, "{\"file\":\"x\"}");
	assert_null(job.result);
	assert_null(job.error);
	job_free(&job);
	assert_int_equal(take(), id + 1);
	assert_int_equal(take(), 0);
}

static void
take_all(void)
{
	struct err err = { 0 };
	struct job job;
	bool found = true;
	int mine = 0;

	if (db_open(&db, folder_path("dev.db"), DB_WRITE, &err))
		_exit(255);
	while (found) {
		if (store_job_take(db, &job, &found, &err))
			_exit(255);
		mine += found;
		if (found && store_job_done(db, job.id, "{}", &err))
			_exit(255);
		job_free(&job);
	}
	_exit(mine);
}

static void
store_job_take_each_once_among_processes(void **state)
{
	pid_t pids[TAKERS];
	int total = 0;

	(void)state;
	for (int i = 0; i < JOBS; i++)
		(void)add("t");
	db_free(db);
	db = NULL;
	for (int i = 0; i < TAKERS; i++) {
		if ((pids[i] = fork()) == 0)
			take_all();
		assert_true(pids[i] > 0);
	}
	for (int i = 0; i < TAKERS; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status));
		assert_int_not_equal(WEXITSTATUS(status), 255);
		total += WEXITSTATUS(status);
	}
	assert_int_equal(total, JOBS);
}

static void
store_job_done_only_while_it_runs(void **state)
{
	struct err err = { 0 };
	int64_t id = add("t");
	struct job job;

	(void)state;
	assert_int_equal(store_job_done(db, id, "{}", &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
	assert_int_equal(take(), id);
	err_clear(&err);
	must(store_job_done(db, id, "{\"n\":1}", &err), &err);
	assert_int_equal(store_job_fail(db, id, "Too late.", &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
	assert_int_equal(store_job_requeue(db, id, &err), -1);
	job = get(id);
	assert_int_equal(job.state, JOB_DONE);
	assert_string_equal(job.result, "{\"n\":1}");
	assert_null(job.error);
	job_free(&job);
}

static void
store_job_done_goes_with_its_transaction(void **state)
{
	struct err err = { 0 };
	int64_t id = add("t");

	(void)state;
	assert_int_equal(take(), id);
	must(db_begin(db, &err), &err);
	must(store_job_done(db, id, "{}", &err), &err);
	db_rollback(db);
	assert_int_equal(state_of(id), JOB_RUNNING);
}

static void
store_job_fail_keeps_the_sentence(void **state)
{
	struct err err = { 0 };
	int64_t id = add("t");
	struct job job;

	(void)state;
	assert_int_equal(take(), id);
	must(store_job_fail(db, id, "It does not fit.", &err), &err);
	job = get(id);
	assert_int_equal(job.state, JOB_FAILED);
	assert_string_equal(job.error, "It does not fit.");
	assert_null(job.result);
	job_free(&job);
}

static void
store_job_requeue_is_no_attempt(void **state)
{
	struct err err = { 0 };
	int64_t id = add("t");

	(void)state;
	for (int i = 0; i < 2 * JOB_ATTEMPTS_MAX; i++) {
		assert_int_equal(take(), id);
		must(store_job_requeue(db, id, &err), &err);
	}
	assert_int_equal(state_of(id), JOB_QUEUED);
	assert_int_equal(number("SELECT attempts FROM Job"), 0);
}

static void
store_job_recover_gives_up_after_three(void **state)
{
	struct err err = { 0 };
	int64_t id = add("t");
	int64_t other = add("t");
	struct job job;

	(void)state;
	for (int i = 1; i < JOB_ATTEMPTS_MAX; i++) {
		assert_int_equal(take(), id);
		must(store_job_recover(db, &err), &err);
		assert_int_equal(state_of(id), JOB_QUEUED);
		assert_int_equal(
		    number("SELECT count(*) FROM Job WHERE endedAt IS NOT NULL"
			   " OR error IS NOT NULL OR startedAt IS NOT NULL"),
		    0);
	}
	assert_int_equal(take(), id);
	must(store_job_recover(db, &err), &err);
	job = get(id);
	assert_int_equal(job.state, JOB_FAILED);
	assert_non_null(strstr(job.error, "three times"));
	job_free(&job);
	/* The next in the queue has its turn. */
	assert_int_equal(take(), other);
}

static int64_t
long_ago(void)
{
	return INT64_C(1000);
}

static void
store_job_trim_removes_what_ended_long_ago(void **state)
{
	struct err err = { 0 };
	int64_t ids[3];

	(void)state;
	clock_set_source(long_ago);
	for (int i = 0; i < 3; i++) {
		ids[i] = add("t");
		assert_int_equal(take(), ids[i]);
	}
	must(store_job_done(db, ids[0], "{}", &err), &err);
	clock_set_source(NULL);
	must(store_job_done(db, ids[1], "{}", &err), &err);
	must(store_job_trim(db, 2000, &err), &err);
	assert_int_equal(number("SELECT count(*) FROM Job WHERE id = 1"), 0);
	/* Neither what ended since, nor what has not ended. */
	assert_int_equal(number("SELECT count(*) FROM Job"), 2);
}

static void
store_job_last_is_the_newest_of_its_type(void **state)
{
	struct err err = { 0 };
	struct job job;
	int64_t id;
	bool found;

	(void)state;
	must(store_job_last(db, "stage", &job, &found, &err), &err);
	assert_false(found);
	(void)add("stage");
	id = add("stage");
	(void)add("backup");
	must(store_job_last(db, "stage", &job, &found, &err), &err);
	assert_true(found);
	assert_int_equal(job.id, id);
	job_free(&job);
	must(store_job_drop(db, "stage", &err), &err);
	must(store_job_last(db, "stage", &job, &found, &err), &err);
	assert_false(found);
	assert_int_equal(
	    number("SELECT count(*) FROM Job WHERE state <> 'done'"
		   " OR coalesce(input, result, error) IS NOT NULL"),
	    1);
}

/* What a browser remembers of a job must not lead it to another one. */
static void
store_job_drop_frees_no_id(void **state)
{
	struct err err = { 0 };
	int64_t id;

	(void)state;
	id = add("stage");
	assert_int_equal(take(), id);
	must(store_job_drop(db, "stage", &err), &err);
	assert_true(add("stage") > id);
	/* It can not end any more. */
	assert_int_equal(store_job_done(db, id, "{}", &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
}

static void
store_job_names_only_what_has_not_ended(void **state)
{
	struct err err = { 0 };
	int64_t id;
	bool named;

	(void)state;
	must(store_job_add(db, "stage", 0, "{\"file\":\"upload_1.json\"}", &id,
		 &err),
	    &err);
	must(store_job_names(db, "upload_1.json", &named, &err), &err);
	assert_true(named);
	must(store_job_names(db, "upload_2.json", &named, &err), &err);
	assert_false(named);
	assert_int_equal(take(), id);
	must(store_job_names(db, "upload_1.json", &named, &err), &err);
	assert_true(named);
	must(store_job_done(db, id, "{}", &err), &err);
	must(store_job_names(db, "upload_1.json", &named, &err), &err);
	assert_false(named);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(store_job_take_oldest_first),
		TEST(store_job_take_each_once_among_processes),
		TEST(store_job_done_only_while_it_runs),
		TEST(store_job_done_goes_with_its_transaction),
		TEST(store_job_fail_keeps_the_sentence),
		TEST(store_job_requeue_is_no_attempt),
		TEST(store_job_recover_gives_up_after_three),
		TEST(store_job_trim_removes_what_ended_long_ago),
		TEST(store_job_last_is_the_newest_of_its_type),
		TEST(store_job_drop_frees_no_id),
		TEST(store_job_names_only_what_has_not_ended),
	};

	(void)folder_make();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
