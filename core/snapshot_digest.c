#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/schema.h"
#include "core/snapshot.h"

/* Bytes that are gathered before they are hashed. */
#define CHUNK 65536

/* Tables with storage of their own, in an order that content decides. */
static const char list_tables[] =
    "SELECT \"name\" FROM sqlite_schema WHERE \"type\" = 'table'"
    " AND \"rootpage\" > 0"
    " AND lower(\"name\") NOT IN ('backuprun', 'job', 'jairsession')"
    " ORDER BY \"name\"";

static const char list_schema[] =
    "SELECT \"type\", \"name\", \"tbl_name\", \"sql\" FROM sqlite_schema"
    " ORDER BY \"type\", \"name\"";

struct hashing {
	struct db *db;
	struct digest *digest;
	struct buf chunk;
};

static void
flush(struct hashing *h)
{
	digest_add(h->digest, buf_str(&h->chunk), h->chunk.len);
	buf_reset(&h->chunk);
}

static void
add(struct hashing *h, const void *data, size_t len)
{
	if (h->chunk.len + len > CHUNK)
		flush(h);
	if (len > CHUNK)
		digest_add(h->digest, data, len);
	else
		buf_add(&h->chunk, data, len);
}

/* One cell: its storage class, its length, its bytes. */
static void
add_cell(struct hashing *h, sqlite3_stmt *stmt, int column)
{
	int type = sqlite3_column_type(stmt, column);
	int64_t i;
	double d;
	int len;

	add(h, &type, sizeof(type));
	switch (type) {
	case SQLITE_INTEGER:
		i = sqlite3_column_int64(stmt, column);
		add(h, &i, sizeof(i));
		break;
	case SQLITE_FLOAT:
		d = sqlite3_column_double(stmt, column);
		add(h, &d, sizeof(d));
		break;
	case SQLITE_TEXT:
	case SQLITE_BLOB:
		len = sqlite3_column_bytes(stmt, column);
		add(h, &len, sizeof(len));
		if (len > 0)
			add(h, sqlite3_column_blob(stmt, column), (size_t)len);
		break;
	default:
		break;
	}
}

/* All rows that ${sql} gives. */
static int
add_rows(struct hashing *h, const char *sql, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int rc;

	if (sqlite3_prepare_v2(db_handle(h->db), sql, -1, &stmt, NULL) !=
	    SQLITE_OK)
		return db_fail(h->db, err, "Cannot read a table");
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		int n = sqlite3_column_count(stmt);

		add(h, &n, sizeof(n));
		for (int i = 0; i < n; i++)
			add_cell(h, stmt, i);
	}
	if (rc != SQLITE_DONE)
		db_fail(h->db, err, "Cannot read a table");
	(void)sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? 0 : -1;
}

/* The name of one table, then its rows in the order they are stored. */
static int
add_table(struct hashing *h, const char *name, struct err *err)
{
	char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", name);
	int rc;

	if (sql == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a statement.");
	add(h, name, strlen(name) + 1);
	rc = add_rows(h, sql, err);
	sqlite3_free(sql);
	return rc;
}

static int
add_tables(struct hashing *h, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int rc;
	int bad = 0;

	if (sqlite3_prepare_v2(db_handle(h->db), list_tables, -1, &stmt,
		NULL) != SQLITE_OK)
		return db_fail(h->db, err, "Cannot list the tables");
	while (!bad && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		bad = add_table(h, (const char *)sqlite3_column_text(stmt, 0),
		    err);
	if (!bad && rc != SQLITE_DONE)
		bad = db_fail(h->db, err, "Cannot list the tables");
	(void)sqlite3_finalize(stmt);
	return bad;
}

int
snapshot_digest(struct db *db, char digest[DIGEST_HEX_MAX], struct err *err)
{
	struct hashing h = { .db = db };
	int rc = -1;

	buf_init(&h.chunk, CHUNK);
	if ((h.digest = digest_new(err)) == NULL)
		return -1;
	if (add_rows(&h, list_schema, err) || add_tables(&h, err) ||
	    buf_ok(&h.chunk, "a digest", err))
		goto out;
	flush(&h);
	rc = digest_hex(h.digest, digest, err);
out:
	digest_free(h.digest);
	buf_free(&h.chunk);
	return rc;
}

/* 1 or 0 for a yes-no question; 0 when its tables are not there. */
static int
ask(struct db *db, const char *sql, bool *yes, struct err *err)
{
	int64_t value;

	if (db_int(db, sql, &value, err)) {
		if (err->code != ERR_DB)
			return -1;
		err_clear(err);
		value = 0;
	}
	*yes = value != 0;
	return 0;
}

int
snapshot_is_empty(struct db *db, bool *empty, struct err *err)
{
	bool users;
	bool config;

	if (ask(db, "SELECT EXISTS (SELECT 1 FROM \"User\")", &users, err) ||
	    ask(db,
		"SELECT EXISTS (SELECT 1 FROM \"SystemConfig\" WHERE"
		" \"isConfigured\" OR coalesce(\"jellyfinUrl\", '') <> ''"
		" OR coalesce(\"jellyseerrUrl\", '') <> '')",
		&config, err))
		return -1;
	*empty = !users && !config;
	return 0;
}

int
snapshot_is_household(struct db *db, bool *yes, struct err *err)
{
	int64_t tables;

	if (db_int(db,
		"SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
		" AND name COLLATE NOCASE IN ('User', 'Media', 'UserMedia',"
		" 'SystemConfig')",
		&tables, err))
		return -1;
	*yes = tables > 0;
	return 0;
}
