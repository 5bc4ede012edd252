/*
 * Without this test some mixture of times could let an older entry win, move
 * when a title was added, or lose a profile: every combination is restored
 * and compared with the rule written down a second time, as plain as it goes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/restore.h"
#include "tests/unit/household.h"

#define TEXT_MAX ((size_t)4 << 20)
#define TIMES 5
#define STATUSES 3
#define STATES (TIMES * TIMES * STATUSES)

/* Times as they are written, as they are stored, and how old they are. */
static const struct {
	const char *text; /* NULL: none */
	const char *stored;
	int age; /* 0: none or unreadable */
} times[TIMES] = {
	{ NULL, NULL, 0 },
	{ "tomorrow", "tomorrow", 0 },
	{ "2025-01-01T00:00:00.000Z", "2025-01-01T00:00:00.000Z", 1 },
	{ "2025-01-02T02:00:00+02:00", "2025-01-02T00:00:00.000Z", 2 },
	{ "2025-01-02", "2025-01-02T00:00:00.000Z", 2 },
};

static const char *const statuses[STATUSES] = { "WATCHED", "WATCHLIST",
	"BLOCKED" };

struct entry {
	bool there;
	int added, updated; /* of times */
	int status;
};

static struct entry
entry_of(int n)
{
	return (struct entry){ true, n % TIMES, n / TIMES % TIMES,
		n / TIMES / TIMES };
}

/* The age that counts: updated_at, or added_at where that is missing. */
static int
age(const struct entry *e)
{
	return times[times[e->updated].text != NULL ? e->updated : e->added]
	    .age;
}

/* The rule of a merge, for one title. */
static struct entry
merge(const struct entry *ours, const struct entry *theirs)
{
	struct entry e = *theirs;

	if (!ours->there || !theirs->there)
		return ours->there ? *ours : *theirs;
	if (age(theirs) <= age(ours))
		return *ours;
	if (times[ours->added].text == NULL)
		return e;
	/* When it was added stays; what came keeps its age all the same. */
	if (times[e.updated].text == NULL)
		e.updated = e.added;
	e.added = ours->added;
	return e;
}

static void
add_time(struct buf *b, const char *key, int time)
{
	if (times[time].text != NULL)
		buf_addf(b, ",\"%s\":\"%s\"", key, times[time].text);
}

/* Items of the state ${n}, for each of our states one; 0: those that lack. */
static void
add_items(struct buf *b, int status)
{
	const char *before = "";

	for (int theirs = 0; theirs < STATES; theirs++) {
		struct entry e = entry_of(theirs);

		for (int ours = 0; e.status == status && ours <= STATES;
		     ours++) {
			buf_addf(b,
			    "%s{\"tmdb_id\":%d,\"media_type\":\"movie\"",
			    before, 1 + theirs * (STATES + 1) + ours);
			add_time(b, "added_at", e.added);
			add_time(b, "updated_at", e.updated);
			buf_addc(b, '}');
			before = ",";
		}
	}
}

static void
bind_time(sqlite3_stmt *stmt, int at, int time)
{
	(void)sqlite3_bind_text(stmt, at, times[time].stored, -1,
	    SQLITE_STATIC);
}

/* Our side: for each of their states each of ours, the last one absent. */
static void
fill_ours(struct db *db)
{
	sqlite3_stmt *stmt = NULL;

	exec(db,
	    "BEGIN; INSERT INTO User (id, username) VALUES (1, 'u');"
	    " INSERT INTO Media (id, tmdbId, mediaType) WITH n(i) AS (SELECT 1"
	    " UNION ALL SELECT i + 1 FROM n WHERE i < 6000)"
	    " SELECT i, i, 'movie' FROM n");
	assert_int_equal(sqlite3_prepare_v2(db_handle(db),
			     "INSERT INTO UserMedia (userId, mediaId, status,"
			     " addedAt, updatedAt) VALUES (1, ?1, ?2, ?3, ?4)",
			     -1, &stmt, NULL),
	    SQLITE_OK);
	for (int n = 0; n < STATES * (STATES + 1); n++) {
		struct entry e = entry_of(n % (STATES + 1));

		if (n % (STATES + 1) == STATES)
			continue;
		(void)sqlite3_bind_int(stmt, 1, n + 1);
		(void)sqlite3_bind_text(stmt, 2, statuses[e.status], -1,
		    SQLITE_STATIC);
		bind_time(stmt, 3, e.added);
		bind_time(stmt, 4, e.updated);
		assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
		(void)sqlite3_reset(stmt);
	}
	(void)sqlite3_finalize(stmt);
	exec(db, "COMMIT");
}

static bool
same(sqlite3_stmt *stmt, int column, const char *want)
{
	const char *s = (const char *)sqlite3_column_text(stmt, column);

	return s == NULL || want == NULL ? s == want : strcmp(s, want) == 0;
}

static void
compare(struct db *db, bool replace)
{
	sqlite3_stmt *stmt = NULL;
	int seen = 0;

	assert_int_equal(sqlite3_prepare_v2(db_handle(db),
			     "SELECT tmdbId, status, addedAt, updatedAt FROM"
			     " UserMedia x JOIN Media m ON m.id = x.mediaId",
			     -1, &stmt, NULL),
	    SQLITE_OK);
	for (; sqlite3_step(stmt) == SQLITE_ROW; seen++) {
		int n = sqlite3_column_int(stmt, 0) - 1;
		int o = n % (STATES + 1);
		struct entry theirs = entry_of(n / (STATES + 1));
		struct entry ours = entry_of(o);
		struct entry e;

		ours.there = o < STATES;
		e = replace ? theirs : merge(&ours, &theirs);
		if (!same(stmt, 1, statuses[e.status]) ||
		    !same(stmt, 2, times[e.added].stored) ||
		    !same(stmt, 3, times[e.updated].stored))
			fail_msg("%s of %d and %d: %s %s %s",
			    replace ? "replace" : "merge", o, n / (STATES + 1),
			    sqlite3_column_text(stmt, 1),
			    sqlite3_column_text(stmt, 2),
			    sqlite3_column_text(stmt, 3));
	}
	(void)sqlite3_finalize(stmt);
	assert_int_equal(seen, STATES * (STATES + 1));
}

static void
restore_text(struct db *db, const char *text, bool replace)
{
	const struct restore_options o = { .replace = replace };
	struct restore_report report;
	struct archive *a = archive_of(text);
	struct err err = { 0 };

	must(restore_apply(db, a, folder_make(), &o, &report, &err), &err);
	restore_report_free(&report);
	archive_free(a);
}

static void
restore_follows_the_rule_for_every_entry(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, TEXT_MAX);
	buf_addz(&b, "{\"users\":[{\"username\":\"u\",\"data\":{\"movies\":[");
	add_items(&b, 0);
	buf_addz(&b, "],\"watchlist\":{\"movies\":[");
	add_items(&b, 1);
	buf_addz(&b, "]},\"do_not_recommend\":[");
	add_items(&b, 2);
	buf_addz(&b, "]}}]}");
	for (int replace = 0; replace < 2; replace++) {
		struct db *db;

		folder_clean();
		db = household("dev.db");
		fill_ours(db);
		restore_text(db, buf_str(&b), replace == 1);
		compare(db, replace == 1);
		/* Once more: nothing moves. */
		restore_text(db, buf_str(&b), replace == 1);
		compare(db, replace == 1);
		db_free(db);
	}
	buf_free(&b);
}

/* Each two of the archive for one title: ${first} stands before ${second}. */
static bool
second_wins(const struct entry *first, const struct entry *second)
{
	int a = times[first->added].age;
	int b = times[second->added].age;

	/* WATCHED, then WATCHLIST, then the rest. */
	return a != b ? b > a : second->status < first->status;
}

static void
restore_follows_the_rule_for_every_duplicate(void **state)
{
	static const char *const open[STATUSES] = { "\"movies\":[",
		"\"watchlist.movies\":[", "\"do_not_recommend\":[" };
	const int states = TIMES * STATUSES;
	struct db *db;

	(void)state;
	folder_clean();
	db = household("dev.db");
	/* One user for each two, so that the lists stand in any order. */
	for (int n = 0; n < states * states; n++) {
		struct entry e[2] = {
			{ true, n % TIMES, 0, n / TIMES % STATUSES },
			{ true, n / states % TIMES, 0,
			    n / states / TIMES % STATUSES },
		};
		const struct entry *won = &e[second_wins(&e[0], &e[1])];
		char sql[256];
		struct buf b;

		buf_init(&b, TEXT_MAX);
		buf_addz(&b, "{\"users\":[{\"username\":\"u\",\"data\":{");
		for (int i = 0; i < 2; i++) {
			buf_addf(&b,
			    "%s%s{\"tmdb_id\":1,\"media_type\":"
			    "\"movie\"",
			    i > 0 ? "," : "", open[e[i].status]);
			add_time(&b, "added_at", e[i].added);
			buf_addz(&b, "}]");
		}
		buf_addz(&b, "}}]}");
		restore_text(db, buf_str(&b), true);
		(void)snprintf(sql, sizeof(sql),
		    "SELECT status = '%s' AND addedAt IS %s%s%s FROM UserMedia",
		    statuses[won->status],
		    times[won->added].stored != NULL ? "'" : "",
		    times[won->added].stored != NULL ? times[won->added].stored
						     : "NULL",
		    times[won->added].stored != NULL ? "'" : "");
		if (number(db, sql) != 1)
			fail_msg("%s", buf_str(&b));
		buf_free(&b);
	}
	db_free(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(restore_follows_the_rule_for_every_entry),
		cmocka_unit_test(restore_follows_the_rule_for_every_duplicate),
	};

	(void)folder_make();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
