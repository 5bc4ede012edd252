/*
 * Without these, a stolen database could hold tokens to log in with, or a
 * session could outlive its logout.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi-src/http/session.h"
#include "core/clock.h"
#include "core/keyring.h"
#include "core/schema.h"
#include "tests/unit/folder.h"

#define DAY (INT64_C(24) * 3600 * 1000)

static struct db *db;
static struct store_session *store;
static int64_t now_ms;

static int64_t
fake_now(void)
{
	return now_ms;
}

static void
sql(const char *text)
{
	struct err err = { 0 };

	if (db_exec(db, text, &err))
		fail_msg("%s", err.msg);
}

static int64_t
number(const char *text)
{
	struct err err = { 0 };
	int64_t value = -1;

	if (db_int(db, text, &value, &err))
		fail_msg("%s", err.msg);
	return value;
}

static int
set_up(void **state)
{
	struct err err = { 0 };

	(void)state;
	(void)folder_make();
	folder_clean();
	if (db_open(&db, folder_path("dev.db"), DB_CREATE, &err) ||
	    schema_create(db, &err) ||
	    (store = store_session_new(db, &err)) == NULL)
		fail_msg("%s", err.msg);
	sql("INSERT INTO \"User\" (\"id\", \"username\") VALUES (7, 'Anna')");
	now_ms = INT64_C(1767609000037);
	clock_set_source(fake_now);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	clock_set_source(NULL);
	store_session_free(store);
	db_free(db);
	db = NULL;
	folder_clean();
	return 0;
}

/* Log Anna in, with a token of Jellyfin when ${jellyfin} is not NULL. */
static struct secret
log_in(const char *jellyfin)
{
	struct secret theirs = { 0 };
	struct secret token = { 0 };
	struct session_login login = { .user_id = 7, .admin = true };
	struct err err = { 0 };

	if (jellyfin != NULL) {
		assert_int_equal(secret_set(&theirs, jellyfin, strlen(jellyfin),
				     &err),
		    0);
		login.jellyfin_token = &theirs;
	}
	if (session_begin(store, folder_make(), &login, &token, &err))
		fail_msg("%s", err.msg);
	secret_clear(&theirs);
	return token;
}

static int
find(const struct secret *token, struct session *who)
{
	struct err err = { 0 };
	int found = session_find(store, folder_make(), token, who, &err);

	if (found < 0)
		fail_msg("%s", err.msg);
	return found;
}

static void
session_find_knows_who_it_is(void **state)
{
	struct secret token = log_in("their-token");
	struct session who;

	(void)state;
	assert_int_equal(token.len, 64);
	assert_int_equal(find(&token, &who), 1);
	assert_int_equal(who.user_id, 7);
	assert_string_equal(who.name, "Anna");
	assert_true(who.admin);
	assert_false(who.due);
	assert_string_equal(secret_expose(&who.jellyfin_token), "their-token");
	session_clear(&who);
	session_clear(&who);
	secret_clear(&token);
}

static void
session_begin_stores_no_token(void **state)
{
	struct secret token = log_in("their-token");
	struct secret other = log_in(NULL);
	size_t len;
	char *file;

	(void)state;
	assert_false(secret_equal(&token, &other));
	file = folder_read(folder_path("dev.db"), &len);
	assert_non_null(memmem(file, len, "2026-01-05T10:30:00.037Z", 24));
	assert_null(memmem(file, len, secret_expose(&token), 64));
	assert_null(memmem(file, len, "their-token", 11));
	free(file);
	secret_clear(&token);
	secret_clear(&other);
}

static void
session_find_refuses_other_tokens(void **state)
{
	struct secret token = log_in(NULL);
	struct secret wrong = { 0 };
	struct session who;
	struct err err = { 0 };
	char text[65];

	(void)state;
	memcpy(text, secret_expose(&token), 65);
	text[63] = text[63] == '0' ? '1' : '0';
	assert_int_equal(secret_set(&wrong, text, 64, &err), 0);
	assert_int_equal(find(&wrong, &who), 0);
	assert_int_equal(secret_set(&wrong, text, 63, &err), 0);
	assert_int_equal(find(&wrong, &who), 0);
	assert_int_equal(secret_set(&wrong, "", 0, &err), 0);
	assert_int_equal(find(&wrong, &who), 0);
	secret_clear(&wrong);
	assert_int_equal(find(&wrong, &who), 0);
	secret_clear(&token);
}

static void
session_find_ends_after_thirty_days_without_use(void **state)
{
	struct secret token = log_in(NULL);
	struct session who;
	struct err err = { 0 };

	(void)state;
	now_ms += DAY - 1;
	assert_int_equal(find(&token, &who), 1);
	assert_false(who.due);
	session_clear(&who);
	now_ms += 28 * DAY;
	assert_int_equal(find(&token, &who), 1);
	assert_true(who.due);
	assert_int_equal(session_touch(store, &who, &err), 0);
	assert_false(who.due);
	session_clear(&who);
	now_ms += 30 * DAY - 1;
	assert_int_equal(find(&token, &who), 1);
	session_clear(&who);
	now_ms += 1;
	assert_int_equal(find(&token, &who), 0);
	secret_clear(&token);
}

static void
session_begin_removes_those_that_expired(void **state)
{
	struct secret old = log_in(NULL);
	struct secret new;

	(void)state;
	now_ms += 31 * DAY;
	new = log_in(NULL);
	assert_int_equal(number("SELECT count(*) FROM \"JairSession\""), 1);
	secret_clear(&old);
	secret_clear(&new);
}

static void
session_end_ends_only_that_one(void **state)
{
	struct secret a = log_in(NULL);
	struct secret b = log_in(NULL);
	struct session who;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(session_end(store, &a, &err), 0);
	assert_int_equal(session_end(store, &a, &err), 0);
	assert_int_equal(find(&a, &who), 0);
	assert_int_equal(find(&b, &who), 1);
	session_clear(&who);
	secret_clear(&a);
	secret_clear(&b);
}

static void
session_find_needs_the_key_of_jellyfins_token(void **state)
{
	struct secret token = log_in("their-token");
	struct secret plain = log_in(NULL);
	struct session who;
	struct err err = { 0 };

	(void)state;
	folder_write(folder_path("jair.key"),
	    "0123456789abcdef0123456789abcdef");
	assert_int_equal(session_find(store, folder_make(), &token, &who, &err),
	    0);
	assert_non_null(strstr(err.msg, "jair.key"));
	err_clear(&err);
	assert_int_equal(remove(folder_path("jair.key")), 0);
	assert_int_equal(session_find(store, folder_make(), &token, &who, &err),
	    0);
	assert_non_null(strstr(err.msg, "jair.key"));
	assert_int_equal(find(&plain, &who), 1);
	session_clear(&who);
	secret_clear(&token);
	secret_clear(&plain);
}

/* The token at Jellyfin that a job of ${user} would use, "" for none. */
static const char *
token_of(int64_t user)
{
	static char text[64];
	struct session_key key;
	struct secret plain = { 0 };
	struct err err = { 0 };

	text[0] = '\0';
	if (store_session_key(store, user, clock_now(), &key, &err) == 1 &&
	    keyring_open(folder_make(), key.jellyfin_token, key.token_hash,
		&plain, &err) == 0)
		(void)snprintf(text, sizeof(text), "%s", secret_expose(&plain));
	if (err.code != ERR_NONE)
		fail_msg("%s", err.msg);
	secret_clear(&plain);
	session_key_free(&key);
	return text;
}

static void
store_session_key_is_the_youngest_good_one(void **state)
{
	struct secret token;

	(void)state;
	assert_string_equal(token_of(7), "");
	token = log_in("first");
	secret_clear(&token);
	now_ms += DAY;
	token = log_in("second");
	secret_clear(&token);
	token = log_in(NULL);
	secret_clear(&token);
	assert_string_equal(token_of(7), "second");
	assert_string_equal(token_of(8), "");
	now_ms += 31 * DAY;
	assert_string_equal(token_of(7), "");
}

static void
session_find_needs_its_user(void **state)
{
	struct secret token = log_in(NULL);
	struct session who;

	(void)state;
	sql("DELETE FROM \"User\"");
	assert_int_equal(find(&token, &who), 0);
	secret_clear(&token);
}

static void
session_cookie_is_kept_from_scripts_and_other_sites(void **state)
{
	struct secret token = { 0 };
	struct err err = { 0 };
	char out[SESSION_COOKIE_MAX];

	(void)state;
	assert_int_equal(secret_set(&token, "abc", 3, &err), 0);
	assert_string_equal(session_cookie(&token, false, out),
	    "jair_session=abc; Max-Age=2592000; Path=/; HttpOnly; "
	    "SameSite=Strict");
	assert_string_equal(session_cookie(&token, true, out),
	    "__Host-jair_session=abc; Max-Age=2592000; Path=/; HttpOnly; "
	    "SameSite=Strict; Secure");
	assert_string_equal(session_cookie(NULL, true, out),
	    "__Host-jair_session=; Max-Age=0; Path=/; HttpOnly; "
	    "SameSite=Strict; Secure");
	secret_clear(&token);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(session_find_knows_who_it_is),
		TEST(session_begin_stores_no_token),
		TEST(session_find_refuses_other_tokens),
		TEST(session_find_ends_after_thirty_days_without_use),
		TEST(session_begin_removes_those_that_expired),
		TEST(session_end_ends_only_that_one),
		TEST(session_find_needs_the_key_of_jellyfins_token),
		TEST(store_session_key_is_the_youngest_good_one),
		TEST(session_find_needs_its_user),
		TEST(session_cookie_is_kept_from_scripts_and_other_sites),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
