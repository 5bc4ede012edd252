/* Without this a full disk is noticed halfway, or room is asked for nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/path.h"
#include "core/preflight.h"
#include "tests/unit/folder.h"

#define DB UINT64_C(10000000)
#define LATEST UINT64_C(30000000)
#define FILE_BYTES UINT64_C(80000000)
#define SPARE UINT64_C(65536)
#define EMPTY_DB UINT64_C(98304)

static uint64_t free_bytes;
static uint64_t total_bytes;
static bool no_answer;

static int
ask(const char *path, struct statvfs *fs)
{
	(void)path;
	if (no_answer) {
		errno = ENOSYS;
		return -1;
	}
	*fs = (struct statvfs){ .f_frsize = 1,
		.f_bsize = 1,
		.f_blocks = total_bytes,
		.f_bfree = free_bytes + 1000, /* for root alone */
		.f_bavail = free_bytes };
	return 0;
}

static void
sized(const char *name, uint64_t bytes)
{
	folder_write(folder_path(name), "");
	assert_int_equal(truncate(folder_path(name), (off_t)bytes), 0);
}

static int
setup(void **state)
{
	(void)state;
	folder_clean();
	assert_int_equal(setenv("SQLITE_TMPDIR", folder_make(), 1), 0);
	path_set_statvfs(ask);
	total_bytes = UINT64_MAX;
	no_answer = false;
	sized("dev.db", DB);
	sized("backup_latest.json", LATEST);
	sized("file", FILE_BYTES);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	path_set_statvfs(NULL);
	folder_clean();
	return unsetenv("SQLITE_TMPDIR");
}

static int
check(enum preflight_task task, struct err *err)
{
	*err = (struct err){ 0 };
	return preflight_check(task, folder_make(), folder_path("dev.db"),
	    folder_path("file"), err);
}

/* ${task} needs exactly ${bytes} when all lies on one disk. */
static void
needs(enum preflight_task task, uint64_t bytes)
{
	struct err err;

	free_bytes = bytes;
	if (check(task, &err))
		fail_msg("task %d: %s", (int)task, err.msg);
	free_bytes = bytes - 1;
	assert_int_equal(check(task, &err), -1);
	assert_int_equal(err.code, ERR_DISK);
	assert_non_null(strstr(err.msg, folder_make()));
}

static void
check_adds_up_what_a_task_writes(void **state)
{
	uint64_t scratch = FILE_BYTES / 8 + EMPTY_DB;

	(void)state;
	needs(PREFLIGHT_SNAPSHOT, DB + SPARE);
	needs(PREFLIGHT_START, DB + 2 * LATEST + SPARE);
	needs(PREFLIGHT_ARCHIVE, 2 * LATEST + SPARE);
	needs(PREFLIGHT_SYNC, DB + SPARE);
	needs(PREFLIGHT_REBUILD, DB + DB + DB / 16 + SPARE);
	needs(PREFLIGHT_VERIFY, scratch + SPARE);
	needs(PREFLIGHT_RESTORE, DB + scratch + FILE_BYTES / 128 + SPARE);
	needs(PREFLIGHT_ROLLBACK, DB + FILE_BYTES + DB + SPARE);
	needs(PREFLIGHT_RECOVERY, 2 * FILE_BYTES + SPARE);
	sized("dev.db-wal", 5000);
	needs(PREFLIGHT_SNAPSHOT, DB + 5000 + SPARE);
}

/* The first archive of all, and one after most was removed. */
static void
check_expects_no_archive_out_of_proportion(void **state)
{
	(void)state;
	assert_int_equal(unlink(folder_path("backup_latest.json")), 0);
	needs(PREFLIGHT_ARCHIVE, 2 * DB + SPARE);
	sized("backup_latest.json", 100 * DB);
	needs(PREFLIGHT_ARCHIVE, 2 * 8 * DB + SPARE);
}

static void
check_tells_what_is_needed_and_what_is_free(void **state)
{
	char wanted[512];
	struct err err;

	(void)state;
	free_bytes = 3100000;
	assert_int_equal(check(PREFLIGHT_SNAPSHOT, &err), -1);
	(void)snprintf(wanted, sizeof(wanted),
	    "There is too little space in %s for a copy of the database: "
	    "10.1 MB are needed, 3.1 MB are free. Make room there and try "
	    "again.",
	    folder_make());
	assert_string_equal(err.msg, wanted);
}

static void
check_believes_a_disk_that_does_not_tell(void **state)
{
	struct err err;

	(void)state;
	free_bytes = 0;
	total_bytes = 0;
	assert_int_equal(check(PREFLIGHT_ROLLBACK, &err), 0);
	total_bytes = 1;
	assert_int_equal(check(PREFLIGHT_ROLLBACK, &err), -1);
	no_answer = true;
	assert_int_equal(check(PREFLIGHT_ROLLBACK, &err), 0);
	assert_int_equal(err.code, ERR_NONE);
}

static void
check_needs_no_file_to_be_there(void **state)
{
	struct err err = { 0 };

	(void)state;
	free_bytes = SPARE;
	assert_int_equal(preflight_check(PREFLIGHT_START, folder_path("none"),
			     folder_path("none/dev.db"), NULL, &err),
	    0);
	assert_int_equal(preflight_check(PREFLIGHT_START, folder_make(),
			     folder_path("none/dev.db"), NULL, &err),
	    0);
}

/* Only the disk of the temporary files is full. */
static int
ask_temp(const char *path, struct statvfs *fs)
{
	(void)ask(path, fs);
	fs->f_bavail = strcmp(path, "/dev/shm") == 0 ? 0 : UINT64_MAX;
	return 0;
}

static void
check_looks_at_the_temporary_place_too(void **state)
{
	struct stat here;
	struct stat there;
	struct err err;

	(void)state;
	if (stat("/dev/shm", &there) != 0 || stat(folder_make(), &here) != 0 ||
	    here.st_dev == there.st_dev || access("/dev/shm", W_OK) != 0) {
		print_message("/dev/shm is no other disk here\n");
		skip();
	}
	assert_int_equal(setenv("SQLITE_TMPDIR", "/dev/shm", 1), 0);
	path_set_statvfs(ask_temp);
	assert_int_equal(check(PREFLIGHT_SNAPSHOT, &err), 0);
	assert_int_equal(check(PREFLIGHT_RESTORE, &err), -1);
	assert_non_null(strstr(err.msg, "in /dev/shm for a restore"));
	assert_non_null(strstr(err.msg, "SQLITE_TMPDIR"));
	assert_int_equal(check(PREFLIGHT_REBUILD, &err), -1);
}

static void
temp_dir_is_the_first_that_can_be_used(void **state)
{
	const char *old = getenv("TMPDIR");
	char *kept = old != NULL ? strdup(old) : NULL;
	struct err err = { 0 };

	(void)state;
	assert_string_equal(preflight_temp_dir(), folder_make());
	assert_int_equal(preflight_find_temp("/elsewhere", &err), 0);
	assert_string_equal(preflight_temp_dir(), folder_make());
	assert_int_equal(setenv("SQLITE_TMPDIR", folder_path("file"), 1), 0);
	assert_int_equal(mkdir(folder_path("t"), 0700), 0);
	assert_int_equal(setenv("TMPDIR", folder_path("t"), 1), 0);
	assert_string_equal(preflight_temp_dir(), folder_path("t"));
	assert_int_equal(setenv("TMPDIR", folder_path("none"), 1), 0);
	assert_string_not_equal(preflight_temp_dir(), folder_path("none"));
	if (kept != NULL)
		(void)setenv("TMPDIR", kept, 1);
	else
		(void)unsetenv("TMPDIR");
	free(kept);
	assert_int_equal(rmdir(folder_path("t")), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(check_adds_up_what_a_task_writes),
		TEST(check_expects_no_archive_out_of_proportion),
		TEST(check_tells_what_is_needed_and_what_is_free),
		TEST(check_believes_a_disk_that_does_not_tell),
		TEST(check_needs_no_file_to_be_there),
		TEST(check_looks_at_the_temporary_place_too),
		TEST(temp_dir_is_the_first_that_can_be_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
