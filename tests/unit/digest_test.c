/* Without these tests a digest in an archive could be none of SHA-256. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "core/digest.h"

/* FIPS 180-4 examples and NIST's long vector. */
static const struct {
	const char *text;
	size_t times;
	const char *hex;
} vectors[] = {
	{ "", 1,
	    "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855" },
	{ "abc", 1,
	    "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
	    "248d6a61d20638b8e5c026930c3e6039"
	    "a33ce45964ff2167f6ecedd419db06c1" },
	{ "aaaaaaaaaa", 100000,
	    "cdc76e5c9914fb9281a1c7e284d73e67"
	    "f1809a48a497200e046d39ccc7112cd0" },
};

static void
digest_hex_agrees_with_the_standard(void **state)
{
	struct err err = { 0 };
	struct digest *d = digest_new(&err);
	char out[DIGEST_HEX_MAX];

	(void)state;
	assert_non_null(d);
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		for (size_t n = 0; n < vectors[i].times; n++)
			digest_add(d, vectors[i].text, strlen(vectors[i].text));
		digest_hex(d, out);
		assert_string_equal(out, vectors[i].hex);
	}
	digest_free(d);
	digest_free(NULL);
}

static void
digest_add_in_any_pieces_gives_the_same(void **state)
{
	const char *text = vectors[2].text;
	size_t len = strlen(text);
	struct err err = { 0 };
	struct digest *d = digest_new(&err);
	char out[DIGEST_HEX_MAX];

	(void)state;
	assert_non_null(d);
	for (size_t a = 0; a <= len; a++) {
		for (size_t b = a; b <= len; b++) {
			digest_add(d, text, a);
			digest_add(d, text + a, b - a);
			digest_add(d, text + b, len - b);
			digest_hex(d, out);
			assert_string_equal(out, vectors[2].hex);
		}
	}
	digest_free(d);
}

static void
digest_is_hex_knows_the_form(void **state)
{
	char hex[DIGEST_HEX_MAX];

	(void)state;
	memcpy(hex, vectors[0].hex, sizeof(hex));
	assert_int_equal(digest_is_hex(hex, 64), 1);
	assert_int_equal(digest_is_hex(hex, 63), 0);
	hex[10] = 'A';
	assert_int_equal(digest_is_hex(hex, 64), 0);
	hex[10] = 'g';
	assert_int_equal(digest_is_hex(hex, 64), 0);
	hex[10] = '\0';
	assert_int_equal(digest_is_hex(hex, 64), 0);
	assert_int_equal(digest_is_hex("", 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digest_hex_agrees_with_the_standard),
		cmocka_unit_test(digest_add_in_any_pieces_gives_the_same),
		cmocka_unit_test(digest_is_hex_knows_the_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
