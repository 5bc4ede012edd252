#ifndef CORE_FILE_H
#define CORE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"

/*
 * Files that must be whole under their name: written under a temporary name
 * in the same folder, fsynced, renamed, the folder fsynced.  Every file has
 * mode 0600 whatever the umask.
 */

/*
 * file_temp_name(path, err):
 * Return a name beside ${path} that nobody uses, which the caller frees, or
 * NULL with ${err}.  file_clean_temps knows such names.
 */
char *file_temp_name(const char *path, struct err *err);

/*
 * file_clean_temps(dir, err):
 * Remove what a killed process left under temporary names in ${dir}, also
 * SQLite's journals beside them.  Only for whoever holds the lock of the
 * data folder.  Return 0, or -1 with ${err}.
 */
int file_clean_temps(const char *dir, struct err *err);

/*
 * file_create(path, fd, err):
 * Create ${path}, which must not exist, and open it for reading and writing
 * as ${fd}.  Return 0, or -1 with ${err} (ERR_EXISTS and others).
 */
int file_create(const char *path, int *fd, struct err *err);

/*
 * file_write_all(fd, data, len, path, err):
 * Write all of ${len} bytes to ${fd}; ${path} is for the message.  Return 0,
 * or -1 with ${err}.
 */
int file_write_all(int fd, const void *data, size_t len, const char *path,
    struct err *err);

/*
 * file_publish(tmp, path, err):
 * Make the complete file ${tmp} appear as ${path}, replacing what stood
 * there, so that it survives a power cut.  Return 0, or -1 with ${err};
 * then ${path} is as it was, or already the new file but not yet safe.
 */
int file_publish(const char *tmp, const char *path, struct err *err);

/*
 * file_publish_new(tmp, path, err):
 * Like file_publish, but never replaces: -1 with ERR_EXISTS when ${path} is
 * taken.
 */
int file_publish_new(const char *tmp, const char *path, struct err *err);

/*
 * file_sync_dir(path, err):
 * Make the names in the folder that holds ${path} survive a power cut.
 * Return 0, or -1 with ${err}.
 */
int file_sync_dir(const char *path, struct err *err);

/*
 * file_read(path, max, out, err):
 * Read the whole file into ${out}, initialised here; the caller frees it.
 * Return 0, or -1 with ${err} (ERR_LIMIT above ${max} bytes, ERR_MISSING).
 */
int file_read(const char *path, size_t max, struct buf *out, struct err *err);

/*
 * file_write(path, data, len, err):
 * Publish ${len} bytes as ${path}.  Return 0, or -1 with ${err}.
 */
int file_write(const char *path, const void *data, size_t len, struct err *err);

/*
 * file_copy(from, to, err):
 * Publish a copy of ${from}, with blocks of its own, as ${to}, after reading
 * it back.  Return 0, or -1 with ${err}.
 */
int file_copy(const char *from, const char *to, struct err *err);

/*
 * file_fill_standard():
 * Let /dev/null take the place of what is closed of standard input, output
 * and error, so that no file gets a log that was meant for them.
 */
void file_fill_standard(void);

/*
 * file_same(a, b, same, err):
 * Tell in ${same} whether both files hold the same bytes.  Return 0, or -1
 * with ${err}.
 */
int file_same(const char *a, const char *b, bool *same, struct err *err);

#endif
