/*
 * Without these tests a value for which there was no memory could be written
 * as NULL, and nobody would be told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/db.h"

/* Whose own memory fits into no limit. */
#ifdef __SANITIZE_ADDRESS__
#define SANITIZED true
#else
#define SANITIZED false
#endif

#define BIG ((size_t)64 << 20)
#define LITTLE ((size_t)16 << 20)

struct fixture {
	struct db *db;
	struct db_stmts *stmts;
	char *big; /* a text of BIG bytes */
	struct rlimit before;
};

static const char *const sql[] = {
	"INSERT INTO t(x) VALUES (?1)",
	"SELECT ?1",
	"SELECT hex(?1)",
};

static const struct db_table table = { "store_test", sql, 3 };

/* Let the process have little more memory than it has now. */
static void
starve(struct fixture *f)
{
	FILE *statm;
	struct rlimit limit;
	unsigned long pages = 0;

	if (SANITIZED)
		skip();
	statm = fopen("/proc/self/statm", "r");
	assert_non_null(statm);
	assert_int_equal(fscanf(statm, "%lu", &pages), 1);
	(void)fclose(statm);
	assert_int_equal(getrlimit(RLIMIT_AS, &f->before), 0);
	limit = f->before;
	limit.rlim_cur = pages * (rlim_t)sysconf(_SC_PAGESIZE) + LITTLE;
	assert_int_equal(setrlimit(RLIMIT_AS, &limit), 0);
}

static void
feed(struct fixture *f)
{
	assert_int_equal(setrlimit(RLIMIT_AS, &f->before), 0);
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err = { 0 };

	if (f == NULL || (f->big = malloc(BIG + 1)) == NULL)
		return -1;
	memset(f->big, 'a', BIG);
	f->big[BIG] = '\0';
	*state = f;
	return db_open(&f->db, "", DB_SCRATCH, &err) ||
	    db_exec(f->db, "CREATE TABLE t(x)", &err) ||
	    db_prepare(f->db, &table, &f->stmts, &err);
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	db_stmts_free(f->stmts);
	db_free(f->db);
	free(f->big);
	free(f);
	return 0;
}

/* A statement with a value that could not be bound. */
static sqlite3_stmt *
bind_big(struct fixture *f, size_t which)
{
	sqlite3_stmt *stmt = db_stmt(f->stmts, which);

	starve(f);
	(void)sqlite3_bind_text(stmt, 1, f->big, (int)BIG, SQLITE_TRANSIENT);
	feed(f);
	return stmt;
}

static int64_t
rows(struct db *db)
{
	struct err err = { 0 };
	int64_t n = -1;

	assert_int_equal(db_int(db, "SELECT count(*) FROM t", &n, &err), 0);
	return n;
}

static void
db_run_writes_no_value_that_was_not_bound(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };

	assert_int_equal(db_run(f->stmts, bind_big(f, 0), &err), -1);
	assert_int_equal(err.code, ERR_NOMEM);
	assert_non_null(strstr(err.msg, "store_test"));
	assert_non_null(strstr(err.msg, "out of memory"));
	assert_int_equal(rows(f->db), 0);
}

/* It is said once: what comes next has nothing to do with it. */
static void
db_run_after_a_failure_works(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	sqlite3_stmt *stmt;

	assert_int_equal(db_run(f->stmts, bind_big(f, 0), &err), -1);
	err_clear(&err);
	stmt = db_stmt(f->stmts, 0);
	(void)sqlite3_bind_text(stmt, 1, f->big, 10, SQLITE_STATIC);
	assert_int_equal(db_run(f->stmts, stmt, &err), 0);
	assert_int_equal(rows(f->db), 1);
}

/* What a function could not compute is no value of the row either. */
static void
db_step_tells_what_a_function_had_no_memory_for(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	sqlite3_stmt *stmt = db_stmt(f->stmts, 2);
	int rc;

	(void)sqlite3_bind_text(stmt, 1, f->big, (int)BIG, SQLITE_STATIC);
	starve(f);
	rc = db_step(f->stmts, stmt, &err);
	feed(f);
	assert_int_equal(rc, -1);
	assert_int_equal(err.code, ERR_NOMEM);
}

static void
db_commit_commits_nothing_that_was_not_read(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	sqlite3_stmt *stmt = db_stmt(f->stmts, 1);

	assert_int_equal(db_exec(f->db, "BEGIN; INSERT INTO t(x) VALUES (1)",
			     &err),
	    0);
	/* Without the closing NUL it has to be copied to be read. */
	(void)sqlite3_bind_text(stmt, 1, f->big, (int)BIG - 1, SQLITE_STATIC);
	assert_int_equal(db_step(f->stmts, stmt, &err), 1);
	starve(f);
	assert_null(sqlite3_column_text(stmt, 0));
	feed(f);
	(void)sqlite3_reset(stmt);
	assert_int_equal(db_commit(f->db, &err), -1);
	assert_int_equal(err.code, ERR_NOMEM);
	db_rollback(f->db);
	assert_int_equal(rows(f->db), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    db_run_writes_no_value_that_was_not_bound, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(db_run_after_a_failure_works,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    db_step_tells_what_a_function_had_no_memory_for, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    db_commit_commits_nothing_that_was_not_read, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
