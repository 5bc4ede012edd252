#ifndef TESTS_FAULT_SCENE_H
#define TESTS_FAULT_SCENE_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/fault/place.h"

/* A command that is disturbed, and what stood there before. */
struct scene {
	const char *name;
	void (*prepare)(const struct place *p); /* fills p->data */
	const char *argv[8];
	bool keeps_all; /* every file is to be found again somewhere */
	bool damaged; /* the database is; it too is to be found again */
	/* what it brings passes through a file that is not proven again */
	bool scratch;
	/* done carelessly on purpose: what is lost must be found out */
	bool control;
};

/*
 * scene_list(count):
 * Return all scenes.
 */
const struct scene *scene_list(size_t *count);

#endif
