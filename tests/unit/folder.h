#ifndef TESTS_UNIT_FOLDER_H
#define TESTS_UNIT_FOLDER_H

#include <stddef.h>
#include <sys/types.h>

/*
 * folder_make():
 * Make a private folder for this test program, removed when it ends.  Return
 * its path, which stays ours.  May be called again.
 */
const char *folder_make(void);

/*
 * folder_path(name):
 * Return "FOLDER/NAME" in one of eight static buffers used in turn.
 */
const char *folder_path(const char *name);

/*
 * folder_write(path, text):
 * Write a file with the text; the test fails when that does not work.
 */
void folder_write(const char *path, const char *text);

/*
 * folder_read(path, len):
 * Return the file's bytes, NUL-terminated, with their number in ${len} when
 * it is not NULL.  The caller frees.
 */
char *folder_read(const char *path, size_t *len);

/*
 * folder_mode(path):
 * Return the permission bits of a file.
 */
mode_t folder_mode(const char *path);

/*
 * folder_count():
 * Return the number of names in the folder.
 */
size_t folder_count(void);

/*
 * folder_clean():
 * Remove everything in the folder, but not the folder.
 */
void folder_clean(void);

#endif
