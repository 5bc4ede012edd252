#ifndef INIT_BOOT_SAY_H
#define INIT_BOOT_SAY_H

#include <stdint.h>

#include "core/backup.h"
#include "core/schema.h"
#include "core/snapshot.h"

/*
 * boot_say_snapshot(snap, ms), boot_say_schema(report, ms),
 * boot_say_archive(backup, ms):
 * Say the lines that end these steps of a boot well; ${ms} is how long they
 * took.
 */
void boot_say_snapshot(const struct snapshot *snap, int64_t ms);
void boot_say_schema(const struct schema_report *report, int64_t ms);
void boot_say_archive(const struct backup *backup, int64_t ms);

#endif
