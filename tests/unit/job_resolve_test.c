/*
 * Without these a household of version 1 would never see the titles that its
 * backup knows by name only, or a Seerr that fails, or a kill, would cost some.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgi-src/jobs/jobs.h"
#include "core/clock.h"
#include "tests/unit/folder.h"
#include "tests/unit/job_house.h"
#include "tests/unit/mock.h"

#define KEY "c2VlcnItdGVzdC1rZXktMDEyMzQ1Njc4OQ=="
#define UPLOAD "upload_0123456789abcdef.json"
#define INPUT "{\"file\":\"" UPLOAD "\"}"
#define WAITING                                                                \
	"SELECT count(*) FROM JairKept WHERE userId = 1"                       \
	" AND kind = 'unresolved'"

static struct mock mock;
static pid_t worker;

static int
start(void **state)
{
	(void)state;
	mock_start(&mock, "seerr", NULL);
	(void)folder_make();
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	mock_stop(&mock);
	return 0;
}

static void
use_seerr(const char *url, const char *key)
{
	char sql[512];

	(void)snprintf(sql, sizeof(sql),
	    "INSERT OR REPLACE INTO SystemConfig (id, isConfigured,"
	    " jellyseerrUrl, jellyseerrApiKey) VALUES (1, 1, '%s/', ' %s ')",
	    url, key);
	jobhouse_sql(sql);
}

static int
setup(void **state)
{
	(void)state;
	(void)jobhouse_fresh();
	worker = 0;
	mock_lie(&mock, NULL);
	jobhouse_sql("INSERT INTO User (id, username) VALUES (1, 'anna')");
	use_seerr(mock.url, KEY);
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

static void
keep(const char *title, const char *list)
{
	char sql[512];

	(void)snprintf(sql, sizeof(sql),
	    "INSERT INTO JairKept (userId, kind, value) VALUES (1,"
	    " 'unresolved', '{\"title\":\"%s\",\"list\":\"%s\"}')",
	    title, list);
	jobhouse_sql(sql);
}

/* Look for what waits; the job that did. */
static struct job
resolve(void)
{
	int64_t id = jobhouse_add("resolve", 1, NULL);

	if (worker == 0)
		worker = jobhouse_worker();
	return jobhouse_end(id);
}

static void
tells(const struct job *job, const char *part)
{
	const char *text = job->state == JOB_DONE ? job->result : job->error;

	if (strstr(text, part) == NULL)
		fail_msg("%s\nlacks %s", text, part);
}

static int64_t
listed(const char *where)
{
	char sql[512];

	(void)snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM UserMedia u JOIN Media m ON m.id ="
	    " u.mediaId WHERE u.userId = 1 AND %s",
	    where);
	return jobhouse_number(sql);
}

static void
job_resolve_takes_only_what_is_certain(void **state)
{
	struct job job;

	(void)state;
	keep("finding nemo", "watchlist.movies");
	keep("The Thing", "movies"); /* two films */
	keep("Dark", "series");
	keep("Dark", "do_not_recommend"); /* a film or a series */
	keep("Nobody knows it", "movies");
	keep("Am\xc3\xa9lie", "do_not_recommend");
	jobhouse_sql(
	    "INSERT INTO JairKept (userId, kind, value) VALUES (1,"
	    " 'unresolved', '\"Dark\"'), (1, 'unresolved', '{\"title\":"
	    "\"The Thing\",\"list\":\"movies\",\"release_year\":\"1982\"}')");
	job = resolve();
	tells(&job,
	    "{\"total\":8,\"resolved\":4,\"left\":4,\"errors\":[],"
	    "\"leftItems\":[{\"title\":\"The Thing\",\"list\":\"movies\"},"
	    "{\"title\":\"Dark\",\"list\":\"do_not_recommend\"},"
	    "{\"title\":\"Nobody knows it\",\"list\":\"movies\"},"
	    "{\"title\":\"Dark\"}]}");
	job_free(&job);
	assert_int_equal(
	    listed("(m.tmdbId, m.mediaType, u.status) IN (VALUES"
		   " (12, 'movie', 'WATCHLIST'), (70523, 'tv', 'WATCHED'),"
		   " (194, 'movie', 'BLOCKED'), (1091, 'movie', 'WATCHED'))"),
	    4);
	assert_int_equal(listed("1"), 4);
	/* Again: nothing moves. */
	job = resolve();
	tells(&job, "{\"total\":4,\"resolved\":0,\"left\":4,\"errors\":[],");
	job_free(&job);
	assert_int_equal(jobhouse_number(WAITING), 4);
	assert_int_equal(listed("1"), 4);
}

static void
job_resolve_asks_one_at_a_time(void **state)
{
	int64_t begin;
	struct job job;
	char *log;
	char *at;
	int asked = 0;

	(void)state;
	for (int i = 0; i < 4; i++)
		keep("Nobody knows it", "movies");
	begin = clock_mono();
	job = resolve();
	assert_true(clock_mono() - begin >= 750);
	tells(&job, "\"resolved\":0,\"left\":4");
	job_free(&job);
	log = mock_requests(&mock);
	for (at = log; (at = strstr(at, "/search?")) != NULL; at++)
		asked++;
	assert_int_equal(asked, 4);
	assert_null(strstr(log, "query=Nobody knows"));
	free(log);
}

static void
job_resolve_stops_when_seerr_fails(void **state)
{
	static const char *const lies[] = { "login-page", "cut", "status",
		"bad-json", "odd-types", "flood-chunked" };
	struct job job;

	(void)state;
	keep("Finding Nemo", "movies");
	for (int i = 0; i < 9; i++)
		keep("Dark", "series");
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		mock_lie(&mock, lies[i]);
		job = resolve();
		assert_int_equal(job.state, JOB_DONE);
		tells(&job, "\"resolved\":0,\"left\":10,\"errors\":[\"");
		tells(&job, "Seerr");
		job_free(&job);
		assert_int_equal(jobhouse_number(WAITING), 10);
	}
	/* A wrong key is told at once, and is in no sentence. */
	mock_lie(&mock, NULL);
	use_seerr(mock.url, "canary-key-of-another");
	job = resolve();
	tells(&job, "Seerr refused the API key.");
	assert_null(strstr(job.result, "canary"));
	job_free(&job);
	use_seerr("http://127.0.0.1:1", KEY);
	job = resolve();
	tells(&job, "\"left\":10,\"errors\":[\"");
	job_free(&job);
	jobhouse_sql("DELETE FROM SystemConfig");
	job = resolve();
	assert_int_equal(job.state, JOB_FAILED);
	tells(&job, "There is no Seerr in the settings");
	job_free(&job);
	assert_int_equal(jobhouse_number(WAITING), 10);
	assert_int_equal(listed("1"), 0);
}

/* A search that fails costs its own title alone, and only for now. */
static void
job_resolve_goes_on_after_one_failure(void **state)
{
	struct job job;

	(void)state;
	keep("Dark", "series");
	keep("Finding Nemo", "movies");
	keep("Am\xc3\xa9lie", "movies");
	mock_tell(&mock, "lie", "{\"lie\":\"status\",\"at\":\"=Dark\"}");
	job = resolve();
	tells(&job, "{\"total\":3,\"resolved\":2,\"left\":1,\"errors\":[]");
	job_free(&job);
	mock_lie(&mock, NULL);
	job = resolve();
	tells(&job, "{\"total\":1,\"resolved\":1,\"left\":0,\"errors\":[]}");
	job_free(&job);
	assert_int_equal(listed("1"), 3);
}

/* What Seerr says of a title is not believed further than its number. */
static void
job_resolve_with_a_lying_seerr(void **state)
{
	struct job job;

	(void)state;
	keep("Dark", "movies");
	keep("Light", "movies");
	mock_tell(&mock, "state",
	    "{\"titles\":[{\"id\":1099511627776,\"mediaType\":\"movie\","
	    "\"title\":\"Dark\",\"releaseDate\":\"0007\",\"overview\":"
	    "\"\\\"}]}\"},{\"id\":-3,\"mediaType\":\"movie\",\"title\":"
	    "\"Light\"},{\"id\":\"4\",\"mediaType\":\"movie\",\"title\":"
	    "\"Light\"}]}");
	job = resolve();
	tells(&job, "\"resolved\":1,\"left\":1,\"errors\":[]");
	job_free(&job);
	assert_int_equal(listed("m.tmdbId = 1099511627776 AND"
				" m.releaseYear = '0007'"),
	    1);
}

static void
job_import_queues_it_and_names_what_waits(void **state)
{
	static const char file[] =
	    "{\"data\":{\"movies\":[\"Finding Nemo\",\"Nobody knows it\","
	    "{\"title\":\"X\",\"tmdb_id\":\"abc\"}],\"do_not_recommend\":["
	    "\"Am\xc3\xa9lie\"]}}";
	struct job job;
	int64_t id;

	(void)state;
	folder_write(folder_path(UPLOAD), file);
	id = jobhouse_add("import", 1, INPUT);
	worker = jobhouse_worker();
	job = jobhouse_end(id);
	tells(&job, "\"unresolved\":3,\"refused\":1,");
	tells(&job,
	    "\"unresolvedItems\":[{\"title\":\"Finding Nemo\",\"list\":"
	    "\"movies\"},{\"title\":\"Nobody knows it\",\"list\":\"movies\"},"
	    "{\"title\":\"Am\xc3\xa9lie\",\"list\":\"do_not_recommend\"}],"
	    "\"refusedItems\":[{\"where\":\"data.movies[2]\",\"reason\":"
	    "\"tmdb_id is \\\"abc\\\"");
	id = jobhouse_member(&job, "resolveJob");
	assert_true(id > job.id);
	job_free(&job);
	job = jobhouse_end(id);
	tells(&job, "{\"total\":3,\"resolved\":2,\"left\":1,");
	job_free(&job);
	assert_int_equal(listed("m.tmdbId = 194 AND u.status = 'BLOCKED'"), 1);
	/* Without a Seerr nothing is queued. */
	jobhouse_sql("DELETE FROM SystemConfig");
	folder_write(folder_path(UPLOAD), file);
	job = jobhouse_end(jobhouse_add("import", 1, INPUT));
	assert_int_equal(jobhouse_member(&job, "resolveJob"), -1);
	job_free(&job);
}

static int64_t
queued(bool again)
{
	struct db *db = jobhouse_open();
	struct err err = { 0 };
	int64_t id = -1;

	if (jobs_resolve(db, 1, again, &id, &err))
		fail_msg("%s", err.msg);
	db_free(db);
	return id;
}

static void
jobs_resolve_queues_one_a_day(void **state)
{
	int64_t first;

	(void)state;
	assert_int_equal(queued(false), 0);
	keep("A", "movies");
	first = queued(false);
	assert_true(first > 0);
	assert_int_equal(queued(false), first);
	assert_int_equal(queued(true), first);
	jobhouse_sql("UPDATE Job SET state = 'done'");
	assert_int_equal(queued(false), 0);
	jobhouse_sql("UPDATE Job SET createdAt = '2020-01-01T00:00:00.000Z'");
	assert_true(queued(false) > first);
	jobhouse_sql("UPDATE Job SET state = 'failed'");
	assert_int_equal(queued(false), 0);
	assert_true(queued(true) > first);
	jobhouse_sql("DELETE FROM Job");
	/* A clock that was ahead stops nothing. */
	jobhouse_sql("INSERT INTO Job (type, state, userId, createdAt) VALUES"
		     " ('resolve', 'done', 1, '9000-01-01T00:00:00.000Z')");
	assert_true(queued(false) > 0);
	jobhouse_sql("DELETE FROM Job");
	use_seerr("ftp://odd", KEY);
	assert_int_equal(queued(true), 0);
	use_seerr(mock.url, "");
	assert_int_equal(queued(true), 0);
	jobhouse_sql("DELETE FROM SystemConfig");
	assert_int_equal(queued(true), 0);
}

#define TITLES 4

/* So many titles that the mock knows, "T0" being film 100. */
static void
know_titles(void)
{
	char json[2048] = "{\"titles\":[";
	char title[32];

	for (int i = 0; i < TITLES; i++) {
		size_t len = strlen(json);

		(void)snprintf(title, sizeof(title), "T%d", i);
		keep(title, "movies");
		(void)snprintf(json + len, sizeof(json) - len,
		    "%s{\"id\":%d,\"mediaType\":\"movie\",\"title\":\"T%d\"}",
		    i > 0 ? "," : "", 100 + i, i);
	}
	(void)snprintf(json + strlen(json), sizeof(json) - strlen(json), "]}");
	mock_tell(&mock, "state", json);
}

static void
job_resolve_killed_loses_and_doubles_nothing(void **state)
{
	(void)state;
	for (int round = 0; round < 8; round++) {
		struct job job;
		int64_t id;

		assert_int_equal(setup(NULL), 0);
		know_titles();
		id = jobhouse_add("resolve", 1, NULL);
		worker = jobhouse_worker();
		(void)usleep((useconds_t)round * 100000 + 7000);
		jobhouse_kill(worker);
		/* Each is in its list or waits, none both or neither. */
		assert_int_equal(jobhouse_number(WAITING) + listed("1"),
		    TITLES);
		worker = jobhouse_worker();
		job = jobhouse_end(id);
		tells(&job,
		    "{\"total\":4,\"resolved\":4,\"left\":0,\"errors\":[]}");
		job_free(&job);
		assert_int_equal(listed("m.tmdbId BETWEEN 100 AND 103"),
		    TITLES);
		assert_int_equal(jobhouse_number(WAITING), 0);
		assert_int_equal(
		    jobhouse_number("SELECT integrity_check = 'ok' FROM"
				    " pragma_integrity_check"),
		    1);
		jobhouse_stop(worker);
		worker = 0;
	}
}

static void
job_resolve_put_back_when_the_server_stops(void **state)
{
	struct job job;
	int64_t id;

	(void)state;
	know_titles();
	id = jobhouse_add("resolve", 1, NULL);
	worker = jobhouse_worker();
	while (listed("1") == 0)
		(void)usleep(2000);
	jobhouse_stop(worker);
	assert_int_equal(jobhouse_number("SELECT count(*) FROM Job WHERE"
					 " state = 'queued' AND attempts = 0"),
	    1);
	worker = jobhouse_worker();
	job = jobhouse_end(id);
	tells(&job, "{\"total\":4,\"resolved\":4,\"left\":0,\"errors\":[]}");
	job_free(&job);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(job_resolve_takes_only_what_is_certain),
		TEST(job_resolve_asks_one_at_a_time),
		TEST(job_resolve_stops_when_seerr_fails),
		TEST(job_resolve_goes_on_after_one_failure),
		TEST(job_resolve_with_a_lying_seerr),
		TEST(job_import_queues_it_and_names_what_waits),
		TEST(jobs_resolve_queues_one_a_day),
		TEST(job_resolve_killed_loses_and_doubles_nothing),
		TEST(job_resolve_put_back_when_the_server_stops),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
