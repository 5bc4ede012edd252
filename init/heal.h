#ifndef INIT_HEAL_H
#define INIT_HEAL_H

#include "core/env.h"
#include "core/err.h"

/*
 * heal_continue(env, err):
 * Finish a recovery that was killed before the new database was in its
 * place, and say so.  Return 0, or -1 with ${err}.
 */
int heal_continue(const struct env *env, struct err *err);

/*
 * heal_database(env, err):
 * Deal with a database that was found damaged: look again, then recover it
 * and say from what, how old that is, what came and what is missing; nothing
 * is done when the owner wants none of that (JAIR_RECOVERY=off).  Return
 * EXIT_DONE when there is a whole database, else the exit status (EXIT_BROKEN
 * for one that stays damaged) with ${err}, which is left to be said.
 */
enum exit_status heal_database(const struct env *env, struct err *err);

#endif
