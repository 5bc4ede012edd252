#include "core/retention_plan.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"

#define DAY_MS INT64_C(86400000)
/* 1970-01-01 was a Thursday; weeks begin on Monday. */
#define DAYS_TO_MONDAY 3
#define PINNED_SNAPSHOTS 2

/* What is being decided on. */
struct plan {
	struct retention_file *file;
	size_t count;
	int64_t now;
};

bool
retention_goes(const struct retention_file *file)
{
	return file->reason >= RETAIN_REPEATED;
}

const char *
retention_reason_text(enum retention_reason reason)
{
	static const char *const texts[] = {
		[RETAIN_IS_LATEST] = "always stays",
		[RETAIN_IS_NEWEST] = "the newest verified archive",
		[RETAIN_BY_LAST] = "one of the last",
		[RETAIN_BY_DAY] = "the day's",
		[RETAIN_BY_WEEK] = "the week's",
		[RETAIN_BY_MONTH] = "the month's",
		[RETAIN_IS_FIRST] = "the first with its content",
		[RETAIN_IS_PINNED] = "one of the last two of its kind",
		[RETAIN_HAS_ROOM] = "there is room for it",
		[RETAIN_IS_BROKEN] =
		    "damaged or changed; look at it with jair-init verify",
		[RETAIN_IS_FUTURE] = "its time lies in the future",
		[RETAIN_UNPROVEN] = "no archive here is verified",
		[RETAIN_STUCK] = "it could not be removed",
		[RETAIN_REPEATED] = "others hold the same",
		[RETAIN_OUTDATED] = "older than what is to be kept",
		[RETAIN_NO_ROOM] = "too large for JAIR_KEEP_BYTES",
	};

	return texts[reason];
}

/* The newest first; of equal times by name. */
static int
compare(const void *a, const void *b)
{
	const struct retention_file *x = a;
	const struct retention_file *y = b;

	if (x->at != y->at)
		return x->at < y->at ? 1 : -1;
	return strcmp(y->name, x->name);
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

/* A number that all times of the same day, week or month share. */
static int64_t
period(int64_t at, enum retention_reason rule)
{
	int64_t day = floor_div(at, DAY_MS);
	char stamp[CLOCK_STAMP_MAX];

	switch (rule) {
	case RETAIN_BY_DAY:
		return day;
	case RETAIN_BY_WEEK:
		return floor_div(day + DAYS_TO_MONDAY, 7);
	case RETAIN_BY_MONTH:
		/* "2026-01" without its line */
		(void)clock_stamp(at, stamp);
		stamp[4] = '0';
		stamp[7] = '\0';
		return strtoll(stamp, NULL, 10);
	default:
		return at;
	}
}

/* Its time has not come: the clock is, or was, wrong. */
static bool
is_future(const struct plan *p, const struct retention_file *f)
{
	return f->at > p->now && f->at - p->now > DAY_MS;
}

/* Whether ${f} is an archive that the rules may count. */
static bool
counts(const struct plan *p, const struct retention_file *f)
{
	return f->kind == RETAIN_ARCHIVE && f->state != RETAIN_BROKEN &&
	    !is_future(p, f);
}

/* Whether ${rule} counts an archive with the content of ${f} already. */
static bool
is_counted(const struct plan *p, const struct retention_file *f, unsigned rule)
{
	for (const struct retention_file *g = p->file; g < f; g++) {
		if ((g->rules & rule) && strcmp(g->digest, f->digest) == 0)
			return true;
	}
	return false;
}

/*
 * Keep the newest archive in each of ${limit} periods, of the last ones in
 * which there is any; content that ${rule} counts already takes no place.
 */
static void
apply_rule(struct plan *p, enum retention_reason rule, int limit)
{
	unsigned bit = 1U << rule;
	bool any = false;
	int64_t last = 0;

	for (size_t i = 0; i < p->count && limit > 0; i++) {
		struct retention_file *f = &p->file[i];
		int64_t key = period(f->at, rule);

		if (!counts(p, f) ||
		    (any && key == last && rule != RETAIN_BY_LAST) ||
		    is_counted(p, f, bit))
			continue;
		any = true;
		last = key;
		limit--;
		f->rules |= bit;
		if (retention_goes(f))
			f->reason = rule;
	}
}

/* Whether another file that stays holds what the archive ${f} does. */
static bool
has_twin(const struct plan *p, const struct retention_file *f)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct retention_file *g = &p->file[i];

		if (g != f && counts(p, g) && !retention_goes(g) &&
		    strcmp(g->digest, f->digest) == 0)
			return true;
	}
	return false;
}

/*
 * Of equal ones the oldest stays beside the newest, so that restarts in a
 * loop leave the archive from before them.
 */
static void
keep_firsts(struct plan *p)
{
	for (size_t i = p->count; i-- > 0;) {
		struct retention_file *f = &p->file[i];
		bool older = false;

		if (!counts(p, f) || !retention_goes(f) || !has_twin(p, f))
			continue;
		for (size_t j = i + 1; j < p->count && !older; j++)
			older = counts(p, &p->file[j]) &&
			    strcmp(p->file[j].digest, f->digest) == 0;
		f->reason = older ? RETAIN_REPEATED : RETAIN_IS_FIRST;
	}
}

/* What no rule is asked about. */
static void
pin(struct plan *p, const char *made)
{
	int pinned[RETAIN_RESTORE + 1] = { 0 };
	bool newest = false;

	for (size_t i = 0; i < p->count; i++) {
		struct retention_file *f = &p->file[i];

		f->rules = 0;
		f->reason = RETAIN_OUTDATED;
		if (f->kind == RETAIN_LATEST) {
			f->reason = RETAIN_IS_LATEST;
		} else if (f->kind == RETAIN_ARCHIVE &&
		    f->state == RETAIN_BROKEN) {
			f->reason = RETAIN_IS_BROKEN;
		} else if (made != NULL && strcmp(f->name, made) == 0) {
			f->reason = RETAIN_IS_NEWEST;
			newest = true;
		} else if (is_future(p, f)) {
			f->reason = RETAIN_IS_FUTURE;
		} else if (f->kind != RETAIN_ARCHIVE) {
			f->reason = pinned[f->kind]++ < PINNED_SNAPSHOTS
			    ? RETAIN_IS_PINNED
			    : RETAIN_HAS_ROOM;
		} else if (f->state == RETAIN_VERIFIED && !newest) {
			f->reason = RETAIN_IS_NEWEST;
			newest = true;
		}
	}
}

/* Whether an archive is there that the others may be judged by. */
static bool
is_proven(const struct plan *p)
{
	for (size_t i = 0; i < p->count; i++) {
		if (p->file[i].reason == RETAIN_IS_NEWEST)
			return true;
	}
	return false;
}

/* Whether the budget counts ${f}: what stays and could be relied on. */
static bool
takes_room(const struct retention_file *f)
{
	return !retention_goes(f) && f->reason != RETAIN_IS_BROKEN &&
	    f->reason != RETAIN_IS_FUTURE;
}

/* How early ${f} goes when there is no room; 0: never. */
static int
rank(const struct retention_file *f)
{
	switch (f->reason) {
	case RETAIN_HAS_ROOM:
		return 3;
	case RETAIN_IS_FIRST:
		return 2;
	case RETAIN_BY_LAST:
	case RETAIN_BY_DAY:
	case RETAIN_BY_WEEK:
	case RETAIN_BY_MONTH:
		return 1;
	default:
		return 0;
	}
}

/* Let go, the oldest first, what makes the rest fit into ${budget}. */
static bool
make_fit(struct plan *p, uint64_t budget)
{
	uint64_t total = 0;

	for (size_t i = 0; i < p->count; i++)
		total += takes_room(&p->file[i]) ? p->file[i].bytes : 0;
	for (int r = 3; r > 0; r--) {
		for (size_t i = p->count; i-- > 0 && total > budget;) {
			struct retention_file *f = &p->file[i];

			if (rank(f) != r)
				continue;
			total -= f->bytes;
			f->reason = RETAIN_NO_ROOM;
		}
	}
	return total <= budget;
}

static void
sum_up(const struct plan *p, struct retention_sums *sums)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct retention_file *f = &p->file[i];

		if (!retention_goes(f)) {
			sums->kept++;
			sums->kept_bytes += f->bytes;
			sums->broken += f->reason == RETAIN_IS_BROKEN;
			continue;
		}
		sums->bytes += f->bytes;
		if (f->kind == RETAIN_ARCHIVE)
			sums->archives++;
		else
			sums->snapshots++;
	}
}

void
retention_plan(struct retention_file *files, size_t count,
    const struct env_keep *keep, int64_t now, const char *made,
    struct retention_sums *sums)
{
	struct plan p = { .file = files, .count = count, .now = now };

	*sums = (struct retention_sums){ 0 };
	if (count > 1)
		qsort(files, count, sizeof(*files), compare);
	pin(&p, made);
	if (is_proven(&p)) {
		apply_rule(&p, RETAIN_BY_LAST, keep->last);
		apply_rule(&p, RETAIN_BY_DAY, keep->daily);
		apply_rule(&p, RETAIN_BY_WEEK, keep->weekly);
		apply_rule(&p, RETAIN_BY_MONTH, keep->monthly);
		keep_firsts(&p);
		sums->over = !make_fit(&p, keep->bytes);
	} else {
		for (size_t i = 0; i < count; i++) {
			if (retention_goes(&files[i]))
				files[i].reason = RETAIN_UNPROVEN;
		}
	}
	sum_up(&p, sums);
}
