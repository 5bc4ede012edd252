/*
 * Without these, a stolen database could give Jellyfin's tokens away, or a
 * changed one be believed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/keyring.h"
#include "tests/unit/folder.h"

static const char token[] = "jellyfin-token-0123456789";

static char *
seal(const char *place)
{
	struct secret plain = { 0 };
	struct err err = { 0 };
	char *text = NULL;

	assert_int_equal(secret_set(&plain, token, strlen(token), &err), 0);
	if (keyring_seal(folder_make(), &plain, place, &text, &err))
		fail_msg("%s", err.msg);
	secret_clear(&plain);
	return text;
}

/* The error of opening ${text}. */
static enum err_code
opens(const char *text, const char *place)
{
	struct secret plain = { 0 };
	struct err err = { 0 };
	int rc = keyring_open(folder_make(), text, place, &plain, &err);

	assert_int_equal(rc == 0, err.code == ERR_NONE);
	if (rc == 0)
		assert_string_equal(secret_expose(&plain), token);
	else
		assert_null(secret_expose(&plain));
	secret_clear(&plain);
	return err.code;
}

static int
clean(void **state)
{
	(void)state;
	(void)folder_make();
	folder_clean();
	return 0;
}

static void
keyring_seal_makes_a_private_key_once(void **state)
{
	char *a = seal("here");
	char *key = folder_read(folder_path("jair.key"), NULL);
	char *b = seal("here");
	size_t len;
	char *again = folder_read(folder_path("jair.key"), &len);

	(void)state;
	assert_int_equal(len, 32);
	assert_memory_equal(key, again, 32);
	assert_int_equal(folder_mode(folder_path("jair.key")), 0600);
	assert_int_equal(folder_count(), 1);
	assert_string_not_equal(a, b);
	assert_null(strstr(a, token));
	assert_int_equal(opens(a, "here"), ERR_NONE);
	assert_int_equal(opens(b, "here"), ERR_NONE);
	free(a);
	free(b);
	free(key);
	free(again);
}

static void
keyring_open_refuses_each_changed_byte(void **state)
{
	char *text = seal("here");
	size_t len = strlen(text);

	(void)state;
	for (size_t i = 0; i < len; i++) {
		char was = text[i];

		text[i] = was == '0' ? '1' : '0';
		assert_int_equal(opens(text, "here"), ERR_CORRUPT);
		text[i] = was;
	}
	assert_int_equal(opens(text, "there"), ERR_CORRUPT);
	assert_int_equal(opens("", "here"), ERR_CORRUPT);
	assert_int_equal(opens("zz", "here"), ERR_CORRUPT);
	text[len - 2] = '\0';
	assert_int_equal(opens(text, "here"), ERR_CORRUPT);
	free(text);
}

static void
keyring_open_needs_the_key_that_sealed(void **state)
{
	char *text = seal("here");

	(void)state;
	folder_clean();
	assert_int_equal(opens(text, "here"), ERR_MISSING);
	assert_int_equal(folder_count(), 0);
	free(seal("here"));
	assert_int_equal(opens(text, "here"), ERR_CORRUPT);
	folder_write(folder_path("jair.key"), "short");
	assert_int_equal(opens(text, "here"), ERR_CORRUPT);
	folder_write(folder_path("jair.key"),
	    "much longer than any key of ours could ever be, it is");
	assert_int_equal(opens(text, "here"), ERR_CORRUPT);
	free(text);
}

static void
keyring_id_is_the_same_for_ever_and_tells_nothing(void **state)
{
	char id[3][KEYRING_ID_MAX];
	struct err err = { 0 };
	char *key;
	size_t len;

	(void)state;
	assert_int_equal(keyring_id(folder_make(), "a", id[0], &err), 0);
	assert_int_equal(keyring_id(folder_make(), "a", id[1], &err), 0);
	assert_int_equal(keyring_id(folder_make(), "b", id[2], &err), 0);
	assert_string_equal(id[0], id[1]);
	assert_string_not_equal(id[0], id[2]);
	assert_int_equal(strspn(id[0], "0123456789abcdef"), 32);
	/* It is no part of the key. */
	key = folder_read(folder_path("jair.key"), &len);
	for (size_t i = 0; i + 2 <= len; i++) {
		char hex[5];

		(void)snprintf(hex, sizeof(hex), "%02x%02x",
		    (unsigned char)key[i], (unsigned char)key[i + 1]);
		assert_int_not_equal(strncmp(id[0], hex, 4), 0);
	}
	free(key);
	/* Another key is another server. */
	assert_int_equal(remove(folder_path("jair.key")), 0);
	assert_int_equal(keyring_id(folder_make(), "a", id[1], &err), 0);
	assert_string_not_equal(id[0], id[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(keyring_seal_makes_a_private_key_once,
		    clean),
		cmocka_unit_test_setup(keyring_open_refuses_each_changed_byte,
		    clean),
		cmocka_unit_test_setup(keyring_open_needs_the_key_that_sealed,
		    clean),
		cmocka_unit_test_setup(
		    keyring_id_is_the_same_for_ever_and_tells_nothing, clean),
	};

	return cmocka_run_group_tests_name("keyring", tests, NULL, NULL);
}
