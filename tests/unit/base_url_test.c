/*
 * Without this test an address copied from a browser would not work, or two
 * spellings of one host would let a key go to another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cgi-src/services/base_url.h"
#include "cgi-src/services/url.h"

struct pair {
	const char *typed;
	const char *clean; /* NULL: refused */
};

static void
base_url_clean_typed(void **state)
{
	static const struct pair pairs[] = {
		{ "http://nas:8096", "http://nas:8096" },
		{ "http://nas:8096/", "http://nas:8096" },
		{ "http://nas:8096///", "http://nas:8096" },
		{ "  http://nas:8096\t\r\n", "http://nas:8096" },
		{ "nas", "http://nas" },
		{ "nas:8096", "http://nas:8096" },
		{ "192.168.1.10:8096", "http://192.168.1.10:8096" },
		{ "HTTP://NAS.Local:80/", "http://nas.local" },
		{ "https://nas:443", "https://nas" },
		{ "https://nas:80", "https://nas:80" },
		{ "http://nas:", "http://nas" },
		{ "http://nas:08096", "http://nas:8096" },
		{ "http://nas:8096/web/index.html#!/home", "http://nas:8096" },
		{ "http://nas:8096/web/index.html#/home.html",
		    "http://nas:8096" },
		{ "http://nas:8096/web/#/home", "http://nas:8096" },
		{ "http://nas:8096/web", "http://nas:8096" },
		{ "http://nas:8096/Web/Index.html", "http://nas:8096" },
		{ "http://nas/jellyfin/web/index.html?a=b#c",
		    "http://nas/jellyfin" },
		{ "http://nas/web/index.html/web//index.html", "http://nas" },
		{ "http://nas/cobweb", "http://nas/cobweb" },
		{ "http://nas?x=1", "http://nas" },
		{ "http://nas#x", "http://nas" },
		{ "http://nas/?x=1", "http://nas" },
		{ "http://nas./a/", "http://nas/a" },
		{ "http://nas/a/b", "http://nas/a/b" },
		{ "http://nas/\xc3\xa4", "http://nas/%C3%A4" },
		{ "http://nas/a%20b", "http://nas/a%20b" },
		{ "http://nas/<\"", "http://nas/%3C%22" },
		{ "http://[::1]:8096/", "http://[::1]:8096" },
		{ "http://[0:0::0001]", "http://[::1]" },
		{ "http://[::FFFF:127.0.0.1]", "http://[::ffff:127.0.0.1]" },
		{ "http://2130706433/", "http://127.0.0.1" },
		{ "http://0x7f.1/", "http://127.0.0.1" },
		{ "http://0177.0.0.1/", "http://127.0.0.1" },
		{ "http://127.1", "http://127.0.0.1" },
		{ "http://0xA9FEA9FE", "http://169.254.169.254" },
		{ "http://1.2.3.4.", "http://1.2.3.4" },
		{ "", NULL },
		{ " \n", NULL },
		{ "http://", NULL },
		{ "http:///x", NULL },
		{ "http://.", NULL },
		{ "http://a..b", NULL },
		{ "http:/nas", NULL },
		{ "ftp://nas", NULL },
		{ "file:///etc/passwd", NULL },
		{ "javascript://nas/%0aalert(1)", NULL },
		{ "http://user@nas", NULL },
		{ "http://user:pw@nas", NULL },
		{ "http://nas:8096@evil", NULL },
		{ "user@nas", NULL },
		{ "http://nas\\@evil", NULL },
		{ "http://nas\\evil", NULL },
		{ "http://na s", NULL },
		{ "http://nas/a b", NULL },
		{ "http://nas\r\nHost: evil", NULL },
		{ "http://nas/\r\nX: y", NULL },
		{ "http://nas/\x01", NULL },
		{ "http://nas/\x7f", NULL },
		{ "http://n%61s", NULL },
		{ "http://n\xc3\xa4s", NULL },
		{ "http://nas:0", NULL },
		{ "http://nas:-1", NULL },
		{ "http://nas:65536", NULL },
		{ "http://nas:99999999999999999999", NULL },
		{ "http://nas:80x", NULL },
		{ "http://nas:80:80", NULL },
		{ "http://[::1", NULL },
		{ "http://[::1]x", NULL },
		{ "http://[fe80::1%25eth0]", NULL },
		{ "http://[]", NULL },
		{ "http://[127.0.0.1]", NULL },
		{ "http://::1", NULL },
		{ "http://256.1.1.1", NULL },
		{ "http://1.2.3.4.5", NULL },
		{ "http://0x", NULL },
		{ "http://08.1.1.1", NULL },
		{ "http://nas/..", NULL },
		{ "http://nas/a/../b", NULL },
		{ "http://nas/./b", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct err err = { ERR_NONE, "" };
		char *clean = base_url_clean(pairs[i].typed, &err);

		if (pairs[i].clean == NULL) {
			if (clean != NULL)
				fail_msg("\"%s\" became \"%s\"", pairs[i].typed,
				    clean);
			assert_int_equal(err.code, ERR_USAGE);
			assert_true(err.msg[strlen(err.msg) - 1] == '.');
		} else {
			if (clean == NULL)
				fail_msg("\"%s\": %s", pairs[i].typed, err.msg);
			assert_string_equal(clean, pairs[i].clean);
		}
		free(clean);
	}
}

static void
base_url_clean_again(void **state)
{
	struct err err = { ERR_NONE, "" };
	char *once = base_url_clean("NAS:8096/\xc3\xa4%/web/#x", &err);
	char *twice;

	(void)state;
	assert_non_null(once);
	twice = base_url_clean(once, &err);
	assert_non_null(twice);
	assert_string_equal(once, twice);
	free(once);
	free(twice);
}

static void
base_url_clean_too_long(void **state)
{
	struct err err = { ERR_NONE, "" };
	char text[20000] = "http://nas/";
	char *clean;

	(void)state;
	memset(text + 11, 'a', sizeof(text) - 12);
	assert_null(base_url_clean(text, &err));
	assert_int_equal(err.code, ERR_USAGE);
	text[1024] = '\0';
	clean = base_url_clean(text, &err);
	assert_non_null(clean);
	free(clean);
	/* It would grow beyond the limit by %22. */
	text[1023] = '"';
	assert_null(base_url_clean(text, &err));
	assert_int_equal(err.code, ERR_USAGE);
	text[10] = 'x';
	text[7 + 300] = '\0';
	assert_null(base_url_clean(text, &err));
	assert_int_equal(err.code, ERR_USAGE);
}

static void
url_same_origin_forms(void **state)
{
	static const char *const same[][2] = {
		{ "http://nas:8096/", "http://NAS:8096/jellyfin" },
		{ "http://nas", "http://nas.:80/" },
		{ "https://nas:443", "HTTPS://nas?x" },
		{ "http://127.0.0.1", "http://0x7f000001/" },
		{ "http://[::1]", "http://[0:0:0:0:0:0:0:1]:80" },
	};
	static const char *const other[][2] = {
		{ "http://nas:8096", "https://nas:8096" },
		{ "http://nas:8096", "http://nas:8097" },
		{ "http://nas", "https://nas" },
		{ "http://nas", "http://nas.evil" },
		{ "http://nas", "http://nas@evil" },
		{ "http://127.0.0.1", "http://[::ffff:127.0.0.1]" },
		{ "nas", "nas" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		assert_true(url_same_origin(same[i][0], same[i][1]));
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		assert_false(url_same_origin(other[i][0], other[i][1]));
}

static void
url_escape_strict(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	url_escape(&b, "aZ09-._~ +!'()*&=?#%/\xc3\xa4\n");
	assert_string_equal(buf_str(&b),
	    "aZ09-._~%20%2B%21%27%28%29%2A%26%3D%3F%23%25%2F%C3%A4%0A");
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base_url_clean_typed),
		cmocka_unit_test(base_url_clean_again),
		cmocka_unit_test(base_url_clean_too_long),
		cmocka_unit_test(url_same_origin_forms),
		cmocka_unit_test(url_escape_strict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
