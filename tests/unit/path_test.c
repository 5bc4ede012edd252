/* Without these tests a file could land in the wrong folder or be public. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/path.h"
#include "tests/unit/folder.h"

static void
path_join_puts_one_slash(void **state)
{
	struct err err = { 0 };
	char *a = path_join("/data", "dev.db", &err);
	char *b = path_join("/", "dev.db", &err);
	char *c = path_join("./data/", "dev.db", &err);

	(void)state;
	assert_string_equal(a, "/data/dev.db");
	assert_string_equal(b, "/dev.db");
	assert_string_equal(c, "./data/dev.db");
	free(a);
	free(b);
	free(c);
}

static void
path_dir_and_path_base_split(void **state)
{
	static const struct {
		const char *path, *dir, *base;
	} rows[] = {
		{ "dev.db", ".", "dev.db" },
		{ "./dev.db", ".", "dev.db" },
		{ "/dev.db", "/", "dev.db" },
		{ "/a/b", "/a", "b" },
		{ "a/b/", "a/b", "" },
		{ "", ".", "" },
	};
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *dir = path_dir(rows[i].path, &err);

		assert_string_equal(dir, rows[i].dir);
		assert_string_equal(path_base(rows[i].path), rows[i].base);
		free(dir);
	}
}

static void
path_make_dir_is_private_under_any_umask(void **state)
{
	static const mode_t masks[] = { 0, 077, 0777 };
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		mode_t old = umask(masks[i]);
		int rc = path_make_dir(folder_path("a/b//c/"), &err);

		(void)umask(old);
		assert_int_equal(rc, 0);
		assert_int_equal(folder_mode(folder_path("a")), 0700);
		assert_int_equal(folder_mode(folder_path("a/b/c")), 0700);
		assert_int_equal(path_make_dir(folder_path("a/b"), &err), 0);
		folder_clean();
	}
}

static void
path_make_dir_keeps_the_mode_of_a_folder(void **state)
{
	struct err err = { 0 };
	const char *dir = folder_path("open");

	(void)state;
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(path_make_dir(dir, &err), 0);
	assert_int_equal(folder_mode(dir), 0755);
	folder_clean();
}

static void
path_make_dir_names_what_is_in_the_way(void **state)
{
	struct err err = { 0 };

	(void)state;
	folder_write(folder_path("file"), "");
	assert_int_equal(path_make_dir(folder_path("file"), &err), -1);
	assert_int_equal(err.code, ERR_EXISTS);
	assert_int_equal(path_make_dir(folder_path("file/x"), &err), -1);
	assert_non_null(strstr(err.msg, "/file"));
	assert_int_equal(path_make_dir("", &err), -1);
	folder_clean();
}

static void
path_exists_sees_a_dangling_link(void **state)
{
	const char *link = folder_path("link");

	(void)state;
	assert_false(path_exists(link));
	assert_int_equal(symlink("/nowhere/at/all", link), 0);
	assert_true(path_exists(link));
	folder_clean();
}

static void
path_size_and_free_space_tell_numbers(void **state)
{
	struct err err = { 0 };
	uint64_t n = 0;

	(void)state;
	folder_write(folder_path("f"), "12345");
	assert_int_equal(path_size(folder_path("f"), &n, &err), 0);
	assert_true(n == 5);
	assert_int_equal(path_size(folder_path("g"), &n, &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
	n = UINT64_MAX;
	assert_int_equal(path_free_space(folder_make(), &n, &err), 0);
	assert_true(n < UINT64_MAX);
	assert_int_equal(path_free_space(folder_path("g"), &n, &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
	folder_clean();
}

static void
path_follow_take_ends_at_the_file(void **state)
{
	struct err err = { 0 };
	char *file = strdup(folder_path("file"));
	char *link = strdup(folder_path("link"));
	char *real = realpath(folder_path(""), NULL);
	char *path;

	(void)state;
	assert_null(path_follow_take(NULL, &err));
	path = path_follow_take(strdup(file), &err);
	assert_string_equal(path, file); /* nothing is there */
	free(path);
	assert_int_equal(symlink("file", link), 0);
	assert_null(path_follow_take(strdup(link), &err));
	assert_int_equal(err.code, ERR_MISSING);
	assert_non_null(strstr(err.msg, link));
	assert_int_equal(close(open(file, O_CREAT | O_WRONLY, 0600)), 0);
	path = path_follow_take(strdup(link), &err);
	assert_int_equal(strncmp(path, real, strlen(real)), 0);
	assert_string_equal(path_base(path), "file");
	free(path);
	free(real);
	free(link);
	free(file);
	folder_clean();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(path_join_puts_one_slash),
		cmocka_unit_test(path_dir_and_path_base_split),
		cmocka_unit_test(path_make_dir_is_private_under_any_umask),
		cmocka_unit_test(path_make_dir_keeps_the_mode_of_a_folder),
		cmocka_unit_test(path_make_dir_names_what_is_in_the_way),
		cmocka_unit_test(path_exists_sees_a_dangling_link),
		cmocka_unit_test(path_follow_take_ends_at_the_file),
		cmocka_unit_test(path_size_and_free_space_tell_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
