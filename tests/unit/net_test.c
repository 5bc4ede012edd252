/*
 * Without these, a stranger's proxy could be believed, or the household's
 * own not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "core/net.h"

static bool
has(const char *list_text, const char *address)
{
	struct net_list list;
	struct net_address a;
	struct err err = { 0 };

	if (net_list_parse(&list, list_text, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(net_parse(address, strlen(address), &a), 0);
	return net_list_has(&list, &a);
}

static void
net_parse_refuses_what_is_no_address(void **state)
{
	static const char *const bad[] = { "", "1", "1.2.3", "1.2.3.4.5",
		"1.2.3.256", "01.2.3.4x", "1.2.3.4:80", "[1::2", "1::2]",
		"[::1]:80", "fe80::1%eth0", "localhost", "unix:", " 1.2.3.4",
		"0x7f.1", "2130706433",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999" };
	struct net_address a;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(net_parse(bad[i], strlen(bad[i]), &a), -1);
	assert_int_equal(net_parse("1.2.3.4\0", 8, &a), -1);
	assert_int_equal(net_parse("1.2.3.4, x", 7, &a), 0);
	assert_int_equal(net_parse("[2001:db8::1]", 13, &a), 0);
	assert_int_equal(a.bytes[15], 1);
}

static void
net_list_has_compares_whole_prefixes(void **state)
{
	(void)state;
	assert_false(has("", "127.0.0.1"));
	assert_true(has("127.0.0.1,::1", "127.0.0.1"));
	assert_true(has("127.0.0.1,::1", "::1"));
	assert_true(has("127.0.0.1", "::ffff:127.0.0.1"));
	assert_false(has("127.0.0.1,::1", "127.0.0.2"));
	assert_true(has(" 10.0.0.0/8 , 192.168.4.0/22", "192.168.7.255"));
	assert_false(has("10.0.0.0/8,192.168.4.0/22", "192.168.8.0"));
	assert_true(has("10.0.0.0/8", "10.255.0.1"));
	assert_false(has("10.0.0.0/8", "11.0.0.1"));
	assert_true(has("0.0.0.0/0", "8.8.8.8"));
	assert_false(has("0.0.0.0/0", "2001:db8::1"));
	assert_true(has("2001:db8::/33", "2001:db8:7fff::1"));
	assert_false(has("2001:db8::/33", "2001:db8:8000::1"));
	assert_true(has("::/0", "8.8.8.8"));
}

static void
net_list_parse_names_what_is_wrong(void **state)
{
	static const char *const bad[] = { "proxy", "1.2.3.4/33", "1.2.3.4/-1",
		"1.2.3.4/", "::1/129", "1.2.3.4/8x", "/8" };
	struct net_list list;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = { 0 };

		assert_int_equal(net_list_parse(&list, bad[i], &err), -1);
		assert_int_equal(err.code, ERR_USAGE);
		assert_non_null(strstr(err.msg, bad[i]));
	}
}

static void
net_list_parse_takes_a_bounded_number(void **state)
{
	char text[(NET_LIST_MAX + 1) * 4 + 1] = "";
	struct net_list list;
	struct err err = { 0 };

	(void)state;
	for (int i = 0; i < NET_LIST_MAX; i++)
		memcpy(text + (size_t)i * 4, "::1,", 5);
	assert_int_equal(net_list_parse(&list, text, &err), 0);
	assert_int_equal(list.count, NET_LIST_MAX);
	memcpy(text + (size_t)NET_LIST_MAX * 4, "::1", 4);
	assert_int_equal(net_list_parse(&list, text, &err), -1);
}

static void
net_is_loopback_knows_both_families(void **state)
{
	static const struct {
		const char *text;
		bool yes;
	} rows[] = {
		{ "127.0.0.1", true },
		{ "127.9.9.9", true },
		{ "::1", true },
		{ "::ffff:127.0.0.1", true },
		{ "0.0.0.0", false },
		{ "128.0.0.1", false },
		{ "::", false },
		{ "::2", false },
		{ "::127.0.0.1", false },
		{ "7f00::1", false },
	};
	struct net_address a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(net_parse(rows[i].text, strlen(rows[i].text),
				     &a),
		    0);
		assert_int_equal(net_is_loopback(&a), rows[i].yes);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(net_parse_refuses_what_is_no_address),
		cmocka_unit_test(net_list_has_compares_whole_prefixes),
		cmocka_unit_test(net_list_parse_names_what_is_wrong),
		cmocka_unit_test(net_list_parse_takes_a_bounded_number),
		cmocka_unit_test(net_is_loopback_knows_both_families),
	};

	return cmocka_run_group_tests_name("net", tests, NULL, NULL);
}
