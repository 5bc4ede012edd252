#ifndef CORE_DB_H
#define CORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct sqlite3;
struct sqlite3_stmt;

/*
 * A database connection, hardened for files that may be hostile: schema not
 * trusted, defensive mode, no double-quoted strings, cells checked, no mmap;
 * rollback journal (TRUNCATE), synchronous EXTRA, foreign keys on, a finite
 * wait for locks.
 */
struct db;

enum db_mode {
	DB_READ, /* nothing is written and no -wal merged; the file
			   must exist */
	DB_WHOLE, /* as DB_READ, of a file that nobody writes and that is
			   whole in itself: a journal or -wal beside it is not
			   its own and left alone */
	DB_WRITE, /* read and write; the file must exist */
	DB_CREATE, /* read and write; created with mode 0600 when missing */
	DB_SCRATCH /* as DB_CREATE, for a file that no one will keep:
			   no fsync; path "" means a private temporary file
			   that vanishes with the connection */
};

/*
 * db_set_busy_wait(ms):
 * Let connections that are opened from now on wait ${ms} milliseconds for a
 * lock (10 s when never called).
 */
void db_set_busy_wait(int64_t ms);

/*
 * db_set_patience(db, ms):
 * Let ${db} wait ${ms} milliseconds for a lock from now on; -1 for as long
 * as db_set_busy_wait said.
 */
void db_set_patience(struct db *db, int ms);

/*
 * db_open(db, path, mode, err):
 * Open the database ${path}.  Return 0 with ${db}, which db_free releases,
 * or -1 with ${err} (ERR_MISSING, ERR_CORRUPT when it is no database,
 * ERR_BUSY, ERR_DENIED, ERR_DISK).  DB_READ leaves the file's bytes alone,
 * except that a hot journal is rolled back as SQLite must.
 */
int db_open(struct db **db, const char *path, enum db_mode mode,
    struct err *err);

/*
 * db_close(db, err):
 * Close ${*db} and set it to NULL.  Return 0, or -1 with ${err} when the
 * last writes could not be saved.
 */
int db_close(struct db **db, struct err *err);

/*
 * db_free(db):
 * Close without asking whether it worked; NULL is accepted.
 */
void db_free(struct db *db);

/*
 * db_remove(path):
 * Remove the database file ${path}, which nobody has open, and the journals
 * beside it; what is not there is no matter.
 */
void db_remove(const char *path);

/*
 * db_handle(db), db_path(db):
 * Return the SQLite connection, which stays ${db}'s, and the path it was
 * opened with.
 */
struct sqlite3 *db_handle(struct db *db);
const char *db_path(const struct db *db);

/*
 * db_fail(db, err, what):
 * Record in ${err} what SQLite says of ${db}'s last failure, after ${what}
 * ("Cannot read the users").  Return -1.
 */
int db_fail(struct db *db, struct err *err, const char *what);

/*
 * db_read_failed(db), db_fail_read(db, err):
 * Tell whether ${db}'s last failure was one of the disk, which could not give
 * a page; say so in ${err} (ERR_DISK) and return -1.  SQLite itself may call
 * that damage.
 */
bool db_read_failed(struct db *db);
int db_fail_read(const struct db *db, struct err *err);

/*
 * db_starved(db, what, err), db_ran():
 * Return 0, or -1 with ${err} (ERR_NOMEM, after ${what}) when SQLite ran out
 * of memory since a statement ran last: a value that was bound since then, or
 * read from a row, may be NULL without having been.  Tell that a statement
 * ran well: what it lacked itself SQLite knows.  The functions below do both,
 * so only who runs a statement by SQLite's own functions has to, or who reads
 * a row and runs nothing afterwards (db_text tells at once).
 */
int db_starved(const struct db *db, const char *what, struct err *err);
void db_ran(void);

/*
 * db_exec(db, sql, err):
 * Run the statements in ${sql}, ignoring rows.  Return 0, or -1 with ${err}.
 */
int db_exec(struct db *db, const char *sql, struct err *err);

/*
 * db_int(db, sql, value, err):
 * Run ${sql} and put the first column of its first row into ${value} (0 when
 * there is no row).  Return 0, or -1 with ${err}.
 */
int db_int(struct db *db, const char *sql, int64_t *value, struct err *err);

/*
 * db_begin(db, err), db_begin_read(db, err):
 * Start a transaction that may write (its lock is taken now), or that sees
 * one unchanging state.  db_commit and db_rollback end it; db_rollback does
 * nothing when none is open.
 */
int db_begin(struct db *db, struct err *err);
int db_begin_read(struct db *db, struct err *err);
int db_commit(struct db *db, struct err *err);
void db_rollback(struct db *db);

/*
 * db_hold_changes(db, err):
 * Keep what a transaction changes in memory, up to 128 MiB, until it is
 * committed.  Otherwise it goes to the file as soon as the cache (2 MB) is
 * full, and nobody can read until the end.  Return 0, or -1 with ${err}.
 * Source: https://www.sqlite.org/pragma.html#pragma_cache_spill
 */
int db_hold_changes(struct db *db, struct err *err);

/* A table of literal statements: all the SQL of one store. */
struct db_table {
	const char *name; /* the store, for messages */
	const char *const *sql;
	size_t count;
};

/* The prepared statements of one table on one connection. */
struct db_stmts;

/*
 * db_prepare(db, table, stmts, err):
 * Compile every statement of ${table}.  Return 0 with ${stmts}, which
 * db_stmts_free releases before ${db} is closed, or -1 with ${err} naming
 * the statement.
 */
int db_prepare(struct db *db, const struct db_table *table,
    struct db_stmts **stmts, struct err *err);

/*
 * db_stmts_free(stmts):
 * Release the statements; NULL is accepted.
 */
void db_stmts_free(struct db_stmts *stmts);

/*
 * db_stmt(stmts, index):
 * Return the statement at ${index}, reset and with nothing bound; it stays
 * owned by ${stmts}.
 */
struct sqlite3_stmt *db_stmt(struct db_stmts *stmts, size_t index);

/*
 * db_next(db, stmt, what, err):
 * Go to the next row of a statement that is in no table.  Return 1 when there
 * is one, 0 at the end, or -1 with ${err}, which begins with ${what}.
 */
int db_next(struct db *db, struct sqlite3_stmt *stmt, const char *what,
    struct err *err);

/*
 * db_text(stmt, column, text, err):
 * Read a column of the row at hand as text, which stays ${stmt}'s until it is
 * stepped; NULL for NULL.  Return 0, or -1 with ${err} (ERR_NOMEM), ${text}
 * being NULL.
 */
int db_text(struct sqlite3_stmt *stmt, int column, const char **text,
    struct err *err);

/*
 * db_step(stmts, stmt, err):
 * Go to the next row.  Return 1 when there is one, 0 at the end (the
 * statement is then reset), or -1 with ${err}.
 */
int db_step(struct db_stmts *stmts, struct sqlite3_stmt *stmt, struct err *err);

/*
 * db_run(stmts, stmt, err):
 * Run a statement that gives no rows.  Return 0, or -1 with ${err}.
 */
int db_run(struct db_stmts *stmts, struct sqlite3_stmt *stmt, struct err *err);

/*
 * db_copy(from, to, err):
 * Replace the whole content of ${to} by that of ${from}, as one transaction
 * of ${to}, while others may read and write ${from}.  ${to} is not in WAL
 * mode afterwards.  Return 0, or -1 with ${err}; ${to} is then as it was.
 * Source: https://www.sqlite.org/backup.html
 */
int db_copy(struct db *from, struct db *to, struct err *err);

/* What integrity_check found that is not damage. */
struct db_findings {
	int64_t indexes; /* entries missing from or wrong in an index */
	int64_t constraints; /* NOT NULL, UNIQUE, CHECK, types */
	int64_t types; /* of these: types */
	int64_t nulls; /* of these: NOT NULL */
	char first[256]; /* the first of them, as SQLite words it */
};

/*
 * db_check(db, findings, err):
 * Read the whole file and check it.  Return 0 with ${findings} when every
 * row can be read, or -1 with ${err} (ERR_CORRUPT when pages are damaged, or
 * sound pages stand in the place of others).
 */
int db_check(struct db *db, struct db_findings *findings, struct err *err);

#endif
