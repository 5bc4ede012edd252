/* Without this a login could open somebody else's lists, or lose one's own. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/store_login.h"
#include "tests/unit/target_db.h"

/* The row that a login with ${name} and ${id} is. */
static int64_t
user_of(const char *name, const char *id)
{
	struct store_login *s = NULL;
	struct err err = { 0 };
	int64_t user = 0;

	assert_int_equal(store_login_open(db, &s, &err), 0);
	if (store_login_user(s, name, id, &user, &err) ||
	    store_login_note(s, user, &err))
		fail_msg("%s", err.msg);
	store_login_free(s);
	return user;
}

static void
login_user_id_comes_before_name(void **state)
{
	(void)state;
	sql("INSERT INTO User (id, username, jellyfinUserId) VALUES"
	    " (1, 'anna', 'a1'), (2, 'renamed', 'b2')");
	assert_int_equal(user_of("anna", "b2"), 2);
	assert_int_equal(number("SELECT count(*) FROM User WHERE id = 1 AND"
				" jellyfinUserId = 'a1'"),
	    1);
}

static void
login_user_exact_name_comes_before_other_case(void **state)
{
	(void)state;
	sql("INSERT INTO User (id, username) VALUES (1, 'ANNA'),"
	    " (2, 'Anna')");
	assert_int_equal(user_of("Anna", "a1"), 2);
}

static void
login_user_only_name_in_other_case_is_found(void **state)
{
	(void)state;
	sql("INSERT INTO User (id, username) VALUES (7, 'Mäkinen')");
	assert_int_equal(user_of("MÄKINEN", "m"), 7);
}

static void
login_user_of_several_the_newest_data_wins(void **state)
{
	(void)state;
	sql("INSERT INTO User (id, username) VALUES (1, 'ANNA'),"
	    " (2, 'aNNA'), (3, 'ANNa')");
	sql("INSERT INTO Media (id, tmdbId, mediaType) VALUES (1, 1, 'tv')");
	/* In every form that a time has: only its meaning counts. */
	sql("INSERT INTO UserMedia (userId, mediaId, updatedAt) VALUES"
	    " (1, 1, 1700000000000), (2, 1, '2025-01-01 00:00:00'),"
	    " (3, 1, 'zzz')");
	assert_int_equal(user_of("anna", "a1"), 2);
}

static void
login_user_unknown_gets_a_row(void **state)
{
	int64_t user;

	(void)state;
	sql("INSERT INTO User (id, username) VALUES (1, 'bob')");
	user = user_of("anna", "a1");
	assert_int_equal(user, 2);
	assert_int_equal(user_of("anna", "a1"), user);
	assert_int_equal(number("SELECT count(*) FROM User WHERE username ="
				" 'anna' AND jellyfinUserId = 'a1' AND"
				" createdAt NOT NULL AND lastLoginAt NOT NULL"),
	    1);
}

static void
login_user_new_id_is_bound_anew(void **state)
{
	(void)state;
	sql("INSERT INTO User (id, username, jellyfinUserId) VALUES"
	    " (1, 'anna', 'old')");
	assert_int_equal(user_of("anna", "new"), 1);
	assert_int_equal(number("SELECT count(*) FROM User WHERE"
				" jellyfinUserId = 'new'"),
	    1);
	assert_int_equal(number("SELECT lastLoginAt NOT NULL FROM User"), 1);
}

/* What a login found below the address is where the next sync has to ask. */
static void
login_base_is_kept_unless_changed_meanwhile(void **state)
{
	struct store_login *s;
	struct err err = { 0 };

	(void)state;
	sql("INSERT INTO SystemConfig (id, jellyfinUrl) VALUES (1, 'http://a')");
	assert_int_equal(store_login_open(db, &s, &err), 0);
	assert_int_equal(store_login_base(s, "http://b", "http://b/jellyfin",
			     &err),
	    0);
	assert_int_equal(store_login_base(s, "http://a", "http://a", &err), 0);
	assert_int_equal(number("SELECT jellyfinUrl = 'http://a' FROM"
				" SystemConfig"),
	    1);
	assert_int_equal(store_login_base(s, "http://a", "http://a/emby", &err),
	    0);
	assert_int_equal(number("SELECT jellyfinUrl = 'http://a/emby' FROM"
				" SystemConfig"),
	    1);
	store_login_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, target_setup, target_teardown)
		T(login_user_id_comes_before_name),
		T(login_user_exact_name_comes_before_other_case),
		T(login_user_only_name_in_other_case_is_found),
		T(login_user_of_several_the_newest_data_wins),
		T(login_user_unknown_gets_a_row),
		T(login_user_new_id_is_bound_anew),
		T(login_base_is_kept_unless_changed_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
