#ifndef CORE_STORE_KEPT_H
#define CORE_STORE_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/db.h"
#include "core/json_out.h"

struct sqlite3_stmt;

/* Which entries of JairKept are read. */
enum kept_part {
	KEPT_UNRESOLVED, /* a user's titles without an id */
	KEPT_REJECTED, /* all else of a user */
	KEPT_NOBODYS /* what names no user */
};

/* An entry. */
struct kept {
	const char *s; /* JSON text without white space, or any bytes */
	size_t len;
	bool is_json; /* by SQLite's judgement, and valid UTF-8 */
};

extern const struct db_table store_kept_table;

/* A reader of JairKept. */
struct store_kept;

/*
 * store_kept_open(db, store, err):
 * Prepare reading.  Return 0 with ${store}, which store_kept_free releases
 * before ${db} is closed, or -1 with ${err}.
 */
int store_kept_open(struct db *db, struct store_kept **store, struct err *err);

/*
 * store_kept_free(store):
 * Release ${store}; NULL is accepted.
 */
void store_kept_free(struct store_kept *store);

/*
 * store_kept_start(store, part, user):
 * Start reading the entries of ${part}, of the user with the id ${user}
 * where it is a user's.
 */
void store_kept_start(struct store_kept *store, enum kept_part part,
    int64_t user);

/*
 * store_kept_next(store, kept, err):
 * Read the next entry, in the order in which they were kept.  Return 1 with
 * ${kept}, good until the next call, 0 after the last, or -1 with ${err}.
 */
int store_kept_next(struct store_kept *store, struct kept *kept,
    struct err *err);

/* The statement's part that reads what store_kept_names writes. */
#define STORE_KEPT_TEXT "CAST(\"value\" AS TEXT)"
#define STORE_KEPT_MEMBER(path)                                                \
	"CASE json_valid(" STORE_KEPT_TEXT ") WHEN 1 THEN"                     \
	" json_extract(" STORE_KEPT_TEXT ", '" path "') END"
#define STORE_KEPT_NAMES                                                                                \
	" CASE json_type(iif(json_valid(" STORE_KEPT_TEXT                                               \
	"), " STORE_KEPT_TEXT                                                                           \
	", 'null')) WHEN 'text' THEN " STORE_KEPT_MEMBER("$") " WHEN 'object' THEN " STORE_KEPT_MEMBER( \
	    "$.title") " ELSE " STORE_KEPT_TEXT                                                         \
		       " END, " STORE_KEPT_MEMBER("$.list") ", " STORE_KEPT_MEMBER(                     \
			   "$.where") ", " STORE_KEPT_MEMBER("$.reason") " "

/* At most so many entries are named to people. */
#define STORE_KEPT_NAMES_MAX 100

/*
 * store_kept_names(stmts, stmt, key, j, err):
 * Write what the rows of ${stmt}, whose columns are STORE_KEPT_NAMES, tell
 * people of entries as the list ${key} of objects: title, list, where,
 * reason, what there is of them, each cut after 160 characters; nothing when
 * there is no row.  Return 0, or -1 with ${err}.
 */
int store_kept_names(struct db_stmts *stmts, struct sqlite3_stmt *stmt,
    const char *key, struct json_out *j, struct err *err);

#endif
