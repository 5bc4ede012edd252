/*
 * Without these tests a changed archive could pass for an intact one, and one
 * large archive could take all memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/archive_read.h"
#include "core/buf.h"
#include "core/digest.h"

#define MIB 1048576
#if defined(__SANITIZE_ADDRESS__) /* slow, and needs memory of its own */
#define LARGE ((size_t)16 * MIB)
#else
#define LARGE ((size_t)300 * MIB)
#endif
#define MEMORY_MAX (16L * 1024) /* KiB */

static const char head[] =
    "{\n  \"version\": \"2.0.3\",\n"
    "  \"generator\": {\n    \"name\": \"jair\"\n  },\n"
    "  \"system_config\": {\n    \"jellyfinUrl\": \"u\",\n"
    "    \"isConfigured\": true\n  },\n"
    "  \"users\": [\n    {\n      \"username\": \"a b\",\n"
    "      \"data\": {\n        \"movies\": [\n          {\n"
    "            \"tmdb_id\": 1\n          }\n        ]\n      }\n    }\n"
    "  ],\n  \"rejected\": [\n    1\n  ],\n";
static const char content[] =
    "{\"jellyfinUrl\":\"u\"}\n"
    "{\"username\":\"a b\",\"data\":{\"movies\":[{\"tmdb_id\":1}]}}\n[1]\n";

static void
hash(const char *text, char out[DIGEST_HEX_MAX])
{
	struct err err = { ERR_NONE, "" };
	struct digest *d = digest_new(&err);

	digest_add(d, text, strlen(text));
	digest_hex(d, out);
	digest_free(d);
}

/* An archive as the writer writes it, by hand. */
static void
write_whole(struct buf *b)
{
	char all[DIGEST_HEX_MAX];
	char bare[DIGEST_HEX_MAX];

	hash(head, all);
	hash(content, bare);
	buf_init(b, MIB);
	buf_addf(b,
	    "%s  \"integrity\": {\n    \"users\": 1,\n"
	    "    \"items\": 1,\n    \"content_sha256\": \"%s\",\n"
	    "    \"file_sha256\": \"%s\"\n  }\n}\n",
	    head, bare, all);
}

static int
open_bytes(struct archive **a, int *fd, const char *p, size_t len,
    struct err *err)
{
	*fd = memfd_create("archive", MFD_CLOEXEC);
	assert_int_equal(write(*fd, p, len), (ssize_t)len);
	return archive_open_fd(a, *fd, "backup.json", NULL, err);
}

static enum archive_integrity
integrity_of(const char *p, size_t len)
{
	struct archive *a = NULL;
	struct err err = { ERR_NONE, "" };
	enum archive_integrity got;
	int fd;

	if (open_bytes(&a, &fd, p, len, &err))
		fail_msg("%s", err.msg);
	got = archive_info(a)->integrity;
	archive_free(a);
	(void)close(fd);
	return got;
}

static void
archive_open_of_an_intact_archive(void **state)
{
	struct archive *a = NULL;
	struct err err = { ERR_NONE, "" };
	char want[DIGEST_HEX_MAX];
	struct buf b;
	int fd;

	(void)state;
	write_whole(&b);
	assert_int_equal(open_bytes(&a, &fd, b.data, b.len, &err), 0);
	assert_int_equal(archive_info(a)->integrity, ARCHIVE_OK);
	assert_int_equal(archive_info(a)->rejected, 1);
	hash(content, want);
	assert_string_equal(archive_info(a)->content_sha256, want);
	hash(b.data, want);
	assert_string_equal(archive_info(a)->file_sha256, want);
	archive_free(a);
	(void)close(fd);
	buf_free(&b);
}

/* Every single changed byte is noticed, or makes the file unreadable. */
static void
archive_open_notices_every_changed_byte(void **state)
{
	struct buf b;

	(void)state;
	write_whole(&b);
	for (size_t i = 0; i < b.len; i++) {
		struct archive *a = NULL;
		struct err err = { ERR_NONE, "" };
		int fd;
		char was = b.data[i];

		b.data[i] = was == ' ' ? '\t' : was == '\n' ? ' ' : '1';
		if (b.data[i] != was &&
		    open_bytes(&a, &fd, b.data, b.len, &err) == 0) {
			/* A key that is no longer ours may hide that it
			 * had a checksum, but then two keys changed. */
			if (archive_info(a)->integrity != ARCHIVE_CHANGED)
				fail_msg("byte %zu", i);
			archive_free(a);
		}
		if (b.data[i] != was)
			(void)close(fd);
		b.data[i] = was;
	}
	buf_free(&b);
}

static void
archive_open_of_a_mark_on_another_form(void **state)
{
	static const struct {
		const char *text;
		enum archive_integrity want;
	} rows[] = {
		{ "{\"generator\":{\"name\":\"jair\"},\"movies\":[]}",
		    ARCHIVE_CHANGED },
		{ "{\"username\":\"a\",\"data\":{},\"integrity\":{}}",
		    ARCHIVE_CHANGED },
		{ "{\"a\":{\"movies\":[]},\"integrity\":null}",
		    ARCHIVE_CHANGED },
		{ "{\"a\":{\"movies\":[]}}", ARCHIVE_ABSENT },
		/* Two people of version 1. */
		{ "{\"generator\":{\"movies\":[]},\"integrity\":{\"movies\":[]}}",
		    ARCHIVE_ABSENT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (integrity_of(rows[i].text, strlen(rows[i].text)) !=
		    rows[i].want)
			fail_msg("%s", rows[i].text);
	}
}

static void
archive_open_wants_the_exact_end(void **state)
{
	struct buf b;
	size_t len;

	(void)state;
	write_whole(&b);
	len = b.len;
	assert_int_equal(integrity_of(b.data, len), ARCHIVE_OK);
	assert_int_equal(integrity_of(b.data, len - 1), ARCHIVE_CHANGED);
	buf_addz(&b, "\n");
	assert_int_equal(integrity_of(b.data, len + 1), ARCHIVE_CHANGED);
	buf_reset(&b);
	buf_addz(&b, "{\"generator\":{},\"users\":[]}");
	assert_int_equal(integrity_of(b.data, b.len), ARCHIVE_CHANGED);
	buf_reset(&b);
	buf_addz(&b, "{\"users\":[]}");
	assert_int_equal(integrity_of(b.data, b.len), ARCHIVE_ABSENT);
	buf_free(&b);
}

static void
archive_walk_notices_that_the_file_changed(void **state)
{
	static const struct archive_sink sink = { .item = NULL };
	struct archive *a = NULL;
	struct err err = { ERR_NONE, "" };
	struct buf b;
	int fd;

	(void)state;
	write_whole(&b);
	assert_int_equal(open_bytes(&a, &fd, b.data, b.len, &err), 0);
	assert_int_equal(archive_walk(a, &sink, NULL, &err), 0);
	assert_int_equal(pwrite(fd, "2", 1, 19), 1);
	assert_int_equal(archive_walk(a, &sink, NULL, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_int_equal(ftruncate(fd, 100), 0);
	assert_int_equal(archive_walk(a, &sink, NULL, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_non_null(strstr(err.msg, "changed while it was read"));
	archive_free(a);
	(void)close(fd);
	buf_free(&b);
}

static bool
want_b(void *ctx, const struct archive_user_info *u)
{
	(void)ctx;
	return strcmp(u->name, "b") == 0;
}

static int
count_item(void *ctx, const struct archive_item *it, struct err *err)
{
	(void)err;
	assert_string_equal(it->user->name, "b");
	++*(int *)ctx;
	return 0;
}

static int
fail_item(void *ctx, const struct archive_item *it, struct err *err)
{
	(void)ctx;
	return err_set(err, ERR_DISK, "%s: no room", it->place);
}

static void
archive_walk_of_some_users(void **state)
{
	static const char text[] =
	    "{\"users\":[{\"username\":\"a\",\"data\":"
	    "{\"movies\":[{\"tmdb_id\":1}]}},{\"username\":\"b\",\"data\":"
	    "{\"movies\":[{\"tmdb_id\":1},{\"tmdb_id\":2}]}}]}";
	struct archive_sink sink = { .want = want_b, .item = count_item };
	struct archive *a = NULL;
	struct err err = { ERR_NONE, "" };
	int n = 0;
	int fd;

	(void)state;
	assert_int_equal(open_bytes(&a, &fd, text, strlen(text), &err), 0);
	assert_int_equal(archive_walk(a, &sink, &n, &err), 0);
	assert_int_equal(n, 2);
	sink = (struct archive_sink){ .item = fail_item };
	assert_int_equal(archive_walk(a, &sink, NULL, &err), -1);
	assert_int_equal(err.code, ERR_DISK);
	assert_string_equal(err.msg, "users[0].data.movies[0]: no room");
	archive_free(a);
	(void)close(fd);
}

/* Fill ${path} with items until it has ${size} bytes. */
static void
write_large(FILE *f, size_t size, size_t overview)
{
	char *text = calloc(1, overview + 1);
	size_t done = 0;

	assert_non_null(text);
	memset(text, 'o', overview);
	(void)fprintf(f,
	    "{\"users\":[{\"username\":\"u\",\"data\":"
	    "{\"movies\":[");
	for (long id = 1; done < size; id++) {
		int n = fprintf(f,
		    "%s{\"tmdb_id\":%ld,\"title\":\"\\u00e9\","
		    "\"overview\":\"%s\\n\"}",
		    id > 1 ? ",\n" : "", id, text);

		assert_true(n > 0);
		done += (size_t)n;
	}
	(void)fprintf(f, "]}}]}");
	free(text);
}

/* Take an item, so that all of it is decoded. */
static int
take_item(void *ctx, const struct archive_item *it, struct err *err)
{
	(void)err;
	*(size_t *)ctx += it->field[ITEM_OVERVIEW].len;
	return 0;
}

/* In a child: open, walk, and end with the memory that it took. */
static int
memory_of(const char *path)
{
	static const struct archive_sink sink = { .item = take_item };
	struct archive *a = NULL;
	struct err err = { ERR_NONE, "" };
	struct rusage usage;
	size_t bytes = 0;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (archive_open(&a, path, NULL, &err) ||
		    archive_walk(a, &sink, &bytes, &err))
			_exit(1);
		archive_free(a);
		_exit(0);
	}
	assert_int_equal(wait4(pid, &status, 0, &usage), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
#if !defined(__SANITIZE_ADDRESS__)
	if (usage.ru_maxrss > MEMORY_MAX)
		fail_msg("%ld KiB", usage.ru_maxrss);
#endif
	return 0;
}

static void
archive_open_of_a_large_file_stays_small(void **state)
{
	static const struct {
		size_t size;
		size_t overview;
	} rows[] = {
		{ LARGE, 150 },
		{ LARGE / 4, MIB - 1 },
	};
	const char *tmp = getenv("TMPDIR");
	char dir[256];
	char path[300];

	(void)state;
	(void)snprintf(dir, sizeof(dir), "%s/jair-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/large.json", dir);
	for (size_t i = 0; i < 2; i++) {
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		write_large(f, rows[i].size, rows[i].overview);
		assert_int_equal(fclose(f), 0);
		memory_of(path);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(archive_open_of_an_intact_archive),
		cmocka_unit_test(archive_open_notices_every_changed_byte),
		cmocka_unit_test(archive_open_wants_the_exact_end),
		cmocka_unit_test(archive_open_of_a_mark_on_another_form),
		cmocka_unit_test(archive_walk_notices_that_the_file_changed),
		cmocka_unit_test(archive_walk_of_some_users),
		cmocka_unit_test(archive_open_of_a_large_file_stays_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
