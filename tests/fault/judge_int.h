#ifndef TESTS_FAULT_JUDGE_INT_H
#define TESTS_FAULT_JUDGE_INT_H

#include "tests/fault/judge.h"

/* What walks over trees carry. */
struct look {
	const struct judge *j;
	struct err *err;
};

/*
 * judge_is_temp(name), judge_is_archive(name), judge_is_snapshot(name):
 * Tell whether a file of that name is one that ours, or SQLite's list of the
 * files of a transaction over several, should not outlive; an archive; a
 * snapshot under a name of ours.
 */
bool judge_is_temp(const char *name);
bool judge_is_archive(const char *name);
bool judge_is_snapshot(const char *name);

/*
 * judge_same_file(dir_a, dir_b, name):
 * Tell whether both folders have the file, with the same bytes.
 */
bool judge_same_file(const char *dir_a, const char *dir_b, const char *name);

#endif
