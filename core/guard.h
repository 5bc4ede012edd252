#ifndef CORE_GUARD_H
#define CORE_GUARD_H

/*
 * GUARD(name, call):
 * The value of ${call}, on which it depends that nothing is lost: an fsync, a
 * rename, a check, a rule.  Only a build for `make bite` can leave out one of
 * them, the one that $JAIR_BITE names; its value is then 0.  For each name a
 * test must fail (tests/fault/bite.txt).
 */
#ifdef JAIR_BITE

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static inline bool
guard_is_off(const char *name)
{
	const char *off = getenv("JAIR_BITE");

	return off != NULL && strcmp(off, name) == 0;
}

#define GUARD(name, call) (guard_is_off(#name) ? 0 : (call))
#else
#define GUARD(name, call) (call)
#endif

#endif
