#ifndef CORE_SCHEMA_H
#define CORE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/db.h"
#include "core/err.h"

/* PRAGMA user_version of the target schema (core/schema.sql). */
#define SCHEMA_VERSION 1

/* What a database lacks to reach the target schema, a line a change. */
struct schema_plan;

/*
 * schema_plan(db, recheck, plan, err):
 * Compare ${db} with the target schema and find what must change, writing
 * nothing and taking no write lock.  With ${recheck} the constraints of our
 * tables are not believed but checked row by row (after integrity_check had
 * findings).  Return 0 with ${plan}, which schema_plan_free releases, or -1
 * with ${err} (ERR_NEWER for a newer jair's database, ERR_SCHEMA for one
 * that cannot be brought to the target, naming table, column and rows).
 */
int schema_plan(struct db *db, bool recheck, struct schema_plan **plan,
    struct err *err);

/*
 * schema_plan_free(plan):
 * Release ${plan}; NULL is accepted.
 */
void schema_plan_free(struct schema_plan *plan);

/*
 * schema_plan_count(plan), schema_plan_line(plan, i):
 * Return how many changes there are (0: in sync), and the text of one, which
 * stays ${plan}'s.
 */
size_t schema_plan_count(const struct schema_plan *plan);
const char *schema_plan_line(const struct schema_plan *plan, size_t i);

/*
 * schema_plan_rebuilds(plan):
 * Tell whether a table is built anew, which takes room for it twice.
 */
bool schema_plan_rebuilds(const struct schema_plan *plan);

/* What schema_apply did, beside the lines of its plan. */
struct schema_report {
	size_t changes; /* lines of the plan */
	int64_t rejected; /* rows moved to _jair_rejected_<table> */
	int64_t merged; /* duplicate rows merged into another */
	int64_t foreign; /* dangling rows in tables that are not ours */
	int64_t config_rows; /* SystemConfig rows beside id 1: kept, unused */
};

/*
 * schema_apply(db, recheck, report, err):
 * Plan and apply in one transaction; then foreign_key_check and quick_check.
 * An empty plan writes nothing.  No row and no value is lost: what cannot
 * stay moves to _jair_rejected_<table>.  Return 0 with ${report}, or -1 with
 * ${err} saying which step failed on what; the database is then as before.
 */
int schema_apply(struct db *db, bool recheck, struct schema_report *report,
    struct err *err);

/*
 * schema_fill_model(db, err):
 * Where only one of geminiModel and aiModel has a value and the provider is
 * Google, give the other the same, as a sync would.  Return 0, or -1 with
 * ${err}.
 */
int schema_fill_model(struct db *db, struct err *err);

/*
 * schema_create(db, err):
 * Give the empty database ${db} the target schema.  Return 0, or -1 with
 * ${err}.
 */
int schema_create(struct db *db, struct err *err);

/*
 * schema_create_scratch(db, err):
 * The same for a database that no one will keep, without what an id costs
 * that must never come twice.  Return 0, or -1 with ${err}.
 */
int schema_create_scratch(struct db *db, struct err *err);

#endif
