/*
 * Without these, half an upload could be taken for the whole, or one could
 * fill the memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgi-src/http/body.h"
#include "cgi-src/http/request.h"
#include "core/file.h"
#include "tests/unit/folder.h"

#define BIG (INT64_C(128) << 20)

/* A connection that gives ${left} bytes and may then break. */
struct source {
	int64_t left;
	bool breaks;
	size_t most; /* the largest piece asked for */
};

static size_t
source_read(void *arg, void *data, size_t len)
{
	struct source *s = arg;

	if (len > s->most)
		s->most = len;
	if ((int64_t)len > s->left)
		len = (size_t)s->left;
	memset(data, 'x', len);
	s->left -= (int64_t)len;
	return len;
}

static bool
source_broken(void *arg)
{
	const struct source *s = arg;

	return s->breaks && s->left == 0;
}

static struct body
body_of(struct source *s, int64_t length, int64_t max)
{
	return (struct body){ .length = length,
		.max = max,
		.read = source_read,
		.broken = source_broken,
		.arg = s };
}

static void
body_read_tells_whole_from_cut(void **state)
{
	static const struct {
		int64_t sent, length, max;
		bool breaks;
		enum err_code code;
	} rows[] = {
		{ 0, 0, 10, false, ERR_NONE },
		{ 0, -1, 10, false, ERR_NONE },
		{ 10, 10, 10, false, ERR_NONE },
		{ 10, -1, 10, false, ERR_NONE },
		{ 11, -1, 10, false, ERR_LIMIT },
		{ 11, 11, 10, false, ERR_LIMIT },
		{ 11, 10, 10, false, ERR_LIMIT },
		{ 9, 10, 10, false, ERR_FORMAT },
		{ 9, 8, 10, false, ERR_FORMAT },
		{ 10, 10, 10, true, ERR_FORMAT },
		{ 5, -1, 10, true, ERR_FORMAT },
		{ 0, 1, 10, false, ERR_FORMAT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct source s = { .left = rows[i].sent,
			.breaks = rows[i].breaks };
		struct body b = body_of(&s, rows[i].length, rows[i].max);
		struct err err = { 0 };
		struct buf out;

		buf_init(&out, 10);
		assert_int_equal(body_read(&b, &out, &err),
		    rows[i].code == ERR_NONE ? 0 : -1);
		assert_int_equal(err.code, rows[i].code);
		if (rows[i].code == ERR_NONE)
			assert_int_equal(out.len, rows[i].sent);
		buf_free(&out);
	}
}

static void
body_save_takes_large_files_with_little_memory(void **state)
{
	struct source s = { .left = BIG };
	struct body b = body_of(&s, REQUEST_LENGTH_UNKNOWN, BIG);
	const char *path = folder_path("upload");
	struct rusage before, after;
	struct err err = { 0 };
	struct stat st;
	int64_t size;
	int fd;

	(void)state;
	(void)folder_make();
	assert_int_equal(file_create(path, &fd, &err), 0);
	assert_int_equal(getrusage(RUSAGE_SELF, &before), 0);
	if (body_save(&b, fd, path, &size, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(getrusage(RUSAGE_SELF, &after), 0);
	assert_true(size == BIG);
	assert_int_equal(fstat(fd, &st), 0);
	assert_true(st.st_size == BIG);
	assert_true(s.most <= 65536);
	assert_true(after.ru_maxrss - before.ru_maxrss < 4096);
	(void)close(fd);
	folder_clean();
}

static void
body_save_stops_at_the_limit(void **state)
{
	struct source s = { .left = BIG };
	struct body b = body_of(&s, REQUEST_LENGTH_UNKNOWN, 100000);
	const char *path = folder_path("upload");
	struct err err = { 0 };
	struct stat st;
	int64_t size;
	int fd;

	(void)state;
	assert_int_equal(file_create(path, &fd, &err), 0);
	assert_int_equal(body_save(&b, fd, path, &size, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_non_null(strstr(err.msg, "at most 100000 bytes"));
	assert_int_equal(fstat(fd, &st), 0);
	assert_true(st.st_size <= 100000);
	assert_true(s.left > BIG - 200000);
	(void)close(fd);
	folder_clean();
}

static void
body_save_reports_a_full_disk(void **state)
{
	struct source s = { .left = 100000 };
	struct body b = body_of(&s, 100000, 100000);
	struct err err = { 0 };
	int64_t size;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(body_save(&b, fd, "the upload", &size, &err), -1);
	assert_int_equal(err.code, ERR_DISK);
	assert_non_null(strstr(err.msg, "the upload"));
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(body_read_tells_whole_from_cut),
		cmocka_unit_test(
		    body_save_takes_large_files_with_little_memory),
		cmocka_unit_test(body_save_stops_at_the_limit),
		cmocka_unit_test(body_save_reports_a_full_disk),
	};

	return cmocka_run_group_tests_name("body", tests, NULL, NULL);
}
