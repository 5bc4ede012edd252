#include "core/db.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/db_file.h"
#include "core/guard.h"
#include "core/store_func.h"
#include "core/str.h"

#define BUSY_WAIT_MS 10000
#define BUSY_RETRY_MS 20
#define URI_MAX 16384

struct db {
	sqlite3 *handle;
	char *path;
	enum db_mode mode;
};

static int busy_wait_ms = BUSY_WAIT_MS;

void
db_set_busy_wait(int64_t ms)
{
	busy_wait_ms = ms < INT32_MAX ? (int)ms : INT32_MAX;
}

/* Our code for an SQLite result. */
static enum err_code
code_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERR_CORRUPT;
	case SQLITE_FULL:
	case SQLITE_IOERR:
		return ERR_DISK;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
		return ERR_DENIED;
	case SQLITE_NOMEM:
		return ERR_NOMEM;
	default:
		return ERR_DB;
	}
}

/*
 * Whether the disk refused to give bytes of the file.  SQLite calls such a
 * file corrupt; but a cable that is loose damages nothing.
 * Source: https://www.sqlite.org/rescode.html#ioerr_corruptfs
 */
bool
db_read_failed(struct db *db)
{
	int why = 0;

	(void)sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_LAST_ERRNO,
	    &why);
	return why == EIO || why == ENXIO;
}

int
db_fail_read(const struct db *db, struct err *err)
{
	return err_set(err, ERR_DISK,
	    "The disk cannot read %s: %s. Check the disk before anything else.",
	    db->path, strerror(EIO));
}

int
db_fail(struct db *db, struct err *err, const char *what)
{
	int rc = sqlite3_extended_errcode(db->handle);

	if (code_of(rc) == ERR_NOMEM)
		db_ran(); /* it is told now */
	/* No program writes a format that SQLite does not know. */
	if (code_of(rc) == ERR_DB &&
	    strcmp(sqlite3_errmsg(db->handle), "unsupported file format") == 0)
		return err_set(err, ERR_CORRUPT,
		    "%s (%s): its header names a format that does not exist",
		    what, db->path);
	if (code_of(rc) == ERR_CORRUPT && db_read_failed(db))
		return db_fail_read(db, err);
	if (code_of(rc) == ERR_BUSY)
		return err_set(err, ERR_BUSY,
		    "%s: another process holds the "
		    "lock of %s. Stop it, or wait, and try again.",
		    what, db->path);
	return err_set(err, code_of(rc), "%s (%s): %s", what, db->path,
	    sqlite3_errmsg(db->handle));
}

static bool
is_reader(enum db_mode mode)
{
	return mode == DB_READ || mode == DB_WHOLE;
}

static int
harden(struct db *db, struct err *err)
{
	static const int options[][2] = {
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
		{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
		{ SQLITE_DBCONFIG_DQS_DML, 0 },
		{ SQLITE_DBCONFIG_DQS_DDL, 0 },
		{ SQLITE_DBCONFIG_ENABLE_FKEY, 1 },
		{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (sqlite3_db_config(db->handle, options[i][0], options[i][1],
			NULL) != SQLITE_OK)
			return db_fail(db, err, "Cannot set up SQLite");
	}
	return 0;
}

static int
configure(struct db *db, enum db_mode mode, struct err *err)
{
	static const char common[] =
	    "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;"
	    "PRAGMA temp_store=FILE;";
	/* Defensive mode allows no journal_mode=OFF. */
	static const char scratch[] =
	    "PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=OFF;"
	    "PRAGMA locking_mode=EXCLUSIVE;";

	(void)sqlite3_busy_timeout(db->handle, busy_wait_ms);
	/*
	 * A -wal is read, never merged by a reader; also not when it turns out
	 * below that the file is no database.
	 */
	if (is_reader(mode))
		(void)sqlite3_db_config(db->handle,
		    SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (store_func_register(db->handle) != SQLITE_OK)
		return db_fail(db, err, "Cannot set up SQLite");
	if (harden(db, err) || db_exec(db, common, err) ||
	    GUARD(db_durable, db_exec(db, "PRAGMA synchronous=EXTRA", err)))
		return -1;
	if (is_reader(mode))
		return db_exec(db,
		    "PRAGMA query_only=ON;"
		    "SELECT count(*) FROM sqlite_schema",
		    err);
	if (mode == DB_SCRATCH)
		return db_exec(db, scratch, err);
	return GUARD(db_durable,
	    db_exec(db, "PRAGMA journal_mode=TRUNCATE", err));
}

void
db_set_patience(struct db *db, int ms)
{
	(void)sqlite3_busy_timeout(db->handle, ms < 0 ? busy_wait_ms : ms);
}

/* Source: https://www.sqlite.org/uri.html, "immutable" */
static int
open_whole(struct db *db)
{
	int flags =
	    SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
	struct buf uri;
	int rc = SQLITE_NOMEM;

	buf_init(&uri, URI_MAX);
	buf_addz(&uri, "file:");
	for (const char *p = db->path; *p != '\0'; p++) {
		if (strchr("%?#", *p) != NULL)
			buf_addf(&uri, "%%%02X", (unsigned)*p);
		else
			buf_addc(&uri, *p);
	}
	buf_addz(&uri, "?immutable=1");
	if (!uri.failed)
		rc = sqlite3_open_v2(buf_str(&uri), &db->handle, flags, NULL);
	buf_free(&uri);
	return rc;
}

static int
open_file(struct db *db)
{
	/* A reader too may have to roll back a hot journal. */
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;

	if (db->mode == DB_WHOLE)
		return open_whole(db);
	if (*db->path == '\0')
		flags |= SQLITE_OPEN_CREATE;
	return sqlite3_open_v2(db->path, &db->handle, flags, NULL);
}

int
db_open(struct db **out, const char *path, enum db_mode mode, struct err *err)
{
	struct db *db = NULL;

	if (db_file_ensure(path, !is_reader(mode) && mode != DB_WRITE, err))
		return -1;
	if ((db = calloc(1, sizeof(*db))) == NULL ||
	    (db->path = str_dup(path, err)) == NULL) {
		err_set(err, ERR_NOMEM, "No memory for a database.");
		goto fail;
	}
	db->mode = mode;
	if (open_file(db) != SQLITE_OK) {
		db_fail(db, err, "Cannot open the database");
		goto fail;
	}
	(void)sqlite3_extended_result_codes(db->handle, 1);
	if (configure(db, mode, err))
		goto fail;
	*out = db;
	return 0;
fail:
	db_free(db);
	return -1;
}

int
db_close(struct db **db, struct err *err)
{
	if (*db == NULL)
		return 0;
	if (sqlite3_close((*db)->handle) != SQLITE_OK)
		return db_fail(*db, err, "Cannot close the database");
	(*db)->handle = NULL;
	db_free(*db);
	*db = NULL;
	return 0;
}

void
db_free(struct db *db)
{
	if (db == NULL)
		return;
	(void)sqlite3_close_v2(db->handle);
	free(db->path);
	free(db);
}

struct sqlite3 *
db_handle(struct db *db)
{
	return db->handle;
}

const char *
db_path(const struct db *db)
{
	return db->path;
}

int
db_exec(struct db *db, const char *sql, struct err *err)
{
	static const char refused[] = "The database refused a statement";

	/* What was not read before must not be committed by this. */
	if (db_starved(db, refused, err))
		return -1;
	if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_fail(db, err, refused);
	db_ran();
	return 0;
}

int
db_int(struct db *db, const char *sql, int64_t *value, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int rc;

	if (sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL) != SQLITE_OK)
		return db_fail(db, err, "The database refused a statement");
	rc = db_next(db, stmt, "Cannot read the database", err);
	*value = rc == 1 ? sqlite3_column_int64(stmt, 0) : 0;
	(void)sqlite3_finalize(stmt);
	return rc < 0 ? -1 : 0;
}

int
db_begin(struct db *db, struct err *err)
{
	return db_exec(db, "BEGIN IMMEDIATE", err);
}

int
db_hold_changes(struct db *db, struct err *err)
{
	/* Pages of 4 KiB. */
	return db_exec(db, "PRAGMA cache_spill = 32768", err);
}

int
db_begin_read(struct db *db, struct err *err)
{
	if (db_exec(db, "BEGIN", err))
		return -1;
	/* The state is fixed by the first read, not by BEGIN. */
	return db_exec(db, "SELECT count(*) FROM sqlite_schema", err);
}

int
db_commit(struct db *db, struct err *err)
{
	return db_exec(db, "COMMIT", err);
}

void
db_rollback(struct db *db)
{
	if (db != NULL && sqlite3_get_autocommit(db->handle) == 0)
		(void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	/* What was not bound or read is of no matter now. */
	db_ran();
}

/* One go of the backup API, waiting for locks as long as we wait elsewhere. */
static int
copy_pages(struct db *from, struct db *to)
{
	sqlite3_backup *b;
	int waited = 0;
	int rc;

	b = sqlite3_backup_init(to->handle, "main", from->handle, "main");
	if (b == NULL)
		return sqlite3_errcode(to->handle);
	for (;;) {
		rc = sqlite3_backup_step(b, -1);
		if ((rc != SQLITE_BUSY && rc != SQLITE_LOCKED) ||
		    waited >= busy_wait_ms)
			break;
		waited += sqlite3_sleep(BUSY_RETRY_MS);
	}
	(void)sqlite3_backup_finish(b);
	return rc;
}

int
db_copy(struct db *from, struct db *to, struct err *err)
{
	int rc = copy_pages(from, to);

	if (rc != SQLITE_DONE && code_of(rc) == ERR_BUSY)
		return err_set(err, ERR_BUSY,
		    "Cannot copy %s: another process "
		    "holds its lock. Stop it, or wait, and try again.",
		    from->path);
	if (rc != SQLITE_DONE)
		return err_set(err, code_of(rc), "Cannot copy %s to %s: %s",
		    from->path, to->path, sqlite3_errstr(rc));
	/* The copy of a database in WAL mode says so in its header. */
	return db_exec(to, "PRAGMA journal_mode=TRUNCATE", err);
}
