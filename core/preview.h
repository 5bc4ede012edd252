#ifndef CORE_PREVIEW_H
#define CORE_PREVIEW_H

#include <stdint.h>

#include "core/archive_read.h"
#include "core/err.h"
#include "core/json_out.h"

/*
 * preview_write(j, id, info, err):
 * Write what is in an archive as members of the object that is open in ${j},
 * for people to look at before they restore it: the form, where it comes
 * from, the configuration with its keys masked, how much each user has, what
 * had to be refused, and the first warnings.  ${id} says which restore it
 * is.  Everything comes from what opening the archive found.  Return 0, or
 * -1 with ${err} (ERR_NOMEM).
 */
int preview_write(struct json_out *j, int64_t id,
    const struct archive_info *info, struct err *err);

#endif
