/* Without this two could both finish the setup, or a key could be lost. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>

#include "core/store_config.h"
#include "tests/unit/target_db.h"

static bool
save(const struct config_edit *edit, bool configured)
{
	struct store_config *s = NULL;
	struct err err = { 0 };
	bool saved = false;

	assert_int_equal(store_config_open(db, &s, &err), 0);
	if (store_config_save(s, edit, configured, &saved, &err))
		fail_msg("%s", err.msg);
	store_config_free(s);
	return saved;
}

static void
config_save_first_wins_second_loses(void **state)
{
	const struct config_edit first = { .jellyfin_url = "http://one" };
	const struct config_edit second = { .jellyfin_url = "http://two" };

	(void)state;
	assert_true(save(&first, false));
	assert_false(save(&second, false));
	assert_int_equal(number("SELECT count(*) FROM SystemConfig WHERE"
				" id = 1 AND isConfigured = 1 AND"
				" jellyfinUrl = 'http://one'"),
	    1);
}

static void
config_save_edit_needs_a_configured_system(void **state)
{
	const struct config_edit edit = { .jellyfin_url = "http://one" };

	(void)state;
	assert_false(save(&edit, true));
	assert_int_equal(number("SELECT count(*) FROM SystemConfig WHERE"
				" isConfigured = 0 AND jellyfinUrl IS NULL"),
	    1);
	/* As the original may have written it. */
	sql("UPDATE SystemConfig SET isConfigured = 'true'");
	assert_true(save(&edit, true));
}

static void
config_save_keeps_what_it_does_not_know(void **state)
{
	struct secret key = { 0 };
	const struct config_edit edit = { .jellyfin_url = "http://one",
		.seerr_url = "",
		.gemini_key = &key,
		.gemini_model = "m2" };
	struct err err = { 0 };

	(void)state;
	sql("INSERT INTO SystemConfig (id, jellyseerrUrl, jellyseerrApiKey,"
	    " tmdbApiKey, aiProvider, aiModel, isConfigured) VALUES"
	    " (1, 'http://s', 'k', 't', 'openrouter', 'm1', 1)");
	assert_int_equal(secret_set(&key, "key", 3, &err), 0);
	assert_true(save(&edit, true));
	assert_int_equal(number("SELECT count(*) FROM SystemConfig WHERE"
				" tmdbApiKey = 't' AND aiModel = 'm1' AND"
				" geminiModel = 'm2' AND geminiApiKey = 'key'"
				" AND jellyseerrUrl IS NULL"),
	    1);
	sql("UPDATE SystemConfig SET aiProvider = 'google'");
	assert_true(save(&edit, true));
	assert_int_equal(number("SELECT aiModel = 'm2' FROM SystemConfig"), 1);
	secret_clear(&key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, target_setup, target_teardown)
		T(config_save_first_wins_second_loses),
		T(config_save_edit_needs_a_configured_system),
		T(config_save_keeps_what_it_does_not_know),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
