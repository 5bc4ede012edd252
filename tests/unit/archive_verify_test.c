/* Without this a backup that cannot come back could pass for a good one. */

#include "core/archive_verify.h"
#include "tests/unit/household.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/buf.h"
#include "core/digest.h"
#include "core/file.h"

static char path[320];
static struct archive_stats stats;

/* The archive of a household that has something of each kind. */
static int
setup(void **state)
{
	struct err err = { 0 };
	struct db *db;

	(void)state;
	(void)folder_make();
	folder_clean();
	db = household("dev.db");
	exec(db,
	    "INSERT INTO SystemConfig (id, jellyfinUrl) VALUES (1, 'http://j');"
	    "INSERT INTO User (username, movieProfile) VALUES ('anna', 'likes'),"
	    " ('Anna', NULL), ('', 'none');"
	    "INSERT INTO Media (tmdbId, mediaType, title, overview) VALUES"
	    " (1, 'movie', 'One', NULL), (1, 'tv', 'One', ''),"
	    " (-5, 'movie', 'Odd', '😀 \" \\ ' || char(0, 9, 10)),"
	    " (9, 'book', 'Large', printf('%.2000000c', 'x'));"
	    "INSERT INTO UserMedia (userId, mediaId, status, addedAt) VALUES"
	    " (1, 1, 'WATCHED', '2025-01-01'), (1, 2, 'WATCHLIST', 'garbage'),"
	    " (2, 1, 'BLOCKED', NULL), (1, 3, 'SEEN', 1735689600000),"
	    " (3, 4, 'WATCHED', '2025-01-01T00:00:00.000Z');"
	    "INSERT INTO JairKept (userId, kind, value) VALUES"
	    " (1, 'unresolved', '\"Bare title\"'),"
	    " (1, 'rejected', '{\"where\":\"w\",\"reason\":\"r\"}'),"
	    " (NULL, 'rejected', '{\"where\":\"root\"}')");
	(void)snprintf(path, sizeof(path), "%s", folder_path("a.json"));
	must(archive_write(db, path, &stats, &err), &err);
	db_free(db);
	db_remove(folder_path("dev.db"));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	archive_set_max((uint64_t)1 << 30);
	folder_clean();
	return 0;
}

static int
verify(struct err *err)
{
	*err = (struct err){ 0 };
	return archive_verify(path, &stats, err);
}

static void
assert_bad(enum err_code code)
{
	struct err err;

	assert_int_equal(verify(&err), -1);
	assert_int_equal(err.code, code);
	assert_non_null(strstr(err.msg, "a.json"));
	/* No scratch database is left. */
	assert_int_equal(folder_count(), 1);
}

/* Put ${len} bytes of ${text} in the archive's place. */
static void
write_bytes(const char *text, size_t len)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* Give ${text} the end that a writer would give it. */
static void
seal(const char *text)
{
	struct archive_stats st = { 0 };
	struct archive *a = NULL;
	struct err err = { 0 };
	struct digest *d = digest_new(&err);
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_addf(&b, "%s  \"integrity\": {}\n}\n", text);
	write_bytes(b.data, b.len);
	must(archive_open(&a, path, NULL, &err), &err);
	st.users = (int64_t)archive_info(a)->users_count;
	st.items = (int64_t)archive_info(a)->items;
	memcpy(st.content_sha256, archive_info(a)->content_sha256,
	    sizeof(st.content_sha256));
	archive_free(a);
	digest_add(d, text, strlen(text));
	digest_hex(d, st.file_sha256);
	digest_free(d);
	buf_reset(&b);
	buf_addz(&b, text);
	archive_integrity(&st, &b);
	write_bytes(b.data, b.len);
	st.bytes = b.len;
	stats = st;
	buf_free(&b);
}

static void
verify_of_every_kind_of_content(void **state)
{
	struct archive_summary s;
	struct err err;

	(void)state;
	must(verify(&err), &err);
	assert_int_equal(folder_count(), 1);
	must(archive_rehearse(path, folder_make(), &s, &err), &err);
	assert_int_equal(s.users, 3);
	assert_int_equal(s.items, 5);
	assert_int_equal(s.unresolved, 1);
	assert_int_equal(s.rejected, 2);
	assert_int_equal(s.refused, 0);
	assert_true(s.has_config);
	assert_string_equal(s.form, "archive");
	assert_string_equal(s.integrity, "ok");
	assert_string_equal(s.content_sha256, stats.content_sha256);
	assert_int_equal(folder_count(), 1);
}

static void
verify_of_other_numbers_than_were_written(void **state)
{
	struct archive_stats right = stats;

	(void)state;
	stats.users++;
	assert_bad(ERR_CORRUPT);
	stats = right;
	stats.items--;
	assert_bad(ERR_CORRUPT);
	stats = right;
	stats.bytes++;
	assert_bad(ERR_CORRUPT);
	stats = right;
	stats.content_sha256[0] ^= 1;
	assert_bad(ERR_CORRUPT);
}

/* One byte of ${what} in the file becomes another. */
static void
change(const char *what)
{
	size_t len;
	char *text = folder_read(path, &len);
	char *at = memmem(text, len, what, strlen(what));

	assert_non_null(at);
	at[strlen(what) - 1]++;
	write_bytes(text, len);
	free(text);
}

static void
verify_of_a_changed_byte(void **state)
{
	static const char *const what[] = { "One", "anna", "\"users\": 3",
		"\"content_sha256\": \"", "\"file_sha256\": \"",
		"\"exported_at\": \"2" };
	struct archive_summary s;
	struct err err = { 0 };
	size_t len;
	char *text = folder_read(path, &len);

	(void)state;
	for (size_t i = 0; i < sizeof(what) / sizeof(what[0]); i++) {
		char wanted[64];
		char *at = memmem(text, len, what[i], strlen(what[i]));
		size_t more = what[i][strlen(what[i]) - 1] == '"' ? 1 : 0;

		assert_non_null(at);
		(void)snprintf(wanted, sizeof(wanted), "%.*s",
		    (int)(strlen(what[i]) + more), at);
		change(wanted);
		assert_bad(ERR_CORRUPT);
		must(archive_summarise(path, &s, &err), &err);
		assert_string_equal(s.integrity, "changed");
		write_bytes(text, len);
	}
	free(text);
}

static void
verify_of_bytes_that_follow_or_lack(void **state)
{
	size_t len;
	char *text = folder_read(path, &len);
	char *more = malloc(len + 2);

	(void)state;
	assert_non_null(more);
	memcpy(more, text, len);
	memcpy(more + len, "\n", 1);
	write_bytes(more, len + 1);
	assert_bad(ERR_LIMIT); /* more than was written */
	stats.bytes++;
	assert_bad(ERR_CORRUPT);
	more[len] = 'x';
	write_bytes(more, len + 1);
	assert_bad(ERR_FORMAT);
	stats.bytes--;
	write_bytes(text, len - 1); /* the last newline */
	assert_bad(ERR_CORRUPT);
	write_bytes(text, len - 3);
	assert_bad(ERR_FORMAT);
	write_bytes(text, 0);
	assert_bad(ERR_FORMAT);
	free(more);
	free(text);
}

#define HEAD                                                                   \
	"{\n  \"version\": \"2.0.3\",\n  \"generator\": {\"name\":\"jair\"},\n"
#define BODY(item)                                                             \
	"  \"system_config\": null,\n  \"users\": [{\"username\":\"anna\","    \
	"\"data\":{\"movies\":[{\"title\":\"A\",\"tmdb_id\":1,"                \
	"\"media_type\":\"movie\"" item "}],\"series\":[],\"watchlist\":"      \
	"{\"movies\":[],\"series\":[]},\"do_not_recommend\":[]}}],\n"

static void
verify_of_a_forged_archive(void **state)
{
	struct archive_summary s;
	struct archive_stats right = stats;
	struct err err = { 0 };

	(void)state;
	/* Sealed as if we had written it, but not what we wrote. */
	seal(HEAD BODY(""));
	must(archive_summarise(path, &s, &err), &err);
	assert_string_equal(s.integrity, "ok");
	right.bytes = stats.bytes;
	stats = right;
	assert_bad(ERR_CORRUPT);
}

/* Both digests are right, and yet a restore would hold something else. */
static void
rehearse_of_content_that_does_not_come_back(void **state)
{
	struct archive_summary s;
	struct err err = { 0 };

	(void)state;
	seal(HEAD BODY(",\"added_at\":\"2025-01-01T00:00:00.000Z\""));
	must(archive_summarise(path, &s, &err), &err);
	assert_string_equal(s.integrity, "ok");
	seal(HEAD BODY(",\"added_at\":\"2025-01-01\""));
	must(archive_summarise(path, &s, &err), &err);
	assert_string_equal(s.integrity, "ok");
	assert_int_equal(archive_rehearse(path, folder_make(), &s, &err), -1);
	assert_int_equal(err.code, ERR_CORRUPT);
	assert_non_null(strstr(err.msg, "content digest"));
	err_clear(&err);
	assert_int_equal(archive_verify(path, &stats, &err), -1);
	assert_int_equal(err.code, ERR_CORRUPT);
	assert_int_equal(folder_count(), 1);
}

static void
rehearse_of_an_older_writers_archive(void **state)
{
	struct archive_summary s;
	struct err err = { 0 };

	(void)state;
	folder_write(path,
	    "{\"anna\":{\"movies\":[\"A\",{\"title\":\"B\",\"tmdb_id\":2},"
	    "{\"title\":\"B\",\"tmdb_id\":2},{\"tmdb_id\":\"x\"}]}}");
	must(archive_rehearse(path, folder_make(), &s, &err), &err);
	assert_string_equal(s.form, "legacy-v1");
	assert_string_equal(s.integrity, "absent");
	assert_string_equal(s.content_sha256, "");
	assert_int_equal(s.items, 2);
	assert_int_equal(s.unresolved, 1);
	assert_int_equal(s.refused, 1);
}

static void
verify_is_bound_by_no_limit_of_uploads(void **state)
{
	struct archive_summary s;
	struct err err;

	(void)state;
	archive_set_max(1000);
	must(verify(&err), &err);
	assert_int_equal(archive_summarise(path, &s, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	err_clear(&err);
	assert_int_equal(archive_rehearse(path, folder_make(), &s, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static int
verify_on_a_full_disk(void)
{
	struct err err;

	if (verify(&err) == 0)
		return 2;
	return err.code == ERR_DISK ? 0 : 3;
}

static void
verify_that_cannot_rehearse_is_an_error(void **state)
{
	struct archive_summary s;
	struct err err = { 0 };

	(void)state;
	with_full_disk(8192, verify_on_a_full_disk);
	assert_int_equal(folder_count(), 1);
	assert_int_equal(archive_rehearse(path, folder_path("none"), &s, &err),
	    -1);
	assert_int_equal(err.code, ERR_MISSING);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(verify(&err), -1);
	assert_int_equal(err.code, ERR_MISSING);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(verify_of_every_kind_of_content),
		CASE(verify_of_other_numbers_than_were_written),
		CASE(verify_of_a_changed_byte),
		CASE(verify_of_bytes_that_follow_or_lack),
		CASE(verify_of_a_forged_archive),
		CASE(rehearse_of_content_that_does_not_come_back),
		CASE(rehearse_of_an_older_writers_archive),
		CASE(verify_is_bound_by_no_limit_of_uploads),
		CASE(verify_that_cannot_rehearse_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
