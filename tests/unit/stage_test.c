/*
 * Without this test a staged archive could be lost in a crash, given out
 * twice, or given to someone else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/archive.h"
#include "core/archive_read.h"
#include "core/backup.h"
#include "core/clock.h"
#include "core/db.h"
#include "core/path.h"
#include "core/restore.h"
#include "core/schema.h"
#include "core/stage.h"
#include "core/store_config.h"
#include "core/store_job.h"
#include "tests/unit/folder.h"
#include "tests/unit/must.h"

#define ROUNDS 40

static void
refused(int rc, const struct err *err, enum err_code code)
{
	if (rc != -1 || err->code != code)
		fail_msg("%d, %d: %s", rc, (int)err->code, err->msg);
}

static struct db *
live_open(void)
{
	struct err err = { 0 };
	struct db *db = NULL;

	must(db_open(&db, folder_path("dev.db"), DB_WRITE, &err), &err);
	return db;
}

/* An empty live database in a clean folder, and five users to stage. */
static struct db *
fresh(void)
{
	static const char five[] =
	    "{\"version\":\"2.0.3\",\"system_config\":null,\"users\":["
	    "{\"username\":\"M\xc3\xa4kinen\",\"movieProfile\":\"likes\","
	    "\"data\":{\"movies\":[{\"title\":\"A\",\"tmdb_id\":1,"
	    "\"added_at\":\"2025-01-01T00:00:00.000Z\"}]}},"
	    "{\"username\":\"anna\",\"data\":{\"movies\":["
	    "{\"title\":\"A\",\"tmdb_id\":1}]}},"
	    "{\"username\":\"ANNA\",\"data\":{\"series\":["
	    "{\"title\":\"B\",\"tmdb_id\":1}]}},"
	    "{\"username\":\"carl\",\"data\":{\"do_not_recommend\":["
	    "{\"title\":\"C\",\"tmdb_id\":3},\"No id\"]}},"
	    "{\"username\":\"dora\",\"data\":{\"watchlist\":{\"movies\":["
	    "{\"title\":\"D\",\"tmdb_id\":4}]}}}]}";
	struct err err = { 0 };
	struct db *db = NULL;

	folder_clean();
	must(db_open(&db, folder_path("dev.db"), DB_CREATE, &err), &err);
	must(schema_create(db, &err), &err);
	folder_write(folder_path("in.json"), five);
	return db;
}

static void
stage(struct db *db)
{
	struct err err = { 0 };

	must(stage_put(db, folder_make(), folder_path("in.json"), &err), &err);
	must(stage_confirm(db, folder_make(), NULL, &err), &err);
}

static int64_t
number(struct db *db, const char *sql)
{
	struct err err = { 0 };
	int64_t n = 0;

	must(db_int(db, sql, &n, &err), &err);
	return n;
}

static bool
claim(struct db *db, const char *name, const char *id, int64_t *inserted)
{
	const struct stage_login login = { .name = name, .jellyfin_id = id };
	struct restore_report report;
	struct err err = { 0 };
	bool claimed = false;

	must(stage_claim(db, folder_make(), &login, &report, &claimed, &err),
	    &err);
	*inserted = report.total.inserted;
	restore_report_free(&report);
	return claimed;
}

static void
rename_file(const char *from, const char *to)
{
	assert_int_equal(rename(folder_path(from), folder_path(to)), 0);
}

static void
file_of(struct db *db, char name[64])
{
	int64_t n = number(db,
	    "SELECT id FROM StagedRestore"
	    " WHERE state IN ('ready', 'pending')");
	char sql[128];

	/* The stamp in the name, digit by digit. */
	for (size_t i = 0; i < 63; i++) {
		(void)snprintf(sql, sizeof(sql),
		    "SELECT unicode(substr(file,"
		    " %zu, 1)) FROM StagedRestore WHERE id = %lld",
		    i + 1, (long long)n);
		name[i] = (char)number(db, sql);
		name[i + 1] = '\0';
	}
}

static void
stage_put_second_is_refused(void **state)
{
	struct db *db = fresh();
	struct err err = { 0 };

	(void)state;
	stage(db);
	refused(stage_put(db, folder_make(), folder_path("in.json"), &err),
	    &err, ERR_EXISTS);
	must(stage_discard(db, folder_make(), &err), &err);
	assert_int_equal(number(db,
			     "SELECT count(*) FROM StagedUser"
			     " WHERE state = 'pending'"),
	    0);
	/* dev.db, its emptied journal and in.json. */
	assert_int_equal(folder_count(), 3);
	stage(db);
	db_free(db);
}

static void
stage_put_broken_changes_nothing(void **state)
{
	struct db *db = fresh();
	struct err err = { 0 };

	(void)state;
	folder_write(folder_path("in.json"), "{\"users\":[");
	refused(stage_put(db, folder_make(), folder_path("in.json"), &err),
	    &err, ERR_FORMAT);
	assert_int_equal(folder_count(), 3);
	assert_int_equal(number(db, "SELECT count(*) FROM StagedRestore"), 0);
	db_free(db);
}

static void
stage_claim_folds_case(void **state)
{
	struct db *db = fresh();
	int64_t n;

	(void)state;
	stage(db);
	assert_false(claim(db, "nobody", "id-0", &n));
	assert_true(claim(db, "M\xc3\x84KINEN", "id-1", &n));
	assert_int_equal(n, 1);
	assert_false(claim(db, "M\xc3\xa4kinen", "id-1", &n));
	/* Two names equal but for case go to one login. */
	assert_true(claim(db, "Anna", "id-2", &n));
	assert_int_equal(n, 2);
	assert_int_equal(number(db, "SELECT count(*) FROM User"), 2);
	assert_int_equal(number(db, "SELECT count(*) FROM UserMedia"), 3);
	assert_int_equal(
	    number(db,
		"SELECT count(*) FROM User WHERE"
		" movieProfile = 'likes' AND jellyfinUserId = 'id-1'"),
	    1);
	assert_true(claim(db, "carl", "id-3", &n));
	assert_true(claim(db, "dora", "id-4", &n));
	/* All have come: the file is gone, its row has ended. */
	assert_int_equal(folder_count(), 3);
	assert_int_equal(number(db,
			     "SELECT count(*) FROM StagedRestore"
			     " WHERE state = 'done'"),
	    1);
	assert_int_equal(number(db,
			     "SELECT count(*) FROM JairKept"
			     " WHERE kind = 'unresolved'"),
	    1);
	db_free(db);
}

static void
stage_claim_other_account_still_waits(void **state)
{
	const struct stage_login login = { .name = "anna",
		.jellyfin_id = "id-2" };
	struct restore_report report;
	struct db *db = fresh();
	struct err err = { 0 };
	bool claimed;

	(void)state;
	folder_write(folder_path("in.json"),
	    "{\"version\":\"2.0.3\","
	    "\"system_config\":{\"jellyfinServerId\":\"s1\"},\"users\":["
	    "{\"username\":\"anna\",\"jellyfin_user_id\":\"id-1\","
	    "\"data\":{\"movies\":[{\"title\":\"A\",\"tmdb_id\":1}]}}]}");
	must(db_exec(db,
		 "INSERT INTO SystemConfig (id, jellyfinServerId)"
		 " VALUES (1, 's1')",
		 &err),
	    &err);
	stage(db);
	refused(stage_claim(db, folder_make(), &login, &report, &claimed, &err),
	    &err, ERR_DENIED);
	assert_int_equal(number(db, "SELECT count(*) FROM User"), 0);
	assert_int_equal(number(db,
			     "SELECT count(*) FROM StagedUser"
			     " WHERE state = 'pending'"),
	    1);
	/* At another server the name decides. */
	must(db_exec(db, "UPDATE SystemConfig SET jellyfinServerId = 's2'",
		 &err),
	    &err);
	err_clear(&err);
	must(stage_claim(db, folder_make(), &login, &report, &claimed, &err),
	    &err);
	assert_true(claimed);
	restore_report_free(&report);
	assert_int_equal(number(db,
			     "SELECT count(*) FROM User WHERE"
			     " jellyfinUserId = 'id-2'"),
	    1);
	db_free(db);
}

static void
stage_heal_after_a_crash(void **state)
{
	struct db *db = fresh();
	struct err err = { 0 };
	char name[64];

	(void)state;
	stage(db);
	file_of(db, name);
	/* Nothing to heal: all still wait. */
	must(stage_heal(db, folder_make(), &err), &err);
	assert_int_equal(number(db,
			     "SELECT count(*) FROM StagedUser"
			     " WHERE state = 'pending'"),
	    5);
	/* Killed between the file and its row: it is staged again. */
	must(db_exec(db, "DELETE FROM StagedUser; DELETE FROM StagedRestore",
		 &err),
	    &err);
	must(stage_heal(db, folder_make(), &err), &err);
	assert_int_equal(number(db,
			     "SELECT count(*) FROM StagedRestore"
			     " WHERE state = 'ready'"),
	    1);
	/* Killed between the row's end and the file's removal: it goes. */
	must(db_exec(db, "UPDATE StagedRestore SET state = 'done'", &err),
	    &err);
	must(stage_heal(db, folder_make(), &err), &err);
	assert_int_equal(number(db,
			     "SELECT count(*) FROM StagedRestore"
			     " WHERE state <> 'done'"),
	    0);
	assert_int_equal(folder_count(), 3);
	/* A row whose file is gone ends. */
	stage(db);
	file_of(db, name);
	rename_file(name, "elsewhere");
	must(stage_heal(db, folder_make(), &err), &err);
	assert_int_equal(number(db,
			     "SELECT count(*) FROM StagedRestore"
			     " WHERE state IN ('ready', 'pending')"),
	    0);
	assert_int_equal(number(db,
			     "SELECT count(*) FROM StagedUser"
			     " WHERE state = 'pending'"),
	    0);
	db_free(db);
}

static void
stage_heal_unreadable_orphan_is_no_failure(void **state)
{
	struct db *db = fresh();
	struct err err = { 0 };

	(void)state;
	folder_write(folder_path("staged_2025-01-01T00-00-00.json"), "{");
	assert_int_equal(stage_heal(db, folder_make(), &err), -1);
	assert_int_equal(number(db, "SELECT count(*) FROM StagedRestore"), 0);
	/* It stands in nobody's way. */
	stage(db);
	err_clear(&err);
	must(stage_heal(db, folder_make(), &err), &err);
	db_free(db);
}

/* An uploaded file, two days old when ${old}. */
static void
put_upload(const char *name, bool old)
{
	const struct timespec times[2] = {
		{ .tv_sec = clock_now() / 1000 - 2 * 86400 },
		{ .tv_sec = clock_now() / 1000 - 2 * 86400 },
	};

	folder_write(folder_path(name), "{\"users\":[]}");
	if (old)
		assert_int_equal(utimensat(AT_FDCWD, folder_path(name), times,
				     0),
		    0);
}

static void
stage_heal_removes_only_forgotten_uploads(void **state)
{
	struct db *db = fresh();
	struct err err = { 0 };
	int64_t id;

	(void)state;
	put_upload("upload_0000000000000001.json", true); /* forgotten */
	put_upload("upload_0000000000000002.json", false); /* young */
	put_upload("upload_0000000000000003.json", true); /* has a job */
	put_upload("upload_0000000000000004.json", false); /* has ended */
	put_upload("upload_5.json", true); /* not ours */
	must(store_job_add(db, "stage", 0,
		 "{\"file\":\"upload_0000000000000003.json\"}", &id, &err),
	    &err);
	must(db_exec(db,
		 "INSERT INTO StagedRestore (file, state, sha256, createdAt)"
		 " VALUES ('upload_0000000000000004.json', 'done', 'x', 'y')",
		 &err),
	    &err);
	must(stage_heal(db, folder_make(), &err), &err);
	assert_int_equal(number(db, "SELECT count(*) FROM StagedRestore"), 1);
	assert_false(path_exists(folder_path("upload_0000000000000001.json")));
	assert_true(path_exists(folder_path("upload_0000000000000002.json")));
	assert_true(path_exists(folder_path("upload_0000000000000003.json")));
	assert_false(path_exists(folder_path("upload_0000000000000004.json")));
	assert_true(path_exists(folder_path("upload_5.json")));
	db_free(db);
}

static void
stage_upload_name_is_an_uploads(void **state)
{
	struct err err = { 0 };
	char *path = stage_upload_name(folder_make(), &err);
	char *again = stage_upload_name(folder_make(), &err);

	(void)state;
	assert_non_null(path);
	assert_non_null(again);
	assert_true(stage_is_upload(path_base(path)));
	assert_string_not_equal(path, again);
	free(path);
	free(again);
	assert_false(stage_is_upload("upload_.json"));
	assert_false(stage_is_upload("upload_0123456789ABCDEF.json"));
	assert_false(stage_is_upload("upload_0123456789abcdef.json2"));
	assert_false(stage_is_upload("upload_0123456789abcdef0.json"));
	assert_false(stage_is_upload("../upload_0123456789abcdef.json"));
	assert_false(stage_is_upload("dev.db"));
	assert_false(stage_is_upload(""));
}

static void
backup_make_holds_who_waits(void **state)
{
	const struct restore_options all = { .replace = true };
	struct restore_report report;
	struct backup backup;
	struct archive *a = NULL;
	struct err err = { 0 };
	struct db *db = fresh();
	struct db *next = NULL;
	int64_t n;

	(void)state;
	stage(db);
	assert_true(claim(db, "carl", "id-3", &n));
	must(backup_make(db, folder_make(), &backup, &err), &err);
	assert_int_equal(number(db, "SELECT count(*) FROM User"), 1);
	db_free(db);
	db_remove(folder_path("dev.db"));
	must(db_open(&next, folder_path("dev.db"), DB_CREATE, &err), &err);
	must(schema_create(next, &err), &err);
	must(archive_open(&a, folder_path("backup_latest.json"), NULL, &err),
	    &err);
	must(restore_apply(next, a, folder_make(), &all, &report, &err), &err);
	assert_int_equal(report.count, 5);
	assert_int_equal(report.total.inserted, 5);
	restore_report_free(&report);
	archive_free(a);
	assert_int_equal(number(next, "SELECT count(*) FROM JairKept"), 1);
	assert_int_equal(number(next,
			     "SELECT count(*) FROM User WHERE"
			     " movieProfile = 'likes'"),
	    1);
	db_free(next);
}

/* Claim in a process of its own; exit with 1 when it got the part. */
static pid_t
claim_aside(int go)
{
	pid_t pid = fork();
	struct db *db = NULL;
	struct err err = { 0 };
	const struct stage_login login = { .name = "anna",
		.jellyfin_id = "id-2" };
	struct restore_report report;
	bool claimed = false;
	char c;
	int rc;

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	if (read(go, &c, 1) != 1)
		_exit(2);
	rc = db_open(&db, folder_path("dev.db"), DB_WRITE, &err) ||
	    stage_claim(db, folder_make(), &login, &report, &claimed, &err);
	if (rc != 0)
		(void)fprintf(stderr, "%s\n", err.msg);
	_exit(rc != 0 ? 2 : claimed ? 1 : 0);
}

static void
stage_claim_two_at_once_one_gets_it(void **state)
{
	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct db *db = fresh();
		pid_t pids[2];
		int status;
		int got = 0;
		int go[2];

		stage(db);
		if (i % 2 == 1) {
			struct err err = { 0 };

			/* The last who waits: the file ends with it. */
			must(db_exec(db,
				 "UPDATE StagedUser SET state ="
				 " 'claimed' WHERE lower(username) <> 'anna'",
				 &err),
			    &err);
		}
		db_free(db);
		assert_int_equal(pipe(go), 0);
		pids[0] = claim_aside(go[0]);
		pids[1] = claim_aside(go[0]);
		assert_int_equal(write(go[1], "go", 2), 2);
		for (int n = 0; n < 2; n++) {
			assert_int_equal(waitpid(pids[n], &status, 0), pids[n]);
			assert_true(WIFEXITED(status));
			assert_true(WEXITSTATUS(status) != 2);
			got += WEXITSTATUS(status);
		}
		(void)close(go[0]);
		(void)close(go[1]);
		assert_int_equal(got, 1);
		db = live_open();
		assert_int_equal(number(db, "SELECT count(*) FROM User"), 1);
		assert_int_equal(number(db, "SELECT count(*) FROM UserMedia"),
		    2);
		assert_int_equal(number(db,
				     "SELECT count(*) FROM StagedUser"
				     " WHERE state = 'pending'"),
		    i % 2 == 1 ? 0 : 3);
		db_free(db);
	}
}

static void
stage_claim_killed_is_all_or_nothing(void **state)
{
	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct db *db = fresh();
		struct err err = { 0 };
		pid_t pid;
		int64_t items;
		int status;
		int go[2];

		stage(db);
		db_free(db);
		assert_int_equal(pipe(go), 0);
		pid = claim_aside(go[0]);
		assert_int_equal(write(go[1], "g", 1), 1);
		(void)usleep((useconds_t)i * 400);
		(void)kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		(void)close(go[0]);
		(void)close(go[1]);
		db = live_open();
		must(stage_heal(db, folder_make(), &err), &err);
		items = number(db, "SELECT count(*) FROM UserMedia");
		assert_true(items == 0 || items == 2);
		assert_int_equal(number(db,
				     "SELECT count(*) FROM StagedUser"
				     " WHERE state = 'pending'"),
		    items == 0 ? 5 : 3);
		db_free(db);
	}
}

/* Puts the text of one field of a configuration into its argument. */
static int
take_url(void *ctx, const struct value *config, struct err *err)
{
	char *url = ctx;

	(void)err;
	assert_int_equal(config[CONFIG_JELLYSEERR_URL].kind, VALUE_NULL);
	(void)snprintf(url, 64, "%.*s", (int)config[CONFIG_JELLYFIN_URL].len,
	    config[CONFIG_JELLYFIN_URL].s);
	return 0;
}

static void
stage_config_is_known_until_the_archive_ends(void **state)
{
	static const char text[] =
	    "{\"version\":\"2.0.3\",\"system_config\":{\"jellyfinUrl\":"
	    "\"http://old\",\"geminiApiKey\":\"canary-key\"},\"users\":[]}";
	struct db *db = fresh();
	struct err err = { 0 };
	char url[64] = "none";

	(void)state;
	must(stage_config(db, take_url, url, &err), &err);
	assert_string_equal(url, "none");
	folder_write(folder_path("in.json"), text);
	must(stage_put(db, folder_make(), folder_path("in.json"), &err), &err);
	must(stage_config(db, take_url, url, &err), &err);
	assert_string_equal(url, "http://old");
	must(stage_discard(db, folder_make(), &err), &err);
	assert_int_equal(number(db,
			     "SELECT count(*) FROM StagedRestore WHERE"
			     " config IS NOT NULL OR preview LIKE '%canary%'"),
	    0);
	db_free(db);
}

/* What else is to happen with a confirmation. */
static int
also(void *ctx, struct err *err)
{
	struct db *db = ctx;

	if (db_exec(db, "UPDATE SystemConfig SET jellyfinUrl = 'http://new'",
		err))
		return -1;
	return number(db,
		   "SELECT count(*) FROM SystemConfig WHERE"
		   " geminiModel = 'fail'") == 0
	    ? 0
	    : err_set(err, ERR_EXISTS, "no");
}

static void
stage_confirm_brings_the_configuration_or_nothing(void **state)
{
	static const char text[] =
	    "{\"version\":\"2.0.3\",\"system_config\":{\"jellyfinUrl\":"
	    "\"http://old\",\"tmdbApiKey\":\"t\",\"geminiModel\":"
	    "\"fail\"},\"users\":[{\"username\":\"anna\",\"data\":{}}]}";
	struct db *db = fresh();
	const struct stage_choice choice = {
		.config = true,
		.finish = also,
		.ctx = db,
	};
	struct err err = { 0 };
	char good[sizeof(text)];

	(void)state;
	folder_write(folder_path("in.json"), text);
	must(stage_put(db, folder_make(), folder_path("in.json"), &err), &err);
	assert_int_equal(stage_confirm(db, folder_make(), &choice, &err), -1);
	assert_int_equal(err.code, ERR_EXISTS);
	assert_int_equal(number(db,
			     "SELECT (SELECT count(*) FROM SystemConfig WHERE"
			     " tmdbApiKey = 't') + (SELECT count(*) FROM"
			     " StagedUser)"),
	    0);
	must(stage_discard(db, folder_make(), &err), &err);
	memcpy(good, text, sizeof(text));
	*strstr(good, "fail") = 'F';
	folder_write(folder_path("in.json"), good);
	err_clear(&err);
	must(stage_put(db, folder_make(), folder_path("in.json"), &err), &err);
	must(stage_confirm(db, folder_make(), &choice, &err), &err);
	assert_int_equal(number(db,
			     "SELECT count(*) FROM SystemConfig, StagedUser"
			     " WHERE tmdbApiKey = 't' AND jellyfinUrl ="
			     " 'http://new' AND username = 'anna'"),
	    1);
	/* It does not wait any more. */
	assert_int_equal(stage_confirm(db, folder_make(), &choice, &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
	db_free(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stage_put_second_is_refused),
		cmocka_unit_test(stage_put_broken_changes_nothing),
		cmocka_unit_test(stage_config_is_known_until_the_archive_ends),
		cmocka_unit_test(
		    stage_confirm_brings_the_configuration_or_nothing),
		cmocka_unit_test(stage_claim_folds_case),
		cmocka_unit_test(stage_claim_other_account_still_waits),
		cmocka_unit_test(stage_heal_after_a_crash),
		cmocka_unit_test(stage_heal_unreadable_orphan_is_no_failure),
		cmocka_unit_test(stage_heal_removes_only_forgotten_uploads),
		cmocka_unit_test(stage_upload_name_is_an_uploads),
		cmocka_unit_test(backup_make_holds_who_waits),
		cmocka_unit_test(stage_claim_two_at_once_one_gets_it),
		cmocka_unit_test(stage_claim_killed_is_all_or_nothing),
	};

	(void)folder_make();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
