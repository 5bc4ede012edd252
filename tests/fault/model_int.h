#ifndef TESTS_FAULT_MODEL_INT_H
#define TESTS_FAULT_MODEL_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "tests/fault/model.h"
#include "tests/fault/shim.h"

/* A change that is not safe yet: of a file's bytes, or of a folder's names. */
struct change {
	const struct shim_event *event; /* a write or a truncation; or: */
	char gone[SHIM_PATH_MAX]; /* a name that ends, or "" */
	char name[SHIM_PATH_MAX]; /* one that begins, or "" */
	int node; /* what it names */
	int needs; /* a folder, or -1: without the change there */
	int needs_change; /* this one cannot be */
};

struct entry {
	char name[SHIM_PATH_MAX];
	int node;
};

/* The names in a folder. */
struct names {
	struct entry *entry;
	int count;
};

/* A file or a folder. */
struct node {
	bool dir;
	uint64_t ino; /* as the trace names it; 0: not yet known */
	struct buf safe; /* bytes that a power cut leaves */
	struct names safe_names;
	struct names names; /* as programs see them */
	struct change *pending;
	int pending_count;
	int kept; /* how many of a folder's a cut leaves */
};

struct model {
	const char *before;
	struct buf trace;
	long count;
	struct node *nodes; /* the first is the folder itself */
	int nodes_count;
	bool deaf;
};

/*
 * model_build(m, count):
 * Make ${m} the disk on which ${count} changes have happened.
 */
void model_build(struct model *m, long count);

/*
 * model_apply(names, c), model_bytes(b, e):
 * Do a change to the names in a folder, or to the bytes of a file.
 */
void model_apply(struct names *names, const struct change *c);
void model_bytes(struct buf *b, const struct shim_event *e);

#endif
