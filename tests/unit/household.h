#ifndef TESTS_UNIT_HOUSEHOLD_H
#define TESTS_UNIT_HOUSEHOLD_H

/* Databases and archives in this test program's folder (folder.h). */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/archive_read.h"
#include "core/db.h"
#include "core/schema.h"
#include "tests/unit/folder.h"

static inline void
must(int rc, const struct err *err)
{
	if (rc != 0)
		fail_msg("%s", err->msg);
}

/* Statements that must work. */
static inline void
exec(struct db *db, const char *sql)
{
	struct err err = { 0 };

	must(db_exec(db, sql, &err), &err);
}

static inline int64_t
number(struct db *db, const char *sql)
{
	struct err err = { 0 };
	int64_t n = -1;

	must(db_int(db, sql, &n, &err), &err);
	return n;
}

/* A new database with the target schema. */
static inline struct db *
household(const char *name)
{
	struct err err = { 0 };
	struct db *db = NULL;

	must(db_open(&db, folder_path(name), DB_CREATE, &err), &err);
	must(schema_create(db, &err), &err);
	return db;
}

/* An archive whose text is ${text}. */
static inline struct archive *
archive_of(const char *text)
{
	struct archive *a = NULL;
	struct err err = { 0 };

	folder_write(folder_path("in.json"), text);
	must(archive_open(&a, folder_path("in.json"), NULL, &err), &err);
	return a;
}

/*
 * Run ${job} in a process whose files may have ${bytes} bytes; the test fails
 * unless it returns 0.
 */
static inline void
with_full_disk(rlim_t bytes, int (*job)(void))
{
	const struct rlimit limit = { bytes, bytes };
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		(void)signal(SIGXFSZ, SIG_IGN);
		(void)setrlimit(RLIMIT_FSIZE, &limit);
		_exit(job());
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

#endif
