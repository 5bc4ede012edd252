#ifndef CORE_BUF_H
#define CORE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

/*
 * A growing run of bytes with a ceiling.  A failure (no memory, ceiling
 * reached) sticks: later calls add nothing, and buf_ok tells at the end.
 * The bytes may hold NUL; one NUL always stands behind the last byte.
 */
struct buf {
	char *data; /* NULL while nothing was added */
	size_t len; /* bytes in use */
	size_t cap; /* bytes allocated */
	size_t max; /* ceiling of len */
	bool failed;
	bool full; /* ... because of the ceiling */
};

/*
 * buf_init(b, max):
 * Make ${b} an empty buffer of at most ${max} bytes.  Nothing is allocated.
 */
void buf_init(struct buf *b, size_t max);

/*
 * buf_free(b):
 * Release what ${b} holds and make it empty; NULL is accepted.
 */
void buf_free(struct buf *b);

/*
 * buf_reset(b):
 * Forget the bytes and a failure; keep the memory.
 */
void buf_reset(struct buf *b);

/*
 * buf_add(b, data, len), buf_addz(b, s), buf_addc(b, c):
 * Append ${len} bytes, a string, one byte.
 */
void buf_add(struct buf *b, const void *data, size_t len);
void buf_addz(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);

/*
 * buf_addf(b, fmt, ...):
 * Append formatted text.
 */
void buf_addf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * buf_ok(b, what, err):
 * Return 0 when everything that was added is there, else -1 with ${err}
 * (ERR_NOMEM, ERR_LIMIT) naming ${what}.
 */
int buf_ok(const struct buf *b, const char *what, struct err *err);

/*
 * buf_str(b):
 * Return the bytes as a NUL-terminated string that ${b} owns ("" if empty).
 */
const char *buf_str(const struct buf *b);

/*
 * buf_take(b):
 * Hand the bytes over to the caller, who frees them; ${b} is empty after it.
 * NULL when nothing was ever added.
 */
char *buf_take(struct buf *b);

#endif
