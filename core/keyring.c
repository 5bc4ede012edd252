#include "core/keyring.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/path.h"
#include "core/rand.h"
#include "core/str.h"

#define FILE_NAME "jair.key"
#define KEY_LEN crypto_aead_xchacha20poly1305_ietf_KEYBYTES
#define NONCE_LEN crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_LEN crypto_aead_xchacha20poly1305_ietf_ABYTES
#define PLAIN_MAX 4096
#define SEALED_MAX (NONCE_LEN + PLAIN_MAX + TAG_LEN)

/* The key file holds KEY_LEN random bytes and nothing else. */
static int
read_key(const char *path, unsigned char key[KEY_LEN], struct err *err)
{
	struct buf b;
	int rc = -1;

	if (file_read(path, KEY_LEN + 1, &b, err))
		return err->code == ERR_LIMIT
		    ? err_set(err, ERR_CORRUPT, "%s is no key of jair.", path)
		    : -1;
	if (b.len == KEY_LEN) {
		memcpy(key, b.data, KEY_LEN);
		rc = 0;
	} else {
		err_set(err, ERR_CORRUPT, "%s is no key of jair.", path);
	}
	if (b.data != NULL)
		sodium_memzero(b.data, b.len);
	buf_free(&b);
	return rc;
}

/* Publish a new key; of several processes the first one's stays. */
static int
make_key(const char *path, struct err *err)
{
	unsigned char key[KEY_LEN];
	char *tmp = file_temp_name(path, err);
	int rc = -1;

	if (tmp == NULL)
		return -1;
	rand_bytes(key, sizeof(key));
	if (file_write(tmp, key, sizeof(key), err) == 0)
		rc = file_publish_new(tmp, path, err);
	sodium_memzero(key, sizeof(key));
	if (rc != 0)
		(void)remove(tmp);
	free(tmp);
	return rc != 0 && err->code == ERR_EXISTS ? 0 : rc;
}

/* The key; with ${make} a missing one is made. */
static int
load_key(const char *data_dir, bool make, unsigned char key[KEY_LEN],
    struct err *err)
{
	char *path = path_join(data_dir, FILE_NAME, err);
	int rc;

	if (path == NULL)
		return -1;
	rc = read_key(path, key, err);
	if (rc != 0 && err->code == ERR_MISSING && make &&
	    make_key(path, err) == 0) {
		err_clear(err);
		rc = read_key(path, key, err);
	}
	free(path);
	return rc;
}

int
keyring_seal(const char *data_dir, const struct secret *plain,
    const char *place, char **text, struct err *err)
{
	unsigned char key[KEY_LEN];
	unsigned char sealed[SEALED_MAX];
	const unsigned char *bytes;

	if (plain->len > PLAIN_MAX)
		return err_set(err, ERR_LIMIT, "A secret has %zu bytes.",
		    plain->len);
	if (sodium_init() < 0 || load_key(data_dir, true, key, err))
		return -1;
	bytes = (const unsigned char *)secret_expose(plain);
	rand_bytes(sealed, NONCE_LEN);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE_LEN,
	    NULL, bytes, plain->len, (const unsigned char *)place,
	    strlen(place), NULL, sealed, key);
	sodium_memzero(key, sizeof(key));
	*text = malloc(2 * (NONCE_LEN + plain->len + TAG_LEN) + 1);
	if (*text == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a sealed text.");
	str_hex(sealed, NONCE_LEN + plain->len + TAG_LEN, *text);
	return 0;
}

static int
unseal(const unsigned char *sealed, size_t len, const char *place,
    const unsigned char *key, struct secret *plain, struct err *err)
{
	unsigned char bytes[PLAIN_MAX];
	unsigned long long got = 0;
	int rc;

	if (crypto_aead_xchacha20poly1305_ietf_decrypt(bytes, &got, NULL,
		sealed + NONCE_LEN, len - NONCE_LEN,
		(const unsigned char *)place, strlen(place), sealed, key) != 0)
		return err_set(err, ERR_CORRUPT,
		    "A sealed text was made with another key than %s, or has "
		    "been changed.",
		    FILE_NAME);
	rc = secret_set(plain, (const char *)bytes, (size_t)got, err);
	sodium_memzero(bytes, sizeof(bytes));
	return rc;
}

int
keyring_open(const char *data_dir, const char *text, const char *place,
    struct secret *plain, struct err *err)
{
	unsigned char key[KEY_LEN];
	unsigned char sealed[SEALED_MAX];
	const char *end = text;
	size_t len = 0;
	int rc;

	if (sodium_init() < 0 ||
	    sodium_hex2bin(sealed, sizeof(sealed), text, strlen(text), NULL,
		&len, &end) != 0 ||
	    *end != '\0' || len < NONCE_LEN + TAG_LEN)
		return err_set(err, ERR_CORRUPT,
		    "A sealed text in the database is not whole.");
	if (load_key(data_dir, false, key, err))
		return -1;
	rc = unseal(sealed, len, place, key, plain, err);
	sodium_memzero(key, sizeof(key));
	return rc;
}

int
keyring_id(const char *data_dir, const char *purpose, char id[KEYRING_ID_MAX],
    struct err *err)
{
	unsigned char key[KEY_LEN];
	unsigned char hash[(KEYRING_ID_MAX - 1) / 2];

	if (sodium_init() < 0 || load_key(data_dir, true, key, err))
		return -1;
	(void)crypto_generichash(hash, sizeof(hash),
	    (const unsigned char *)purpose, strlen(purpose), key, sizeof(key));
	sodium_memzero(key, sizeof(key));
	str_hex(hash, sizeof(hash), id);
	return 0;
}
