#ifndef CORE_FOLD_H
#define CORE_FOLD_H

#include <stddef.h>

#include "core/buf.h"

/*
 * fold_case(s, len, out):
 * Append the ${len} bytes of UTF-8 at ${s} to ${out} with every letter in
 * lower case, as towlower(3) has it in the C.UTF-8 locale: "MÄKINEN" and
 * "Mäkinen" become the same.  Bytes that are no UTF-8 stay as they are.
 */
void fold_case(const char *s, size_t len, struct buf *out);

#endif
