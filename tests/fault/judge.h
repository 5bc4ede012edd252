#ifndef TESTS_FAULT_JUDGE_H
#define TESTS_FAULT_JUDGE_H

#include <stdbool.h>

#include "core/digest.h"
#include "core/err.h"
#include "tests/fault/place.h"
#include "tests/fault/scene.h"

/* What a scene may leave behind, whatever happens to it. */
struct judge {
	const struct place *place;
	const struct scene *scene;
	bool has_old; /* the scene begins with a database that opens */
	char before[DIGEST_HEX_MAX]; /* of its content, after a start */
	char after[DIGEST_HEX_MAX]; /* when the command ran through */
	long calls; /* that one undisturbed run makes */
};

/*
 * judge_learn(j, p, s, what):
 * Prepare the scene, keep it in p->before, run it undisturbed and learn what
 * is right; calls of the kind ${what} are counted.
 */
void judge_learn(struct judge *j, const struct place *p, const struct scene *s,
    const char *what);

/*
 * judge_reset(j):
 * Make the data folder as it was before the command.
 */
void judge_reset(const struct judge *j);

/*
 * judge_files(j, err):
 * Look at the data folder as a stopped command left it: every earlier backup
 * is there, and whatever bears a final name is whole.  Return 0, or -1 with
 * ${err} saying what is lost.
 */
int judge_files(const struct judge *j, struct err *err);

/*
 * judge_start(j, err), judge_done(j, err):
 * Start again and look at what is there then: the database is that of before
 * or of after the command, backups are fresh and whole, nothing temporary is
 * left.  judge_done wants that of after, and every file that the undisturbed
 * command made: for a command that said it was done.  Return 0, or -1 with
 * ${err}.
 */
int judge_start(const struct judge *j, struct err *err);
int judge_done(const struct judge *j, struct err *err);

/*
 * judge_exit(j, o, err):
 * Is this a way for a program to end: a documented status, and a message
 * when it is not 0?  Return 0, or -1 with ${err}.
 */
int judge_exit(const struct judge *j, const struct outcome *o, struct err *err);

#endif
