/* Without these tests a damaged or hostile database could pass as sound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/db.h"
#include "core/path.h"
#include "tests/unit/folder.h"

static int64_t
int_of(struct db *db, const char *sql)
{
	struct err err = { 0 };
	int64_t v = -1;

	if (db_int(db, sql, &v, &err) != 0)
		fail_msg("%s: %s", sql, err.msg);
	return v;
}

static void
exec(struct db *db, const char *sql)
{
	struct err err = { 0 };

	if (db_exec(db, sql, &err) != 0)
		fail_msg("%s: %s", sql, err.msg);
}

static struct db *
open_db(const char *path, enum db_mode mode)
{
	struct err err = { 0 };
	struct db *db = NULL;

	if (db_open(&db, path, mode, &err) != 0)
		fail_msg("%s: %s", path, err.msg);
	return db;
}

static void
close_db(struct db *db)
{
	struct err err = { 0 };

	assert_int_equal(db_close(&db, &err), 0);
	assert_null(db);
}

/* A database of several pages: 2000 rows, one index. */
static const char *
make_sample(const char *name)
{
	const char *path = folder_path(name);
	struct db *db = open_db(path, DB_CREATE);

	exec(db,
	    "CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT);"
	    "CREATE INDEX t_word ON t (word);"
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
	    "LIMIT 2000) INSERT INTO t SELECT i, 'word number ' || i FROM n");
	close_db(db);
	return path;
}

static enum err_code
open_code(const char *path, enum db_mode mode)
{
	struct err err = { 0 };
	struct db *db = NULL;

	if (db_open(&db, path, mode, &err) == 0) {
		db_free(db);
		return ERR_NONE;
	}
	assert_null(db);
	assert_non_null(strstr(err.msg, path));
	return err.code;
}

static void
db_open_creates_only_when_told(void **state)
{
	const char *path = folder_path("dev.db");

	(void)state;
	assert_int_equal(open_code(path, DB_READ), ERR_MISSING);
	assert_int_equal(open_code(path, DB_WRITE), ERR_MISSING);
	assert_false(path_exists(path));
	assert_int_equal(open_code(path, DB_CREATE), ERR_NONE);
	assert_int_equal(open_code(path, DB_READ), ERR_NONE);
	assert_int_equal(open_code(path, DB_WRITE), ERR_NONE);
	folder_clean();
}

static void
db_open_makes_private_files_under_any_umask(void **state)
{
	static const mode_t masks[] = { 0, 022, 0777 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const char *path = folder_path("dev.db");
		mode_t old = umask(masks[i]);
		struct db *db = open_db(path, DB_CREATE);

		exec(db, "BEGIN IMMEDIATE; CREATE TABLE t (a)");
		(void)umask(old);
		assert_int_equal(folder_mode(path), 0600);
		if (path_exists(folder_path("dev.db-journal")))
			assert_int_equal(
			    folder_mode(folder_path("dev.db-journal")), 0600);
		exec(db, "COMMIT");
		close_db(db);
		folder_clean();
	}
}

static void
db_open_sets_the_hardened_options(void **state)
{
	struct db *db = open_db(folder_path("dev.db"), DB_CREATE);
	struct err err = { 0 };
	int on = -1;

	(void)state;
	assert_int_equal(int_of(db, "PRAGMA trusted_schema"), 0);
	assert_int_equal(int_of(db, "PRAGMA foreign_keys"), 1);
	assert_int_equal(int_of(db, "PRAGMA synchronous"), 3);
	assert_int_equal(int_of(db, "PRAGMA cell_size_check"), 1);
	assert_int_equal(int_of(db, "PRAGMA mmap_size"), 0);
	assert_int_equal(int_of(db,
			     "SELECT journal_mode = 'truncate' FROM "
			     "pragma_journal_mode"),
	    1);
	assert_int_equal(sqlite3_db_config(db_handle(db),
			     SQLITE_DBCONFIG_DEFENSIVE, -1, &on),
	    SQLITE_OK);
	assert_int_equal(on, 1);
	assert_int_equal(db_exec(db, "SELECT \"no such column\"", &err), -1);
	assert_int_equal(db_exec(db,
			     "PRAGMA writable_schema=ON;"
			     "DELETE FROM sqlite_schema",
			     &err),
	    -1);
	assert_int_equal(db_exec(db, "SELECT load_extension('x')", &err), -1);
	close_db(db);
	folder_clean();
}

static void
db_open_of_no_database_is_corrupt(void **state)
{
	const char *path = folder_path("dev.db");
	char text[5000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	folder_write(path, text);
	assert_int_equal(open_code(path, DB_READ), ERR_CORRUPT);
	assert_int_equal(open_code(path, DB_WRITE), ERR_CORRUPT);
	assert_int_equal(open_code(path, DB_CREATE), ERR_CORRUPT);
	assert_int_not_equal(open_code(folder_make(), DB_READ), ERR_NONE);
	folder_clean();
}

static void
db_open_for_reading_never_writes(void **state)
{
	const char *path = make_sample("dev.db");
	size_t len;
	size_t len2;
	char *before = folder_read(path, &len);
	struct db *db = open_db(path, DB_READ);
	struct err err = { 0 };
	char *after;

	(void)state;
	assert_int_equal(db_exec(db, "INSERT INTO t VALUES (9999, 'x')", &err),
	    -1);
	assert_int_equal(db_exec(db, "DROP TABLE t", &err), -1);
	assert_int_equal(db_exec(db, "PRAGMA user_version=5", &err), -1);
	assert_int_equal(int_of(db, "SELECT count(*) FROM t"), 2000);
	close_db(db);
	after = folder_read(path, &len2);
	assert_int_equal(len, len2);
	assert_memory_equal(before, after, len);
	free(before);
	free(after);
	folder_clean();
}

/* Run  in a child that is killed before it can clean up. */
static void
killed_after(const char *path, const char *sql)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		sqlite3 *h;

		if (sqlite3_open(path, &h) != SQLITE_OK ||
		    sqlite3_exec(h, sql, NULL, NULL, NULL) != SQLITE_OK)
			_exit(1);
		(void)kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

static void
db_open_rolls_a_hot_journal_back(void **state)
{
	const char *path = make_sample("dev.db");
	struct db *db;

	(void)state;
	killed_after(path,
	    "PRAGMA cache_size=1; PRAGMA cache_spill=1;"
	    "BEGIN; UPDATE t SET word = 'lost ' || id;");
	assert_true(path_exists(folder_path("dev.db-journal")));
	db = open_db(path, DB_READ);
	assert_int_equal(int_of(db,
			     "SELECT count(*) FROM t WHERE word LIKE "
			     "'word number %'"),
	    2000);
	close_db(db);
	folder_clean();
}

static void
db_copy_of_a_wal_source_is_a_plain_file(void **state)
{
	const char *path = make_sample("dev.db");
	const char *to = folder_path("copy.db");
	struct err err = { 0 };
	struct db *from;
	struct db *copy;
	size_t len;
	size_t len2;
	char *before;
	char *data;

	(void)state;
	killed_after(path,
	    "PRAGMA journal_mode=WAL;"
	    "INSERT INTO t VALUES (5000, 'in the wal')");
	before = folder_read(path, &len);
	from = open_db(path, DB_READ);
	copy = open_db(to, DB_CREATE);
	assert_int_equal(db_copy(from, copy, &err), 0);
	close_db(copy);
	close_db(from);
	data = folder_read(to, NULL);
	assert_int_equal(data[18], 1);
	assert_int_equal(data[19], 1);
	free(data);
	assert_false(path_exists(folder_path("copy.db-wal")));
	copy = open_db(to, DB_READ);
	assert_int_equal(int_of(copy, "SELECT count(*) FROM t"), 2001);
	close_db(copy);
	/* The source's own bytes stay: its -wal is read, not merged. */
	data = folder_read(path, &len2);
	assert_int_equal(len, len2);
	assert_memory_equal(before, data, len);
	free(before);
	free(data);
	folder_clean();
}

/* A child that moves amounts between two rows until it is killed. */
static pid_t
writer(const char *path)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		sqlite3 *h;

		if (sqlite3_open(path, &h) != SQLITE_OK)
			_exit(1);
		(void)sqlite3_busy_timeout(h, 10000);
		for (;;) {
			(void)sqlite3_exec(h,
			    "BEGIN IMMEDIATE;"
			    "UPDATE a SET v = v + 1 WHERE id = 1;"
			    "UPDATE a SET v = v - 1 WHERE id = 2;"
			    "COMMIT",
			    NULL, NULL, NULL);
			(void)usleep(500);
		}
	}
	return pid;
}

static void
db_copy_sees_one_state_while_another_writes(void **state)
{
	const char *path = make_sample("dev.db");
	struct err err = { 0 };
	struct db *db = open_db(path, DB_WRITE);
	pid_t pid;

	(void)state;
	exec(db,
	    "CREATE TABLE a (id INTEGER PRIMARY KEY, v INTEGER);"
	    "INSERT INTO a VALUES (1, 0), (2, 0)");
	close_db(db);
	pid = writer(path);
	db = open_db(path, DB_READ);
	for (int i = 0; i < 20; i++) {
		struct db *copy = open_db("", DB_SCRATCH);
		struct db_findings f;

		if (db_copy(db, copy, &err) != 0)
			fail_msg("%s", err.msg);
		assert_int_equal(int_of(copy, "SELECT sum(v) FROM a"), 0);
		assert_int_equal(db_check(copy, &f, &err), 0);
		close_db(copy);
	}
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close_db(db);
	folder_clean();
}

static void
db_copy_of_a_damaged_source_keeps_the_target(void **state)
{
	const char *path = make_sample("dev.db");
	struct err err = { 0 };
	struct db *to = open_db(folder_path("to.db"), DB_CREATE);
	struct db *from;

	(void)state;
	exec(to, "CREATE TABLE precious (a); INSERT INTO precious VALUES (1)");
	from = open_db(path, DB_READ);
	assert_int_equal(truncate(path, 6000), 0);
	if (db_copy(from, to, &err) != 0)
		assert_int_equal(int_of(to, "SELECT a FROM precious"), 1);
	db_free(from);
	close_db(to);
	folder_clean();
}

/* Open and check; ERR_NONE when both say the file is sound. */
static enum err_code
check_code(const char *path)
{
	struct err err = { 0 };
	struct db_findings f;
	struct db *db = NULL;

	if (db_open(&db, path, DB_READ, &err) == 0)
		(void)db_check(db, &f, &err);
	db_free(db);
	return err.code;
}

static void
db_check_finds_damaged_pages(void **state)
{
	const char *path = make_sample("dev.db");
	size_t len;
	char *data = folder_read(path, &len);
	int found = 0;

	(void)state;
	assert_int_equal(check_code(path), ERR_NONE);
	/* The b-tree header of every page but the first, one at a time. */
	for (size_t at = 4096; at < len; at += 4096) {
		FILE *f = fopen(path, "r+");

		assert_non_null(f);
		assert_int_equal(fseek(f, (long)at, SEEK_SET), 0);
		assert_int_equal(fwrite("\xff\xff\xff\xff\xff\xff\xff\xff", 1,
				     8, f),
		    8);
		(void)fclose(f);
		assert_int_equal(check_code(path), ERR_CORRUPT);
		f = fopen(path, "r+");
		assert_non_null(f);
		assert_int_equal(fseek(f, (long)at, SEEK_SET), 0);
		assert_int_equal(fwrite(data + at, 1, 8, f), 8);
		(void)fclose(f);
		found++;
	}
	assert_true(found > 10);
	assert_int_equal(truncate(path, 8192), 0);
	assert_int_equal(check_code(path), ERR_CORRUPT);
	free(data);
	folder_clean();
}

static void
db_check_tells_index_findings_from_damage(void **state)
{
	const char *path = make_sample("dev.db");
	struct err err = { 0 };
	struct db_findings f;
	struct db *db;
	sqlite3 *h;

	(void)state;
	/* An index that forgets its rows: the schema is changed under it. */
	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(h,
		"PRAGMA writable_schema=ON;"
		"UPDATE sqlite_schema SET sql = 'CREATE INDEX t_word ON t "
		"(word) WHERE id > 10' WHERE name = 't_word';",
		NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
	db = open_db(path, DB_WRITE);
	assert_int_equal(db_check(db, &f, &err), 0);
	assert_true(f.indexes > 0);
	assert_int_equal(f.constraints, 0);
	assert_non_null(strstr(f.first, "t_word"));
	exec(db, "REINDEX");
	assert_int_equal(db_check(db, &f, &err), 0);
	assert_int_equal(f.indexes, 0);
	assert_string_equal(f.first, "");
	close_db(db);
	folder_clean();
}

static void
db_check_believes_no_false_alarm(void **state)
{
	/* SQLite 3.40 takes the one column for the other. */
	static const char sql[] =
	    "CREATE TABLE \"a.b\" (s REAL, name TEXT NOT NULL,"
	    " n INT NOT NULL DEFAULT 'many', k INTEGER PRIMARY KEY)"
	    " WITHOUT ROWID; INSERT INTO \"a.b\" VALUES (1.5, 'a', 5, 1),"
	    " (2.5, 'b', 6, 2), (3.5, 'c', 7, 3), (4.5, 'd', 8, 4);";
	const char *path = make_sample("dev.db");
	struct err err = { 0 };
	struct db_findings f;
	struct db *db;
	sqlite3 *h;

	(void)state;
	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	assert_int_equal(sqlite3_exec(h, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
	db = open_db(path, DB_READ);
	assert_int_equal(db_check(db, &f, &err), 0);
	assert_int_equal(f.constraints, 0);
	assert_int_equal(f.types, 0);
	close_db(db);
	folder_clean();
}

static void
db_check_tells_constraints_from_damage(void **state)
{
	const char *path = make_sample("dev.db");
	struct err err = { 0 };
	struct db_findings f;
	struct db *db;
	sqlite3 *h;

	(void)state;
	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(h,
		"CREATE TABLE n (a TEXT);"
		"INSERT INTO n VALUES (NULL); PRAGMA writable_schema=ON;"
		"UPDATE sqlite_schema SET sql = 'CREATE TABLE n (a TEXT NOT "
		"NULL)' WHERE name = 'n';",
		NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
	db = open_db(path, DB_READ);
	assert_int_equal(db_check(db, &f, &err), 0);
	assert_int_equal(f.indexes, 0);
	assert_int_equal(f.constraints, 1);
	assert_string_equal(f.first, "NULL value in n.a");
	close_db(db);
	folder_clean();
}

/* Two trees changed places: each page is sound, and nothing is right. */
static void
db_check_finds_rows_in_the_place_of_others(void **state)
{
	/* By the values; by how many rows the index knows; by what is empty. */
	static const char *const others[] = {
		"CREATE TABLE o (id INTEGER PRIMARY KEY, word INT);"
		"INSERT INTO o SELECT id, id FROM t",
		"CREATE TABLE o (id INTEGER PRIMARY KEY, word TEXT);"
		"INSERT INTO o SELECT id, word FROM t LIMIT 3",
		"CREATE TABLE o (id INTEGER PRIMARY KEY, word TEXT);"
		"INSERT INTO o SELECT id, NULL FROM t LIMIT (SELECT count(*)"
		" - 1 FROM t);"
		"PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql ="
		" replace(sql, 'word TEXT', 'word TEXT NOT NULL')"
		" WHERE name = 't'; PRAGMA writable_schema=RESET",
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const char *path = make_sample("dev.db");
		sqlite3 *h;

		assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
		assert_int_equal(sqlite3_exec(h, others[i], NULL, NULL, NULL),
		    SQLITE_OK);
		assert_int_equal(
		    sqlite3_exec(h,
			"CREATE TEMP TABLE s AS SELECT sum(rootpage) AS n FROM"
			" sqlite_schema WHERE name IN ('t', 'o');"
			"PRAGMA writable_schema=ON;"
			"UPDATE sqlite_schema SET rootpage = (SELECT n FROM s)"
			" - rootpage WHERE name IN ('t', 'o')",
			NULL, NULL, NULL),
		    SQLITE_OK);
		assert_int_equal(sqlite3_close(h), SQLITE_OK);
		assert_int_equal(check_code(path), ERR_CORRUPT);
		folder_clean();
	}
}

static void
db_prepare_names_the_statement_that_fails(void **state)
{
	static const char *const sql[] = { "SELECT 1", "SELECT word FROM t",
		"SELECT word FROM nowhere" };
	const struct db_table table = { "store_test", sql, 3 };
	struct db *db = open_db(make_sample("dev.db"), DB_READ);
	struct db_stmts *stmts = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(db_prepare(db, &table, &stmts, &err), -1);
	assert_null(stmts);
	assert_non_null(strstr(err.msg, "store_test, statement 3"));
	assert_non_null(strstr(err.msg, "nowhere"));
	close_db(db);
	folder_clean();
}

static void
db_stmt_starts_anew_with_nothing_bound(void **state)
{
	static const char *const sql[] = {
		"SELECT id FROM t WHERE id <= ?1 ORDER BY id",
		"INSERT INTO t (id, word) VALUES (?1, 'x')"
	};
	const struct db_table table = { "store_test", sql, 2 };
	struct db *db = open_db(make_sample("dev.db"), DB_WRITE);
	struct db_stmts *stmts = NULL;
	struct err err = { 0 };
	sqlite3_stmt *s;

	(void)state;
	assert_int_equal(db_prepare(db, &table, &stmts, &err), 0);
	s = db_stmt(stmts, 0);
	(void)sqlite3_bind_int(s, 1, 2);
	assert_int_equal(db_step(stmts, s, &err), 1);
	s = db_stmt(stmts, 0);
	assert_int_equal(db_step(stmts, s, &err), 0);
	s = db_stmt(stmts, 1);
	(void)sqlite3_bind_int(s, 1, 1);
	assert_int_equal(db_run(stmts, s, &err), -1);
	assert_non_null(strstr(err.msg, "store_test"));
	db_stmts_free(stmts);
	db_stmts_free(NULL);
	close_db(db);
	folder_clean();
}

static void
db_begin_waits_a_finite_time(void **state)
{
	const char *path = make_sample("dev.db");
	struct db *holder = open_db(path, DB_WRITE);
	struct err err = { 0 };
	struct db *db;
	int64_t began;

	(void)state;
	db_set_busy_wait(200);
	db = open_db(path, DB_WRITE);
	assert_int_equal(db_begin(holder, &err), 0);
	began = clock_mono();
	assert_int_equal(db_begin(db, &err), -1);
	assert_int_equal(err.code, ERR_BUSY);
	assert_non_null(strstr(err.msg, path));
	assert_true(clock_mono() - began >= 150);
	assert_true(clock_mono() - began < 30000);
	db_rollback(holder);
	db_rollback(holder);
	db_rollback(NULL);
	assert_int_equal(db_begin(db, &err), 0);
	exec(db, "DELETE FROM t");
	db_rollback(db);
	assert_int_equal(int_of(db, "SELECT count(*) FROM t"), 2000);
	db_set_busy_wait(10000);
	close_db(db);
	close_db(holder);
	folder_clean();
}

static void
db_hold_changes_lets_others_read(void **state)
{
	static const char many[] =
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
	    " SELECT i + 1 FROM n WHERE i < 20000)"
	    " INSERT INTO t SELECT i + 100000, zeroblob(500) FROM n";
	const char *path = make_sample("dev.db");
	struct err err = { 0 };
	int64_t n;

	(void)state;
	db_set_busy_wait(0);
	for (int hold = 0; hold < 2; hold++) {
		struct db *writer = open_db(path, DB_WRITE);
		struct db *reader = open_db(path, DB_READ);

		if (hold)
			assert_int_equal(db_hold_changes(writer, &err), 0);
		assert_int_equal(db_begin(writer, &err), 0);
		exec(writer, many);
		/* More than the cache holds: else nobody reads. */
		assert_int_equal(db_int(reader, "SELECT count(*) FROM t", &n,
				     &err),
		    hold ? 0 : -1);
		db_rollback(writer);
		close_db(reader);
		close_db(writer);
	}
	assert_int_equal(n, 2000);
	db_set_busy_wait(10000);
	folder_clean();
}

static void
db_begin_read_sees_one_state(void **state)
{
	const char *path = make_sample("dev.db");
	struct db *reader = open_db(path, DB_READ);
	struct err err = { 0 };
	struct db *db;

	(void)state;
	db_set_busy_wait(100);
	db = open_db(path, DB_WRITE);
	assert_int_equal(db_begin_read(reader, &err), 0);
	/* In rollback mode a writer waits for readers; it does not slip by. */
	assert_int_equal(db_exec(db, "DELETE FROM t", &err), -1);
	assert_int_equal(err.code, ERR_BUSY);
	assert_int_equal(int_of(reader, "SELECT count(*) FROM t"), 2000);
	assert_int_equal(db_commit(reader, &err), 0);
	exec(db, "DELETE FROM t");
	db_set_busy_wait(10000);
	close_db(db);
	close_db(reader);
	folder_clean();
}

static void
db_close_refuses_while_statements_live(void **state)
{
	static const char *const sql[] = { "SELECT 1" };
	const struct db_table table = { "store_test", sql, 1 };
	struct db *db = open_db("", DB_SCRATCH);
	struct db_stmts *stmts = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(db_prepare(db, &table, &stmts, &err), 0);
	assert_int_equal(db_close(&db, &err), -1);
	assert_non_null(db);
	db_stmts_free(stmts);
	assert_int_equal(db_close(&db, &err), 0);
	assert_int_equal(db_close(&db, &err), 0);
	db_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(db_open_creates_only_when_told),
		cmocka_unit_test(db_open_makes_private_files_under_any_umask),
		cmocka_unit_test(db_open_sets_the_hardened_options),
		cmocka_unit_test(db_open_of_no_database_is_corrupt),
		cmocka_unit_test(db_open_for_reading_never_writes),
		cmocka_unit_test(db_open_rolls_a_hot_journal_back),
		cmocka_unit_test(db_copy_of_a_wal_source_is_a_plain_file),
		cmocka_unit_test(db_copy_sees_one_state_while_another_writes),
		cmocka_unit_test(db_copy_of_a_damaged_source_keeps_the_target),
		cmocka_unit_test(db_check_finds_damaged_pages),
		cmocka_unit_test(db_check_tells_index_findings_from_damage),
		cmocka_unit_test(db_check_believes_no_false_alarm),
		cmocka_unit_test(db_check_tells_constraints_from_damage),
		cmocka_unit_test(db_check_finds_rows_in_the_place_of_others),
		cmocka_unit_test(db_prepare_names_the_statement_that_fails),
		cmocka_unit_test(db_stmt_starts_anew_with_nothing_bound),
		cmocka_unit_test(db_begin_waits_a_finite_time),
		cmocka_unit_test(db_hold_changes_lets_others_read),
		cmocka_unit_test(db_begin_read_sees_one_state),
		cmocka_unit_test(db_close_refuses_while_statements_live),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
