#ifndef TESTS_UNIT_TARGET_DB_H
#define TESTS_UNIT_TARGET_DB_H

/* A test program's database with the target schema. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/db.h"
#include "core/schema.h"
#include "tests/unit/folder.h"

static struct db *db;

static inline void
sql(const char *text)
{
	struct err err = { 0 };

	if (db_exec(db, text, &err))
		fail_msg("%s", err.msg);
}

static inline int64_t
number(const char *text)
{
	struct err err = { 0 };
	int64_t value = -1;

	if (db_int(db, text, &value, &err))
		fail_msg("%s", err.msg);
	return value;
}

/* A database of the target schema under ${name}, open as ${db}. */
static inline void
create(const char *name)
{
	struct err err = { 0 };

	assert_int_equal(db_open(&db, folder_path(name), DB_CREATE, &err), 0);
	assert_int_equal(schema_create(db, &err), 0);
}

/* For cmocka: before and after each test. */
static inline int
target_setup(void **state)
{
	(void)state;
	(void)folder_make();
	folder_clean();
	create("dev.db");
	return 0;
}

static inline int
target_teardown(void **state)
{
	(void)state;
	db_free(db);
	db = NULL;
	folder_clean();
	return 0;
}

#endif
