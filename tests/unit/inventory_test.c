/* Without this a backup could be overlooked, or a stranger taken for one. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/inventory.h"
#include "tests/unit/folder.h"

static void
kind_of_names(void **state)
{
	static const struct {
		const char *name;
		int kind;
	} cases[] = {
		{ "dev.db.backup_startup", INV_SNAPSHOT },
		{ "dev.db.backup_startup.1", INV_SNAPSHOT },
		{ "dev.db.backup_startup.3", INV_SNAPSHOT },
		{ "dev.db.backup_startup.0", -1 },
		{ "dev.db.backup_startup.4", -1 },
		{ "dev.db.backup_startup.11", -1 },
		{ "dev.db.backup_startup-journal", -1 },
		{ "dev.db.pre-upgrade_2026-01-05T10-30-00", INV_SNAPSHOT },
		{ "dev.db.pre-restore_2026-01-05T10-30-00", INV_SNAPSHOT },
		{ "dev.db.pre-upgrade_yesterday", -1 },
		{ "dev.db.pre-upgrade_2026-01-05T10-30-00-wal", -1 },
		{ "backup_latest.json", INV_ARCHIVE },
		{ "backup_2026-01-05T10-30-00.json", INV_ARCHIVE },
		{ "backup_2026-01-05T10-30-0x.json", -1 },
		{ "backup_2026-01-05T10-30-00.json.jair-tmp-0123456789abcdef",
		    -1 },
		{ "backup_.json", -1 },
		{ "backup_", -1 },
		{ "my backup_latest.json", -1 },
		{ "dev.db", -1 },
		{ "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum inventory_kind kind;
		int is = inventory_kind_of(cases[i].name, &kind);

		if ((is == 1) != (cases[i].kind >= 0) ||
		    (is == 1 && (int)kind != cases[i].kind))
			fail_msg("%s", cases[i].name);
	}
}

static void
time_of_names(void **state)
{
	static const char *const without[] = { "backup_latest.json",
		"dev.db.backup_startup", "dev.db.pre-upgrade", "dev.db",
		"backup_2026-02-30T10-30-00.json", "backup_mine.json",
		"backup_2026-01-05T25-30-00.json",
		"my_backup_2026-01-05T10-30-00.json" };
	int64_t ms = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
		if (inventory_time_of(without[i], &ms) != -1 || ms != 7)
			fail_msg("%s", without[i]);
	}
	assert_int_equal(inventory_time_of("backup_2026-01-05T10-30-00.json",
			     &ms),
	    0);
	assert_true(ms == INT64_C(1767609000000));
	assert_int_equal(
	    inventory_time_of("dev.db.pre-upgrade_2026-01-05T10-30-01", &ms),
	    0);
	assert_true(ms == INT64_C(1767609001000));
}

static void
set_time(const char *name, time_t seconds)
{
	const struct timespec times[2] = { { .tv_sec = seconds },
		{ .tv_sec = seconds } };

	assert_int_equal(utimensat(AT_FDCWD, folder_path(name), times, 0), 0);
}

static void
read_lists_the_newest_first_and_regular_files_only(void **state)
{
	struct inventory inv;
	struct err err = { 0 };

	(void)state;
	folder_write(folder_path("backup_latest.json"), "12345");
	folder_write(folder_path("dev.db.backup_startup"), "");
	folder_write(folder_path("dev.db.backup_startup.1"), "");
	folder_write(folder_path("dev.db"), "");
	set_time("backup_latest.json", 1000);
	set_time("dev.db.backup_startup", 3000);
	set_time("dev.db.backup_startup.1", 2000);
	assert_int_equal(mkdir(folder_path("dev.db.backup_startup.2"), 0700),
	    0);
	assert_int_equal(symlink("dev.db",
			     folder_path("dev.db.backup_startup.3")),
	    0);
	assert_int_equal(inventory_read(folder_make(), &inv, &err), 0);
	assert_int_equal(inv.count, 3);
	assert_string_equal(inv.entry[0].name, "dev.db.backup_startup");
	assert_string_equal(inv.entry[1].name, "dev.db.backup_startup.1");
	assert_string_equal(inv.entry[2].name, "backup_latest.json");
	assert_int_equal(inv.entry[2].kind, INV_ARCHIVE);
	assert_int_equal(inv.entry[2].bytes, 5);
	assert_int_equal(inv.entry[2].modified, 1000000);
	inventory_free(&inv);
	inventory_free(&inv);
	assert_int_equal(inventory_read(folder_path("none"), &inv, &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
}

static void
archives_have_the_time_in_their_name(void **state)
{
	struct inventory inv;
	struct err err = { 0 };

	(void)state;
	folder_clean();
	folder_write(folder_path("dev.db.backup_startup"), "");
	folder_write(folder_path("backup_2026-01-05T10-30-00.json"), "1");
	folder_write(folder_path("backup_2026-01-05T10-30-09.json"), "22");
	folder_write(folder_path("backup_latest.json"), "333");
	set_time("backup_2026-01-05T10-30-00.json", 1767609999);
	set_time("backup_2026-01-05T10-30-09.json", 1000);
	set_time("backup_latest.json", 1767609004);
	assert_int_equal(inventory_archives(folder_make(), &inv, &err), 0);
	assert_int_equal(inv.count, 3);
	assert_string_equal(inv.entry[0].name,
	    "backup_2026-01-05T10-30-09.json");
	assert_true(inv.entry[0].modified == INT64_C(1767609009000));
	assert_int_equal(inv.entry[0].bytes, 2);
	assert_string_equal(inv.entry[1].name, "backup_latest.json");
	assert_string_equal(inv.entry[2].name,
	    "backup_2026-01-05T10-30-00.json");
	inventory_free(&inv);
	assert_int_equal(inventory_archives(folder_path("none"), &inv, &err),
	    -1);
	assert_int_equal(err.code, ERR_MISSING);
}

static void
open_fails(const char *name, enum err_code code)
{
	struct err err = { 0 };
	uint64_t bytes;
	int fd;

	if (inventory_open(folder_make(), name, &fd, &bytes, &err) != -1 ||
	    err.code != code)
		fail_msg("%s: %d, %s", name, (int)err.code, err.msg);
}

static void
open_takes_archives_of_ours_only(void **state)
{
	struct err err = { 0 };
	uint64_t bytes = 0;
	int fd = -1;

	(void)state;
	folder_clean();
	folder_write(folder_path("backup_latest.json"), "12345");
	folder_write(folder_path("dev.db"), "");
	folder_write(folder_path("dev.db.backup_startup"), "");
	assert_int_equal(inventory_open(folder_make(), "backup_latest.json",
			     &fd, &bytes, &err),
	    0);
	assert_int_equal(bytes, 5);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(close(fd), 0);
	open_fails("dev.db", ERR_USAGE);
	open_fails("dev.db.backup_startup", ERR_USAGE);
	open_fails("../backup_latest.json", ERR_USAGE);
	open_fails("./backup_latest.json", ERR_USAGE);
	open_fails("backup_../../../../../../../.json", ERR_USAGE);
	open_fails("", ERR_USAGE);
	open_fails("backup_2026-01-05T10-30-00.json", ERR_MISSING);
	assert_int_equal(symlink("backup_latest.json",
			     folder_path("backup_2026-01-05T10-30-01.json")),
	    0);
	open_fails("backup_2026-01-05T10-30-01.json", ERR_DENIED);
	assert_int_equal(mkdir(folder_path("backup_2026-01-05T10-30-02.json"),
			     0700),
	    0);
	open_fails("backup_2026-01-05T10-30-02.json", ERR_DENIED);
	/* It must not wait for whoever writes into it. */
	assert_int_equal(mkfifo(folder_path("backup_2026-01-05T10-30-03.json"),
			     0600),
	    0);
	open_fails("backup_2026-01-05T10-30-03.json", ERR_DENIED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kind_of_names),
		cmocka_unit_test(time_of_names),
		cmocka_unit_test(
		    read_lists_the_newest_first_and_regular_files_only),
		cmocka_unit_test(archives_have_the_time_in_their_name),
		cmocka_unit_test(open_takes_archives_of_ours_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
