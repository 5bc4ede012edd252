/* Without these tests a cut or half-written backup could bear its name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/file.h"
#include "core/path.h"
#include "tests/unit/folder.h"

static void
assert_file(const char *path, const char *want)
{
	size_t len;
	char *got = folder_read(path, &len);

	assert_int_equal(len, strlen(want));
	assert_memory_equal(got, want, len);
	free(got);
}

static void
file_write_is_private_under_any_umask(void **state)
{
	static const mode_t masks[] = { 0, 022, 077, 0777 };
	const char *path = folder_path("f");
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		mode_t old = umask(masks[i]);
		int rc = file_write(path, "abc", 3, &err);

		(void)umask(old);
		assert_int_equal(rc, 0);
		assert_int_equal(folder_mode(path), 0600);
		assert_file(path, "abc");
		assert_int_equal(folder_count(), 1);
	}
	folder_clean();
}

static void
file_publish_sets_the_mode_of_a_foreign_file(void **state)
{
	const char *tmp = folder_path("t");
	struct err err = { 0 };

	(void)state;
	folder_write(tmp, "new");
	assert_int_equal(chmod(tmp, 0644), 0);
	assert_int_equal(file_publish(tmp, folder_path("f"), &err), 0);
	assert_int_equal(folder_mode(folder_path("f")), 0600);
	assert_false(path_exists(tmp));
	folder_clean();
}

static void
file_publish_of_a_link_or_nothing_changes_nothing(void **state)
{
	const char *path = folder_path("f");
	const char *link = folder_path("link");
	struct err err = { 0 };

	(void)state;
	folder_write(path, "old");
	assert_int_equal(symlink("f", link), 0);
	assert_int_equal(file_publish(link, path, &err), -1);
	assert_int_equal(file_publish(folder_path("no"), path, &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
	assert_file(path, "old");
	folder_clean();
}

static void
file_publish_new_never_replaces(void **state)
{
	const char *path = folder_path("f");
	const char *tmp = folder_path("t");
	struct err err = { 0 };

	(void)state;
	folder_write(path, "old");
	folder_write(tmp, "new");
	assert_int_equal(file_publish_new(tmp, path, &err), -1);
	assert_int_equal(err.code, ERR_EXISTS);
	assert_file(path, "old");
	assert_file(tmp, "new");
	assert_int_equal(unlink(path), 0);
	/* A dangling link is a taken name as well. */
	assert_int_equal(symlink("/nowhere/at/all", path), 0);
	assert_int_equal(file_publish_new(tmp, path, &err), -1);
	assert_int_equal(err.code, ERR_EXISTS);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(file_publish_new(tmp, path, &err), 0);
	assert_file(path, "new");
	assert_int_equal(folder_count(), 1);
	folder_clean();
}

/* In a child that may write files of at most  bytes. */
static void
full_disk(rlim_t limit, const char *path)
{
	struct rlimit r = { limit, limit };
	struct err err = { 0 };
	char data[9000];
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		memset(data, 'n', sizeof(data));
		(void)signal(SIGXFSZ, SIG_IGN);
		if (setrlimit(RLIMIT_FSIZE, &r) != 0)
			_exit(1);
		if (file_write(path, data, sizeof(data), &err) != -1)
			_exit(2);
		if (err.code != ERR_DISK || strstr(err.msg, path) == NULL)
			_exit(3);
		if (file_copy(folder_path("big"), path, &err) != -1)
			_exit(4);
		_exit(err.code == ERR_DISK ? 0 : 5);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
file_write_on_a_full_disk_keeps_the_old_file(void **state)
{
	const char *path = folder_path("f");
	char big[9001];
	struct err err = { 0 };

	(void)state;
	memset(big, 'b', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	folder_write(folder_path("big"), big);
	assert_int_equal(file_write(path, "old", 3, &err), 0);
	full_disk(0, path);
	full_disk(1, path);
	full_disk(4096, path);
	full_disk(8999, path);
	assert_file(path, "old");
	assert_int_equal(folder_count(), 2);
	folder_clean();
}

static void
file_clean_temps_removes_only_ours(void **state)
{
	static const char *const keep[] = { "dev.db", "dev.db-journal",
		"x.jair-tmp-", "x.jair-tmp-0123456789abcde",
		"x.jair-tmp-0123456789abcdefg", "x.jair-tmp-0123456789abcdef0",
		"x.jair-tmp-0123456789ABCDEF", "x.tmp-0123456789abcdef",
		"x.jair-tmp-0123456789abcdef-other",
		"x.jair-tmp-0123456789abcdef-mj0A1B2C3D",
		"x.jair-tmp-0123456789abcdef.jair-tmp-",
		"jair-tmp-0123456789abcdef" };
	static const char *const tails[] = { "", "-journal", "-wal", "-shm",
		"-mj0A1B2C3D9", ".jair-tmp-0123456789abcdef" };
	const size_t tails_count = sizeof(tails) / sizeof(tails[0]);
	const size_t n = sizeof(keep) / sizeof(keep[0]);
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < n; i++)
		folder_write(folder_path(keep[i]), "k");
	for (size_t i = 0; i < tails_count; i++) {
		char *tmp = file_temp_name(folder_path("dev.db"), &err);
		char name[600];

		assert_non_null(tmp);
		(void)snprintf(name, sizeof(name), "%s%s", tmp, tails[i]);
		folder_write(name, "t");
		free(tmp);
	}
	assert_int_equal(folder_count(), n + tails_count);
	assert_int_equal(file_clean_temps(folder_make(), &err), 0);
	assert_int_equal(folder_count(), n);
	for (size_t i = 0; i < n; i++)
		assert_true(path_exists(folder_path(keep[i])));
	assert_int_equal(file_clean_temps(folder_path("no"), &err), -1);
	folder_clean();
}

static void
file_create_never_opens_what_exists(void **state)
{
	struct err err = { 0 };
	int fd = -1;

	(void)state;
	folder_write(folder_path("f"), "old");
	assert_int_equal(file_create(folder_path("f"), &fd, &err), -1);
	assert_int_equal(err.code, ERR_EXISTS);
	assert_int_equal(symlink("g", folder_path("link")), 0);
	assert_int_equal(file_create(folder_path("link"), &fd, &err), -1);
	assert_false(path_exists(folder_path("g")));
	assert_int_equal(file_create(folder_path("h"), &fd, &err), 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	(void)close(fd);
	folder_clean();
}

static void
file_write_all_reports_a_bad_descriptor(void **state)
{
	struct err err = { 0 };
	int fd;

	(void)state;
	folder_write(folder_path("f"), "");
	fd = open(folder_path("f"), O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(file_write_all(fd, "x", 1, "the/file", &err), -1);
	assert_non_null(strstr(err.msg, "the/file"));
	(void)close(fd);
	folder_clean();
}

static void
file_read_stops_at_its_ceiling(void **state)
{
	struct err err = { 0 };
	struct buf b;

	(void)state;
	folder_write(folder_path("f"), "12345");
	assert_int_equal(file_read(folder_path("f"), 5, &b, &err), 0);
	assert_string_equal(buf_str(&b), "12345");
	buf_free(&b);
	assert_int_equal(file_read(folder_path("f"), 4, &b, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(file_read("/dev/zero", 100000, &b, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(file_read(folder_path("no"), 4, &b, &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
	assert_int_equal(file_read(folder_make(), 4, &b, &err), -1);
	/* Nobody writes into it: that must not be waited for. */
	assert_int_equal(mkfifo(folder_path("pipe"), 0600), 0);
	assert_int_equal(file_read(folder_path("pipe"), 4, &b, &err), -1);
	assert_int_equal(err.code, ERR_DENIED);
	folder_clean();
}

static void
file_copy_has_blocks_of_its_own(void **state)
{
	const char *a = folder_path("a");
	const char *b = folder_path("b");
	struct stat sa;
	struct stat sb;
	struct err err = { 0 };

	(void)state;
	folder_write(a, "content");
	assert_int_equal(chmod(a, 0644), 0);
	folder_write(b, "former");
	assert_int_equal(file_copy(a, b, &err), 0);
	assert_file(b, "content");
	assert_int_equal(folder_mode(b), 0600);
	assert_int_equal(stat(a, &sa), 0);
	assert_int_equal(stat(b, &sb), 0);
	assert_true(sa.st_ino != sb.st_ino);
	assert_int_equal(file_copy(folder_path("no"), b, &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
	assert_file(b, "content");
	assert_int_equal(folder_count(), 2);
	folder_clean();
}

/* Files of  bytes that differ at , or nowhere. */
static bool
same_when_different_at(size_t len, size_t at)
{
	const char *a = folder_path("a");
	const char *b = folder_path("b");
	char *data = calloc(1, len + 1);
	struct err err = { 0 };
	bool same = false;

	assert_non_null(data);
	assert_int_equal(file_write(a, data, len, &err), 0);
	data[at] = at < len ? 'x' : '\0';
	assert_int_equal(file_write(b, data, len, &err), 0);
	free(data);
	assert_int_equal(file_same(a, b, &same, &err), 0);
	return same;
}

static void
file_same_sees_a_difference_anywhere(void **state)
{
	static const size_t lengths[] = { 0, 1, 65535, 65536, 65537, 200000 };
	struct err err = { 0 };
	bool same;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		size_t len = lengths[i];

		assert_true(same_when_different_at(len, len));
		if (len == 0)
			continue;
		assert_false(same_when_different_at(len, 0));
		assert_false(same_when_different_at(len, len - 1));
		assert_false(same_when_different_at(len, len / 2));
	}
	assert_int_equal(file_write(folder_path("b"), "x", 1, &err), 0);
	assert_int_equal(file_same(folder_path("a"), folder_path("b"), &same,
			     &err),
	    0);
	assert_false(same);
	assert_int_equal(file_same(folder_path("a"), folder_path("no"), &same,
			     &err),
	    -1);
	folder_clean();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_write_is_private_under_any_umask),
		cmocka_unit_test(file_publish_sets_the_mode_of_a_foreign_file),
		cmocka_unit_test(
		    file_publish_of_a_link_or_nothing_changes_nothing),
		cmocka_unit_test(file_publish_new_never_replaces),
		cmocka_unit_test(file_write_on_a_full_disk_keeps_the_old_file),
		cmocka_unit_test(file_clean_temps_removes_only_ours),
		cmocka_unit_test(file_create_never_opens_what_exists),
		cmocka_unit_test(file_write_all_reports_a_bad_descriptor),
		cmocka_unit_test(file_read_stops_at_its_ceiling),
		cmocka_unit_test(file_copy_has_blocks_of_its_own),
		cmocka_unit_test(file_same_sees_a_difference_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
