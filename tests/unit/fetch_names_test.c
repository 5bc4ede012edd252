/*
 * Without this test a name in somebody's zone could lead a connection test to
 * a cloud's metadata, or do so at the second look only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi-src/services/fetch.h"
#include "tests/unit/mock.h"

/* A name of our own zone; addresses apart from each other by blanks. */
static const struct zone {
	const char *name;
	const char *first, *later;
} zone[] = {
	{ "metadata.test", "169.254.169.254", NULL },
	{ "unspecified.test", "0.0.0.0", NULL },
	{ "multicast.test", "224.0.0.251", NULL },
	{ "six.test", "fd00:ec2::254", NULL },
	{ "mapped.test", "::ffff:169.254.169.254", NULL },
	{ "nat64.test", "64:ff9b::a9fe:a9fe", NULL },
	{ "local.test", "fe80::1%lo", NULL },
	{ "many.test", "169.254.169.254 fe80::1%lo 0.0.0.0", NULL },
	{ "lan.test", "127.0.0.1", NULL },
	{ "both.test", "169.254.1.1 127.0.0.1", NULL },
	{ "rebind.test", "127.0.0.1", "169.254.169.254" },
};

static struct mock mock;
static atomic_int asked;

typedef int (*resolver)(const char *node, const char *service,
    const struct addrinfo *hints, struct addrinfo **out);

static resolver
next_resolver(void)
{
	void *found = dlsym(RTLD_NEXT, "getaddrinfo");
	resolver f;

	memcpy(&f, &found, sizeof(f));
	return f;
}

/* The list of the numeric addresses in ${text}. */
static int
numeric(char *text, const char *service, const struct addrinfo *hints,
    struct addrinfo **out)
{
	struct addrinfo wanted =
	    hints != NULL ? *hints : (struct addrinfo){ 0 };
	char *rest = NULL;

	*out = NULL;
	wanted.ai_family = AF_UNSPEC;
	wanted.ai_flags = AI_NUMERICHOST;
	for (char *one = strtok_r(text, " ", &rest); one != NULL;
	     one = strtok_r(NULL, " ", &rest)) {
		int rc = next_resolver()(one, service, &wanted, out);

		if (rc != 0)
			return rc;
		while (*out != NULL)
			out = &(*out)->ai_next;
	}
	return 0;
}

/* In the place of the C library's: libcurl asks us. */
int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
    struct addrinfo **out)
{
	for (size_t i = 0; i < sizeof(zone) / sizeof(zone[0]); i++) {
		const struct zone *z = &zone[i];
		char text[128];
		int n;

		if (node == NULL || strcmp(node, z->name) != 0)
			continue;
		n = atomic_fetch_add(&asked, 1);
		(void)snprintf(text, sizeof(text), "%s",
		    n > 0 && z->later != NULL ? z->later : z->first);
		return numeric(text, service, hints, out);
	}
	return next_resolver()(node, service, hints, out);
}

static int
setup(void **state)
{
	(void)state;
	mock_start(&mock, "jellyfin", NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	mock_stop(&mock);
	return 0;
}

/* Ask ${name} at the mock's port. */
static enum fetch_fault
ask(const char *name)
{
	struct err err = { ERR_NONE, "" };
	enum fetch_fault fault;
	struct fetch_set *set;
	char url[128];
	struct fetch f;

	(void)snprintf(url, sizeof(url), "http://%s:%d/System/Info/Public",
	    name, mock.port);
	f = (struct fetch){ .who = "Jellyfin", .url = url };
	assert_int_equal(fetch_open(&set, FETCH_TEST, &err), 0);
	fetch_add(set, &f);
	fetch_wait(set);
	fetch_close(set);
	fault = f.fault;
	if (fault == FETCH_ANSWERED)
		assert_int_equal(f.status, 200);
	fetch_free(&f);
	return fault;
}

static void
fetch_wait_names_of_forbidden_addresses(void **state)
{
	static const char *const bad[] = { "metadata.test", "METADATA.test.",
		"unspecified.test", "multicast.test", "six.test", "mapped.test",
		"nat64.test", "local.test", "many.test" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		enum fetch_fault fault = ask(bad[i]);

		if (fault != FETCH_BAD_ADDRESS)
			fail_msg("%s: fault %d", bad[i], fault);
	}
}

/* Names at home often have a link-local address besides. */
static void
fetch_wait_names_of_allowed_addresses(void **state)
{
	(void)state;
	assert_int_equal(ask("lan.test"), FETCH_ANSWERED);
	assert_int_equal(ask("both.test"), FETCH_ANSWERED);
}

static void
fetch_wait_name_that_changes(void **state)
{
	(void)state;
	atomic_store(&asked, 0);
	assert_int_equal(ask("rebind.test"), FETCH_ANSWERED);
	/* One connection asks once, so there is nothing between to change. */
	assert_int_equal(atomic_load(&asked), 1);
	assert_int_equal(ask("rebind.test"), FETCH_BAD_ADDRESS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fetch_wait_names_of_forbidden_addresses),
		cmocka_unit_test(fetch_wait_names_of_allowed_addresses),
		cmocka_unit_test(fetch_wait_name_that_changes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
