#ifndef TESTS_FAULT_MODEL_H
#define TESTS_FAULT_MODEL_H

#include <stdbool.h>

#include "tests/fault/place.h"

/*
 * A disk whose power can be cut after any change.  What was not fsynced may
 * be lost: of a file the bytes, of a folder the names.
 */
struct model;

/* What is left of the changes that no fsync made safe. */
enum cut {
	CUT_ALL_LOST,
	CUT_BYTES_LOST, /* every name is there, the bytes are not */
	CUT_NAMES_LOST, /* the bytes are there, the names are not */
	CUT_RANDOM, /* sectors and names, each by chance */
	CUTS
};

/*
 * model_new(before, trace):
 * Make a disk with the content of the folder ${before} and what happened to
 * it afterwards (the file that shim.h describes).  model_free releases it.
 */
struct model *model_new(const char *before, const char *trace);
void model_free(struct model *m);

/*
 * model_count(m):
 * Return how many changes there were.
 */
long model_count(const struct model *m);

/*
 * model_cut(m, count, cut, seed, deaf, to):
 * Make ${to} the folder that is found when the power was cut after ${count}
 * changes.  ${deaf}: a disk that does nothing when it is asked to save.
 */
void model_cut(struct model *m, long count, enum cut cut, unsigned seed,
    bool deaf, const char *to);

#endif
