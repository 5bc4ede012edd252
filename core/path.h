#ifndef CORE_PATH_H
#define CORE_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

/*
 * path_join(dir, name, err):
 * Return "${dir}/${name}" (one slash between), which the caller frees, or
 * NULL with ${err} (ERR_NOMEM).
 */
char *path_join(const char *dir, const char *name, struct err *err);

/*
 * path_dir(path, err), path_base(path):
 * Return the folder that ${path} lies in ("." when it names none; the caller
 * frees it), and the part of ${path} behind its last slash.
 */
char *path_dir(const char *path, struct err *err);
const char *path_base(const char *path);

/*
 * path_make_dir(path, err):
 * Create the folder ${path} and what is missing above it, with mode 0700;
 * folders that exist stay as they are.  Return 0, or -1 with ${err}.
 */
int path_make_dir(const char *path, struct err *err);

/*
 * path_exists(path):
 * Tell whether something bears that name (a dangling link does).
 */
bool path_exists(const char *path);

/*
 * path_follow_take(path, err):
 * Return ${path}, which becomes ours, or where it leads when it is a link;
 * the caller frees it.  NULL with ${err} for a link to nowhere, and for NULL.
 */
char *path_follow_take(char *path, struct err *err);

/*
 * path_size(path, bytes, err):
 * Put the size of the file ${path} into ${bytes}.  Return 0, or -1 with
 * ${err} (ERR_MISSING and others).
 */
int path_size(const char *path, uint64_t *bytes, struct err *err);

/*
 * path_free_space(path, bytes, err):
 * Put what a user may still write on the file system of ${path} into
 * ${bytes}; UINT64_MAX where it does not tell (a size of 0).  Return 0, or
 * -1 with ${err}.
 */
int path_free_space(const char *path, uint64_t *bytes, struct err *err);

/*
 * path_set_statvfs(ask):
 * Let path_free_space call ${ask} instead of statvfs(3); NULL restores it.
 * For tests.
 */
struct statvfs;
void path_set_statvfs(int (*ask)(const char *path, struct statvfs *fs));

#endif
