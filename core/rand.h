#ifndef CORE_RAND_H
#define CORE_RAND_H

#include <stddef.h>

/*
 * rand_bytes(out, len):
 * Fill ${out} with ${len} bytes that no one can predict.
 */
void rand_bytes(void *out, size_t len);

/*
 * rand_hex(out, digits):
 * Write ${digits} random hexadecimal digits (an even number, at most 64) and
 * a NUL into ${out}.
 */
void rand_hex(char *out, size_t digits);

#endif
