/* Without this what was put aside could be lost, or overwrite another. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/quarantine.h"
#include "tests/unit/folder.h"

static int64_t
fixed_time(void)
{
	return INT64_C(1767609000037);
}

static int
setup(void **state)
{
	(void)state;
	folder_clean();
	clock_set_source(fixed_time);
	return 0;
}

static void
move_same_name_twice_keeps_both(void **state)
{
	static const char *const stamps[] = { "2026-01-05T10-30-00",
		"2026-01-05T10-30-01", "2026-01-05T10-30-02" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct err err = { 0 };
		char *where = NULL;

		folder_write(folder_path("dev.db"), stamps[i]);
		assert_int_equal(quarantine_move(folder_make(),
				     folder_path("dev.db"), &where, &err),
		    0);
		assert_non_null(strstr(where, stamps[i]));
		assert_int_equal(access(folder_path("dev.db"), F_OK), -1);
		free(where);
	}
	for (size_t i = 0; i < 3; i++) {
		char name[128];
		char *text;

		(void)snprintf(name, sizeof(name), "quarantine/%s/dev.db",
		    stamps[i]);
		text = folder_read(folder_path(name), NULL);
		assert_string_equal(text, stamps[i]);
		free(text);
	}
	assert_int_equal(folder_mode(folder_path("quarantine")), 0700);
}

/* The text of a file below quarantine/. */
static void
assert_text(const char *name, const char *wanted)
{
	char path[160];
	char *text;

	(void)snprintf(path, sizeof(path), "quarantine/%s", name);
	text = folder_read(folder_path(path), NULL);
	assert_string_equal(text, wanted);
	free(text);
}

static void
database_moves_with_its_journals(void **state)
{
	struct err err = { 0 };
	char *where = NULL;

	(void)state;
	folder_write(folder_path("dev.db-journal"), "former");
	assert_int_equal(quarantine_move(folder_make(),
			     folder_path("dev.db-journal"), &where, &err),
	    0);
	free(where);
	folder_write(folder_path("dev.db"), "d");
	folder_write(folder_path("dev.db-journal"), "j");
	folder_write(folder_path("dev.db-wal"), "w");
	assert_int_equal(quarantine_database(folder_make(),
			     folder_path("dev.db"), &where, &err),
	    0);
	assert_non_null(strstr(where, "quarantine/2026-01-05T10-30-01/dev.db"));
	free(where);
	assert_text("2026-01-05T10-30-00/dev.db-journal", "former");
	assert_text("2026-01-05T10-30-01/dev.db", "d");
	assert_text("2026-01-05T10-30-01/dev.db-journal", "j");
	assert_text("2026-01-05T10-30-01/dev.db-wal", "w");
	assert_int_equal(folder_count(), 1);
	assert_int_equal(quarantine_database(folder_make(),
			     folder_path("dev.db"), &where, &err),
	    0);
	assert_null(where);
}

/* From another file system there is no rename. */
static void
move_copies_from_elsewhere(void **state)
{
	struct stat here, there;
	char path[64] = "/dev/shm/jair-unit-XXXXXX";
	struct err err = { 0 };
	char *where = NULL;
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0 || fstat(fd, &there) != 0 ||
	    stat(folder_make(), &here) != 0 || here.st_dev == there.st_dev) {
		if (fd >= 0)
			(void)unlink(path);
		skip();
	}
	assert_int_equal(write(fd, "far", 3), 3);
	assert_int_equal(close(fd), 0);
	assert_int_equal(quarantine_move(folder_make(), path, &where, &err), 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_text(strstr(where, "quarantine/") + strlen("quarantine/"),
	    "far");
	free(where);
}

static void
move_missing_file_is_an_error(void **state)
{
	struct err err = { 0 };
	char *where = NULL;

	(void)state;
	assert_int_equal(quarantine_move(folder_make(), folder_path("none"),
			     &where, &err),
	    -1);
	assert_int_equal(err.code, ERR_MISSING);
	assert_null(where);
}

static void
move_file_in_the_way_leaves_it_where_it_was(void **state)
{
	struct err err = { 0 };
	char *where = NULL;

	(void)state;
	folder_write(folder_path("quarantine"), "a file");
	folder_write(folder_path("dev.db"), "x");
	assert_int_equal(quarantine_move(folder_make(), folder_path("dev.db"),
			     &where, &err),
	    -1);
	assert_int_equal(access(folder_path("dev.db"), F_OK), 0);
	assert_true(err.msg[0] != '\0');
}

#define T(f) cmocka_unit_test_setup(f, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(move_same_name_twice_keeps_both),
		T(database_moves_with_its_journals),
		T(move_copies_from_elsewhere),
		T(move_missing_file_is_an_error),
		T(move_file_in_the_way_leaves_it_where_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
