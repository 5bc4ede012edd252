#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include <stddef.h>
#include <sys/types.h>

/*
 * scratch_make():
 * Make a private folder for this test program, removed when it ends.  Return
 * its path, which stays ours.  May be called again.
 */
const char *scratch_make(void);

/*
 * scratch_path(name):
 * Return "FOLDER/NAME" in one of eight static buffers used in turn.
 */
const char *scratch_path(const char *name);

/*
 * scratch_write(path, text):
 * Write a file with the text; the test fails when that does not work.
 */
void scratch_write(const char *path, const char *text);

/*
 * scratch_read(path, len):
 * Return the file's bytes, NUL-terminated, with their number in ${len} when
 * it is not NULL.  The caller frees.
 */
char *scratch_read(const char *path, size_t *len);

/*
 * scratch_mode(path):
 * Return the permission bits of a file.
 */
mode_t scratch_mode(const char *path);

/*
 * scratch_count():
 * Return the number of names in the folder.
 */
size_t scratch_count(void);

/*
 * scratch_clean():
 * Remove everything in the folder, but not the folder.
 */
void scratch_clean(void);

#endif
