/*
 * gendb OUT USERS ITEMS SEED: write a database with the target schema that
 * looks like a household's, for benchmarks and for tests of scale.  The same
 * arguments give the same rows.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema_sql.h"

#define TEXT_MAX 1024
#define STRIDE 7919 /* a prime that divides no number of media here */
#define DAY_MS INT64_C(86400000)
#define FIRST_MS INT64_C(1577836800000) /* 2020-01-01 */

static const char *const words[] = {
	"winter",
	"silent",
	"machine",
	"daughter",
	"orbit",
	"glass",
	"river",
	"Straße",
	"König",
	"übermorgen",
	"lumière",
	"été",
	"garçon",
	"kevät",
	"äiti",
	"yö",
	"東京",
	"物語",
	"рассвет",
	"море",
	"the",
	"of",
	"last",
	"and",
	"house",
	"\"memory\"",
	"letters",
	"storm",
	"🎬",
	"empire",
};
#define WORDS (sizeof(words) / sizeof(words[0]))

static uint64_t state;

/* splitmix64: the same everywhere. */
static uint64_t
next(void)
{
	uint64_t z = (state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static int64_t
below(int64_t n)
{
	return (int64_t)(next() % (uint64_t)n);
}

static void
fail(sqlite3 *db, const char *what)
{
	(void)fprintf(stderr, "gendb: %s: %s\n", what, sqlite3_errmsg(db));
	exit(1);
}

static void
run(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail(db, sql);
}

static sqlite3_stmt *
prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		fail(db, sql);
	return stmt;
}

static void
step(sqlite3 *db, sqlite3_stmt *stmt)
{
	if (sqlite3_step(stmt) != SQLITE_DONE)
		fail(db, "insert");
	(void)sqlite3_reset(stmt);
}

/* Between ${least} and ${most} words. */
static void
bind_words(sqlite3_stmt *stmt, int at, int least, int most)
{
	char text[TEXT_MAX];
	size_t len = 0;
	int64_t n = least + below(most - least + 1);

	for (int64_t i = 0; i < n; i++) {
		const char *w = words[below((int64_t)WORDS)];

		if (len + strlen(w) + 2 > sizeof(text))
			break;
		if (len > 0)
			text[len++] = i % 9 == 8 ? '\n' : ' ';
		memcpy(text + len, w, strlen(w));
		len += strlen(w);
	}
	(void)sqlite3_bind_text(stmt, at, text, (int)len, SQLITE_TRANSIENT);
}

__attribute__((format(printf, 3, 4))) static void
bind_format(sqlite3_stmt *stmt, int at, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)sqlite3_bind_text(stmt, at, text, -1, SQLITE_TRANSIENT);
}

/* As the original wrote it, since v2.0.10. */
static void
bind_time(sqlite3_stmt *stmt, int at)
{
	int64_t ms = FIRST_MS + below(2000 * DAY_MS);

	bind_format(stmt, at, "20%02d-%02d-%02dT%02d:%02d:%02d.%03d+00:00",
	    20 + (int)(ms / DAY_MS % 6), 1 + (int)(ms / 7 % 12),
	    1 + (int)(ms / 11 % 28), (int)(ms / 3600000 % 24),
	    (int)(ms / 60000 % 60), (int)(ms / 1000 % 60), (int)(ms % 1000));
}

static void
add_users(sqlite3 *db, int64_t users)
{
	sqlite3_stmt *stmt = prepare(db,
	    "INSERT INTO \"User\""
	    " (\"username\", \"createdAt\", \"movieProfile\", \"tvProfile\")"
	    " VALUES (?1, ?2, ?3, ?4)");

	for (int64_t i = 1; i <= users; i++) {
		bind_format(stmt, 1, "user%" PRId64, i);
		bind_time(stmt, 2);
		bind_words(stmt, 3, 60, 120);
		bind_words(stmt, 4, 60, 120);
		step(db, stmt);
	}
	(void)sqlite3_finalize(stmt);
}

static void
add_media(sqlite3 *db, int64_t media)
{
	sqlite3_stmt *stmt = prepare(db,
	    "INSERT INTO \"Media\""
	    " (\"tmdbId\", \"title\", \"mediaType\", \"posterUrl\","
	    " \"overview\", \"backdropUrl\", \"voteAverage\", \"language\","
	    " \"releaseYear\") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");

	for (int64_t i = 1; i <= media; i++) {
		(void)sqlite3_bind_int64(stmt, 1, i * 7);
		bind_words(stmt, 2, 1, 4);
		bind_format(stmt, 3, i % 3 == 0 ? "tv" : "movie");
		bind_format(stmt, 4, "/images/movie_%" PRId64 "_poster.jpg",
		    i * 7);
		bind_words(stmt, 5, 2, 16);
		bind_format(stmt, 6,
		    "https://image.tmdb.org/t/p/w1280/%" PRId64 "b.jpg", i * 7);
		(void)sqlite3_bind_double(stmt, 7, (double)below(10000) / 1000);
		bind_format(stmt, 8, "en");
		bind_format(stmt, 9, "%d", 1950 + (int)below(77));
		step(db, stmt);
	}
	(void)sqlite3_finalize(stmt);
}

/*
 * Every user has another stretch of the same media, in an order that has
 * nothing to do with theirs; a user's rows lie together, as after a sync.
 */
static void
add_items(sqlite3 *db, int64_t users, int64_t items, int64_t media)
{
	static const char *const status[] = { "WATCHED", "WATCHED", "WATCHED",
		"WATCHLIST", "BLOCKED" };
	sqlite3_stmt *stmt = prepare(db,
	    "INSERT INTO \"UserMedia\""
	    " (\"userId\", \"mediaId\", \"status\", \"updatedAt\","
	    " \"addedAt\") VALUES (?1, ?2, ?3, ?4, ?4)");

	for (int64_t i = 0; i < users * items; i++) {
		(void)sqlite3_bind_int64(stmt, 1, i / items + 1);
		(void)sqlite3_bind_int64(stmt, 2,
		    (i % items * STRIDE + i / items * 31) % media + 1);
		bind_format(stmt, 3, "%s", status[below(5)]);
		bind_time(stmt, 4);
		step(db, stmt);
	}
	(void)sqlite3_finalize(stmt);
}

int
main(int argc, char **argv)
{
	sqlite3 *db = NULL;
	int64_t users;
	int64_t items;
	int64_t media;

	if (argc != 5) {
		(void)fprintf(stderr, "usage: gendb OUT USERS ITEMS SEED\n");
		return 1;
	}
	users = strtoll(argv[2], NULL, 10);
	items = strtoll(argv[3], NULL, 10);
	state = strtoull(argv[4], NULL, 10);
	media = items + items / 4 + 1;
	while (media % STRIDE == 0)
		media++;
	if (users < 1 || items < 0 || sqlite3_open(argv[1], &db) != SQLITE_OK)
		fail(db, argv[1]);
	run(db, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN");
	run(db, schema_sql);
	run(db,
	    "INSERT INTO \"SystemConfig\" (\"id\", \"jellyfinUrl\","
	    " \"isConfigured\") VALUES (1, 'http://127.0.0.1:8096', 1)");
	add_users(db, users);
	add_media(db, media);
	add_items(db, users, items, media);
	run(db, "PRAGMA user_version=1; COMMIT");
	return sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}
