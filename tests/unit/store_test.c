/* Without this a store could hand on the wrong row, or a row as another's. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "core/store.h"
#include "core/store_config.h"
#include "core/store_diff.h"
#include "core/store_item.h"
#include "core/store_local.h"
#include "core/store_merge.h"
#include "core/store_recover.h"
#include "core/store_status.h"
#include "core/store_user.h"
#include "tests/unit/target_db.h"

static void
assert_text(const struct value *v, const char *wanted)
{
	assert_int_equal(v->kind, VALUE_TEXT);
	assert_int_equal(v->len, strlen(wanted));
	assert_memory_equal(v->s, wanted, v->len);
}

static void
check_all_counts_every_statement(void **state)
{
	struct err err = { 0 };
	size_t count = 0;

	(void)state;
	assert_int_equal(store_check_all(db, &count, &err), 0);
	assert_true(count > 60);
	sql("DROP TABLE \"JairKept\"");
	assert_int_equal(store_check_all(db, &count, &err), -1);
	assert_int_equal(err.code, ERR_SCHEMA);
	assert_non_null(strstr(err.msg, "JairKept"));
}

static void
config_get_reads_row_one_alone(void **state)
{
	struct store_config *s = NULL;
	struct config c;
	struct err err = { 0 };

	(void)state;
	sql("INSERT INTO SystemConfig (id, jellyfinUrl) VALUES (2, 'two')");
	assert_int_equal(store_config_open(db, &s, &err), 0);
	assert_int_equal(store_config_get(s, &c, &err), 0);
	sql("INSERT INTO SystemConfig (id, jellyfinUrl, aiModel, isConfigured)"
	    " VALUES (1, 'one', '', 1)");
	assert_int_equal(store_config_get(s, &c, &err), 1);
	assert_text(&c.v[CONFIG_JELLYFIN_URL], "one");
	assert_text(&c.v[CONFIG_AI_MODEL], "");
	assert_int_equal(c.v[CONFIG_GEMINI_MODEL].kind, VALUE_NULL);
	assert_int_equal(c.v[CONFIG_IS_CONFIGURED].i, 1);
	store_config_free(s);
	store_config_free(NULL);
}

static void
user_next_goes_by_the_bytes_of_names(void **state)
{
	static const char *const names[] = { "", "Bob", "bob", "Åsa" };
	struct store_user *s = NULL;
	struct user u;
	struct err err = { 0 };

	(void)state;
	sql("INSERT INTO User (username, movieProfile) VALUES ('Åsa', 'x'),"
	    " ('bob', NULL), ('', ''), ('Bob', NULL)");
	assert_int_equal(store_user_open(db, &s, &err), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(store_user_next(s, &u, &err), 1);
		assert_text(&u.v[USER_USERNAME], names[i]);
	}
	assert_text(&u.v[USER_MOVIE_PROFILE], "x");
	assert_int_equal(store_user_next(s, &u, &err), 0);
	store_user_free(s);
	store_user_free(NULL);
}

static void
item_next_gives_lists_in_order_and_no_one_elses(void **state)
{
	static const struct {
		enum item_list list;
		int64_t id;
	} wanted[] = { { LIST_MOVIES, 3 }, { LIST_MOVIES, 1 },
		{ LIST_SERIES, 1 }, { LIST_WATCHLIST_MOVIES, 4 },
		{ LIST_BLOCKED, 2 }, { LIST_OTHER, 5 } };
	struct store_item *s = NULL;
	struct item it;
	struct err err = { 0 };
	int64_t count;

	(void)state;
	sql("INSERT INTO User (id, username) VALUES (1, 'a'), (2, 'b');"
	    "INSERT INTO Media (id, tmdbId, mediaType) VALUES (10, 1, 'movie'),"
	    " (11, 1, 'tv'), (12, 2, 'movie'), (13, 3, 'movie'),"
	    " (14, 4, 'movie'), (15, 5, 'movie');"
	    "INSERT INTO UserMedia (userId, mediaId, status, addedAt) VALUES"
	    " (1, 10, 'WATCHED', 1763980200037), (1, 11, 'WATCHED', 'x'),"
	    " (1, 12, 'BLOCKED', NULL), (1, 14, 'WATCHLIST', ''),"
	    " (1, 13, 'WATCHED', '2025-01-01T00:00:00.000+00:00'),"
	    " (1, 15, 'LOST', NULL), (2, 10, 'WATCHED', 1)");
	assert_int_equal(store_item_open(db, &s, &err), 0);
	assert_int_equal(store_item_start(s, 1, ORDER_LISTS, &err), 0);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		assert_int_equal(store_item_next(s, &it, &err), 1);
		assert_int_equal(it.list, wanted[i].list);
		assert_int_equal(it.v[ITEM_TMDB_ID].i, wanted[i].id);
	}
	assert_int_equal(store_item_next(s, &it, &err), 0);
	assert_int_equal(store_item_count(s, &count, &err), 0);
	assert_int_equal(count, 7);
	store_item_free(s);
	store_item_free(NULL);
}

static void
status_read_tells_setup_and_staging(void **state)
{
	struct store_status *s;
	struct status status;
	struct err err = { 0 };
	int64_t version;

	(void)state;
	assert_non_null(s = store_status_new(db, &err));
	assert_int_equal(store_status_read(s, &status, &err), 0);
	assert_false(status.configured || status.staged || status.users);
	sql("INSERT INTO User (id, username) VALUES (1, 'a')");
	sql("INSERT INTO SystemConfig (id, isConfigured) VALUES (1, 'true');"
	    "INSERT INTO StagedRestore (file, state, sha256, createdAt)"
	    " VALUES ('f', 'pending', 'x', 'y')");
	assert_int_equal(store_status_read(s, &status, &err), 0);
	assert_true(status.configured && status.staged && status.users);
	assert_int_equal(store_status_version(s, &version, &err), 0);
	assert_int_equal(version, SCHEMA_VERSION);
	store_status_free(s);
	store_status_free(NULL);
}

/* Another database, attached to ${db} as "src". */
static void
attach(const char *text)
{
	struct db *live = db;
	struct err err = { 0 };

	create("src.db");
	sql(text);
	db_free(db);
	db = live;
	assert_int_equal(store_merge_attach(db, folder_path("src.db"), &err),
	    0);
}

static void
local_take_over_keeps_this_servers_rows(void **state)
{
	struct err err = { 0 };

	(void)state;
	sql("INSERT INTO User (id, username) VALUES (1, 'a');"
	    "INSERT INTO JairSession (tokenHash, userId, createdAt,"
	    " lastUsedAt, expiresAt) VALUES ('t', 1, 'x', 'y', 'z');"
	    "INSERT INTO Job (type, state, createdAt) VALUES ('old', 'b', 'c')");
	attach("INSERT INTO Job (type, state, createdAt)"
	       " VALUES ('kept', 'b', 'c');"
	       "INSERT INTO BackupRun (kind, startedAt, ms, verified)"
	       " VALUES ('archive', 'x', 1, 1);"
	       "INSERT INTO StagedRestore (id, file, state, sha256, createdAt)"
	       " VALUES (7, 'f', 'pending', 'x', 'y');"
	       "INSERT INTO StagedUser (restoreId, username, state)"
	       " VALUES (7, 'a', 'pending')");
	assert_int_equal(store_local_take_over(db, &err), 0);
	store_merge_detach(db);
	assert_int_equal(number("SELECT count(*) FROM JairSession"), 0);
	assert_int_equal(number("SELECT count(*) FROM Job WHERE type = 'kept'"),
	    1);
	assert_int_equal(number("SELECT count(*) FROM Job"), 1);
	assert_int_equal(number("SELECT count(*) FROM BackupRun"), 1);
	assert_int_equal(number("SELECT restoreId FROM StagedUser"), 7);
	assert_int_equal(number("SELECT count(*) FROM User"), 1);
}

/* What store_diff said: how many users differ, and of the last one. */
struct seen {
	int users;
	struct user_diff last;
};

static void
note(void *ctx, const struct user_diff *diff)
{
	struct seen *seen = ctx;

	seen->users++;
	seen->last = *diff;
}

static void
diff_names_users_who_differ_and_no_others(void **state)
{
	/* createdAt is given: its default is the second it came in. */
	static const char same[] =
	    "INSERT INTO User (id, username, createdAt)"
	    " VALUES (1, 'same', NULL), (2, 'other', NULL);"
	    "INSERT INTO Media (id, tmdbId, mediaType) VALUES (1, 9, 'tv'),"
	    " (2, 8, 'movie'), (3, 7, 'movie');"
	    "INSERT INTO UserMedia (userId, mediaId, status, addedAt)"
	    " VALUES (1, 1, 'WATCHED', '2025-01-01T00:00:00.000Z'),"
	    " (2, 2, 'WATCHED', NULL)";
	struct seen seen = { 0 };
	struct err err = { 0 };

	(void)state;
	sql(same);
	/* The same moment in another form is no difference. */
	sql("UPDATE UserMedia SET addedAt = '2025-01-01 00:00:00'"
	    " WHERE userId = 1");
	attach(same);
	assert_int_equal(store_diff(db, note, &seen, &err), 0);
	assert_int_equal(seen.users, 0);
	sql("UPDATE UserMedia SET status = 'BLOCKED' WHERE userId = 2;"
	    "INSERT INTO UserMedia (userId, mediaId, status)"
	    " VALUES (2, 3, 'WATCHED')");
	assert_int_equal(store_diff(db, note, &seen, &err), 0);
	assert_int_equal(seen.users, 1);
	assert_int_equal(seen.last.changed, 1);
	assert_int_equal(seen.last.only_first, 1);
	assert_int_equal(seen.last.only_second, 0);
	store_merge_detach(db);
}

static void
recover_worth_reads_times_of_all_forms(void **state)
{
	struct recover_worth w;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(store_recover_worth(db, &w, &err), 0);
	assert_int_equal(w.users, 0);
	assert_true(w.newest == INT64_MIN);
	sql("INSERT INTO User (id, username, createdAt) VALUES"
	    " (1, 'a', '2020-01-01');"
	    "INSERT INTO Media (id, tmdbId) VALUES (1, 1), (2, 2), (3, 3);"
	    "INSERT INTO UserMedia (userId, mediaId, updatedAt) VALUES"
	    " (1, 1, 1763980200037), (1, 2, 'zzz'),"
	    " (1, 3, '2024-05-05T10:00:00.000+00:00')");
	assert_int_equal(store_recover_worth(db, &w, &err), 0);
	assert_int_equal(w.users, 1);
	assert_int_equal(w.items, 3);
	assert_true(w.newest == INT64_C(1763980200037));
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, target_setup, target_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(check_all_counts_every_statement),
		T(config_get_reads_row_one_alone),
		T(user_next_goes_by_the_bytes_of_names),
		T(item_next_gives_lists_in_order_and_no_one_elses),
		T(status_read_tells_setup_and_staging),
		T(local_take_over_keeps_this_servers_rows),
		T(diff_names_users_who_differ_and_no_others),
		T(recover_worth_reads_times_of_all_forms),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
