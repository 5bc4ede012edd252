#ifndef INIT_RETAIN_H
#define INIT_RETAIN_H

#include "core/backup.h"
#include "core/env.h"
#include "core/json_out.h"
#include "core/retention.h"

/*
 * retain_say(env, made):
 * Look after old archives once ${made} is there, and say what was done, when
 * anything was.  A failure is worth a warning, never more.
 */
void retain_say(const struct env *env, const struct backup *made);

/*
 * retain_print(r, dry_run):
 * Write to stdout what was removed or would be, if anything, and to stderr
 * what went wrong or needs a person.
 */
void retain_print(const struct retention *r, bool dry_run);

/*
 * retain_fill(j, r):
 * Write the members "removed", "removedBytes", "kept", "keptBytes", and
 * "warnings" where there are any.
 */
void retain_fill(struct json_out *j, const struct retention *r);

#endif
