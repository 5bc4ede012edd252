#ifndef TESTS_FAULT_PLACE_H
#define TESTS_FAULT_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/buf.h"

#define PLACE_PATH_MAX 512

/* Where a sweep works: a private folder with these in it. */
struct place {
	char base[PLACE_PATH_MAX / 2];
	char data[PLACE_PATH_MAX]; /* the data folder */
	char before[PLACE_PATH_MAX]; /* as it was before the command */
	char after[PLACE_PATH_MAX]; /* as a command leaves it */
	char out[PLACE_PATH_MAX]; /* what the last program printed */
	char count[PLACE_PATH_MAX]; /* how many calls it made */
	char trace[PLACE_PATH_MAX]; /* what it changed */
};

/*
 * place_make(p), place_free(p):
 * Make the folder in $TMPDIR, or remove it.  What cannot be done ends the
 * program, as everywhere in these tests.
 */
void place_make(struct place *p);
void place_free(struct place *p);

/*
 * place_die(fmt, ...):
 * End the program: the test itself cannot go on.
 */
void place_die(const char *fmt, ...)
    __attribute__((noreturn, format(printf, 1, 2)));

/*
 * tree_clear(dir), tree_copy(from, to):
 * Make ${dir} an empty folder; make ${to} a copy of ${from}.
 */
void tree_clear(const char *dir);
void tree_copy(const char *from, const char *to);

/*
 * tree_each(dir, each, ctx):
 * Call ${each} for every regular file below ${dir}, with its path there;
 * -1 ends the walk and is returned, else 0.
 */
int tree_each(const char *dir, int (*each)(void *ctx, const char *name),
    void *ctx);

/*
 * place_read(dir, name, out), place_write(dir, name, data, len):
 * Read a whole file into ${out}, which the caller frees, or make ${out}
 * empty and return -1 when there is none; write one with mode 0600.
 */
int place_read(const char *dir, const char *name, struct buf *out);
void place_write(const char *dir, const char *name, const void *data,
    size_t len);

/*
 * place_keep_time(from, to, name):
 * Let the file ${name} in ${to} be as old as that in ${from}, if there is
 * one: of two backups the newer counts.
 */
void place_keep_time(const char *from, const char *to, const char *name);

/*
 * place_has(dir, name):
 * Return whether there is such a file.
 */
bool place_has(const char *dir, const char *name);

/*
 * place_sql(dir, sql):
 * Run ${sql} on dev.db in ${dir} as a program that is not ours would.
 */
void place_sql(const char *dir, const char *sql);

/* What is to happen to a program; zero: nothing. */
struct fault {
	const char *what; /* "change", "read", "alloc" */
	const char *action; /* "kill", "torn", "short", an errno value */
	long at;
	bool ever;
	bool trace;
};

/* How it ended. */
struct outcome {
	int status; /* of the exit; 128 and the signal when one ended it */
	long calls; /* that could have been disturbed */
	char text[4096]; /* what it printed */
};

/*
 * place_run(p, argv, fault, outcome):
 * Run ${argv} ("init" or "act", and arguments) on the data folder; NULL for
 * ${fault} means none.
 */
void place_run(const struct place *p, const char *const argv[],
    const struct fault *fault, struct outcome *outcome);

#endif
