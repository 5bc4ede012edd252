#ifndef CORE_SETUP_CODE_H
#define CORE_SETUP_CODE_H

#include "core/err.h"
#include "core/secret.h"

/*
 * The one-time code of the first setup: 128 random bits as 32 hexadecimal
 * digits in the file setup_code of the data folder, there while the setup is
 * open.
 */

/*
 * setup_code_ensure(data_dir, code, err):
 * Read the code, or make one when there is none that can be read.  Return 0
 * with ${code}, or -1 with ${err}.
 */
int setup_code_ensure(const char *data_dir, struct secret *code,
    struct err *err);

/*
 * setup_code_read(data_dir, code, err):
 * Return 0 with ${code}, or -1 with ${err} (ERR_MISSING; ERR_FORMAT when the
 * file holds something else).
 */
int setup_code_read(const char *data_dir, struct secret *code, struct err *err);

/*
 * setup_code_remove(data_dir, err):
 * Forget the code.  Return 0, also when there is none, or -1 with ${err}.
 */
int setup_code_remove(const char *data_dir, struct err *err);

#endif
