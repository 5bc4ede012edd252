/* Without these tests a mistyped setting could be taken for its default. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/env.h"

static void
clear(void)
{
	size_t count;
	const struct env_setting *s = env_settings(&count);

	for (size_t i = 0; i < count; i++)
		assert_int_equal(unsetenv(s[i].name), 0);
}

static void
env_settings_is_a_documented_table(void **state)
{
	size_t count;
	const struct env_setting *s = env_settings(&count);

	(void)state;
	assert_true(count > 0);
	for (size_t i = 0; i < count; i++) {
		assert_non_null(s[i].name);
		assert_non_null(s[i].fallback);
		assert_true(strlen(s[i].help) > 10);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(s[j].name, s[i].name);
	}
}

static void
env_load_of_nothing_gives_the_defaults(void **state)
{
	struct err err = { 0 };
	struct env env;

	(void)state;
	clear();
	assert_int_equal(env_load(&env, &err), 0);
	assert_string_equal(env.gemini_base,
	    "https://generativelanguage.googleapis.com");
	assert_string_equal(env.data_dir, "./data");
	assert_string_equal(env.db_path, "./data/dev.db");
	assert_string_equal(env.socket, "/run/jair/api.sock");
	assert_int_equal(env.workers, 4);
	assert_true(env.lock_wait_ms == 30000);
	assert_true(env.busy_wait_ms == 10000);
	assert_true(env.backup_max_age_ms == INT64_C(8) * 86400000);
	assert_int_equal(env.keep.last, 10);
	assert_int_equal(env.keep.daily, 14);
	assert_int_equal(env.keep.weekly, 8);
	assert_int_equal(env.keep.monthly, 12);
	assert_true(env.keep.bytes == UINT64_C(2147483648));
	assert_false(env.log_json);
	assert_false(env.code_required);
	assert_string_equal(env.public_url, "http://localhost:5173");
	assert_int_equal(env.proxies.count, 2);
	env_free(&env);
	env_free(&env);
}

static void
env_load_reads_every_setting(void **state)
{
	struct err err = { 0 };
	struct env env;

	(void)state;
	clear();
	(void)setenv("DATA_DIR", "/srv/jair//", 1);
	(void)setenv("GEMINI_BASE_URL", "http://127.0.0.1:9", 1);
	(void)setenv("DATABASE_URL", "file:./x/dev.db?connection_limit=1", 1);
	(void)setenv("JAIR_SOCKET", "/tmp/s", 1);
	(void)setenv("JAIR_WORKERS", "64", 1);
	(void)setenv("JAIR_LOCK_WAIT", "0", 1);
	(void)setenv("JAIR_BUSY_WAIT", "3600", 1);
	(void)setenv("JAIR_LOG", "json", 1);
	(void)setenv("JAIR_RECOVERY", "off", 1);
	(void)setenv("JAIR_SETUP_CODE_REQUIRED", "1", 1);
	(void)setenv("JAIR_PUBLIC_URL", "https://jair.example/x//", 1);
	(void)setenv("JAIR_TRUSTED_PROXIES", "10.0.0.0/8", 1);
	assert_int_equal(env_load(&env, &err), 0);
	assert_string_equal(env.gemini_base, "http://127.0.0.1:9");
	assert_string_equal(env.data_dir, "/srv/jair");
	assert_string_equal(env.db_path, "./x/dev.db");
	assert_string_equal(env.socket, "/tmp/s");
	assert_int_equal(env.workers, 64);
	assert_true(env.lock_wait_ms == 0);
	assert_true(env.busy_wait_ms == 3600000);
	assert_true(env.log_json);
	assert_false(env.recovery);
	assert_true(env.code_required);
	assert_string_equal(env.public_url, "https://jair.example/x");
	assert_int_equal(env.proxies.count, 1);
	env_free(&env);
}

static void
env_load_reads_what_to_keep(void **state)
{
	static const struct {
		const char *rules, *bytes;
		int last, daily, weekly, monthly;
		uint64_t size;
	} cases[] = {
		{ "last=1,daily=2,weekly=3,monthly=4", "5", 1, 2, 3, 4, 5 },
		{ "monthly=0,last=10000", "3K", 10000, 14, 8, 0, 3072 },
		{ "weekly=9", "7M", 10, 14, 9, 12, UINT64_C(7) << 20 },
		{ "last=0", "8G", 0, 14, 8, 12, UINT64_C(8) << 30 },
	};
	struct err err = { 0 };
	struct env env;

	(void)state;
	clear();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)setenv("JAIR_KEEP", cases[i].rules, 1);
		(void)setenv("JAIR_KEEP_BYTES", cases[i].bytes, 1);
		assert_int_equal(env_load(&env, &err), 0);
		assert_int_equal(env.keep.last, cases[i].last);
		assert_int_equal(env.keep.daily, cases[i].daily);
		assert_int_equal(env.keep.weekly, cases[i].weekly);
		assert_int_equal(env.keep.monthly, cases[i].monthly);
		assert_true(env.keep.bytes == cases[i].size);
		env_free(&env);
	}
	clear();
}

static void
env_load_treats_empty_as_unset(void **state)
{
	struct err err = { 0 };
	size_t count;
	const struct env_setting *s = env_settings(&count);
	struct env env;

	(void)state;
	for (size_t i = 0; i < count; i++)
		(void)setenv(s[i].name, "", 1);
	assert_int_equal(env_load(&env, &err), 0);
	assert_string_equal(env.db_path, "./data/dev.db");
	assert_true(env.recovery);
	env_free(&env);
}

static void
env_load_refuses_bad_values_by_name(void **state)
{
	static const char *const bad[][2] = {
		{ "JAIR_WORKERS", "0" },
		{ "JAIR_WORKERS", "65" },
		{ "JAIR_WORKERS", "four" },
		{ "JAIR_WORKERS", "4 " },
		{ "JAIR_WORKERS", "-1" },
		{ "JAIR_WORKERS", "4.0" },
		{ "JAIR_WORKERS", "99999999999999999999" },
		{ "JAIR_LOCK_WAIT", "-1" },
		{ "JAIR_LOCK_WAIT", "3601" },
		{ "JAIR_LOCK_WAIT", "10s" },
		{ "JAIR_BUSY_WAIT", "x" },
		{ "JAIR_BUSY_WAIT", "3601" },
		{ "JAIR_BACKUP_MAX_AGE", "-1" },
		{ "JAIR_KEEP", "last" },
		{ "JAIR_KEEP", "last=" },
		{ "JAIR_KEEP", "last=-1" },
		{ "JAIR_KEEP", "last=10001" },
		{ "JAIR_KEEP", "last=1," },
		{ "JAIR_KEEP", "last=1 ,daily=2" },
		{ "JAIR_KEEP", "yearly=1" },
		{ "JAIR_KEEP", "last=1,daily=2,last=3" },
		{ "JAIR_KEEP_BYTES", "0" },
		{ "JAIR_KEEP_BYTES", "K" },
		{ "JAIR_KEEP_BYTES", "2g" },
		{ "JAIR_KEEP_BYTES", "2GB" },
		{ "JAIR_KEEP_BYTES", "-2G" },
		{ "JAIR_KEEP_BYTES", "9999999999999G" },
		{ "JAIR_LOG", "xml" },
		{ "JAIR_LOG", "JSON" },
		{ "JAIR_RECOVERY", "maybe" },
		{ "JAIR_SETUP_CODE_REQUIRED", "yes" },
		{ "PORT", "0" },
		{ "PORT", "65536" },
		{ "JAIR_PUBLIC_URL", "jair.example" },
		{ "JAIR_PUBLIC_URL", "http://" },
		{ "JAIR_PUBLIC_URL", "http://a b" },
		{ "JAIR_PUBLIC_URL", "http://a/?x" },
		{ "JAIR_PUBLIC_URL", "javascript:x" },
		{ "JAIR_TRUSTED_PROXIES", "proxy" },
		{ "JAIR_TRUSTED_PROXIES", "10.0.0.0/33" },
		{ "DATABASE_URL", "dev.db" },
		{ "DATABASE_URL", "file:" },
		{ "DATABASE_URL", "file:?x=1" },
		{ "DATABASE_URL", "file:a/" },
		{ "DATABASE_URL", "postgres://x/y" },
	};
	struct env env;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = { 0 };

		clear();
		(void)setenv(bad[i][0], bad[i][1], 1);
		assert_int_equal(env_load(&env, &err), -1);
		assert_int_equal(err.code, ERR_USAGE);
		assert_non_null(strstr(err.msg, bad[i][0]));
		assert_non_null(strstr(err.msg, bad[i][1]));
		assert_null(env.data_dir);
	}
}

static void
env_load_keeps_the_root_folder(void **state)
{
	struct err err = { 0 };
	struct env env;

	(void)state;
	clear();
	(void)setenv("DATA_DIR", "///", 1);
	assert_int_equal(env_load(&env, &err), 0);
	assert_string_equal(env.data_dir, "/");
	assert_string_equal(env.db_path, "/dev.db");
	env_free(&env);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(env_settings_is_a_documented_table),
		cmocka_unit_test(env_load_of_nothing_gives_the_defaults),
		cmocka_unit_test(env_load_reads_every_setting),
		cmocka_unit_test(env_load_reads_what_to_keep),
		cmocka_unit_test(env_load_treats_empty_as_unset),
		cmocka_unit_test(env_load_refuses_bad_values_by_name),
		cmocka_unit_test(env_load_keeps_the_root_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
