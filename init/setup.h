#ifndef INIT_SETUP_H
#define INIT_SETUP_H

#include "core/db.h"
#include "core/env.h"
#include "core/err.h"

/*
 * setup_link(env, link, err):
 * Make sure that there is a setup code, and return the link that opens the
 * setup with it in ${link}, which the caller frees.  Return 0, or -1 with
 * ${err}.
 */
int setup_link(const struct env *env, char **link, struct err *err);

/*
 * setup_offer(env, db, err):
 * Say the link while the setup has not been done; afterwards forget the
 * code.  Return 0, or -1 with ${err}.
 */
int setup_offer(const struct env *env, struct db *db, struct err *err);

#endif
