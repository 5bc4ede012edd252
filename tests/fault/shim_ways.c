/*
 * Without this part every one of a hundred thousand allocations would have to
 * fail before all ways through the program had been tried.
 */

#include <execinfo.h>
#include <stdint.h>

#include "tests/fault/shim_int.h"

#define DEPTH 48
#define SLOTS (1 << 20) /* many more than there are ways */

static uint64_t known[SLOTS];

/* The first backtrace loads a library. */
__attribute__((constructor(101))) static void
warm_up(void)
{
	void *frames[1];

	(void)backtrace(frames, 1);
}

/* A number for the call stack, never 0. */
static uint64_t
way(void)
{
	void *frames[DEPTH];
	int n = backtrace(frames, DEPTH);
	uint64_t sum = UINT64_C(14695981039346656037);

	for (int i = 0; i < n; i++)
		sum = (sum ^ (uint64_t)(uintptr_t)frames[i]) *
		    UINT64_C(1099511628211);
	return sum | 1;
}

void
shim_note_way(int64_t number)
{
	static bool busy;
	uint64_t sum;
	size_t at;

	if (busy)
		return;
	busy = true;
	sum = way();
	for (at = sum % SLOTS; known[at] != 0 && known[at] != sum;)
		at = (at + 1) % SLOTS;
	if (known[at] == 0) {
		known[at] = sum;
		shim_trace(&number, sizeof(number));
	}
	busy = false;
}
