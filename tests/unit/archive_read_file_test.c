/*
 * Without these tests a broken or hostile file could be taken for a backup.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/file.h"
#include "core/json.h"
#include "core/str.h"
#include "tests/unit/archive_events.h"

#define FIXTURES "tests/fixtures/archives/"

static const struct archive_sink no_sink = { .item = NULL };

static void
refused_text(const char *text, const char *msg)
{
	events_refused(text, strlen(text), ERR_FORMAT, msg);
}

static void
archive_open_says_what_a_file_seems_to_be(void **state)
{
	char tar[512] = "";

	(void)state;
	refused_text("", "is empty");
	refused_text(" \n", "is empty");
	refused_text("<!DOCTYPE html>", "it seems to be a web page");
	refused_text("\n <html>", "it seems to be a web page");
	refused_text("\x1f\x8b\x08", "it seems to be a gzip file");
	refused_text("PK\x03\x04", "it seems to be a ZIP file");
	refused_text("%PDF-1.7", "it seems to be a PDF document");
	events_refused("SQLite format 3\0", 16, ERR_FORMAT,
	    "it seems to be an SQLite database");
	events_refused("\xff\xfe{\0", 4, ERR_FORMAT, "text in UTF-16");
	events_refused("{\0\"\0", 4, ERR_FORMAT, "text in UTF-16");
	events_refused("\0{\0\"", 4, ERR_FORMAT, "text in UTF-16");
	events_refused("\0\0\0\0", 4, ERR_FORMAT, "was never written");
	refused_text("PK\x05\x06", "an empty ZIP file");
	memcpy(tar, "backup.json", 11);
	memcpy(tar + 257, "ustar", 5);
	events_refused(tar, sizeof(tar), ERR_FORMAT, "a tar file");
	/* The same word at the same place, but in a text. */
	memset(tar, ' ', sizeof(tar));
	tar[0] = '{';
	memcpy(tar + 256, "\"ustar\":1}", 10);
	events_refused(tar, 266, ERR_FORMAT, "is JSON, but not a backup");
}

static void
archive_open_refuses_what_is_no_backup(void **state)
{
	static const char *const texts[] = { "[]", "1", "\"x\"", "null", "{}",
		"{\"users\":null}", "{\"users\":{\"a\":1}}",
		"{\"username\":\"x\"}", "{\"data\":[]}",
		"{\"version\":\"1\",\"name\":\"package\"}",
		"{\"bob\":{\"movies\":{}}}", "{\"_x\":{}}" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		refused_text(texts[i], "is JSON, but not a backup");
}

static void
archive_open_names_the_place_of_a_fault(void **state)
{
	char deep[256];

	(void)state;
	refused_text("{\n \"users\": [\n{\"username\"",
	    "This file ends in the middle (line 3, column 12). Nothing was "
	    "changed. Download it again");
	refused_text("{\n \"users\": [\n",
	    "This file ends in the middle (line 3, column 1). ");
	refused_text("{\"users\":[{\"username\":\"\xc3\xa4\xc3\xa4",
	    "This file ends in the middle (line 1, column 26). ");
	refused_text("{\n \"users\": [,]}",
	    "backup.json is not valid JSON "
	    "(line 2, column 12: a value is expected here)");
	refused_text("{\"users\":[\n\"\xc3\"]}",
	    "is not UTF-8 text (line 2, "
	    "column 2: ");
	/* Between texts too, also at the very end. */
	refused_text("{\"users\":[]\xff}",
	    "is not UTF-8 text (line 1, "
	    "column 12: ");
	refused_text("{\"users\":[]}\xe2\x82",
	    "is not UTF-8 text (line 1, "
	    "column 13: ");
	refused_text("{\"users\":[]}\xe2\x82\xac",
	    "is not valid JSON (line 1, "
	    "column 13: ");
	(void)snprintf(deep, sizeof(deep), "{\"users\":%s%s}",
	    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
	    "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
	events_refused(deep, strlen(deep), ERR_FORMAT,
	    "nested more than 32 deep");
}

static void
archive_open_refuses_a_user_who_stands_twice(void **state)
{
	(void)state;
	refused_text("{\"users\":[{\"username\":\"b\"},{\"username\":\"a\"},"
		     "{\"username\":\"\\u0062\"}]}",
	    "backup.json names the user \"b\" twice "
	    "(as number 1 and 3).");
	refused_text("{\"b\":{\"movies\":[]},\"b\":{\"movies\":[]}}",
	    "backup.json names the user \"b\" twice");
}

static void
archive_open_of_names_that_differ_only_in_case(void **state)
{
	static const char text[] =
	    "{\"b\":{\"movies\":[]},"
	    "\"B\":{\"movies\":[]},\"b\\u0000\":{\"movies\":[]}}";
	struct archive *a = NULL;
	struct err err = { ERR_NONE, "" };

	(void)state;
	assert_int_equal(events_open(&a, text, strlen(text), &err), 0);
	assert_int_equal(archive_info(a)->users_count, 3);
	assert_int_equal(archive_info(a)->users[2].name_len, 2);
	archive_free(a);
}

static void
archive_open_of_what_is_no_file(void **state)
{
	struct archive *a = NULL;
	struct err err = { ERR_NONE, "" };

	(void)state;
	assert_int_equal(archive_open(&a, "tests", NULL, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_int_equal(archive_open(&a, "no/such", NULL, &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
	assert_int_equal(archive_open(&a, "/dev/zero", NULL, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
}

/* Count by json-c alone what stands in the lists of ${data}. */
static size_t
count_data(const struct json *data)
{
	const struct json *watch = json_get(data, "watchlist");

	return json_count(json_get(data, "movies")) +
	    json_count(json_get(data, "series")) +
	    json_count(json_get(data, "do_not_recommend")) +
	    json_count(json_get(watch, "movies")) +
	    json_count(json_get(watch, "series"));
}

static void
archive_walk_finds_every_item_of_the_fixtures(void **state)
{
	static const struct {
		const char *name;
		const char *form;
		size_t users;
		uint64_t items;
		uint64_t unresolved;
	} rows[] = {
		{ "v1-objects-database.json", "legacy-v1", 1, 8, 0 },
		{ "v1-strings-database.json", "legacy-v1", 2, 1, 8 },
		{ "v2.0.3-small.json", "archive", 3, 71, 0 },
		{ "v2.8.10-small.json", "archive", 3, 71, 0 },
		{ "v2.8.10-small-export-all-users.json", "all-users-export", 3,
		    71, 0 },
		{ "v2.8.10-user-unknown-empty.json", "user-export", 1, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char path[256];
		struct archive *a = NULL;
		struct err err = { ERR_NONE, "" };

		(void)snprintf(path, sizeof(path), FIXTURES "%s", rows[i].name);
		if (archive_open(&a, path, NULL, &err))
			fail_msg("%s", err.msg);
		assert_string_equal(archive_form_name(archive_info(a)->form),
		    rows[i].form);
		assert_int_equal(archive_info(a)->users_count, rows[i].users);
		assert_int_equal(archive_info(a)->items, rows[i].items);
		assert_int_equal(archive_info(a)->unresolved,
		    rows[i].unresolved);
		assert_int_equal(archive_info(a)->refused, 0);
		assert_int_equal(archive_info(a)->integrity, ARCHIVE_ABSENT);
		assert_int_equal(archive_walk(a, &no_sink, NULL, &err), 0);
		archive_free(a);
	}
}

static void
archive_open_counts_like_a_parser_of_the_whole(void **state)
{
	static const char *const names[] = { "jesse", "makinen", "obrien" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[256];
		struct archive *a = NULL;
		struct json *j = NULL;
		struct err err = { ERR_NONE, "" };
		struct buf b;

		(void)snprintf(path, sizeof(path),
		    FIXTURES "v2.8.10-user-%s.json", names[i]);
		assert_int_equal(file_read(path, 1 << 20, &b, &err), 0);
		assert_int_equal(json_parse(&j, b.data, b.len, &err), 0);
		assert_int_equal(archive_open(&a, path, NULL, &err), 0);
		assert_int_equal(archive_info(a)->items,
		    count_data(json_get(j, "data")));
		assert_true(archive_info(a)->items > 0);
		assert_int_equal(archive_info(a)->warnings_total, 0);
		archive_free(a);
		json_free(j);
		buf_free(&b);
	}
}

/* Where text of one line ends: behind its last character, or at half a one. */
static size_t
end_column(const char *text, size_t len)
{
	size_t column = 1;
	size_t whole = str_utf8_valid(text, len);

	for (size_t i = 0; i < whole; i++)
		column += ((unsigned char)text[i] & 0xc0) != 0x80;
	return column;
}

static void
archive_open_of_a_file_cut_at_every_byte(void **state)
{
	char where[64];
	struct archive *a = NULL;
	struct err err = { ERR_NONE, "" };
	struct buf b;

	(void)state;
	assert_int_equal(file_read(FIXTURES "v2.8.10-user-obrien.json", 1 << 20,
			     &b, &err),
	    0);
	for (size_t n = 0; n < b.len; n++) {
		if (events_open(&a, b.data, n, &err) == 0)
			fail_msg("cut at %zu", n);
		assert_int_equal(err.code, ERR_FORMAT);
		(void)snprintf(where, sizeof(where),
		    "ends in the middle (line 1, column %zu).",
		    end_column(b.data, n));
		assert_non_null(strstr(err.msg, n == 0 ? "is empty" : where));
	}
	buf_free(&b);
}

/* Whatever opens after a bit was flipped can be walked. */
static void
archive_open_of_flipped_bits(void **state)
{
	struct err err = { ERR_NONE, "" };
	struct buf b;

	(void)state;
	assert_int_equal(file_read(FIXTURES "v2.8.10-user-obrien.json", 1 << 20,
			     &b, &err),
	    0);
	for (size_t bit = 0; bit < b.len * 8; bit++) {
		struct archive *a = NULL;

		b.data[bit / 8] = (char)(b.data[bit / 8] ^ 1 << bit % 8);
		if (events_open(&a, b.data, b.len, &err) == 0)
			assert_int_equal(archive_walk(a, &no_sink, NULL, &err),
			    0);
		else
			assert_true(err.code == ERR_FORMAT ||
			    err.code == ERR_LIMIT);
		archive_free(a);
		b.data[bit / 8] = (char)(b.data[bit / 8] ^ 1 << bit % 8);
	}
	buf_free(&b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(archive_open_says_what_a_file_seems_to_be),
		cmocka_unit_test(archive_open_refuses_what_is_no_backup),
		cmocka_unit_test(archive_open_names_the_place_of_a_fault),
		cmocka_unit_test(archive_open_refuses_a_user_who_stands_twice),
		cmocka_unit_test(
		    archive_open_of_names_that_differ_only_in_case),
		cmocka_unit_test(archive_open_of_what_is_no_file),
		cmocka_unit_test(archive_walk_finds_every_item_of_the_fixtures),
		cmocka_unit_test(
		    archive_open_counts_like_a_parser_of_the_whole),
		cmocka_unit_test(archive_open_of_a_file_cut_at_every_byte),
		cmocka_unit_test(archive_open_of_flipped_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
