/*
 * Without these sweeps nobody would know what a kill, a failing disk or an
 * empty memory costs in the one place where it comes.  usage:
 *	sweep [every=K] KIND [SCENE]...		kill torn error read alloc
 * Every K-th point of each scene is tried.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fault/judge.h"

/* One way to disturb a program. */
struct kind {
	const char *name;
	struct fault fault;
	bool ends; /* the program is killed */
};

static const struct kind kinds[] = {
	{ "kill", { .what = "change", .action = "kill" }, true },
	{ "torn", { .what = "change", .action = "torn" }, true },
	{ "short", { .what = "change", .action = "short" }, false },
	{ "eio", { .what = "change", .action = "5" }, false },
	{ "enospc", { .what = "change", .action = "28" }, false },
	{ "eacces", { .what = "change", .action = "13" }, false },
	{ "eio-ever", { .what = "change", .action = "5", .ever = true },
	    false },
	{ "enospc-ever", { .what = "change", .action = "28", .ever = true },
	    false },
	{ "eacces-ever", { .what = "change", .action = "13", .ever = true },
	    false },
	{ "read", { .what = "read", .action = "5" }, false },
	{ "read-ever", { .what = "read", .action = "5", .ever = true }, false },
	{ "alloc", { .what = "alloc", .action = "12" }, false },
	{ "alloc-ever", { .what = "alloc", .action = "12", .ever = true },
	    false },
};

struct sweep {
	struct place place;
	long every;
	int tests;
	int failed;
	long points;
	long lost;
};

/* One point: disturb the command there, then look. */
static int
try(const struct judge *j, const struct kind *k, long at, struct err *err)
{
	struct fault f = k->fault;
	struct outcome o;

	f.at = at;
	judge_reset(j);
	place_run(j->place, j->scene->argv, &f, &o);
	if (k->ends && o.status != 128 + 9 && o.status != 0)
		return err_set(err, ERR_IO, "it ends with %d: %s", o.status,
		    o.text);
	if (!k->ends && judge_exit(j, &o, err))
		return -1;
	if (judge_files(j, err))
		return -1;
	/* A start goes on without what is not critical. */
	return o.status == 0 && j->scene->argv[1] != NULL ? judge_done(j, err)
							  : judge_start(j, err);
}

static void
report(struct sweep *s, const struct judge *j, const struct kind *k, long tried,
    long lost)
{
	bool good = j->scene->control ? lost > 0 : lost == 0;

	s->tests++;
	s->failed += good ? 0 : 1;
	s->points += tried;
	s->lost += j->scene->control ? 0 : lost;
	(void)printf("%s %d - %s %s: %ld of %ld points, %ld lost%s\n",
	    good ? "ok" : "not ok", s->tests, k->name, j->scene->name, tried,
	    j->calls, lost,
	    j->scene->control ? " (a control: some must be)" : "");
	(void)fflush(stdout);
}

static void
sweep(struct sweep *s, const struct kind *k, const struct scene *scene)
{
	struct judge j;
	long tried = 0;
	long lost = 0;
	long every = scene->control ? 1 : s->every;
	long first;

	judge_learn(&j, &s->place, scene, k->fault.what);
	/* Not the same place in each scene. */
	first = 1 + (long)(strlen(scene->name) + strlen(k->name)) % every;
	for (long at = first; at <= j.calls; at += every) {
		struct err err = { 0 };

		tried++;
		if (try(&j, k, at, &err) == 0)
			continue;
		lost++;
		if (!scene->control)
			(void)printf("# %s %s at %ld: %s\n", k->name,
			    scene->name, at, err.msg);
	}
	report(s, &j, k, tried, lost);
}

static bool
is_wanted(const char *name, int count, char **names)
{
	for (int i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return count == 0;
}

static void
sweep_all(struct sweep *s, const struct kind *k, int count, char **names)
{
	size_t n;
	const struct scene *scenes = scene_list(&n);

	for (size_t i = 0; i < n; i++) {
		if (is_wanted(scenes[i].name, count, names) &&
		    (!scenes[i].control || k->ends))
			sweep(s, k, &scenes[i]);
	}
}

int
main(int argc, char **argv)
{
	struct sweep s = { .every = 1 };
	const struct kind *k = NULL;
	int at = 1;

	if (at < argc && strncmp(argv[at], "every=", 6) == 0)
		s.every = strtol(argv[at++] + 6, NULL, 10);
	for (size_t i = 0; at < argc && i < sizeof(kinds) / sizeof(kinds[0]);
	     i++) {
		if (strcmp(kinds[i].name, argv[at]) == 0)
			k = &kinds[i];
	}
	if (k == NULL || s.every < 1) {
		(void)fprintf(stderr,
		    "usage: sweep [every=K] KIND "
		    "[SCENE]...\n");
		return 2;
	}
	place_make(&s.place);
	sweep_all(&s, k, argc - at - 1, argv + at + 1);
	place_free(&s.place);
	(void)printf("# %s: %ld points tried, %ld lost\n", k->name, s.points,
	    s.lost);
	(void)printf("1..%d\n", s.tests);
	return s.failed == 0 ? 0 : 1;
}
