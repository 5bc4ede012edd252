/*
 * Without these, someone else could finish the first setup, or open it again
 * when it is done.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi-src/api/access.h"
#include "core/schema.h"
#include "core/setup_code.h"
#include "tests/unit/folder.h"

static struct env env;
static struct app app;
static struct db *db;
static struct store_session *store;
static char db_file[512];

static void
sql(const char *text)
{
	struct err err = { 0 };

	if (db_exec(db, text, &err))
		fail_msg("%s", err.msg);
}

static int
set_up(void **state)
{
	struct err err = { 0 };

	(void)state;
	(void)folder_make();
	folder_clean();
	(void)snprintf(db_file, sizeof(db_file), "%s", folder_path("dev.db"));
	if (db_open(&db, db_file, DB_CREATE, &err) || schema_create(db, &err) ||
	    (store = store_session_new(db, &err)) == NULL)
		fail_msg("%s", err.msg);
	sql("INSERT INTO \"User\" (\"id\", \"username\") VALUES (7, 'Anna');"
	    "INSERT INTO \"SystemConfig\" (\"id\", \"isConfigured\")"
	    " VALUES (1, 0)");
	env = (struct env){ .db_path = db_file };
	env.data_dir = strdup(folder_make());
	app = (struct app){ .env = &env };
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	app_close(&app);
	store_session_free(store);
	db_free(db);
	db = NULL;
	free(env.data_dir);
	folder_clean();
	return 0;
}

/* What a request meets: 0 when it passes, else the status. */
static int
admitted(enum access access, struct request *req)
{
	struct response res;
	int status;

	response_init(&res);
	status = access_admit(&app, access, req, &res) == 0 ? 0 : res.status;
	response_free(&res);
	request_free(req);
	return status;
}

/* A request of this machine or from elsewhere, with that code or without. */
static int
setup(bool local, const char *code)
{
	struct request req = { .local = local };
	struct err err = { 0 };

	if (code != NULL)
		assert_int_equal(secret_set(&req.setup_code, code, strlen(code),
				     &err),
		    0);
	return admitted(ACC_SETUP, &req);
}

/* A request with the cookie of a new session. */
static struct request
logged_in(bool admin)
{
	const struct session_login login = { .user_id = 7, .admin = admin };
	struct request req = { .local = false };
	struct err err = { 0 };

	if (session_begin(store, env.data_dir, &login, &req.token, &err))
		fail_msg("%s", err.msg);
	return req;
}

static void
access_admit_lets_the_setup_code_in_and_no_other(void **state)
{
	struct secret code = { 0 };
	struct err err = { 0 };
	char wrong[33];

	(void)state;
	assert_int_equal(setup(false, "0123456789abcdef0123456789abcdef"), 403);
	assert_int_equal(setup_code_ensure(env.data_dir, &code, &err), 0);
	assert_int_equal(setup(false, NULL), 403);
	assert_int_equal(setup(false, ""), 403);
	memcpy(wrong, secret_expose(&code), 33);
	wrong[31] = wrong[31] == '0' ? '1' : '0';
	assert_int_equal(setup(false, wrong), 403);
	wrong[31] = '\0';
	assert_int_equal(setup(false, wrong), 403);
	assert_int_equal(setup(false, secret_expose(&code)), 0);
	assert_int_equal(setup(false, secret_expose(&code)), 0);
	/* A file that is no code lets nobody in. */
	folder_write(folder_path("setup_code"), "");
	assert_int_equal(setup(false, ""), 403);
	assert_int_equal(setup(false, secret_expose(&code)), 403);
	secret_clear(&code);
}

static void
access_admit_trusts_this_machine_unless_told_otherwise(void **state)
{
	(void)state;
	assert_int_equal(setup(true, NULL), 0);
	env.code_required = true;
	assert_int_equal(setup(true, NULL), 403);
}

static void
access_admit_closes_the_setup_when_it_is_done(void **state)
{
	struct secret code = { 0 };
	struct err err = { 0 };
	struct request req;

	(void)state;
	assert_int_equal(setup_code_ensure(env.data_dir, &code, &err), 0);
	sql("UPDATE \"SystemConfig\" SET \"isConfigured\" = 1");
	assert_int_equal(setup(true, NULL), 401);
	assert_int_equal(setup(false, secret_expose(&code)), 401);
	req = logged_in(false);
	assert_int_equal(admitted(ACC_SETUP, &req), 403);
	req = logged_in(true);
	assert_int_equal(admitted(ACC_SETUP, &req), 0);
	secret_clear(&code);
}

static void
access_admit_tells_users_from_administrators(void **state)
{
	struct request req = { .local = true };

	(void)state;
	assert_int_equal(admitted(ACC_USER, &req), 401);
	assert_int_equal(admitted(ACC_ADMIN, &req), 401);
	req = logged_in(false);
	assert_int_equal(admitted(ACC_USER, &req), 0);
	req = logged_in(false);
	assert_int_equal(admitted(ACC_ADMIN, &req), 403);
	req = logged_in(true);
	assert_int_equal(admitted(ACC_ADMIN, &req), 0);
}

static void
access_admit_asks_no_database_for_anyone(void **state)
{
	struct request req = logged_in(true);

	(void)state;
	assert_int_equal(remove(db_file), 0);
	assert_int_equal(admitted(ACC_ANYONE, &req), 0);
	assert_null(app.reader.db);
	req = (struct request){ .local = true };
	assert_int_equal(admitted(ACC_SETUP, &req), 503);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(access_admit_lets_the_setup_code_in_and_no_other),
		TEST(access_admit_trusts_this_machine_unless_told_otherwise),
		TEST(access_admit_closes_the_setup_when_it_is_done),
		TEST(access_admit_tells_users_from_administrators),
		TEST(access_admit_asks_no_database_for_anyone),
	};

	return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}
