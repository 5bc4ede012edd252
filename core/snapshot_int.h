#ifndef CORE_SNAPSHOT_INT_H
#define CORE_SNAPSHOT_INT_H

/* What the parts of core/snapshot share; nobody else includes this. */

#include <stdbool.h>

#include "core/err.h"

/*
 * snapshot_any_content(path, content, err):
 * Tell whether ${path} or any of its generations holds a user or a
 * configuration; one that cannot be read counts as if it did.  Return 0, or -1
 * with ${err}.
 */
int snapshot_any_content(const char *path, bool *content, struct err *err);

/*
 * snapshot_rotate(path, err):
 * Move the generations one on, up to a gap that a killed boot left, so that
 * none is lost twice, and make ${path} the first; it keeps its own name
 * meanwhile.  Return 0, also when there is no ${path}, or -1 with ${err}.
 */
int snapshot_rotate(const char *path, struct err *err);

#endif
