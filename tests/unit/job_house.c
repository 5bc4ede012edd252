#include "tests/unit/job_house.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgi-src/jobs/job_share.h"
#include "cgi-src/jobs/job_worker.h"
#include "cgi-src/jobs/jobs.h"
#include "core/clock.h"
#include "core/schema.h"
#include "core/str.h"
#include "tests/unit/folder.h"
#include "tests/unit/must.h"

#define PATIENCE_MS 60000
#define LOOK_US 2000

static struct env env;
static char dir[512];
static char file[600];

const struct env *
jobhouse_fresh(void)
{
	struct err err = { 0 };
	struct db *db = NULL;

	folder_clean();
	(void)snprintf(dir, sizeof(dir), "%s", folder_make());
	(void)snprintf(file, sizeof(file), "%s/dev.db", dir);
	env = (struct env){
		.data_dir = dir,
		.db_path = file,
		.workers = 1,
		.lock_wait_ms = 1000,
		.busy_wait_ms = 10000,
	};
	must(job_share_open(&err), &err);
	must(db_open(&db, file, DB_CREATE, &err), &err);
	must(schema_create(db, &err), &err);
	db_free(db);
	return &env;
}

struct db *
jobhouse_open(void)
{
	struct err err = { 0 };
	struct db *db = NULL;

	must(db_open(&db, file, DB_WRITE, &err), &err);
	return db;
}

void
jobhouse_sql(const char *sql)
{
	struct db *db = jobhouse_open();
	struct err err = { 0 };

	must(db_exec(db, sql, &err), &err);
	db_free(db);
}

pid_t
jobhouse_worker(void)
{
	sigset_t term;
	sigset_t before;
	pid_t pid;

	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	/* As the master does, so that no signal comes too early. */
	(void)sigprocmask(SIG_BLOCK, &term, &before);
	pid = fork();
	if (pid == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(2);
		_exit(job_worker_run(&env) == 0 ? 0 : 1);
	}
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	assert_true(pid > 0);
	return pid;
}

void
jobhouse_kill(pid_t pid)
{
	int status;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

void
jobhouse_stop(pid_t pid)
{
	int status;

	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int64_t
jobhouse_add(const char *type, int64_t user, const char *input)
{
	struct err err = { 0 };
	struct db *db = jobhouse_open();
	int64_t id = 0;

	must(jobs_add(db, type, user, input, &id, &err), &err);
	db_free(db);
	return id;
}

struct job
jobhouse_end(int64_t id)
{
	int64_t end = clock_mono() + PATIENCE_MS;
	struct err err = { 0 };
	struct db *db = jobhouse_open();
	struct job job;
	bool found;

	for (;;) {
		must(store_job_get(db, id, &job, &found, &err), &err);
		assert_true(found);
		if (job.state == JOB_DONE || job.state == JOB_FAILED)
			break;
		job_free(&job);
		if (clock_mono() > end)
			fail_msg("Job %lld does not end.", (long long)id);
		(void)usleep(LOOK_US);
	}
	db_free(db);
	return job;
}

int64_t
jobhouse_number(const char *sql)
{
	struct err err = { 0 };
	struct db *db = jobhouse_open();
	int64_t n = 0;

	must(db_int(db, sql, &n, &err), &err);
	db_free(db);
	return n;
}

int64_t
jobhouse_member(const struct job *job, const char *key)
{
	struct json *j = NULL;
	struct err err = { 0 };
	int64_t n = -1;

	if (job->result == NULL)
		return -1;
	must(json_parse(&j, job->result, strlen(job->result), &err), &err);
	(void)json_int(json_get(j, key), &n);
	json_free(j);
	return n;
}

void
jobhouse_archive(const char *name, int users, int items)
{
	FILE *f = fopen(folder_path(name), "w");

	assert_non_null(f);
	(void)fputs("{\"version\":\"2.0.3\",\"system_config\":null,"
		    "\"users\":[",
	    f);
	for (int u = 0; u < users; u++) {
		(void)fprintf(f,
		    "%s{\"username\":\"user%d\",\"movieProfile\":"
		    "\"likes\",\"data\":{\"movies\":[",
		    u > 0 ? "," : "", u);
		for (int i = 0; i < items; i++)
			(void)fprintf(f,
			    "%s{\"title\":\"Title %d\",\"tmdb_id\":%d,"
			    "\"media_type\":\"movie\",\"added_at\":"
			    "\"2025-01-01T00:00:00.000Z\"}",
			    i > 0 ? "," : "", i, i + 1);
		(void)fputs("]}}", f);
	}
	(void)fputs("]}", f);
	assert_int_equal(fclose(f), 0);
}

size_t
jobhouse_count(const char *head)
{
	DIR *d = opendir(folder_make());
	struct dirent *e;
	size_t n = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		n += str_starts(e->d_name, head);
	(void)closedir(d);
	return n;
}
