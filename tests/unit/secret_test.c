/* Without these tests a key could stay in memory or be shown in full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "core/secret.h"

static void
secret_set_keeps_a_copy(void **state)
{
	struct secret s = { 0 };
	struct err err = { 0 };
	char bytes[] = "key-1234";

	(void)state;
	assert_null(secret_expose(&s));
	assert_int_equal(secret_set(&s, bytes, 8, &err), 0);
	bytes[0] = 'X';
	assert_string_equal(secret_expose(&s), "key-1234");
	assert_int_equal(secret_set(&s, s.bytes + 4, 4, &err), 0);
	assert_string_equal(secret_expose(&s), "1234");
	assert_int_equal(secret_set(&s, NULL, 0, &err), 0);
	assert_string_equal(secret_expose(&s), "");
	secret_clear(&s);
	assert_null(secret_expose(&s));
	secret_clear(&s);
	secret_clear(NULL);
}

static void
secret_set_of_a_size_that_overflows_fails(void **state)
{
	struct secret s = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(secret_set(&s, "abc", 3, &err), 0);
	assert_int_equal(secret_set(&s, "abc", SIZE_MAX, &err), -1);
	assert_int_equal(err.code, ERR_NOMEM);
	assert_string_equal(secret_expose(&s), "abc");
	secret_clear(&s);
}

/* What free was given, seen before it went; see the linker's --wrap. */
static char freed[64];
static size_t freed_len;
void __real_free(void *p);
void __wrap_free(void *p);

void
__wrap_free(void *p)
{
	if (p != NULL && freed_len > 0)
		memcpy(freed, p, freed_len);
	__real_free(p);
}

static void
secret_clear_zeroes_before_it_frees(void **state)
{
	struct secret s = { 0 };
	struct err err = { 0 };
	static const char zero[20];

	(void)state;
	assert_int_equal(secret_set(&s, "canary-canary-canary", 20, &err), 0);
	memset(freed, 'x', sizeof(freed));
	freed_len = 20;
	secret_clear(&s);
	freed_len = 0;
	assert_memory_equal(freed, zero, 20);
}

static void
secret_equal_needs_two_equal_secrets(void **state)
{
	struct secret a = { 0 };
	struct secret b = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_false(secret_equal(&a, &b));
	assert_int_equal(secret_set(&a, "ab\0c", 4, &err), 0);
	assert_false(secret_equal(&a, &b));
	assert_int_equal(secret_set(&b, "ab\0d", 4, &err), 0);
	assert_false(secret_equal(&a, &b));
	assert_int_equal(secret_set(&b, "ab\0c", 4, &err), 0);
	assert_true(secret_equal(&a, &b));
	assert_int_equal(secret_set(&b, "ab", 2, &err), 0);
	assert_false(secret_equal(&a, &b));
	secret_clear(&a);
	secret_clear(&b);
}

static void
secret_mask_shows_little(void **state)
{
	static const struct {
		const char *key;
		const char *want;
	} rows[] = {
		{ "", "" },
		{ "a", "********" },
		{ "12345678901", "********" },
		{ "123456789012", "********9012" },
		{ "AIzaSyD-0123456789abcdef", "********cdef" },
	};
	char out[SECRET_MASK_MAX];
	struct secret s = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_string_equal(secret_mask(&s, out), "");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(secret_set(&s, rows[i].key,
				     strlen(rows[i].key), &err),
		    0);
		assert_string_equal(secret_mask(&s, out), rows[i].want);
	}
	secret_clear(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secret_set_keeps_a_copy),
		cmocka_unit_test(secret_set_of_a_size_that_overflows_fails),
		cmocka_unit_test(secret_clear_zeroes_before_it_frees),
		cmocka_unit_test(secret_equal_needs_two_equal_secrets),
		cmocka_unit_test(secret_mask_shows_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
