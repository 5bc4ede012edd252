/*
 * Without this test an archive could lose a value, change its bytes from one
 * release to the next, or carry a digest that nobody else can recompute.
 */
#include "tests/unit/archive_fixture.h"

#include <stdbool.h>

#include "core/clock.h"
#include "core/schema.h"

#define GOLDEN "tests/fixtures/golden/everything"

static int64_t
golden_clock(void)
{
	return INT64_C(1764072000000); /* 2025-11-25T12:00:00.000Z */
}

static int64_t
other_clock(void)
{
	return INT64_C(1764072000001);
}

static void
load(struct db *db, const char *path)
{
	struct buf sql = fixture_read(path);

	fixture_exec(db, buf_str(&sql));
	buf_free(&sql);
}

/* Where ${part} begins in ${b}. */
static size_t
find(const struct buf *b, const char *part)
{
	char *at = memmem(buf_str(b), b->len, part, strlen(part));

	if (at == NULL)
		fail_msg("no %s in %s", part, buf_str(b));
	return (size_t)(at - b->data);
}

static void
assert_has(const struct buf *b, const char *part)
{
	(void)find(b, part);
}

static void
assert_lacks(const struct buf *b, const char *part)
{
	assert_null(memmem(buf_str(b), b->len, part, strlen(part)));
}

static void
archive_write_everything_equals_golden_file(void **state)
{
	struct db *db = fixture_db("a.db");
	struct buf golden = { 0 };
	struct archive_stats st;
	struct buf text;
	FILE *f;

	(void)state;
	clock_set_source(golden_clock);
	load(db, GOLDEN ".sql");
	text = fixture_archive(db, &st);
	if (getenv("JAIR_GOLDEN_WRITE") != NULL) {
		f = fopen(GOLDEN ".json", "w");
		assert_non_null(f);
		assert_int_equal(fwrite(text.data, 1, text.len, f), text.len);
		assert_int_equal(fclose(f), 0);
	}
	golden = fixture_read(GOLDEN ".json");
	assert_int_equal(text.len, golden.len);
	assert_memory_equal(text.data, golden.data, golden.len);
	assert_int_equal(st.bytes, golden.len);
	assert_int_equal(st.users, 7);
	assert_int_equal(st.items, 15);
	assert_int_equal(st.rejected, 13);
	assert_int_equal(st.unresolved, 2);
	assert_lacks(&text, "never exported");
	assert_lacks(&text, "\"secret\"");
	assert_lacks(&text, "Nobody's");
	buf_free(&text);
	buf_free(&golden);
	db_free(db);
	clock_set_source(NULL);
}

static void
archive_write_empty_database_is_whole(void **state)
{
	static const char head[] =
	    "{\n"
	    "  \"version\": \"2.0.3\",\n"
	    "  \"exported_at\": \"2025-11-25T12:00:00.000Z\",\n"
	    "  \"generator\": {\n"
	    "    \"name\": \"jair\",\n"
	    "    \"version\": \"" JAIR_VERSION "\",\n"
	    "    \"schema\": 1\n"
	    "  },\n"
	    "  \"system_config\": null,\n"
	    "  \"users\": [],\n"
	    "  \"integrity\": {\n"
	    "    \"users\": 0,\n"
	    "    \"items\": 0,\n"
	    "    \"content_sha256\": \"";
	struct db *db = fixture_db("a.db");
	struct archive_stats st;
	struct buf text;

	(void)state;
	clock_set_source(golden_clock);
	text = fixture_archive(db, &st);
	assert_memory_equal(text.data, head, sizeof(head) - 1);
	assert_int_equal(st.odd, 0);
	/* printf 'null\n' | sha256sum */
	assert_string_equal(st.content_sha256,
	    "38e0b9de817f645c4bec37c0d4a3e58b"
	    "aecccb040f5718dc069a72c7385a0bed");
	buf_free(&text);
	db_free(db);
	clock_set_source(NULL);
}

/* JSON without white space outside strings, from ${from} to ${to}. */
static void
minify(const struct buf *in, size_t from, size_t to, struct buf *out)
{
	bool inside = false;

	for (size_t i = from; i < to; i++) {
		char c = in->data[i];

		if (inside && c == '\\') {
			buf_addc(out, c);
			c = in->data[++i];
		} else if (c == '"') {
			inside = !inside;
		}
		if (inside || (c != ' ' && c != '\n'))
			buf_addc(out, c);
	}
}

/* The content of the archive ${text} by docs/format.md. */
static void
content_of(const struct buf *text, struct buf *out)
{
	size_t at = find(text, "\n  \"system_config\": ") + 20;
	size_t users = find(text, "\n  \"users\": [");
	size_t end = find(text, "\n  \"integrity\": {");
	char *p;

	/* isConfigured is the last line of the configuration. */
	p = memmem(text->data + at, users - at, "\n    \"isConfigured\"", 19);
	if (p == NULL) {
		buf_addz(out, "null\n");
	} else {
		minify(text, at,
		    (size_t)(p - text->data) - (p[-1] == ',' ? 1 : 0), out);
		buf_addz(out, "}\n");
	}
	/* Users stand four spaces deep, the file's "rejected" two. */
	p = text->data + users;
	while ((p = memmem(p, (size_t)(text->data + end - p), "\n    {\n",
		    7)) != NULL) {
		char *close =
		    memmem(p, (size_t)(text->data + end - p), "\n    }", 6);
		char *rejected = memmem(text->data + users, end - users,
		    "\n  \"rejected\": [", 16);

		if (rejected != NULL && p > rejected)
			break;
		minify(text, (size_t)(p - text->data),
		    (size_t)(close + 6 - text->data), out);
		buf_addc(out, '\n');
		p = close;
	}
	p = memmem(text->data + users, end - users, "\n  \"rejected\": ", 15);
	if (p != NULL) {
		minify(text, (size_t)(p + 15 - text->data),
		    end - (text->data[end - 1] == ',' ? 1 : 0), out);
		buf_addc(out, '\n');
	}
}

static void
assert_digest(const void *data, size_t len, const char *hex)
{
	struct err err = { 0 };
	struct digest *d = digest_new(&err);
	char got[DIGEST_HEX_MAX];

	digest_add(d, data, len);
	digest_hex(d, got);
	assert_string_equal(got, hex);
	digest_free(d);
}

static void
archive_write_digests_can_be_recomputed(void **state)
{
	struct db *db = fixture_db("a.db");
	struct archive_stats st;
	struct buf content;
	struct buf text;
	struct buf tail;

	(void)state;
	load(db, GOLDEN ".sql");
	for (int round = 0; round < 2; round++) {
		text = fixture_archive(db, &st);
		assert_digest(text.data, find(&text, "  \"integrity\": {"),
		    st.file_sha256);
		buf_init(&content, 1 << 24);
		content_of(&text, &content);
		assert_digest(content.data, content.len, st.content_sha256);
		buf_init(&tail, 4096);
		archive_integrity(&st, &tail);
		assert_string_equal(text.data +
			find(&text, "  \"integrity\": {"),
		    buf_str(&tail));
		buf_free(&tail);
		buf_free(&content);
		buf_free(&text);
		/* Again without configuration and without rows to reject. */
		fixture_exec(db,
		    "DELETE FROM \"SystemConfig\";"
		    "DELETE FROM \"UserMedia\" WHERE \"userId\" = 77;"
		    "DROP TABLE \"_jair_rejected_UserMedia\";"
		    "DROP TABLE IF EXISTS \"_jair_rejected_User\";"
		    "CREATE TABLE \"_jair_rejected_UserMedia\" (\"x\")");
	}
	db_free(db);
}

static void
archive_write_twice_differs_in_time_and_integrity_alone(void **state)
{
	struct db *db = fixture_db("a.db");
	struct archive_stats sa;
	struct archive_stats sb;
	struct buf a;
	struct buf b;
	size_t at;

	(void)state;
	load(db, GOLDEN ".sql");
	clock_set_source(golden_clock);
	a = fixture_archive(db, &sa);
	clock_set_source(other_clock);
	b = fixture_archive(db, &sb);
	clock_set_source(NULL);
	assert_int_equal(a.len, b.len);
	assert_string_equal(sa.content_sha256, sb.content_sha256);
	assert_string_not_equal(sa.file_sha256, sb.file_sha256);
	at = find(&a, "000Z\",\n  \"generator\"");
	assert_memory_equal(a.data, b.data, at);
	assert_memory_equal(b.data + at, "001", 3);
	assert_memory_equal(a.data + at + 3, b.data + at + 3,
	    find(&a, "\"file_sha256\"") - at - 3);
	buf_free(&a);
	buf_free(&b);
	db_free(db);
}

static void
archive_digest_equals_that_of_the_file(void **state)
{
	struct db *db = fixture_db("a.db");
	struct archive_stats sa;
	struct archive_stats sb;
	struct err err = { 0 };
	struct buf a;

	(void)state;
	load(db, GOLDEN ".sql");
	a = fixture_archive(db, &sa);
	assert_int_equal(archive_digest(db, &sb, &err), 0);
	assert_string_equal(sa.content_sha256, sb.content_sha256);
	assert_int_equal(sa.items, sb.items);
	assert_int_equal(sa.odd, sb.odd);
	assert_int_equal(sb.bytes, 0);
	buf_free(&a);
	db_free(db);
}

static void
archive_digest_ignores_ids_and_order_of_rows(void **state)
{
	struct db *a = fixture_db("a.db");
	struct db *b = fixture_db("b.db");
	struct archive_stats sa;
	struct archive_stats sb;
	struct err err = { 0 };

	(void)state;
	load(a, GOLDEN ".sql");
	fixture_exec(a,
	    "DELETE FROM \"UserMedia\" WHERE \"mediaId\" = 99"
	    " OR \"userId\" = 77; DELETE FROM \"SystemConfig\" WHERE id = 2;"
	    "DROP TABLE \"_jair_rejected_UserMedia\";"
	    "DROP TABLE \"_jair_rejected_User\"");
	assert_int_equal(db_copy(a, b, &err), 0);
	fixture_exec(b,
	    "PRAGMA foreign_keys=OFF;"
	    "UPDATE \"UserMedia\" SET \"id\" = 1000 - \"id\","
	    " \"userId\" = 500 - \"userId\", \"mediaId\" = 700 - \"mediaId\";"
	    "UPDATE \"Media\" SET \"id\" = 700 - \"id\";"
	    "UPDATE \"JairKept\" SET \"userId\" = 500 - \"userId\";"
	    "UPDATE \"User\" SET \"id\" = 500 - \"id\"");
	assert_int_equal(archive_digest(a, &sa, &err), 0);
	assert_int_equal(archive_digest(b, &sb, &err), 0);
	assert_string_equal(sa.content_sha256, sb.content_sha256);
	fixture_exec(b, "UPDATE \"SystemConfig\" SET \"isConfigured\" = 0");
	assert_int_equal(archive_digest(b, &sb, &err), 0);
	assert_string_equal(sa.content_sha256, sb.content_sha256);
	fixture_exec(b,
	    "UPDATE \"Media\" SET \"tagline\" = ''"
	    " WHERE \"tmdbId\" = 0");
	assert_int_equal(archive_digest(b, &sb, &err), 0);
	assert_string_not_equal(sa.content_sha256, sb.content_sha256);
	db_free(a);
	db_free(b);
}

static void
archive_write_long_values_stand_where_readers_take_them(void **state)
{
	struct db *db = fixture_db("a.db");
	struct archive_stats st;
	struct err err = { 0 };
	struct buf text;

	(void)state;
	fixture_exec(db,
	    "INSERT INTO \"SystemConfig\" (\"id\", \"aiModel\") VALUES"
	    " (1, hex(zeroblob(524289)));"
	    "INSERT INTO \"User\" (\"id\", \"username\", \"movieProfile\")"
	    " VALUES (1, hex(zeroblob(513)), hex(zeroblob(524289))),"
	    " (2, hex(zeroblob(514)), hex(zeroblob(524288)));"
	    "INSERT INTO \"Media\" (\"id\", \"tmdbId\", \"mediaType\","
	    " \"overview\") VALUES (1, 1, 'movie', hex(zeroblob(524289))),"
	    " (2, 2, 'tv', hex(zeroblob(524288))),"
	    " (3, 3, 'tv', hex(zeroblob(35651584)));"
	    "INSERT INTO \"UserMedia\" (\"userId\", \"mediaId\", \"status\")"
	    " VALUES (1, 1, 'WATCHED'), (1, 2, 'WATCHED'), (2, 2, 'WATCHED')");
	text = fixture_archive(db, &st);
	assert_int_equal(st.items, 3);
	assert_has(&text, "        \"other\": [\n");
	assert_has(&text, "\"where\": \"User 1\"");
	assert_has(&text, "\"where\": \"SystemConfig 1\"");
	/* both names were cut to the same text */
	assert_has(&text, "000000 (2)\",\n");
	/* two long names, a profile, a model: all of them whole */
	assert_int_equal(st.rejected, 4);
	buf_free(&text);
	fixture_exec(db,
	    "UPDATE \"UserMedia\" SET \"mediaId\" = 3"
	    " WHERE \"mediaId\" = 1");
	/* 68 MiB, of which 64 are written */
	assert_int_equal(archive_write(db, fixture_path("b.json"), &st, &err),
	    0);
	assert_int_equal(unlink(fixture_path("b.json")), 0);
	assert_in_range(st.bytes, ARCHIVE_VALUE_MAX,
	    ARCHIVE_VALUE_MAX + 6 * ARCHIVE_STRING_MAX);
	assert_int_equal(st.items, 3);
	db_free(db);
}

static void
archive_write_names_the_first_odd_value(void **state)
{
	struct db *db = fixture_db("a.db");
	struct archive_stats st;
	struct buf text;

	(void)state;
	fixture_exec(db,
	    "INSERT INTO \"User\" (\"id\", \"username\") VALUES (1, 'jesse');"
	    "INSERT INTO \"Media\" (\"id\", \"tmdbId\", \"mediaType\","
	    " \"title\") VALUES (1, 603, 'movie', 'x');"
	    "INSERT INTO \"UserMedia\" (\"userId\", \"mediaId\", \"status\","
	    " \"addedAt\") VALUES (1, 1, 'WATCHED', 'garbage')");
	text = fixture_archive(db, &st);
	assert_int_equal(st.odd, 1);
	assert_string_equal(st.first_odd,
	    "users \"jesse\" movie 603: addedAt is \"garbage\"");
	assert_has(&text, "\"added_at\": \"garbage\"");
	buf_free(&text);
	db_free(db);
}

static void
archive_write_existing_file_is_left_alone(void **state)
{
	struct db *db = fixture_db("a.db");
	struct archive_stats st;
	struct err err = { 0 };
	struct buf text;

	(void)state;
	assert_int_equal(file_write(fixture_path("b.json"), "mine", 4, &err),
	    0);
	assert_int_equal(archive_write(db, fixture_path("b.json"), &st, &err),
	    -1);
	assert_int_equal(err.code, ERR_EXISTS);
	text = fixture_read(fixture_path("b.json"));
	assert_string_equal(text.data, "mine");
	buf_free(&text);
	/* No transaction stays open. */
	assert_int_equal(db_begin(db, &err), 0);
	db_rollback(db);
	db_free(db);
}

static void
archive_write_failure_leaves_no_file(void **state)
{
	struct db *db = fixture_db("a.db");
	struct archive_stats st;
	struct err err = { 0 };

	(void)state;
	load(db, GOLDEN ".sql");
	fixture_exec(db, "DROP TABLE \"UserMedia\"");
	assert_int_equal(archive_write(db, fixture_path("c.json"), &st, &err),
	    -1);
	assert_int_equal(access(fixture_path("c.json"), F_OK), -1);
	db_free(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(archive_write_everything_equals_golden_file),
		cmocka_unit_test(archive_write_empty_database_is_whole),
		cmocka_unit_test(archive_write_digests_can_be_recomputed),
		cmocka_unit_test(
		    archive_write_twice_differs_in_time_and_integrity_alone),
		cmocka_unit_test(archive_digest_equals_that_of_the_file),
		cmocka_unit_test(archive_digest_ignores_ids_and_order_of_rows),
		cmocka_unit_test(
		    archive_write_long_values_stand_where_readers_take_them),
		cmocka_unit_test(archive_write_names_the_first_odd_value),
		cmocka_unit_test(archive_write_existing_file_is_left_alone),
		cmocka_unit_test(archive_write_failure_leaves_no_file),
	};

	return cmocka_run_group_tests(tests, fixture_make, fixture_free);
}
