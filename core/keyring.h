#ifndef CORE_KEYRING_H
#define CORE_KEYRING_H

#include "core/err.h"
#include "core/secret.h"

/*
 * Text that only this server can read: sealed with the key in the file
 * jair.key of the data folder, which is in no backup.  A stolen database
 * alone gives nothing away.
 */

/*
 * keyring_seal(data_dir, plain, place, text, err):
 * Seal ${plain}; the key is made when there is none yet.  ${place} names
 * where the text will stand, and it opens nowhere else.  Return 0 with
 * ${text}, which the caller frees, or -1 with ${err}.
 * Source: XChaCha20-Poly1305, draft-irtf-cfrg-xchacha-03.
 */
int keyring_seal(const char *data_dir, const struct secret *plain,
    const char *place, char **text, struct err *err);

/*
 * keyring_open(data_dir, text, place, plain, err):
 * Open what keyring_seal made.  Return 0 with ${plain}, or -1 with ${err}
 * (ERR_MISSING: the key file is gone; ERR_CORRUPT: the text was sealed with
 * another key or for another place, or was changed, or the key file is no
 * key).
 */
int keyring_open(const char *data_dir, const char *text, const char *place,
    struct secret *plain, struct err *err);

#define KEYRING_ID_MAX 33

/*
 * keyring_id(data_dir, purpose, id, err):
 * Write an id of this server for ${purpose} into ${id}: 32 hexadecimal
 * digits made from the key, the same as long as the key file lives, which
 * tell nothing of it.  Return 0, or -1 with ${err}.
 * Source: BLAKE2b, RFC 7693, keyed.
 */
int keyring_id(const char *data_dir, const char *purpose,
    char id[KEYRING_ID_MAX], struct err *err);

#endif
