/*
 * Without these sweeps nobody would know what a kill, a failing disk or an
 * empty memory costs in the one place where it comes.  usage:
 *	sweep [every=K | at=N] KIND [SCENE]...
 * Every K-th point of each scene is tried, in the way that KIND names, or
 * only the N-th.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fault/judge.h"
#include "tests/fault/model.h"
#include "tests/fault/state.h"

/* One way to disturb a program. */
struct kind {
	const char *name;
	struct fault fault;
	bool ends; /* the program is killed */
	bool ways; /* one call of each way through the program is enough */
};

static const struct kind kinds[] = {
	{ .name = "kill",
	    .fault = { .what = "change", .action = "kill" },
	    .ends = true },
	{ .name = "torn",
	    .fault = { .what = "change", .action = "torn" },
	    .ends = true },
	{ .name = "short", .fault = { .what = "change", .action = "short" } },
	{ .name = "eio", .fault = { .what = "change", .action = "5" } },
	{ .name = "enospc", .fault = { .what = "change", .action = "28" } },
	{ .name = "eacces", .fault = { .what = "change", .action = "13" } },
	{ .name = "eio-ever",
	    .fault = { .what = "change", .action = "5", .ever = true } },
	{ .name = "enospc-ever",
	    .fault = { .what = "change", .action = "28", .ever = true } },
	{ .name = "eacces-ever",
	    .fault = { .what = "change", .action = "13", .ever = true } },
	{ .name = "read", .fault = { .what = "read", .action = "5" } },
	{ .name = "read-ever",
	    .fault = { .what = "read", .action = "5", .ever = true } },
	{ .name = "rot", .fault = { .what = "temp", .action = "rot" } },
	{ .name = "alloc", .fault = { .what = "alloc", .action = "12" } },
	{ .name = "alloc-way",
	    .fault = { .what = "alloc", .action = "12" },
	    .ways = true },
	{ .name = "alloc-ever",
	    .fault = { .what = "alloc", .action = "12", .ever = true } },
	{ .name = "alloc-way-ever",
	    .fault = { .what = "alloc", .action = "12", .ever = true },
	    .ways = true },
};

struct sweep {
	struct place place;
	long every;
	long only; /* the one point to try, or 0 */
	int tests;
	int failed;
	long points;
	long lost;
	struct states good; /* of the scene at hand */
};

/* Whether the state that is left, and what follows from it, is good. */
static int
judge_state(struct sweep *s, const struct judge *j, bool done, struct err *err)
{
	char sum[DIGEST_HEX_MAX];

	state_sum(j->place->data, done, sum);
	if (states_know(&s->good, sum))
		return 0;
	if (judge_files(j, err) ||
	    (done ? judge_done(j, err) : judge_start(j, err)))
		return -1;
	states_add(&s->good, sum);
	return 0;
}

/* One point: disturb the command there, then look. */
static int
try(struct sweep *s, const struct judge *j, const struct kind *k, long at,
    struct err *err)
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
	/* A start goes on without what is not critical. */
	return judge_state(s, j, o.status == 0 && j->scene->argv[1] != NULL,
	    err);
}

/* What was tried of ${of} points in one scene; a control must lose some. */
struct tally {
	const char *kind;
	const char *scene;
	bool control;
	long tried;
	long of;
	long lost;
};

static void
report(struct sweep *s, const struct tally *t)
{
	bool good = t->control ? t->lost > 0 : t->lost == 0;

	/* There is always something to try; perhaps not every K-th. */
	good = good && t->of > 0 && (t->tried > 0 || s->every > t->of);
	s->tests++;
	s->failed += good ? 0 : 1;
	s->points += t->tried;
	s->lost += t->control ? 0 : t->lost;
	(void)printf("%s %d - %s %s: %ld points of %ld, %ld lost%s\n",
	    good ? "ok" : "not ok", s->tests, t->kind, t->scene, t->tried,
	    t->of, t->lost, t->control ? " (a control: some must be)" : "");
	(void)fflush(stdout);
}

/* A point that was tried, with what was lost there. */
static void
count(struct tally *t, long at, int rc, const struct err *err)
{
	t->tried++;
	if (rc == 0)
		return;
	t->lost++;
	if (!t->control)
		(void)printf("# %s %s at %ld: %s\n", t->kind, t->scene, at,
		    err->msg);
}

static void
try_and_count(struct sweep *s, const struct judge *j, const struct kind *k,
    long at, struct tally *t)
{
	struct err err = { 0 };
	int rc = try(s, j, k, at, &err);

	count(t, at, rc, &err);
}

/* Not the same points in each scene. */
static long
first(const struct tally *t, long every)
{
	return 1 + (long)(strlen(t->scene) + strlen(t->kind)) % every;
}

/* The calls that are the first on their way through the program. */
static void
learn_ways(const struct judge *j, const struct kind *k, struct buf *ways)
{
	struct fault traced = k->fault;
	struct outcome o;

	traced.trace = true;
	judge_reset(j);
	place_run(j->place, j->scene->argv, &traced, &o);
	if (place_read(j->place->base, "trace", ways))
		place_die("There is no trace of %s", j->scene->name);
}

static void
sweep(struct sweep *s, const struct kind *k, const struct scene *scene)
{
	struct tally t = { k->name, scene->name, scene->control, 0, 0, 0 };
	long every = scene->control ? 1 : s->every;
	struct buf ways = { 0 };
	struct judge j;

	states_free(&s->good);
	judge_learn(&j, &s->place, scene, k->fault.what);
	t.of = j.calls;
	/* Some write nothing under a temporary name. */
	if (t.of == 0 && strcmp(k->fault.what, "temp") == 0)
		return;
	if (k->ways) {
		learn_ways(&j, k, &ways);
		t.of = (long)(ways.len / sizeof(int64_t));
	}
	for (long n = first(&t, every); n <= t.of; n += every) {
		long at = k->ways ? ((int64_t *)(void *)ways.data)[n - 1] : n;

		if (s->only == 0 || s->only == at)
			try_and_count(s, &j, k, at, &t);
	}
	buf_free(&ways);
	report(s, &t);
}

/* ---- power --------------------------------------------------------------- */

/* Cut the power after ${at} changes and look at what is left. */
static int
try_cut(struct sweep *s, const struct judge *j, struct model *m, long at,
    unsigned seed, bool deaf, struct err *err)
{
	bool done = at == model_count(m);
	enum cut cut = seed < CUT_RANDOM ? (enum cut)seed : CUT_RANDOM;

	model_cut(m, at, cut, seed, deaf, j->place->data);
	/* A command that has ended has said that it was done. */
	if (judge_state(s, j, done, err) == 0)
		return 0;
	return err_prefix(err, "cut %u", seed);
}

/* The points of one scene; the last is always tried. */
static void
sweep_power(struct sweep *s, const struct scene *scene, bool deaf)
{
	const struct fault traced = { .what = "change", .trace = true };
	struct tally t = { deaf ? "power-deaf" : "power", scene->name, deaf, 0,
		0, 0 };
	struct outcome o;
	struct model *m;
	struct judge j;

	states_free(&s->good);
	judge_learn(&j, &s->place, scene, "change");
	judge_reset(&j);
	place_run(&s->place, scene->argv, &traced, &o);
	m = model_new(s->place.before, s->place.trace);
	t.of = model_count(m) * (CUT_RANDOM + 2);
	for (long at = first(&t, s->every); at - s->every < model_count(m);
	     at += s->every) {
		long last = at < model_count(m) ? at : model_count(m);

		for (unsigned seed = 0; seed < CUT_RANDOM + 2; seed++) {
			struct err err = { 0 };
			int rc = try_cut(s, &j, m, last, seed, deaf, &err);

			count(&t, last, rc, &err);
		}
	}
	model_free(m);
	report(s, &t);
}

static const struct kind *
find(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	}
	return NULL;
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
sweep_all(struct sweep *s, const char *kind, int argc, char **names)
{
	size_t n;
	const struct scene *scenes = scene_list(&n);
	const struct kind *k = find(kind);

	for (size_t i = 0; i < n; i++) {
		if (!is_wanted(scenes[i].name, argc, names) ||
		    (scenes[i].scratch && strcmp(kind, "rot") == 0))
			continue;
		if (k != NULL && (!scenes[i].control || k->ends))
			sweep(s, k, &scenes[i]);
		else if (k == NULL && !scenes[i].control)
			sweep_power(s, &scenes[i],
			    strcmp(kind, "power-deaf") == 0);
	}
}

int
main(int argc, char **argv)
{
	struct sweep s = { .every = 1 };
	int at = 1;

	if (at < argc && strncmp(argv[at], "every=", 6) == 0)
		s.every = strtol(argv[at++] + 6, NULL, 10);
	else if (at < argc && strncmp(argv[at], "at=", 3) == 0)
		s.only = strtol(argv[at++] + 3, NULL, 10);
	if (at >= argc || s.every < 1 ||
	    (find(argv[at]) == NULL && strncmp(argv[at], "power", 5) != 0)) {
		(void)fprintf(stderr,
		    "usage: sweep [every=K | at=N] KIND [SCENE]...\n");
		return 2;
	}
	place_make(&s.place);
	sweep_all(&s, argv[at], argc - at - 1, argv + at + 1);
	place_free(&s.place);
	states_free(&s.good);
	(void)printf("# %s: %ld points tried, %ld lost\n", argv[at], s.points,
	    s.lost);
	(void)printf("1..%d\n", s.tests);
	return s.failed == 0 ? 0 : 1;
}
