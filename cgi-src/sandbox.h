#ifndef CGI_SRC_SANDBOX_H
#define CGI_SRC_SANDBOX_H

#include "core/env.h"
#include "core/err.h"

/*
 * sandbox_enter(env, err):
 * Give up for ever what a worker has no use for, so that whoever took it
 * over gains little: new privileges, core dumps, memory beyond 512 MiB, and
 * where the kernel has Landlock also executing, reading outside the system's
 * folders and the data, writing outside the data and the folders for
 * temporary files.  Return 0, also on a kernel without Landlock, or -1 with
 * ${err}.
 * Source: https://docs.kernel.org/userspace-api/landlock.html
 */
int sandbox_enter(const struct env *env, struct err *err);

#endif
