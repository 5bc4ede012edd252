#ifndef INIT_BOOT_H
#define INIT_BOOT_H

#include "core/env.h"
#include "core/err.h"

/*
 * boot(env):
 * Run the boot sequence: folder and lock, snapshot, schema sync, statements,
 * archive.  Each step writes its lines to stdout.  Return the exit status:
 * EXIT_DONE, or of the step that failed.
 */
enum exit_status boot(const struct env *env);

#endif
