#ifndef TESTS_FAULT_DAMAGE_H
#define TESTS_FAULT_DAMAGE_H

#include <stdint.h>

#include "core/buf.h"

/*
 * damage_bytes(seed, b):
 * Damage the bytes of a file, at least a sector of 512, in one of several
 * ways: bits, bytes, a sector of zeros, an end cut off, sectors exchanged.
 * Which, and where, ${seed} decides, which is another one afterwards.
 */
void damage_bytes(uint64_t *seed, struct buf *b);

#endif
