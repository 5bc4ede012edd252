/* Without these tests a message could be cut, lost or end in a wrong status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "core/err.h"

static void
err_set_replaces_and_returns_minus_one(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(err_set(&err, ERR_DB, "one %d", 1), -1);
	assert_int_equal(err_set(&err, ERR_LIMIT, "two %s", "x"), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_string_equal(err.msg, "two x");
}

static void
err_set_takes_its_own_message(void **state)
{
	struct err err = { 0 };

	(void)state;
	err_set(&err, ERR_DB, "cause");
	err_set(&err, err.code, "outer: %s", err.msg);
	assert_string_equal(err.msg, "outer: cause");
}

static void
err_set_cuts_what_is_too_long(void **state)
{
	struct err err = { 0 };
	char text[3000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err_set(&err, ERR_IO, "%s", text);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	err_prefix(&err, "%s", text);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	err_sys(&err, ENOENT, "%s", text);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
}

static void
err_sys_maps_errno(void **state)
{
	static const struct {
		int errnum;
		enum err_code code;
	} rows[] = {
		{ ENOMEM, ERR_NOMEM },
		{ ENOSPC, ERR_DISK },
		{ EDQUOT, ERR_DISK },
		{ EIO, ERR_DISK },
		{ EFBIG, ERR_DISK },
		{ EACCES, ERR_DENIED },
		{ EPERM, ERR_DENIED },
		{ EROFS, ERR_DENIED },
		{ ENOENT, ERR_MISSING },
		{ ENOTDIR, ERR_MISSING },
		{ EEXIST, ERR_EXISTS },
		{ EWOULDBLOCK, ERR_BUSY },
		{ EBUSY, ERR_BUSY },
		{ EINVAL, ERR_IO },
		{ EISDIR, ERR_IO },
	};
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(err_sys(&err, rows[i].errnum, "Cannot"), -1);
		assert_int_equal(err.code, rows[i].code);
		assert_memory_equal(err.msg, "Cannot: ", 8);
		assert_true(strlen(err.msg) > 8);
	}
}

static void
err_prefix_keeps_code_and_text(void **state)
{
	struct err err = { 0 };

	(void)state;
	err_set(&err, ERR_CORRUPT, "page 3");
	assert_int_equal(err_prefix(&err, "file %s", "a"), -1);
	assert_int_equal(err.code, ERR_CORRUPT);
	assert_string_equal(err.msg, "file a: page 3");
	err_clear(&err);
	assert_int_equal(err.code, ERR_NONE);
	assert_string_equal(err.msg, "");
}

static void
err_exit_status_is_as_documented(void **state)
{
	static const int want[] = {
		[ERR_NONE] = 0,
		[ERR_USAGE] = 1,
		[ERR_NOMEM] = 2,
		[ERR_DISK] = 2,
		[ERR_DENIED] = 2,
		[ERR_MISSING] = 2,
		[ERR_EXISTS] = 2,
		[ERR_IO] = 2,
		[ERR_LIMIT] = 2,
		[ERR_DB] = 3,
		[ERR_SCHEMA] = 3,
		[ERR_NEWER] = 3,
		[ERR_CORRUPT] = 4,
		[ERR_FORMAT] = 4,
		[ERR_BUSY] = 5,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		assert_int_equal((int)err_exit_status((enum err_code)i),
		    want[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(err_set_replaces_and_returns_minus_one),
		cmocka_unit_test(err_set_takes_its_own_message),
		cmocka_unit_test(err_set_cuts_what_is_too_long),
		cmocka_unit_test(err_sys_maps_errno),
		cmocka_unit_test(err_prefix_keeps_code_and_text),
		cmocka_unit_test(err_exit_status_is_as_documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
