/* Without this, one damaged page could cost rows that can still be read. */

#include <fcntl.h>
#include <sys/stat.h>

#include "core/path.h"
#include "core/salvage.h"
#include "tests/unit/dbcompare.h"
#include "tests/unit/folder.h"

#define FIXTURE "tests/fixtures/db/v2.8.10-medium.db"
#define PAGE 4096

static char file[512]; /* the damaged one */
static char out[512];
static char ref[512]; /* a snapshot of it */
static struct salvage_report report;

static int
setup(void **state)
{
	(void)state;
	folder_clean();
	(void)snprintf(file, sizeof(file), "%s", folder_path("dev.db"));
	(void)snprintf(out, sizeof(out), "%s", folder_path("out.db"));
	(void)snprintf(ref, sizeof(ref), "%s", folder_path("ref.db"));
	copy_file(FIXTURE, file);
	copy_file(FIXTURE, ref);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	salvage_report_free(&report);
	return 0;
}

/* Overwrite ${len} bytes at ${at} with the byte ${with}, -1: with noise. */
static void
spoil(const char *path, off_t at, size_t len, int with)
{
	static uint64_t noise = 88172645463325252U;
	int fd = open(path, O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	for (size_t i = 0; i < len; i++) {
		uint8_t byte = (uint8_t)with;

		noise ^= noise << 13;
		noise ^= noise >> 7;
		noise ^= noise << 17;
		if (with < 0)
			byte = (uint8_t)(noise >> 20);
		assert_int_equal(pwrite(fd, &byte, 1, at + (off_t)i), 1);
	}
	assert_int_equal(close(fd), 0);
}

static void
spoil_page(int64_t no, int with)
{
	spoil(file, (no - 1) * PAGE, PAGE, with);
}

/* The ${n}th page of a kind that a table or an index has. */
static int64_t
page_of(const char *name, const char *type, int n)
{
	char sql[300];

	(void)snprintf(sql, sizeof(sql),
	    "SELECT pageno FROM dbstat WHERE name = '%s' AND pagetype = '%s'"
	    " ORDER BY pageno LIMIT 1 OFFSET %d",
	    name, type, n);
	return file_int(ref, sql);
}

static const struct salvage_table_report *
table(const char *name)
{
	for (size_t i = 0; i < report.count; i++) {
		if (strcmp(report.tables[i].name, name) == 0)
			return &report.tables[i];
	}
	fail_msg("no table %s", name);
	return NULL;
}

/* Salvage, with the snapshot as reference or without; ${file} stays. */
static void
salvage(bool with_ref)
{
	const char *references[] = { with_ref ? ref : NULL, NULL };
	char before[600];
	struct err err = { 0 };

	(void)snprintf(before, sizeof(before), "%s.before", file);
	copy_file(file, before);
	if (salvage_read(file, references, out, &report, &err))
		fail_msg("%s", err.msg);
	assert_same_bytes(before, file);
}

static int64_t
rows(const char *name)
{
	char sql[100];

	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM \"%s\"", name);
	return file_int(out, sql);
}

/* How many rows of ${out} are not, cell by cell, those of the snapshot. */
static int64_t
changed(const char *name)
{
	char sql[600];
	sqlite3 *h = raw_open(out);
	int64_t n;

	(void)snprintf(sql, sizeof(sql), "ATTACH '%s' AS old", ref);
	raw_exec(h, sql);
	(void)snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM (SELECT * FROM \"%s\""
	    " EXCEPT SELECT * FROM old.\"%s\")",
	    name, name);
	n = raw_int(h, sql);
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
	return n;
}

static void
assert_all(void)
{
	static const char *const names[] = { "User", "Media", "UserMedia",
		"SystemConfig", "Session", "WeeklyWatchlist",
		"RedemptionCandidates" };
	char sql[100];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM \"%s\"",
		    names[i]);
		assert_int_equal(file_int(out, sql), file_int(ref, sql));
		assert_int_equal(changed(names[i]), 0);
	}
}

static void
read_healthy_file(void **state)
{
	(void)state;
	salvage(false);
	assert_true(report.complete);
	assert_int_equal(report.lost + report.pages + report.guessed, 0);
	assert_int_equal(table("UserMedia")->rows, 5000);
	assert_true(salvage_table_whole(&report, "User"));
	assert_false(salvage_table_whole(&report, "none"));
	assert_all();
	assert_int_equal(file_int(out,
			     "SELECT count(*) FROM sqlite_schema WHERE name ="
			     " 'WeeklyWatchlist_userId_idx'"),
	    1);
}

static void
read_damaged_index_loses_nothing(void **state)
{
	(void)state;
	spoil_page(page_of("UserMedia_userId_mediaId_key", "leaf", 2), 0);
	spoil_page(page_of("Media_tmdbId_key", "internal", 0), -1);
	salvage(false);
	assert_true(report.complete);
	assert_all();
}

static void
read_damaged_leaf_loses_its_rows_alone(void **state)
{
	int64_t page = page_of("UserMedia", "leaf", 3);
	char sql[200];
	int64_t held;

	(void)state;
	(void)snprintf(sql, sizeof(sql),
	    "SELECT ncell FROM dbstat WHERE pageno = %lld", (long long)page);
	held = file_int(ref, sql);
	spoil_page(page, 0);
	salvage(false);
	assert_false(report.complete);
	assert_int_equal(table("UserMedia")->pages, 1);
	assert_false(salvage_table_whole(&report, "UserMedia"));
	assert_true(salvage_table_whole(&report, "Media"));
	assert_int_equal(rows("UserMedia"), 5000 - held);
	assert_int_equal(changed("UserMedia"), 0);
	assert_int_equal(rows("Media"), 3000);
}

static void
read_half_a_leaf_brings_the_other_half(void **state)
{
	(void)state;
	spoil(file, (page_of("UserMedia", "leaf", 3) - 1) * PAGE + PAGE / 2,
	    PAGE / 2, 0);
	salvage(false);
	assert_int_equal(table("UserMedia")->pages, 0);
	assert_in_range(table("UserMedia")->lost, 10, 60);
	assert_int_equal(rows("UserMedia") + table("UserMedia")->lost, 5000);
	assert_int_equal(changed("UserMedia"), 0);
}

/* A row's lengths may stand while its texts have become noise. */
static void
read_sectors_of_noise_brings_none_of_it(void **state)
{
	(void)state;
	for (int n = 0; n < 6; n++) {
		int64_t no = page_of("Media", "leaf", 20 + n);

		copy_file(ref, file);
		(void)unlink(out);
		spoil(file, (no - 1) * PAGE + 1024 + 256 * n, 1024, -1);
		salvage(false);
		assert_int_equal(changed("Media"), 0);
		assert_true(table("Media")->lost > 0);
		assert_true(rows("Media") > 2985);
		salvage_report_free(&report);
	}
}

static void
read_damaged_root_finds_all_leaves(void **state)
{
	(void)state;
	spoil_page(page_of("UserMedia", "internal", 0), 0);
	spoil_page(page_of("Media", "internal", 0), -1);
	salvage(false);
	assert_int_equal(table("UserMedia")->guessed, 5000);
	assert_int_equal(table("Media")->guessed, 3000);
	assert_false(report.complete);
	assert_all();
}

static void
read_damaged_schema_uses_the_reference(void **state)
{
	(void)state;
	spoil_page(1, -1);
	salvage(true);
	assert_false(report.schema);
	assert_int_equal(report.guessed, 0);
	assert_all();
}

static void
read_damaged_header_alone(void **state)
{
	(void)state;
	spoil(file, 0, 100, 'x');
	salvage(false);
	assert_true(report.schema);
	assert_all();
}

static void
read_half_a_schema_uses_the_reference(void **state)
{
	(void)state;
	spoil_page(page_of("sqlite_schema", "leaf", 0), 0);
	salvage(true);
	assert_false(report.schema);
	assert_all();
}

/* Without a reference only rows in our own order of columns can be told. */
static void
read_nothing_that_cannot_be_told(void **state)
{
	(void)state;
	copy_file("tests/fixtures/db/v2.2.0-upgraded.db", file);
	copy_file(file, ref);
	spoil_page(1, 0);
	salvage(false);
	assert_int_equal(rows("User"), 0);
	assert_int_equal(rows("Media"), 0);
	assert_int_equal(rows("UserMedia"), 71);
	assert_int_equal(file_int(ref, "SELECT count(*) FROM UserMedia"), 71);
	assert_int_equal(table("UserMedia")->guessed, 71);
}

static void
read_our_own_tables_without_a_schema(void **state)
{
	struct schema_report synced;
	struct err err = { 0 };
	struct db *db = NULL;

	(void)state;
	assert_int_equal(db_open(&db, file, DB_WRITE, &err), 0);
	assert_int_equal(schema_apply(db, false, &synced, &err), 0);
	assert_int_equal(db_exec(db, "VACUUM", &err), 0);
	db_free(db);
	copy_file(file, ref);
	spoil_page(1, 0);
	salvage(false);
	assert_int_equal(table("User")->guessed, 5);
	assert_int_equal(rows("Media"), 3000);
	assert_int_equal(changed("Media"), 0);
	assert_int_equal(rows("UserMedia"), 5000);
	assert_int_equal(changed("UserMedia"), 0);
}

static void
read_truncated_file(void **state)
{
	(void)state;
	assert_int_equal(truncate(file, 300 * PAGE + 1000), 0);
	salvage(true);
	assert_in_range(rows("Media"), 1500, 2200);
	assert_int_equal(changed("Media"), 0);
	assert_true(table("Media")->pages > 100);
}

static void
read_deleted_rows_stay_deleted(void **state)
{
	(void)state;
	file_exec(file, "DELETE FROM UserMedia WHERE id > 1000");
	copy_file(file, ref);
	assert_true(file_int(file, "PRAGMA freelist_count") > 40);
	spoil_page(page_of("UserMedia", "internal", 0), 0);
	salvage(false);
	assert_int_equal(table("UserMedia")->guessed, 1000);
	assert_int_equal(file_int(out, "SELECT max(id) FROM UserMedia"), 1000);
}

static void
read_needed_titles_come_from_the_reference(void **state)
{
	(void)state;
	for (int i = 0; i < 40; i++)
		spoil_page(page_of("Media", "leaf", 3 * i), 0);
	salvage(true);
	assert_in_range(report.filled, 100, 400);
	assert_int_equal(changed("Media"), 0);
	assert_int_equal(
	    file_int(out,
		"SELECT count(*) FROM UserMedia WHERE mediaId NOT IN"
		" (SELECT id FROM Media)"),
	    0);
}

/* Both databases with our tables, of which one page will be damaged. */
static void
sync_both(const char *changes)
{
	struct schema_report synced;
	struct db *db = NULL;
	struct err err = { 0 };

	assert_int_equal(db_open(&db, file, DB_WRITE, &err), 0);
	assert_int_equal(schema_apply(db, false, &synced, &err), 0);
	db_free(db);
	copy_file(file, ref);
	file_exec(file, changes);
	spoil_page(page_of("UserMedia_userId_mediaId_key", "leaf", 0), 0);
}

/* A byte that was damaged in a number leaves a number. */
static void
read_numbers_that_damage_changed(void **state)
{
	(void)state;
	sync_both("UPDATE Media SET tmdbId = -tmdbId WHERE id = 3;"
		  "UPDATE Media SET mediaType = 'mov' WHERE id = 4;"
		  "UPDATE UserMedia SET mediaId = 9999999 WHERE id = 5;"
		  "UPDATE User SET username = upper(username) WHERE id = 1");
	salvage(true);
	assert_int_equal(report.healed, 4);
	assert_int_equal(changed("Media"), 0);
	assert_int_equal(changed("UserMedia"), 0);
	assert_int_equal(changed("User"), 0);
}

/* Damage may be in the snapshot as well: there its index disagrees. */
static void
read_believes_no_damaged_reference(void **state)
{
	char sql[600];

	(void)state;
	sync_both("");
	(void)snprintf(sql, sizeof(sql),
	    "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES"
	    " ('index', 'Media_mediaType_tmdbId_key', 'Media', %lld, 'CREATE"
	    " UNIQUE INDEX \"Media_mediaType_tmdbId_key\" ON"
	    " \"Media\"(\"mediaType\", \"tmdbId\")')",
	    (long long)file_int(ref,
		"SELECT rootpage FROM sqlite_schema WHERE"
		" name = 'Media_mediaType_tmdbId_key'"));
	file_exec(ref,
	    "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema"
	    " WHERE name = 'Media_mediaType_tmdbId_key'");
	file_exec(ref, "UPDATE Media SET tmdbId = -tmdbId WHERE id = 3");
	file_exec(ref, sql);
	salvage(true);
	assert_int_equal(report.healed, 0);
	assert_int_equal(changed("Media"), 1);
}

/* What a household itself has changed since. */
static void
read_changes_of_the_household_stay(void **state)
{
	(void)state;
	sync_both("UPDATE Media SET tmdbId = -tmdbId, title = 'another'"
		  " WHERE id = 3;"
		  "UPDATE User SET username = 'somebody else' WHERE id = 1;"
		  "UPDATE UserMedia SET status = 'BLOCKED' WHERE id = 5");
	salvage(true);
	assert_int_equal(report.healed, 0);
	assert_int_equal(changed("Media"), 1);
	assert_int_equal(changed("UserMedia"), 1);
	assert_int_equal(changed("User"), 1);
}

static void
read_titles_of_another_house_stay_there(void **state)
{
	(void)state;
	for (int i = 0; i < 40; i++)
		spoil_page(page_of("Media", "leaf", 3 * i), 0);
	file_exec(ref, "UPDATE Media SET tmdbId = -tmdbId");
	salvage(true);
	assert_int_equal(report.filled, 0);
}

/* A journal or a -wal belongs to the file. */
static void
read_hot_journal_is_rolled_back(void **state)
{
	sqlite3 *h = raw_open(file);
	char journal[600];
	char kept[600];

	(void)state;
	(void)snprintf(journal, sizeof(journal), "%s-journal", file);
	(void)snprintf(kept, sizeof(kept), "%s.kept", file);
	raw_exec(h,
	    "PRAGMA cache_size=2; BEGIN; UPDATE Media SET title = 'half'");
	copy_file(journal, kept);
	copy_file(file, ref);
	raw_exec(h, "COMMIT");
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
	copy_file(kept, journal);
	copy_file(ref, file);
	copy_file(FIXTURE, ref);
	spoil_page(page_of("Media_tmdbId_key", "leaf", 0), 0);
	salvage(false);
	assert_int_equal(file_int(out,
			     "SELECT count(*) FROM Media WHERE title = 'half'"),
	    0);
	assert_all();
	assert_true(path_exists(journal));
}

static void
read_wal_is_merged(void **state)
{
	sqlite3 *h = raw_open(file);
	int64_t page = page_of("UserMedia_userId_mediaId_key", "leaf", 2);

	(void)state;
	raw_exec(h, "PRAGMA journal_mode=WAL");
	assert_int_equal(sqlite3_db_config(h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
			     1, NULL),
	    SQLITE_OK);
	raw_exec(h, "UPDATE User SET movieProfile = 'from the wal'");
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
	spoil_page(page, 0);
	salvage(false);
	assert_int_equal(
	    file_int(out,
		"SELECT count(*) FROM User WHERE movieProfile = 'from the"
		" wal'"),
	    5);
}

static void
read_rows_written_before_a_column_was_added(void **state)
{
	(void)state;
	file_exec(file,
	    "ALTER TABLE UserMedia ADD COLUMN own TEXT DEFAULT 'd';"
	    "CREATE TABLE odd (a, b PRIMARY KEY) WITHOUT ROWID;"
	    "CREATE TABLE none (a BLOB, b REAL, c INTEGER);"
	    "INSERT INTO odd VALUES (1, 2);"
	    "INSERT INTO none VALUES (x'0011', 1.5, -3)");
	salvage(false);
	assert_int_equal(file_int(out,
			     "SELECT count(*) FROM UserMedia WHERE own = 'd'"),
	    5000);
	assert_int_equal(file_int(out,
			     "SELECT count(*) FROM none WHERE a = x'0011'"
			     " AND b = 1.5 AND c = -3"),
	    1);
	/* What cannot be read is at least not called whole. */
	assert_false(salvage_table_whole(&report, "odd"));
	assert_false(report.complete);
}

/* A pointer that leads back up or to another table's page. */
static void
read_crossed_pointers(void **state)
{
	int64_t root = page_of("UserMedia", "internal", 0);
	int64_t other = page_of("Media", "leaf", 5);
	uint8_t to[4] = { 0, 0, (uint8_t)(other >> 8), (uint8_t)other };

	(void)state;
	for (int i = 0; i < 4; i++)
		spoil(file, (root - 1) * PAGE + 8 + i, 1, to[i]);
	salvage(false);
	assert_int_equal(table("UserMedia")->pages, 1);
	assert_int_equal(rows("UserMedia"), 5000);
	assert_int_equal(changed("UserMedia"), 0);
	assert_int_equal(rows("Media"), 3000);
	assert_int_equal(changed("Media"), 0);
}

static void
read_text_file(void **state)
{
	struct err err = { 0 };
	const char *references[] = { ref, NULL };

	(void)state;
	folder_write(file, "This is no database.\n");
	assert_int_equal(salvage_read(file, references, out, &report, &err),
	    -1);
	assert_int_equal(err.code, ERR_CORRUPT);
	folder_write(file, "");
	assert_int_equal(salvage_read(file, references, out, &report, &err),
	    -1);
	assert_int_equal(err.code, ERR_CORRUPT);
}

/* The rest of a long text was overwritten: the row comes without it. */
static void
read_spoilt_text(void **state)
{
	(void)state;
	for (int with = -1; with < 1; with++) {
		copy_file(FIXTURE, file);
		spoil_page(page_of("User", "overflow", 0), with);
		(void)unlink(out);
		salvage(false);
		assert_int_equal(rows("User"), 5);
		assert_int_equal(changed("User"), 1);
		assert_int_equal(table("User")->lost, 1);
		assert_int_equal(
		    file_int(out,
			"SELECT count(*) FROM User WHERE movieProfile IS NULL"
			" OR tvProfile IS NULL"),
		    file_int(ref,
			"SELECT 1 + count(*) FROM User WHERE movieProfile IS"
			" NULL OR tvProfile IS NULL"));
		salvage_report_free(&report);
	}
}

/* Other page sizes, also when the header does not tell. */
static void
read_any_page_size(void **state)
{
	static const int sizes[] = { 512, 1024, 8192, 65536 };
	char sql[100];

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		copy_file(FIXTURE, file);
		(void)snprintf(sql, sizeof(sql), "PRAGMA page_size=%d; VACUUM",
		    sizes[i]);
		file_exec(file, sql);
		spoil(file, 0, 100, 0);
		(void)unlink(out);
		salvage(false);
		assert_all();
		salvage_report_free(&report);
	}
}

/* Noise anywhere: whatever comes is what was there, and it ends. */
static void
read_noise(void **state)
{
	(void)state;
	for (int round = 0; round < 12; round++) {
		copy_file(FIXTURE, file);
		for (int i = 0; i <= 3 * round; i++)
			spoil_page(1 + (round * 7919 + i * 104729) % 562, -1);
		(void)unlink(out);
		salvage(true);
		assert_int_equal(changed("UserMedia"), 0);
		assert_int_equal(changed("Media"), 0);
		if (report.lost == 0)
			assert_int_equal(changed("User"), 0);
		assert_true(rows("UserMedia") > 2000);
		salvage_report_free(&report);
	}
}

/* A schema that would run something is not run. */
static void
read_hostile_schema(void **state)
{
	(void)state;
	file_exec(file,
	    "PRAGMA writable_schema = ON;"
	    "UPDATE sqlite_schema SET sql = 'CREATE TABLE Session AS SELECT"
	    " zeroblob(10)' WHERE name = 'Session';"
	    "UPDATE sqlite_schema SET sql = 'DELETE FROM User'"
	    " WHERE name = 'User_username_key'");
	salvage(false);
	assert_int_equal(rows("User"), 5);
	assert_false(salvage_table_whole(&report, "Session"));
	assert_int_equal(rows("UserMedia"), 5000);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(read_healthy_file),
		T(read_damaged_index_loses_nothing),
		T(read_damaged_leaf_loses_its_rows_alone),
		T(read_half_a_leaf_brings_the_other_half),
		T(read_sectors_of_noise_brings_none_of_it),
		T(read_damaged_root_finds_all_leaves),
		T(read_damaged_schema_uses_the_reference),
		T(read_damaged_header_alone),
		T(read_half_a_schema_uses_the_reference),
		T(read_nothing_that_cannot_be_told),
		T(read_our_own_tables_without_a_schema),
		T(read_truncated_file),
		T(read_deleted_rows_stay_deleted),
		T(read_needed_titles_come_from_the_reference),
		T(read_numbers_that_damage_changed),
		T(read_believes_no_damaged_reference),
		T(read_changes_of_the_household_stay),
		T(read_titles_of_another_house_stay_there),
		T(read_hot_journal_is_rolled_back),
		T(read_wal_is_merged),
		T(read_rows_written_before_a_column_was_added),
		T(read_crossed_pointers),
		T(read_text_file),
		T(read_spoilt_text),
		T(read_any_page_size),
		T(read_noise),
		T(read_hostile_schema),
	};

	(void)folder_make();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
