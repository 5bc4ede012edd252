#ifndef CORE_STR_H
#define CORE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/*
 * str_dup(s, err), str_printf(err, fmt, ...):
 * Return a new string that the caller frees, or NULL with ${err}
 * (ERR_NOMEM).
 */
char *str_dup(const char *s, struct err *err);
char *str_printf(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * str_starts(s, prefix), str_ends(s, suffix):
 * Tell whether ${s} begins or ends with the other string.
 */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);

/*
 * str_int64(s, len, value):
 * Read the ${len} bytes at ${s} as a decimal integer with an optional minus;
 * nothing else may stand there.  Return 0, or -1 when they are no integer of
 * 64 bits; ${value} is then untouched.
 */
int str_int64(const char *s, size_t len, int64_t *value);

/*
 * str_double(s, len, value):
 * Read the ${len} bytes at ${s} as a decimal number, white space around it
 * allowed, as SQLite does for a column of numbers.  Return 0, or -1 when they
 * are none or more than 511; ${value} is then untouched.
 */
int str_double(const char *s, size_t len, double *value);

/*
 * str_utf8_valid(s, len):
 * Return how many of the ${len} bytes at ${s}, from the first on, are whole
 * and valid UTF-8 (RFC 3629: no surrogates, no overlong forms).
 */
size_t str_utf8_valid(const char *s, size_t len);

/*
 * str_hex(bytes, len, out):
 * Write ${len} bytes as lower-case hexadecimal into ${out}, which has room
 * for 2 * ${len} + 1 characters.
 */
void str_hex(const unsigned char *bytes, size_t len, char *out);

/*
 * str_show(out, size, s, len):
 * Copy what of the UTF-8 text ${s} fits into ${size} bytes, whole characters
 * and a NUL, with a question mark for each control character: a name or a
 * value out of a file must not steer somebody's terminal.  Return ${out}.
 */
const char *str_show(char *out, size_t size, const char *s, size_t len);

/* Room for the text of str_size. */
#define STR_SIZE_MAX 24

/*
 * str_size(bytes, out):
 * Write a number of bytes for people: "512 bytes", "11.5 MB" (1 MB is
 * 1,000,000 bytes).  Return ${out}.
 */
const char *str_size(uint64_t bytes, char out[STR_SIZE_MAX]);

#endif
