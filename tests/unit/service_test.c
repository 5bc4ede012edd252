/*
 * Without this test what a server says of itself could break out of a URL or a
 * buffer, and a key could be left behind in memory that was given back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cgi-src/services/key.h"
#include "cgi-src/services/service.h"
#include "cgi-src/services/wipe.h"

static void
service_text_cut_and_cleaned(void **state)
{
	static const char text[] = "{\"a\":\"x\\n\\u0000y\\u007f\","
				   "\"b\":\"abc\xc3\xa4\",\"c\":7}";
	struct err err = { ERR_NONE, "" };
	struct json *j;
	char out[6];

	(void)state;
	assert_int_equal(json_parse(&j, text, strlen(text), &err), 0);
	assert_int_equal(service_text(j, "a", out, sizeof(out)), 5);
	assert_string_equal(out, "x  y ");
	assert_int_equal(service_text(j, "b", out, sizeof(out)), 5);
	assert_string_equal(out, "abc\xc3\xa4");
	assert_int_equal(service_text(j, "b", out, 5), 3);
	assert_string_equal(out, "abc");
	assert_int_equal(service_text(j, "c", out, sizeof(out)), 0);
	assert_string_equal(out, "");
	assert_int_equal(service_text(j, "none", out, sizeof(out)), 0);
	assert_int_equal(service_text(NULL, "a", out, sizeof(out)), 0);
	json_free(j);
}

static void
service_id_strict(void **state)
{
	static const char text[] = "{\"good\":\"0aZ-9\",\"slash\":\"a/b\","
				   "\"nul\":\"a\\u0000\",\"empty\":\"\","
				   "\"number\":5,\"dots\":\"..\"}";
	static const char *const bad[] = { "slash", "nul", "empty", "number",
		"dots", "none" };
	struct err err = { ERR_NONE, "" };
	struct json *j;
	char out[65];

	(void)state;
	assert_int_equal(json_parse(&j, text, strlen(text), &err), 0);
	assert_int_equal(service_id(j, "good", out, sizeof(out)), 0);
	assert_string_equal(out, "0aZ-9");
	assert_int_equal(service_id(j, "good", out, 5), -1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(service_id(j, bad[i], out, sizeof(out)), -1);
		assert_string_equal(out, "");
	}
	json_free(j);
	memset(out, 'a', sizeof(out));
	out[64] = '\0';
	assert_true(service_is_id(out));
	assert_false(service_is_id(""));
	assert_false(service_is_id("a b"));
}

static void
key_trim_forms(void **state)
{
	struct err err = { ERR_NONE, "" };
	struct secret in = { NULL, 0 };
	struct secret out = { NULL, 0 };

	(void)state;
	assert_int_equal(key_trim(&in, &out, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(secret_set(&in, " \t\r\n", 4, &err), 0);
	assert_int_equal(key_trim(&in, &out, &err), -1);
	assert_int_equal(secret_set(&in, "\n a b \r", 7, &err), 0);
	assert_int_equal(key_trim(&in, &out, &err), 0);
	assert_string_equal(secret_expose(&out), "a b");
	assert_int_equal(out.len, 3);
	secret_clear(&in);
	secret_clear(&out);
}

/* What is written into the room does not move. */
static void
wipe_room_keeps_place(void **state)
{
	struct err err = { ERR_NONE, "" };
	struct secret s = { NULL, 0 };
	const char *place;
	struct buf b;

	(void)state;
	buf_init(&b, 5000);
	wipe_room(&b, 1000);
	assert_int_equal(b.len, 0);
	place = b.data;
	for (int i = 0; i < 1000; i++)
		buf_addc(&b, 'k');
	assert_ptr_equal(b.data, place);
	assert_int_equal(wipe_take(&b, &s, &err), 0);
	assert_int_equal(s.len, 1000);
	assert_null(b.data);
	secret_clear(&s);
	/* More than may be in it: told at the end. */
	buf_init(&b, 10);
	wipe_room(&b, 1000);
	assert_int_equal(wipe_take(&b, &s, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_null(s.bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(service_text_cut_and_cleaned),
		cmocka_unit_test(service_id_strict),
		cmocka_unit_test(key_trim_forms),
		cmocka_unit_test(wipe_room_keeps_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
