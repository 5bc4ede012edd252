/*
 * Without this test a connection test could be pointed at the metadata service
 * of a cloud, in one of the many forms in which its address can be written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "cgi-src/services/address.h"

static bool
refused(const char *text)
{
	struct sockaddr_in in4 = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, text, &in4.sin_addr) == 1)
		return address_refused((struct sockaddr *)&in4, sizeof(in4));
	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	return address_refused((struct sockaddr *)&in6, sizeof(in6));
}

static void
address_refused_table(void **state)
{
	static const char *const bad[] = { "0.0.0.0", "0.1.2.3", "169.254.0.1",
		"169.254.169.254", "169.254.170.2", "169.254.255.255",
		"100.100.100.200", "168.63.129.16", "192.0.0.192", "224.0.0.1",
		"239.255.255.255", "240.0.0.1", "255.255.255.255",
		"::", "fe80::1", "febf::1", "ff02::1",
		"ff00::", "fd00:ec2::254", "fd20:ce::254",
		"::ffff:169.254.169.254", "::ffff:0.0.0.0",
		"::ffff:0:169.254.169.254", "::169.254.169.254",
		"64:ff9b::169.254.169.254", "64:ff9b:1::169.254.169.254",
		"64:ff9b:1:abcd::a9fe:a9fe", "2002:a9fe:a9fe::1",
		"2001:0:1:2:3:4:5601:5601", "2001:db8::5efe:a9fe:a9fe",
		"2001:db8::200:5efe:a9fe:a9fe", "64:ff9b::e000:1" };
	static const char *const good[] = { "127.0.0.1", "127.255.0.1",
		"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
		"100.64.0.1", "100.100.100.199", "1.1.1.1", "8.8.8.8",
		"169.253.255.255", "169.255.0.0", "223.255.255.255",
		"192.0.0.191", "::1", "fd00::1", "fc00::1", "fd00:ec3::1",
		"2001:db8::1", "2606:4700::1111", "fec0::1",
		"::ffff:192.168.1.1", "::ffff:127.0.0.1", "64:ff9b::8.8.8.8",
		"2002:808:808::1" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (!refused(bad[i]))
			fail_msg("%s was not refused", bad[i]);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (refused(good[i]))
			fail_msg("%s was refused", good[i]);
	}
}

static void
address_refused_other_families(void **state)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_in in4 = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	(void)state;
	assert_true(address_refused((struct sockaddr *)&un, sizeof(un)));
	assert_true(address_refused((struct sockaddr *)&in4, sizeof(in4) - 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(address_refused_table),
		cmocka_unit_test(address_refused_other_families),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
