#ifndef TESTS_FAULT_SHIM_H
#define TESTS_FAULT_SHIM_H

#include <stdint.h>

/*
 * What the preloaded library of the fault tests is told, by the environment:
 *   FAULT_DIR     only calls on files below this folder count
 *   FAULT_WHAT    "change" (calls that change files, and opening for it),
 *                 "read", "alloc", or "temp": writes under temporary names
 *   FAULT_AT      the number of the call to disturb, from 1; 0: none
 *   FAULT_DO      "kill", "torn" (half a write, then killed), "short" (half
 *                 a write), "rot" (other bytes are written), or an errno
 *                 value
 *   FAULT_EVER    set: the calls behind it too
 *   FAULT_SAVE    1: fsync reaches the disk (else it only counts)
 *   FAULT_NOW     the time of day, milliseconds since 1970, which stands
 *   FAULT_COUNT   a file that gets the number of calls at the end
 *   FAULT_TRACE   a file that gets a struct shim_event for each change, or,
 *                 for "alloc", the number of each call that comes on a way
 *                 through the program that no call came on before (int64_t)
 */

enum shim_op {
	SHIM_CREATE,
	SHIM_WRITE, /* its bytes follow, filled up to a multiple of 8 */
	SHIM_TRUNCATE, /* to offset */
	SHIM_SYNC,
	SHIM_SYNC_DIR,
	SHIM_RENAME, /* path to path2 */
	SHIM_LINK, /* path2 is the new name */
	SHIM_UNLINK,
	SHIM_MKDIR
};

#define SHIM_PATH_MAX 200

struct shim_event {
	uint32_t op;
	uint32_t len; /* of the bytes that follow */
	uint64_t ino; /* of the file */
	int64_t offset;
	char path[SHIM_PATH_MAX]; /* below the folder; "." is the folder */
	char path2[SHIM_PATH_MAX];
};

#endif
