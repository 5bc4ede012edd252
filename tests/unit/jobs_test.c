/*
 * Without this test a page could show somebody else's job, or a restore that
 * never becomes ready, and a job type could do something else than it says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgi-src/jobs/job_share.h"
#include "cgi-src/jobs/jobs.h"
#include "core/file.h"
#include "core/lock.h"
#include "core/stage.h"
#include "tests/unit/folder.h"
#include "tests/unit/job_house.h"
#include "tests/unit/must.h"

#define UPLOAD "upload_0123456789abcdef.json"
#define INPUT "{\"file\":\"" UPLOAD "\"}"

static const struct env *env;
static pid_t worker;

static int
setup(void **state)
{
	(void)state;
	env = jobhouse_fresh();
	worker = 0;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	if (worker != 0)
		jobhouse_stop(worker);
	return 0;
}

/* What a page would get; "" when there is none. */
static const char *
render(int64_t id, int64_t user)
{
	static char text[8192];
	struct db *db = jobhouse_open();
	struct err err = { 0 };
	struct json_out j;
	struct buf out;

	buf_init(&out, sizeof(text) - 1);
	json_out_init(&j, NULL, &out);
	json_out_begin(&j, NULL, '{');
	if ((id != 0 ? jobs_render(db, id, user, &j, &err)
		     : jobs_render_restore(db, &j, &err)) == 0) {
		json_out_end(&j, '}');
		(void)snprintf(text, sizeof(text), "%s", buf_str(&out));
	} else {
		assert_int_equal(err.code, ERR_MISSING);
		text[0] = '\0';
	}
	buf_free(&out);
	db_free(db);
	return text;
}

static void
shows(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("%s\nlacks %s", text, part);
}

/* Run one job to its end. */
static struct job
run(const char *type, int64_t user, const char *input)
{
	int64_t id = jobhouse_add(type, user, input);

	if (worker == 0)
		worker = jobhouse_worker();
	return jobhouse_end(id);
}

static void
run_failing(const char *type, int64_t user, const char *input, const char *why)
{
	struct job job = run(type, user, input);

	assert_int_equal(job.state, JOB_FAILED);
	shows(job.error, why);
	job_free(&job);
}

static void
add_user(const char *name, const char *jellyfin)
{
	char sql[256];

	(void)snprintf(sql, sizeof(sql),
	    "INSERT INTO User (username, jellyfinUserId) VALUES ('%s', '%s')",
	    name, jellyfin);
	jobhouse_sql(sql);
}

static void
jobs_render_shows_only_own_jobs(void **state)
{
	int64_t id = jobhouse_add("backup", 3, NULL);

	(void)state;
	assert_string_equal(render(id, 3),
	    "{\"id\":1,\"type\":\"backup\",\"state\":\"queued\",\"done\":0,"
	    "\"total\":0,\"current\":null,\"result\":null,\"error\":null}");
	assert_string_equal(render(id, 4), "");
	assert_string_equal(render(id, 0), "");
	assert_string_equal(render(id + 1, 3), "");
}

static void
jobs_render_shows_progress_of_the_running_one(void **state)
{
	const struct job_progress p = { 1, 40, 100, "reads the lists" };
	const struct job_progress other = { 9, 1, 2, "something else" };

	(void)state;
	jobhouse_sql("INSERT INTO Job (type, state, userId, createdAt)"
		     " VALUES ('import', 'running', 3, 'now')");
	job_share_set(&p);
	shows(render(1, 3),
	    "\"state\":\"running\",\"done\":40,\"total\":100,"
	    "\"current\":\"reads the lists\"");
	/* What is known is not of this job. */
	job_share_set(&other);
	shows(render(1, 3), "\"done\":0,\"total\":0,\"current\":null");
}

static void
jobs_render_shows_how_it_ended(void **state)
{
	(void)state;
	jobhouse_sql(
	    "INSERT INTO Job (type, state, userId, createdAt, result)"
	    " VALUES ('import', 'done', 3, 'now', '{\"inserted\":2}');"
	    "INSERT INTO Job (type, state, userId, createdAt, error)"
	    " VALUES ('import', 'failed', 3, 'now', 'It is \"cut off\".')");
	shows(render(1, 3),
	    "\"state\":\"done\",\"done\":0,\"total\":0,\"current\":null,"
	    "\"result\":{\"inserted\":2},\"error\":null");
	shows(render(2, 3), "\"error\":\"It is \\\"cut off\\\".\"");
}

static void
job_share_get_waits_for_no_dead_writer(void **state)
{
	struct job_progress p = { 5, 1, 2, "x" };

	(void)state;
	job_share_set(&p);
	for (int i = 0; i < 50; i++) {
		struct job_progress seen;
		pid_t pid = fork();

		if (pid == 0) {
			for (p.done = 0;; p.done++) {
				p.total = p.done;
				job_share_set(&p);
			}
		}
		assert_true(pid > 0);
		for (int n = 0; n < 200; n++) {
			if (job_share_get(5, &seen))
				assert_true(seen.done == seen.total ||
				    (seen.done == 1 && seen.total == 2));
		}
		jobhouse_kill(pid);
		assert_true(job_share_get(5, &seen));
	}
}

static void
job_stage_becomes_ready(void **state)
{
	struct job job;

	(void)state;
	shows(render(0, 0), "{\"id\":null,\"state\":\"none\"");
	jobhouse_archive(UPLOAD, 2, 3);
	(void)jobhouse_add("stage", 0, INPUT);
	shows(render(0, 0), "{\"id\":1,\"state\":\"checking\"");
	worker = jobhouse_worker();
	job = jobhouse_end(1);
	assert_int_equal(job.state, JOB_DONE);
	job_free(&job);
	shows(render(0, 0),
	    "{\"id\":1,\"state\":\"ready\",\"done\":0,\"total\":0,"
	    "\"preview\":{\"id\":1,\"format\":\"archive\"");
	shows(render(0, 0), "{\"username\":\"user1\",\"movies\":3,");
	/* It lies where it came. */
	assert_int_equal(jobhouse_count("upload_"), 1);
	assert_int_equal(jobhouse_number("SELECT count(*) FROM StagedRestore"
					 " WHERE file = '" UPLOAD "'"),
	    1);
}

static void
job_stage_takes_the_place_of_an_unconfirmed_one(void **state)
{
	struct db *db;
	struct err err = { 0 };
	struct job job;

	(void)state;
	jobhouse_archive(UPLOAD, 1, 1);
	job = run("stage", 0, INPUT);
	job_free(&job);
	jobhouse_archive("upload_aaaaaaaaaaaaaaaa.json", 2, 2);
	job = run("stage", 0, "{\"file\":\"upload_aaaaaaaaaaaaaaaa.json\"}");
	assert_int_equal(job.state, JOB_DONE);
	job_free(&job);
	assert_int_equal(jobhouse_count("upload_"), 1);
	shows(render(0, 0), "\"state\":\"ready\"");
	shows(render(0, 0), "\"username\":\"user1\"");
	/* But not of one that people wait for. */
	db = jobhouse_open();
	must(stage_confirm(db, env->data_dir, NULL, &err), &err);
	db_free(db);
	shows(render(0, 0), "\"state\":\"pending\"");
	jobhouse_archive(UPLOAD, 1, 1);
	run_failing("stage", 0, INPUT, "still to log in");
	shows(render(0, 0), "\"state\":\"pending\"");
	assert_int_equal(jobhouse_count("upload_"), 1);
}

static void
job_stage_says_what_is_wrong(void **state)
{
	struct db *db;
	struct err err = { 0 };

	(void)state;
	folder_write(folder_path(UPLOAD), "{\"version\":\"2.0.3\",\n \"users");
	run_failing("stage", 0, INPUT, "(line 2, column 8)");
	shows(render(0, 0), "\"state\":\"failed\"");
	shows(render(0, 0), "\"error\":\"This file ends in the middle");
	assert_int_equal(jobhouse_count("upload_"), 0);
	run_failing("stage", 0, INPUT, "not there any more");
	run_failing("stage", 0, "{\"file\":\"../dev.db\"}", "no uploaded file");
	run_failing("stage", 0, "[]", "no uploaded file");
	run_failing("stage", 0, NULL, "no uploaded file");
	run_failing("stage", 0, "{", "");
	run_failing("no-such", 0, NULL, "knows no job");
	db = jobhouse_open();
	must(jobs_forget_restore(db, env->data_dir, &err), &err);
	db_free(db);
	shows(render(0, 0), "\"state\":\"none\"");
}

#define KEPT "backup_2026-01-05T10-30-00.json"
#define FROM(name) "{\"file\":\"" UPLOAD "\",\"from\":\"" name "\"}"

/* What is left of a household must not suffer from being used. */
static void
job_stage_leaves_the_backup_that_it_copies(void **state)
{
	struct stat before;
	struct stat after;
	struct stat copy;
	bool same = false;
	struct err err = { 0 };
	struct job job;

	(void)state;
	jobhouse_archive(KEPT, 2, 3);
	assert_int_equal(stat(folder_path(KEPT), &before), 0);
	job = run("stage", 0, FROM(KEPT));
	assert_int_equal(job.state, JOB_DONE);
	job_free(&job);
	shows(render(0, 0), "{\"username\":\"user1\",\"movies\":3,");
	assert_int_equal(stat(folder_path(KEPT), &after), 0);
	assert_true(before.st_ino == after.st_ino && after.st_nlink == 1 &&
	    before.st_mtim.tv_sec == after.st_mtim.tv_sec &&
	    before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
	must(file_same(folder_path(KEPT), folder_path(UPLOAD), &same, &err),
	    &err);
	assert_true(same);
	assert_int_equal(stat(folder_path(UPLOAD), &copy), 0);
	assert_int_equal(copy.st_mode & 07777, 0600);
	assert_true(copy.st_ino != after.st_ino);
}

static void
job_stage_takes_the_copy_that_is_there(void **state)
{
	struct job job;

	(void)state;
	/* The check was cut off: what is published is whole. */
	jobhouse_archive(UPLOAD, 1, 1);
	jobhouse_archive(KEPT, 2, 3);
	job = run("stage", 0, FROM(KEPT));
	assert_int_equal(job.state, JOB_DONE);
	job_free(&job);
	shows(render(0, 0), "{\"username\":\"user0\",\"movies\":1,");
}

static void
job_stage_says_what_is_wrong_with_a_backup(void **state)
{
	(void)state;
	run_failing("stage", 0, FROM(KEPT), "not on the server any more");
	run_failing("stage", 0, FROM("dev.db"), "has that name");
	run_failing("stage", 0, FROM("../" KEPT), "has that name");
	assert_int_equal(symlink("dev.db", folder_path(KEPT)), 0);
	run_failing("stage", 0, FROM(KEPT), "is a link");
	assert_int_equal(unlink(folder_path(KEPT)), 0);
	folder_write(folder_path(KEPT), "{\"version\":\"2.0.3\",\n \"users");
	run_failing("stage", 0, FROM(KEPT), "(line 2, column 8)");
	assert_int_equal(jobhouse_count("upload_"), 0);
	assert_int_equal(jobhouse_count("backup_"), 1);
}

static void
jobs_forget_restore_at_any_state(void **state)
{
	struct db *db = jobhouse_open();
	struct err err = { 0 };
	struct job job;

	(void)state;
	must(jobs_forget_restore(db, env->data_dir, &err), &err);
	jobhouse_archive(UPLOAD, 1, 1);
	(void)jobhouse_add("stage", 0, INPUT);
	must(jobs_forget_restore(db, env->data_dir, &err), &err);
	assert_int_equal(jobhouse_count("upload_"), 0);
	shows(render(0, 0), "\"state\":\"none\"");
	jobhouse_archive(UPLOAD, 1, 1);
	job = run("stage", 0, INPUT);
	job_free(&job);
	must(jobs_forget_restore(db, env->data_dir, &err), &err);
	assert_int_equal(jobhouse_count("upload_"), 0);
	shows(render(0, 0), "\"state\":\"none\"");
	db_free(db);
}

static void
job_import_takes_only_ones_own(void **state)
{
	struct job job;

	(void)state;
	add_user("USER1", "j1");
	jobhouse_archive(UPLOAD, 3, 4);
	job = run("import", 1, INPUT);
	if (job.error != NULL)
		fail_msg("%s", job.error);
	assert_string_equal(job.result,
	    "{\"inserted\":4,\"updated\":0,\"kept\":0,\"unresolved\":0,"
	    "\"refused\":0,\"profiles\":1,\"movies\":4,\"series\":0,"
	    "\"watchlist\":0,\"blocked\":0}");
	job_free(&job);
	assert_int_equal(jobhouse_number("SELECT count(*) FROM User"), 1);
	assert_int_equal(jobhouse_number("SELECT count(*) FROM UserMedia"), 4);
	assert_int_equal(jobhouse_count("upload_"), 0);
	/* Again: nothing is doubled. */
	jobhouse_archive(UPLOAD, 3, 4);
	job = run("import", 1, INPUT);
	assert_int_equal(jobhouse_member(&job, "inserted"), 0);
	assert_int_equal(jobhouse_member(&job, "kept"), 4);
	job_free(&job);
}

static void
job_import_without_a_name_is_the_callers(void **state)
{
	struct job job;

	(void)state;
	add_user("anna", "j1");
	folder_write(folder_path(UPLOAD),
	    "{\"data\":{\"movies\":[{\"title\":\"A\",\"tmdb_id\":1}],"
	    "\"series\":[\"No id\"],\"watchlist\":{\"movies\":["
	    "{\"title\":\"B\",\"tmdb_id\":2}]},\"do_not_recommend\":["
	    "{\"title\":\"C\",\"tmdb_id\":3,\"media_type\":\"tv\"}]}}");
	job = run("import", 1, INPUT);
	assert_int_equal(jobhouse_member(&job, "inserted"), 3);
	assert_int_equal(jobhouse_member(&job, "unresolved"), 1);
	assert_int_equal(jobhouse_member(&job, "movies"), 1);
	assert_int_equal(jobhouse_member(&job, "watchlist"), 1);
	assert_int_equal(jobhouse_member(&job, "blocked"), 1);
	assert_non_null(strstr(job.result, "\"title\":\"No id\""));
	job_free(&job);
	assert_int_equal(jobhouse_number("SELECT count(*) FROM JairKept WHERE"
					 " userId = 1"),
	    1);
}

static void
job_import_refuses_what_is_anothers(void **state)
{
	(void)state;
	add_user("anna", "j1");
	jobhouse_archive(UPLOAD, 1, 1);
	run_failing("import", 1, INPUT, "lists of \"user0\"");
	jobhouse_archive(UPLOAD, 2, 1);
	run_failing("import", 1, INPUT, "is none of them");
	jobhouse_archive(UPLOAD, 1, 1);
	run_failing("import", 99, INPUT, "not in the database");
	jobhouse_sql("INSERT INTO SystemConfig (id, jellyfinServerId)"
		     " VALUES (1, 's1')");
	folder_write(folder_path(UPLOAD),
	    "{\"version\":\"2.0.3\","
	    "\"system_config\":{\"jellyfinServerId\":\"s1\"},\"users\":["
	    "{\"username\":\"anna\",\"jellyfin_user_id\":\"other\","
	    "\"data\":{\"movies\":[{\"title\":\"A\",\"tmdb_id\":1}]}}]}");
	run_failing("import", 1, INPUT, "another account");
	assert_int_equal(jobhouse_number("SELECT count(*) FROM UserMedia"), 0);
	assert_int_equal(jobhouse_count("upload_"), 0);
}

/* Stage an archive and let people wait. */
static void
stage(int users, int items)
{
	struct db *db = jobhouse_open();
	struct err err = { 0 };

	jobhouse_archive("in.json", users, items);
	must(stage_put(db, env->data_dir, folder_path("in.json"), &err), &err);
	must(stage_confirm(db, env->data_dir, NULL, &err), &err);
	db_free(db);
}

static void
job_claim_gives_a_part_once(void **state)
{
	static const char login[] =
	    "{\"name\":\"User0\",\"jellyfinId\":\"j0\"}";
	struct db *db;
	struct err err = { 0 };
	struct job job;
	bool waits;

	(void)state;
	stage(2, 5);
	db = jobhouse_open();
	must(stage_waits(db, "USER0", &waits, &err), &err);
	assert_true(waits);
	must(stage_waits(db, "user2", &waits, &err), &err);
	assert_false(waits);
	job = run("claim", 1, login);
	assert_int_equal(jobhouse_member(&job, "inserted"), 5);
	assert_int_equal(jobhouse_member(&job, "movies"), 5);
	assert_int_equal(jobhouse_member(&job, "profiles"), 1);
	job_free(&job);
	must(stage_waits(db, "user0", &waits, &err), &err);
	assert_false(waits);
	db_free(db);
	/* A second job has nothing left to give. */
	job = run("claim", 1, login);
	assert_int_equal(job.state, JOB_DONE);
	assert_int_equal(jobhouse_member(&job, "inserted"), 0);
	assert_int_equal(jobhouse_member(&job, "movies"), 0);
	job_free(&job);
	assert_int_equal(jobhouse_number("SELECT count(*) FROM UserMedia"), 5);
	run_failing("claim", 1, "{\"name\":\"x\"}", "names no login");
}

static void
jobs_claim_queues_one_when_something_waits(void **state)
{
	struct db *db = jobhouse_open();
	struct err err = { 0 };
	struct job job;
	int64_t first;
	int64_t id;

	(void)state;
	must(jobs_claim(db, 1, "user0", "j0", &id, &err), &err);
	assert_int_equal(id, 0);
	stage(1, 2);
	must(jobs_claim(db, 1, "User0", "j\"0", &first, &err), &err);
	assert_int_not_equal(first, 0);
	/* A second browser gets the same one. */
	must(jobs_claim(db, 1, "user0", "j\"0", &id, &err), &err);
	assert_int_equal(id, first);
	db_free(db);
	worker = jobhouse_worker();
	job = jobhouse_end(first);
	assert_int_equal(jobhouse_member(&job, "inserted"), 2);
	job_free(&job);
	assert_int_equal(jobhouse_number("SELECT count(*) FROM User WHERE"
					 " jellyfinUserId = 'j\"0'"),
	    1);
}

/* Whoever presses "Sync" again, or in a second browser, gets the same one. */
static void
jobs_sync_twice_is_one_job(void **state)
{
	struct db *db = jobhouse_open();
	struct err err = { 0 };
	int64_t first;
	int64_t id;

	(void)state;
	must(jobs_sync(db, 1, &first, &err), &err);
	must(jobs_sync(db, 1, &id, &err), &err);
	assert_int_equal(id, first);
	must(jobs_sync(db, 2, &id, &err), &err);
	assert_int_not_equal(id, first);
	assert_int_equal(jobhouse_number("SELECT count(*) FROM Job"), 2);
	db_free(db);
}

/* Where the job cannot end, nothing of it may stay. */
static void
job_done_and_what_it_changed_come_together(void **state)
{
	(void)state;
	add_user("user0", "j0");
	stage(1, 3);
	jobhouse_sql("CREATE TRIGGER no_end BEFORE UPDATE ON Job"
		     " WHEN NEW.state = 'done'"
		     " BEGIN SELECT RAISE(ABORT, 'no end'); END");
	run_failing("claim", 1, "{\"name\":\"user0\",\"jellyfinId\":\"j0\"}",
	    "The database refused it");
	jobhouse_archive(UPLOAD, 1, 3);
	run_failing("import", 1, INPUT, "The database refused it");
	assert_int_equal(jobhouse_number("SELECT count(*) FROM UserMedia"), 0);
	assert_int_equal(jobhouse_number("SELECT count(*) FROM StagedUser"
					 " WHERE state = 'pending'"),
	    1);
	jobhouse_sql("UPDATE StagedRestore SET state = 'done'");
	jobhouse_archive(UPLOAD, 1, 3);
	run_failing("stage", 0, INPUT, "The database refused it");
	assert_int_equal(jobhouse_number("SELECT count(*) FROM StagedRestore"),
	    1);
	run_failing("backup", 1, NULL, "The database refused it");
	assert_int_equal(jobhouse_number("SELECT count(*) FROM BackupRun"), 0);
}

static void
job_backup_makes_an_archive(void **state)
{
	struct job job;

	(void)state;
	add_user("anna", "j1");
	job = run("backup", 1, NULL);
	assert_int_equal(jobhouse_member(&job, "users"), 1);
	shows(job.result, "\"verified\":true,\"latest\":true");
	job_free(&job);
	/* The latest and the one with the time. */
	assert_int_equal(jobhouse_count("backup_"), 2);
	assert_int_equal(jobhouse_number("SELECT count(*) FROM BackupRun WHERE"
					 " kind = 'archive' AND verified"),
	    1);
}

static void
job_lock_waits_for_a_backup_elsewhere(void **state)
{
	struct err err = { 0 };
	struct job job;
	int64_t id;
	int lock;

	(void)state;
	/* Before the lock, which a fork would share. */
	worker = jobhouse_worker();
	must(lock_take(folder_path(".jair.lock"), LOCK_EXCLUSIVE, 0, &lock,
		 &err),
	    &err);
	id = jobhouse_add("backup", 1, NULL);
	while (strstr(render(id, 1), "waits for a backup") == NULL)
		(void)usleep(2000);
	lock_release(lock);
	job = jobhouse_end(id);
	assert_int_equal(job.state, JOB_DONE);
	job_free(&job);
}

static void
job_worker_put_back_when_it_stops(void **state)
{
	struct err err = { 0 };
	struct job job;
	int64_t id;
	int lock;

	(void)state;
	must(lock_take(folder_path(".jair.lock"), LOCK_EXCLUSIVE, 0, &lock,
		 &err),
	    &err);
	id = jobhouse_add("backup", 1, NULL);
	for (int i = 0; i < JOB_ATTEMPTS_MAX; i++) {
		worker = jobhouse_worker();
		while (strstr(render(id, 1), "waits for a backup") == NULL)
			(void)usleep(2000);
		jobhouse_stop(worker);
		shows(render(id, 1), "\"state\":\"queued\"");
	}
	worker = 0;
	lock_release(lock);
	assert_int_equal(jobhouse_number("SELECT attempts FROM Job"), 0);
	worker = jobhouse_worker();
	job = jobhouse_end(id);
	assert_int_equal(job.state, JOB_DONE);
	job_free(&job);
}

static void
job_worker_run_one_at_a_time(void **state)
{
	pid_t first = jobhouse_worker();
	pid_t second;
	struct job job;

	(void)state;
	job = run("backup", 1, NULL);
	job_free(&job);
	jobhouse_kill(worker);
	worker = 0;
	second = jobhouse_worker();
	job = run("backup", 1, NULL);
	job_free(&job);
	assert_int_equal(jobhouse_number("SELECT sum(attempts) FROM Job"), 0);
	jobhouse_stop(second);
	jobhouse_stop(first);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(jobs_sync_twice_is_one_job),
		TEST(jobs_render_shows_only_own_jobs),
		TEST(jobs_render_shows_progress_of_the_running_one),
		TEST(jobs_render_shows_how_it_ended),
		TEST(job_share_get_waits_for_no_dead_writer),
		TEST(job_stage_becomes_ready),
		TEST(job_stage_takes_the_place_of_an_unconfirmed_one),
		TEST(job_stage_says_what_is_wrong),
		TEST(job_stage_leaves_the_backup_that_it_copies),
		TEST(job_stage_takes_the_copy_that_is_there),
		TEST(job_stage_says_what_is_wrong_with_a_backup),
		TEST(jobs_forget_restore_at_any_state),
		TEST(job_import_takes_only_ones_own),
		TEST(job_import_without_a_name_is_the_callers),
		TEST(job_import_refuses_what_is_anothers),
		TEST(job_claim_gives_a_part_once),
		TEST(jobs_claim_queues_one_when_something_waits),
		TEST(job_done_and_what_it_changed_come_together),
		TEST(job_backup_makes_an_archive),
		TEST(job_lock_waits_for_a_backup_elsewhere),
		TEST(job_worker_put_back_when_it_stops),
		TEST(job_worker_run_one_at_a_time),
	};

	(void)folder_make();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
