/*
 * Without this test an archive could come back with a value lost, doubled or
 * changed: export, restore into an empty database and export again must give
 * the same bytes, for every fixture and for databases full of odd values.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive.h"
#include "core/archive_read.h"
#include "core/archive_verify.h"
#include "core/db.h"
#include "core/restore.h"
#include "core/schema.h"
#include "tests/unit/folder.h"

#define ROUNDS 300
#define TEXT_MAX 64

static uint64_t seed;

static uint64_t
draw(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static unsigned
below(unsigned n)
{
	return (unsigned)(draw() % n);
}

static void
must(int rc, const struct err *err)
{
	if (rc != 0)
		fail_msg("seed %llu: %s", (unsigned long long)seed, err->msg);
}

static struct db *
new_db(const char *name)
{
	struct err err = { 0 };
	struct db *db = NULL;

	db_remove(folder_path(name));
	must(db_open(&db, folder_path(name), DB_SCRATCH, &err), &err);
	must(schema_create(db, &err), &err);
	return db;
}

/* A character of any plane, as UTF-8. */
static size_t
put_char(char *out)
{
	static const uint32_t from[] = { 0, 0x20, 0x80, 0x800, 0xe000, 0x10000,
		0x20000, 0xe0000, 0x100000 };
	static const uint32_t count[] = { 0x20, 0x60, 0x780, 0xd000, 0x2000,
		0x10000, 0x10000, 0x10000, 0x10000 };
	unsigned which = below(9);
	uint32_t c = from[which] + (uint32_t)(draw() % count[which]);

	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static size_t
put_text(char out[TEXT_MAX])
{
	static const char *const fixed[] = { "", "\"", "\\", "\n\r\t", "null",
		"{\"a\":[1, 2]}", "</script>", "[]", "0", "-1", "1.50", "1e5",
		"false", " x ", "\x7f", "__proto__" };
	unsigned n = below(24);
	size_t len = 0;

	if (n < 16) {
		memcpy(out, fixed[n], strlen(fixed[n]));
		return strlen(fixed[n]);
	}
	for (n = below(10); n > 0; n--)
		len += put_char(out + len);
	return len;
}

static void
bind_text(sqlite3_stmt *s, int at)
{
	char text[TEXT_MAX];
	size_t len = put_text(text);

	(void)sqlite3_bind_text64(s, at, text, len, SQLITE_TRANSIENT,
	    SQLITE_UTF8);
}

static void
bind_number(sqlite3_stmt *s, int at)
{
	static const double reals[] = { 0.1, -0.0, 1e300, -1e-300, 8.4, 5e-324,
		1.7976931348623157e308, 9223372036854775808.0, 1e15, 1e21,
		123456789.125 };
	static const int64_t ints[] = { 0, 1, -1, 2, 10, INT64_MAX, INT64_MIN,
		INT64_C(1764072000000), 4294967296, -62135596800000 };

	if (below(2) == 0)
		(void)sqlite3_bind_double(s, at, reals[below(11)]);
	else
		(void)sqlite3_bind_int64(s, at, ints[below(10)]);
}

/* A value of any kind. */
static void
bind_any(sqlite3_stmt *s, int at)
{
	char text[TEXT_MAX];
	size_t len;

	switch (below(8)) {
	case 0:
		(void)sqlite3_bind_null(s, at);
		break;
	case 1:
		bind_number(s, at);
		break;
	case 2:
		len = put_text(text);
		(void)sqlite3_bind_blob64(s, at, text, len, SQLITE_TRANSIENT);
		break;
	case 3:
		(void)sqlite3_bind_text(s, at, "\xff\xc3(\xed\xa0\x80", -1,
		    SQLITE_STATIC);
		break;
	default:
		bind_text(s, at);
		break;
	}
}

static void
bind_time(sqlite3_stmt *s, int at)
{
	static const char *const times[] = { "2025-11-25T12:00:00.000Z",
		"2025-11-25T12:00:00.000+00:00", "2025-11-25 12:00:00",
		"2024-02-29T23:59:59.999+02:00", "yesterday", "",
		"2025-13-45T00:00:00Z", "0000-00-00 00:00:00",
		"1969-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z" };

	switch (below(6)) {
	case 0:
		bind_any(s, at);
		break;
	case 1:
		(void)sqlite3_bind_int64(s, at,
		    INT64_C(1600000000000) + (int64_t)(draw() % 200000000000));
		break;
	case 2:
		bind_number(s, at);
		break;
	default:
		(void)sqlite3_bind_text(s, at, times[below(10)], -1,
		    SQLITE_STATIC);
		break;
	}
}

static void
bind_status(sqlite3_stmt *s, int at)
{
	static const char *const all[] = { "WATCHED", "WATCHED", "WATCHLIST",
		"BLOCKED", "DROPPED", "" };

	if (below(10) == 0)
		bind_any(s, at);
	else
		(void)sqlite3_bind_text(s, at, all[below(6)], -1,
		    SQLITE_STATIC);
}

static void
bind_type(sqlite3_stmt *s, int at)
{
	static const char *const all[] = { "movie", "tv", "movie", "tv",
		"Movie", "person", "" };

	(void)sqlite3_bind_text(s, at, all[below(7)], -1, SQLITE_STATIC);
}

static void
bind_id(sqlite3_stmt *s, int at)
{
	if (below(8) == 0)
		bind_number(s, at);
	else if (below(20) == 0)
		(void)sqlite3_bind_text(s, at, "tt0111161", -1, SQLITE_STATIC);
	else
		(void)sqlite3_bind_int64(s, at, 1 + below(12));
}

static void
bind_bool(sqlite3_stmt *s, int at)
{
	static const char *const words[] = { "true", "false", "yes" };

	if (below(4) == 0)
		(void)sqlite3_bind_text(s, at, words[below(3)], -1,
		    SQLITE_STATIC);
	else if (below(4) == 0)
		(void)sqlite3_bind_null(s, at);
	else
		(void)sqlite3_bind_int(s, at, (int)below(3));
}

static void
bind_user_name(sqlite3_stmt *s, int at)
{
	static const char *const names[] = { "", "__proto__", "anna", "Anna",
		"M\xc3\x84KINEN", "M\xc3\xa4kinen", "O'Brien \"x\"", "users" };

	if (below(4) == 0)
		bind_text(s, at);
	else
		(void)sqlite3_bind_text(s, at, names[below(8)], -1,
		    SQLITE_STATIC);
}

/* What each letter of a recipe binds. */
static void
bind_by(sqlite3_stmt *s, int at, char what)
{
	switch (what) {
	case 't':
		bind_any(s, at);
		break;
	case 'T':
		bind_text(s, at);
		break;
	case '@':
		bind_time(s, at);
		break;
	case 'n':
		if (below(3) > 0)
			bind_number(s, at);
		else
			bind_any(s, at);
		break;
	case 'b':
		bind_bool(s, at);
		break;
	case 's':
		bind_status(s, at);
		break;
	case 'y':
		bind_type(s, at);
		break;
	case '#':
		bind_id(s, at);
		break;
	case 'u':
		bind_user_name(s, at);
		break;
	default:
		(void)sqlite3_bind_int(s, at, 1 + (int)below(12));
		break;
	}
}

/* Try to add ${count} rows; those that the schema refuses do not come. */
static void
add_rows(struct db *db, const char *sql, const char *recipe, unsigned count)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(db_handle(db), sql, -1, &s, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sqlite3_errmsg(db_handle(db)), sql);
	for (unsigned n = 0; n < count; n++) {
		for (int i = 0; recipe[i] != '\0'; i++)
			bind_by(s, i + 1, recipe[i]);
		(void)sqlite3_step(s);
		(void)sqlite3_reset(s);
	}
	(void)sqlite3_finalize(s);
}

static const char kept_sql[] =
    "INSERT INTO JairKept (userId, kind, value) VALUES (nullif(?1 % 5, 0),"
    " CASE WHEN ?1 % 5 <> 0 AND ?1 % 2 THEN 'unresolved' ELSE 'rejected' END,"
    " CASE WHEN ?1 % 5 <> 0 AND ?1 % 2 THEN"
    " json_object('title', 'x' || ?2, 'media_type', 'tv')"
    " ELSE json_object('where', 'UserMedia 1', 'reason', ?2, 'value',"
    " json('{\"a\":[1,2.5,null]}')) END)";

static void
fill_db(struct db *db)
{
	struct err err = { 0 };

	add_rows(db,
	    "INSERT INTO SystemConfig (id, jellyfinUrl,"
	    " jellyseerrUrl, jellyseerrApiKey, geminiApiKey, geminiModel,"
	    " tmdbApiKey, aiProvider, openrouterApiKey, aiModel,"
	    " jellyfinServerId, isConfigured) VALUES (1, ?1, ?2, ?3, ?4, ?5,"
	    " ?6, ?7, ?8, ?9, ?10, 1)",
	    "tttttttttt", below(4) > 0);
	add_rows(db,
	    "INSERT INTO User (username, movieProfile, tvProfile,"
	    " movieProfileAt, tvProfileAt, createdAt, jellyfinUserId,"
	    " passwordHash, isSystemAdmin) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
	    " 'hash', 1)",
	    "utt@@@t", below(8));
	add_rows(db,
	    "INSERT INTO Media (tmdbId, title, mediaType, posterUrl,"
	    " posterSourceUrl, overview, backdropUrl, backdropSourceUrl,"
	    " voteAverage, language, releaseYear, genres, keywords, director,"
	    " topCast, tagline, similarIds, recommendationIds, enrichedAt)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,"
	    " ?14, ?15, ?16, ?17, ?18, ?19)",
	    "#tytttttnttttttttt@", below(20));
	add_rows(db,
	    "INSERT INTO UserMedia (userId, mediaId, status,"
	    " updatedAt, blockedAt, permanentBlock, softBlockUntil,"
	    " redemptionAttempts, addedAt) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
	    " ?8, ?9)",
	    "iis@@b@n@", below(60));
	add_rows(db, kept_sql, "iT", below(6));
	/* As any start leaves it. */
	must(schema_fill_model(db, &err), &err);
	if (below(3) > 0)
		return;
	must(db_exec(db,
		 "CREATE TABLE _jair_rejected_UserMedia (id, userId,"
		 " mediaId, status, addedAt, _jair_reason TEXT, _jair_at TEXT)",
		 &err),
	    &err);
	add_rows(db,
	    "INSERT INTO _jair_rejected_UserMedia VALUES (?1, ?2, ?3,"
	    " ?4, ?5, ?6, 'now')",
	    "iitt@T", below(5));
}

static void
export_db(struct db *db, const char *name, struct archive_stats *st)
{
	struct err err = { 0 };

	(void)unlink(folder_path(name));
	must(archive_write(db, folder_path(name), st, &err), &err);
}

static void
restore_db(struct db *db, const char *name, bool replace,
    struct restore_report *report)
{
	const struct restore_options o = { .replace = replace, .config = true };
	struct err err = { 0 };
	struct archive *a = NULL;

	must(archive_open(&a, folder_path(name), NULL, &err), &err);
	must(restore_apply(db, a, folder_make(), &o, report, &err), &err);
	archive_free(a);
}

/* The text without its lines that may differ. */
static char *
stable(const char *name)
{
	static const char *const free_lines[] = { "\n  \"exported_at\": ",
		"\n    \"isConfigured\": ", "\n    \"file_sha256\": " };
	char *text = folder_read(folder_path(name), NULL);

	for (size_t i = 0; i < 3; i++) {
		char *at = strstr(text, free_lines[i]);

		for (at = at != NULL ? at + 1 : NULL; at != NULL && *at != '\n';
		     at++)
			*at = '-';
		if (at != NULL)
			memmove(strchr(strstr(text, "\n-"), '-'), at,
			    strlen(at) + 1);
	}
	return text;
}

static void
show_difference(const char *a, const char *b)
{
	size_t i = 0;

	while (a[i] == b[i] && a[i] != '\0')
		i++;
	i = i > 120 ? i - 120 : 0;
	fail_msg("before: %.300s\nafter: %.300s", a + i, b + i);
}

static void
assert_same_export(const char *a, const char *b)
{
	char *before = stable(a);
	char *after = stable(b);

	if (strcmp(before, after) != 0)
		show_difference(before, after);
	free(before);
	free(after);
}

/* Out, into an empty database, and out again; then both ways once more. */
static void
round_trip(struct db *db)
{
	struct archive_stats first;
	struct archive_stats st;
	struct restore_report report;
	struct err err = { 0 };
	struct db *empty = new_db("empty.db");

	export_db(db, "first.json", &first);
	restore_db(empty, "first.json", true, &report);
	export_db(empty, "second.json", &st);
	assert_same_export("first.json", "second.json");
	assert_int_equal(report.total.inserted, first.items);
	restore_report_free(&report);
	must(archive_verify(folder_path("first.json"), &first, &err), &err);
	/* Both ways once more: nothing is doubled. */
	for (int replace = 0; replace < 2; replace++) {
		restore_db(empty, "first.json", replace == 1, &report);
		assert_int_equal(report.total.inserted, 0);
		restore_report_free(&report);
		must(archive_digest(empty, &st, &err), &err);
		assert_string_equal(st.content_sha256, first.content_sha256);
		/* Nor in the very database it came from. */
		restore_db(db, "first.json", replace == 1, &report);
		restore_report_free(&report);
		must(archive_digest(db, &st, &err), &err);
		assert_string_equal(st.content_sha256, first.content_sha256);
	}
	db_free(empty);
}

static void
restore_fixture_databases_come_back(void **state)
{
	static const char *const names[] = { "v2.0.3-small", "v2.2.0-upgraded",
		"v2.3.7-upgraded", "v2.8.10-small", "v2.8.10-medium" };
	struct schema_report report;
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < 5 && getenv("JAIR_ROUND") == NULL; i++) {
		struct db *from = NULL;
		struct db *db = NULL;
		char path[128];

		(void)snprintf(path, sizeof(path), "tests/fixtures/db/%s.db",
		    names[i]);
		db_remove(folder_path("old.db"));
		must(db_open(&from, path, DB_READ, &err), &err);
		must(db_open(&db, folder_path("old.db"), DB_SCRATCH, &err),
		    &err);
		must(db_copy(from, db, &err), &err);
		must(schema_apply(db, false, &report, &err), &err);
		round_trip(db);
		db_free(db);
		db_free(from);
	}
	folder_clean();
}

static void
restore_generated_databases_come_back(void **state)
{
	const char *one = getenv("JAIR_ROUND");
	uint64_t from = one != NULL ? strtoull(one, NULL, 10) : 1;
	uint64_t to = one != NULL ? from : ROUNDS;

	(void)state;
	for (uint64_t n = from; n <= to; n++) {
		struct db *db;

		seed = n * UINT64_C(0x9e3779b97f4a7c15);
		db = new_db("made.db");
		fill_db(db);
		round_trip(db);
		db_free(db);
	}
	folder_clean();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(restore_fixture_databases_come_back),
		cmocka_unit_test(restore_generated_databases_come_back),
	};

	(void)folder_make();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
