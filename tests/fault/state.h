#ifndef TESTS_FAULT_STATE_H
#define TESTS_FAULT_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/digest.h"

/*
 * The states of a folder that were found good.  Many points of a sweep lead
 * to the same one: what follows from it is judged once.
 */
struct states {
	char (*known)[DIGEST_HEX_MAX];
	size_t count;
};

/*
 * state_sum(dir, done, out):
 * Put a sum of all names, modes and bytes in ${dir} into ${out}, temporary
 * names without their chance part, and of ${done}.  Times are no part of it.
 */
void state_sum(const char *dir, bool done, char out[DIGEST_HEX_MAX]);

/*
 * states_know(s, sum), states_add(s, sum), states_free(s):
 * Tell whether ${sum} was added; add it; release what ${s} owns.
 */
bool states_know(const struct states *s, const char *sum);
void states_add(struct states *s, const char *sum);
void states_free(struct states *s);

#endif
