#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	size_t len; /* of what waits in ${chunk} */
	unsigned char chunk[CHUNK];
};

static void
flush(struct hashing *h)
{
	digest_add(h->digest, h->chunk, h->len);
	h->len = 0;
}

static void
add(struct hashing *h, const void *data, size_t len)
{
	if (len > CHUNK - h->len)
		flush(h);
	if (len > CHUNK) {
		digest_add(h->digest, data, len);
	} else if (len > 0) { /* an empty BLOB lies nowhere */
		memcpy(h->chunk + h->len, data, len);
		h->len += len;
	}
}

/* One cell: its storage class, its number or its length, its bytes. */
static void
add_cell(struct hashing *h, sqlite3_value *v)
{
	unsigned char head[1 + sizeof(int64_t)];
	int type = sqlite3_value_type(v);
	double d;
	int64_t i;

	head[0] = (unsigned char)type;
	if (type == SQLITE_NULL) {
		add(h, head, 1);
		return;
	}
	if (type == SQLITE_FLOAT) {
		d = sqlite3_value_double(v);
		memcpy(head + 1, &d, sizeof(d));
	} else {
		i = type == SQLITE_INTEGER ? sqlite3_value_int64(v)
					   : sqlite3_value_bytes(v);
		memcpy(head + 1, &i, sizeof(i));
	}
	add(h, head, sizeof(head));
	if (type == SQLITE_TEXT || type == SQLITE_BLOB)
		add(h, sqlite3_value_blob(v), (size_t)sqlite3_value_bytes(v));
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
	while ((rc = db_next(h->db, stmt, "Cannot read a table", err)) == 1) {
		int n = sqlite3_column_count(stmt);

		add(h, &n, sizeof(n));
		for (int i = 0; i < n; i++)
			add_cell(h, sqlite3_column_value(stmt, i));
	}
	(void)sqlite3_finalize(stmt);
	return rc;
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
	const char *name;
	int rc = 0;

	if (sqlite3_prepare_v2(db_handle(h->db), list_tables, -1, &stmt,
		NULL) != SQLITE_OK)
		return db_fail(h->db, err, "Cannot list the tables");
	while (rc == 0 &&
	    (rc = db_next(h->db, stmt, "Cannot list the tables", err)) == 1)
		rc = db_text(stmt, 0, &name, err) || name == NULL
		    ? -1
		    : add_table(h, name, err);
	(void)sqlite3_finalize(stmt);
	return rc;
}

int
snapshot_digest(struct db *db, char digest[DIGEST_HEX_MAX], struct err *err)
{
	struct hashing *h = calloc(1, sizeof(*h));
	int rc = -1;

	if (h == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a digest.");
	h->db = db;
	if ((h->digest = digest_new(err)) == NULL ||
	    add_rows(h, list_schema, err) || add_tables(h, err))
		goto out;
	flush(h);
	digest_hex(h->digest, digest);
	rc = 0;
out:
	digest_free(h->digest);
	free(h);
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
