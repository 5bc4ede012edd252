/* Without these tests a household could lose the one archive it needs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/retention_plan.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define MAX_FILES 9000
/* Wednesday, 2026-07-01T12:00:00Z */
#define NOW INT64_C(1782907200000)

static const struct env_keep usual = { 10, 14, 8, 12, UINT64_C(2) << 30 };

static struct retention_file files[MAX_FILES];
static size_t count;
static struct retention_sums sums;

static int
setup(void **state)
{
	(void)state;
	memset(files, 0, sizeof(files));
	count = 0;
	return 0;
}

/* Add a file of ${bytes}; ${content} stands for its digest. */
static struct retention_file *
add(enum retention_kind kind, int64_t at, uint64_t bytes, int content)
{
	static const char *const heads[] = { "backup_", "backup_latest.json",
		"dev.db.pre-upgrade_", "dev.db.pre-restore_" };
	char stamp[CLOCK_STAMP_MAX] = "";
	struct retention_file *f = &files[count++];

	assert_true(count <= MAX_FILES);
	if (kind != RETAIN_LATEST)
		(void)clock_stamp(at, stamp);
	(void)snprintf(f->name, sizeof(f->name), "%s%s%s", heads[kind], stamp,
	    kind == RETAIN_ARCHIVE ? ".json" : "");
	(void)snprintf(f->digest, sizeof(f->digest), "%064d", content);
	f->kind = kind;
	f->at = at;
	f->bytes = bytes;
	return f;
}

static void
plan(const struct env_keep *keep, const char *made)
{
	retention_plan(files, count, keep, NOW, made, &sums);
}

static struct retention_file *
find(const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(files[i].name, name) == 0)
			return &files[i];
	}
	fail_msg("%s", name);
	return files;
}

/* Forget what goes, as its removal does. */
static void
sweep(void)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		if (!retention_goes(&files[i]))
			files[n++] = files[i];
	}
	count = n;
}

static size_t
stay(enum retention_reason reason)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += files[i].reason == reason;
	return n;
}

static void
plan_keeps_ten_days_weeks_and_months_of_an_hourly_year(void **state)
{
	size_t once;

	(void)state;
	for (int i = 0; i < 365 * 24; i++)
		(void)add(RETAIN_ARCHIVE, NOW - i * HOUR, 1, i);
	plan(&usual, NULL);
	/* The newest is also the newest of its hour, day, week and month. */
	assert_int_equal(stay(RETAIN_IS_NEWEST), 1);
	assert_int_equal(stay(RETAIN_BY_LAST), 9);
	assert_int_equal(stay(RETAIN_BY_DAY), 13);
	/* of 8 weeks this one and two others end within the 14 days */
	assert_int_equal(stay(RETAIN_BY_WEEK), 5);
	/* of 12 months July is here, June ended yesterday, May on a Sunday */
	assert_int_equal(stay(RETAIN_BY_MONTH), 9);
	assert_string_equal(files[0].name, "backup_2026-07-01T12-00-00.json");
	assert_int_equal(find("backup_2026-06-30T23-00-00.json")->reason,
	    RETAIN_BY_DAY);
	assert_int_equal(find("backup_2026-06-14T23-00-00.json")->reason,
	    RETAIN_BY_WEEK);
	assert_int_equal(find("backup_2025-08-31T23-00-00.json")->reason,
	    RETAIN_BY_MONTH);
	assert_int_equal(find("backup_2025-07-31T23-00-00.json")->reason,
	    RETAIN_OUTDATED);
	once = sums.kept;
	sweep();
	plan(&usual, NULL);
	assert_int_equal(sums.kept, once);
	assert_int_equal(sums.archives, 0);
}

/* An archive each hour, pruned each hour, ends as if pruned once. */
static void
plan_ends_the_same_when_run_after_each_archive(void **state)
{
	static char names[64][INVENTORY_NAME_MAX];
	size_t n = 0;

	(void)state;
	for (int i = 100 * 24; i >= 0; i--) {
		struct retention_file *f =
		    add(RETAIN_ARCHIVE, NOW - i * HOUR, 1, i);
		char made[INVENTORY_NAME_MAX];

		memcpy(made, f->name, sizeof(made));
		retention_plan(files, count, &usual, f->at, made, &sums);
		sweep();
	}
	for (size_t i = 0; i < count; i++)
		memcpy(names[n++], files[i].name, sizeof(names[0]));
	(void)setup(NULL);
	for (int i = 0; i <= 100 * 24; i++)
		(void)add(RETAIN_ARCHIVE, NOW - i * HOUR, 1, i);
	plan(&usual, NULL);
	sweep();
	assert_int_equal(count, n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(files[i].name, names[i]);
}

static void
plan_keeps_what_was_before_fifty_restarts(void **state)
{
	(void)state;
	for (int content = 1; content <= 2; content++) {
		(void)setup(NULL);
		(void)add(RETAIN_ARCHIVE, NOW - DAY, 1, 1);
		for (int i = 50; i > 0; i--) {
			char made[INVENTORY_NAME_MAX];
			struct retention_file *f =
			    add(RETAIN_ARCHIVE, NOW - i * MINUTE, 1, content);

			memcpy(made, f->name, sizeof(made));
			plan(&usual, made);
			sweep();
		}
		/* the one from before, and of the loop the last and first */
		assert_int_equal(find("backup_2026-06-30T12-00-00.json")->at,
		    NOW - DAY);
		assert_int_equal(find("backup_2026-07-01T11-59-00.json")->at,
		    NOW - MINUTE);
		assert_int_equal(count, content == 1 ? 2 : 3);
	}
}

/* Restarts that flip between two contents take two places, not fifty. */
static void
plan_counts_content_once_when_it_alternates(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		(void)add(RETAIN_ARCHIVE, NOW - DAY - i * HOUR, 1, 10 + i);
	for (int i = 0; i < 50; i++)
		(void)add(RETAIN_ARCHIVE, NOW - i * MINUTE, 1, i % 2);
	plan(&usual, NULL);
	sweep();
	assert_int_equal(count, 5 + 4);
}

static void
plan_never_judges_what_is_broken_or_not_yet(void **state)
{
	struct retention_file *f;
	const struct env_keep none = { 0, 0, 0, 0, 1 };

	(void)state;
	f = add(RETAIN_ARCHIVE, NOW, 50, 1);
	f->state = RETAIN_BROKEN;
	(void)add(RETAIN_ARCHIVE, NOW - HOUR, 10, 1);
	(void)add(RETAIN_ARCHIVE, NOW - 2 * HOUR, 10, 2);
	(void)add(RETAIN_ARCHIVE, NOW + 2 * DAY, 70, 3);
	(void)add(RETAIN_LATEST, 0, 10, 0);
	plan(&none, NULL);
	assert_int_equal(stay(RETAIN_IS_BROKEN), 1);
	assert_int_equal(stay(RETAIN_IS_FUTURE), 1);
	assert_int_equal(find("backup_2026-07-01T11-00-00.json")->reason,
	    RETAIN_IS_NEWEST);
	assert_int_equal(sums.archives, 1);
	assert_int_equal(sums.broken, 1);
	assert_int_equal(sums.kept, 4);
	assert_true(sums.kept_bytes == 140);
	assert_true(sums.over);
}

/* A broken file is no successor: what is there stays. */
static void
plan_removes_nothing_without_a_verified_archive(void **state)
{
	(void)state;
	for (int i = 0; i < 60; i++)
		add(RETAIN_ARCHIVE, NOW - i * HOUR, 1, i)->state =
		    i % 2 ? RETAIN_UNSUMMED : RETAIN_BROKEN;
	plan(&usual, NULL);
	assert_int_equal(sums.kept, 60);
	add(RETAIN_ARCHIVE, NOW - 90 * HOUR, 1, 90);
	plan(&usual, NULL);
	assert_true(sums.archives > 0);
	assert_int_equal(find("backup_2026-06-27T18-00-00.json")->reason,
	    RETAIN_IS_NEWEST);
}

/* The clock stands at 1970, or was in 2099: the others are not judged. */
static void
plan_survives_a_clock_that_is_wrong(void **state)
{
	struct env_keep one = { 1, 1, 1, 1, 1000 };

	(void)state;
	for (int i = 0; i < 40; i++)
		(void)add(RETAIN_ARCHIVE, NOW - i * HOUR, 1, i);
	(void)add(RETAIN_ARCHIVE, HOUR, 1, 100);
	(void)add(RETAIN_ARCHIVE, 2 * HOUR, 1, 101);
	retention_plan(files, count, &one, 3 * HOUR,
	    "backup_1970-01-01T02-00-00.json", &sums);
	assert_int_equal(sums.archives, 1);
	assert_int_equal(stay(RETAIN_IS_FUTURE), 40);
	assert_int_equal(find("backup_1970-01-01T01-00-00.json")->reason,
	    RETAIN_OUTDATED);
	/* Hours back: what was just made is not the newest by its name. */
	(void)setup(NULL);
	for (int i = 0; i < 5; i++)
		(void)add(RETAIN_ARCHIVE, NOW - i * HOUR, 1, i);
	one.bytes = 1;
	retention_plan(files, count, &one, NOW - 3 * HOUR,
	    "backup_2026-07-01T08-00-00.json", &sums);
	assert_int_equal(find("backup_2026-07-01T08-00-00.json")->reason,
	    RETAIN_IS_NEWEST);
	assert_int_equal(files[0].reason, RETAIN_IS_NEWEST);
	assert_int_equal(sums.kept, 2);
}

static void
plan_pins_the_last_two_snapshots_of_each_kind(void **state)
{
	const struct env_keep keep = { 10, 14, 8, 12, 44 };

	(void)state;
	(void)add(RETAIN_ARCHIVE, NOW, 1, 1);
	for (int i = 1; i <= 4; i++) {
		(void)add(RETAIN_UPGRADE, NOW - i * DAY, 10, 0);
		(void)add(RETAIN_RESTORE, NOW - i * HOUR, 1, 0);
	}
	plan(&usual, NULL);
	assert_int_equal(sums.kept, 9);
	assert_int_equal(stay(RETAIN_HAS_ROOM), 4);
	/* The oldest goes first, and only as many as there must. */
	plan(&keep, NULL);
	assert_int_equal(sums.snapshots, 1);
	assert_int_equal(find("dev.db.pre-upgrade_2026-06-27T12-00-00")->reason,
	    RETAIN_NO_ROOM);
	assert_false(sums.over);
}

static void
plan_takes_repeated_content_first_for_room(void **state)
{
	const struct env_keep keep = { 10, 0, 0, 0, 30 };

	(void)state;
	(void)add(RETAIN_ARCHIVE, NOW, 10, 1);
	(void)add(RETAIN_ARCHIVE, NOW - HOUR, 10, 1);
	(void)add(RETAIN_ARCHIVE, NOW - 2 * HOUR, 10, 2);
	(void)add(RETAIN_ARCHIVE, NOW - 3 * HOUR, 10, 3);
	plan(&keep, NULL);
	assert_int_equal(sums.archives, 1);
	assert_int_equal(find("backup_2026-07-01T11-00-00.json")->reason,
	    RETAIN_NO_ROOM);
}

/* ---- any list at all ---- */

static unsigned seed;

static int
pick(int below)
{
	seed = seed * 1664525U + 1013904223U;
	return (int)((seed >> 8) % (unsigned)below);
}

static void
random_list(struct env_keep *keep)
{
	int n = pick(120);

	(void)setup(NULL);
	for (int i = 0; i < n; i++) {
		enum retention_kind kind = pick(5) != 0
		    ? RETAIN_ARCHIVE
		    : (enum retention_kind)(2 + pick(2));
		struct retention_file *f =
		    add(kind, NOW + 3 * DAY - pick(400 * 24) * HOUR + i * 1000,
			(uint64_t)pick(1000), pick(40));

		f->state = (enum retention_state)(pick(9) / 4);
	}
	if (pick(2))
		(void)add(RETAIN_LATEST, 0, (uint64_t)pick(1000), 0);
	*keep = (struct env_keep){ pick(12), pick(15), pick(9), pick(13),
		1 + (uint64_t)pick(30000) };
}

/* The rules that no list may break, told without the plan's own code. */
static void
check_list(const struct env_keep *keep)
{
	bool newest = false;
	bool removable = false;
	uint64_t bytes = 0;
	int snapshots[4] = { 0 };

	for (size_t i = 0; i < count; i++) {
		const struct retention_file *f = &files[i];
		bool future = f->at > NOW + DAY;
		bool broken =
		    f->kind == RETAIN_ARCHIVE && f->state == RETAIN_BROKEN;
		bool pinned = f->kind == RETAIN_LATEST || future || broken;

		if (i > 0)
			assert_true(files[i - 1].at >= f->at);
		if (!pinned && f->kind == RETAIN_ARCHIVE && !newest &&
		    f->state == RETAIN_VERIFIED)
			pinned = newest = true;
		else if (!pinned && f->kind != RETAIN_ARCHIVE)
			pinned = snapshots[f->kind]++ < 2;
		if (pinned && retention_goes(f))
			fail_msg("seed %u: %s goes", seed, f->name);
		if (!retention_goes(f) && !future && !broken)
			bytes += f->bytes;
		removable |= !pinned && !retention_goes(f);
	}
	if (!newest)
		assert_int_equal(sums.archives + sums.snapshots, 0);
	else if (bytes > keep->bytes && removable)
		fail_msg("seed %u: %llu bytes stay", seed,
		    (unsigned long long)bytes);
	else
		assert_int_equal(sums.over, bytes > keep->bytes);
}

static void
plan_holds_for_any_list(void **state)
{
	struct env_keep keep;

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		size_t n;

		seed = i;
		random_list(&keep);
		plan(&keep, NULL);
		check_list(&keep);
		n = sums.kept;
		sweep();
		assert_int_equal(count, n);
		/* What stayed stays. */
		plan(&keep, NULL);
		check_list(&keep);
		assert_int_equal(sums.kept, n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
		    plan_keeps_ten_days_weeks_and_months_of_an_hourly_year,
		    setup),
		cmocka_unit_test_setup(
		    plan_ends_the_same_when_run_after_each_archive, setup),
		cmocka_unit_test_setup(
		    plan_keeps_what_was_before_fifty_restarts, setup),
		cmocka_unit_test_setup(
		    plan_counts_content_once_when_it_alternates, setup),
		cmocka_unit_test_setup(
		    plan_never_judges_what_is_broken_or_not_yet, setup),
		cmocka_unit_test_setup(
		    plan_removes_nothing_without_a_verified_archive, setup),
		cmocka_unit_test_setup(plan_survives_a_clock_that_is_wrong,
		    setup),
		cmocka_unit_test_setup(
		    plan_pins_the_last_two_snapshots_of_each_kind, setup),
		cmocka_unit_test_setup(
		    plan_takes_repeated_content_first_for_room, setup),
		cmocka_unit_test_setup(plan_holds_for_any_list, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
