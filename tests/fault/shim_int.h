#ifndef TESTS_FAULT_SHIM_INT_H
#define TESTS_FAULT_SHIM_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/fault/shim.h"

/* What the parts of the library share. */

enum what { CHANGE, READ, ALLOC, TEMP };
enum verdict { GO, KILL, TORN, SHORT, ROT, FAIL };

/*
 * shim_judge(what), shim_fails(what):
 * Count one call and say what is to become of it, errno set when it fails;
 * the latter for calls that cannot be done by half.
 */
enum verdict shim_judge(enum what what);
bool shim_fails(enum what what);

/*
 * shim_fd(fd, out), shim_path(at, path, out):
 * Return whether the file lies below the folder; its path there in ${out}.
 * A path is absolute, or relative to a folder that is open.
 */
bool shim_fd(int fd, char out[SHIM_PATH_MAX]);
bool shim_path(int at, const char *path, char out[SHIM_PATH_MAX]);

/*
 * shim_inode(at, path, flags):
 * Return the file's number, 0 when there is none; ${flags} are fstatat's.
 */
uint64_t shim_inode(int at, const char *path, int flags);

/*
 * shim_note_fd(op, fd, path, offset, data, len), shim_note_path(op, ...):
 * Write down a change that was made, when a trace is wanted.
 */
void shim_note_fd(enum shim_op op, int fd, const char *path, int64_t offset,
    const void *data, size_t len);
void shim_note_path(enum shim_op op, uint64_t ino, const char *path,
    const char *path2);

/*
 * shim_note_way(number):
 * Write down the number of an allocation, if it is the first of its call
 * stack.
 */
void shim_note_way(int64_t number);

/*
 * shim_trace(data, len):
 * Add to the trace, when one is wanted.
 */
void shim_trace(const void *data, size_t len);

/*
 * shim_saves():
 * Return whether fsync is to reach the disk.
 */
bool shim_saves(void);

/*
 * shim_now():
 * Return the time of day that stands, milliseconds since 1970, or 0.
 */
int64_t shim_now(void);

#endif
