#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/schema_int.h"
#include "schema_sql.h"

struct pool_block {
	struct pool_block *next;
	max_align_t data[];
};

void *
pool_get(struct pool *pool, size_t size, struct err *err)
{
	struct pool_block *block = NULL;
	size_t all;

	if (!__builtin_add_overflow(size, sizeof(*block), &all))
		block = calloc(1, all);
	if (block == NULL) {
		err_set(err, ERR_NOMEM, "No memory for the schema.");
		return NULL;
	}
	block->next = pool->first;
	pool->first = block;
	return block->data;
}

char *
pool_text(struct pool *pool, const char *s, size_t len, struct err *err)
{
	char *copy = pool_get(pool, len + 1, err);

	if (copy != NULL)
		memcpy(copy, s, len);
	return copy;
}

void
pool_free(struct pool *pool)
{
	struct pool_block *next;

	for (; pool->first != NULL; pool->first = next) {
		next = pool->first->next;
		free(pool->first);
	}
}

bool
schema_same(const char *a, const char *b)
{
	return sqlite3_stricmp(a, b) == 0;
}

/* Source: https://www.sqlite.org/datatype3.html, section 3.1. */
char
schema_affinity(const char *type)
{
	static const struct {
		const char *part;
		char affinity;
	} rules[] = {
		{ "INT", 'I' },
		{ "CHAR", 'T' },
		{ "CLOB", 'T' },
		{ "TEXT", 'T' },
		{ "BLOB", 'B' },
		{ "REAL", 'R' },
		{ "FLOA", 'R' },
		{ "DOUB", 'R' },
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (strcasestr(type, rules[i].part) != NULL)
			return rules[i].affinity;
	}
	return *type == '\0' ? 'B' : 'N';
}

struct s_column *
schema_column(const struct s_table *t, const char *name)
{
	struct s_column *c;

	for (c = t->columns; c != NULL; c = c->next) {
		if (schema_same(c->name, name))
			break;
	}
	return c;
}

int
schema_query(struct db *db, const char *sql, const char *arg,
    sqlite3_stmt **stmt, struct err *err)
{
	if (sqlite3_prepare_v2(db_handle(db), sql, -1, stmt, NULL) !=
		SQLITE_OK ||
	    (arg != NULL &&
		sqlite3_bind_text(*stmt, 1, arg, -1, SQLITE_TRANSIENT) !=
		    SQLITE_OK))
		return db_fail(db, err, "Cannot read the schema");
	return 0;
}

int
schema_next(struct db *db, sqlite3_stmt *stmt, struct err *err)
{
	return db_next(db, stmt, "Cannot read the schema", err);
}

int
schema_run(struct db *db, struct buf *sql, struct err *err)
{
	int rc;

	rc = buf_ok(sql, "a statement", err) ? -1
					     : db_exec(db, buf_str(sql), err);
	buf_reset(sql);
	return rc;
}

int
schema_count(struct db *db, struct buf *sql, int64_t *n, struct err *err)
{
	int rc;

	rc = buf_ok(sql, "a statement", err) ? -1
					     : db_int(db, buf_str(sql), n, err);
	buf_reset(sql);
	return rc;
}

int
schema_text(struct pool *pool, sqlite3_stmt *stmt, int i, const char **copy,
    struct err *err)
{
	const char *s;

	*copy = NULL;
	if (db_text(stmt, i, &s, err))
		return -1;
	return s == NULL || (*copy = pool_text(pool, s, strlen(s), err)) != NULL
	    ? 0
	    : -1;
}

/* The text in column ${i}; NULL for NULL.  A failure shows in ${rc}. */
static const char *
take_text(struct pool *pool, sqlite3_stmt *stmt, int i, int *rc,
    struct err *err)
{
	const char *copy;

	if (schema_text(pool, stmt, i, &copy, err))
		*rc = -1;
	return copy;
}

static int
read_column(struct db *db, struct pool *pool, struct s_table *t,
    sqlite3_stmt *stmt, struct s_column **out, struct err *err)
{
	struct s_column *c = pool_get(pool, sizeof(*c), err);
	const char *coll = NULL;
	int rc = 0;

	if (c == NULL)
		return -1;
	c->name = take_text(pool, stmt, 0, &rc, err);
	c->type = take_text(pool, stmt, 1, &rc, err);
	c->notnull = sqlite3_column_int(stmt, 2) != 0;
	c->dflt = take_text(pool, stmt, 3, &rc, err);
	c->pk = sqlite3_column_int(stmt, 4);
	c->generated = sqlite3_column_int(stmt, 5) >= 2;
	if (rc == 0 &&
	    sqlite3_table_column_metadata(db_handle(db), "main", t->name,
		c->name, NULL, &coll, NULL, NULL, NULL) != SQLITE_OK)
		return db_fail(db, err, "Cannot read the schema");
	if (rc == 0 &&
	    (c->coll = pool_text(pool, coll != NULL ? coll : "BINARY",
		 coll != NULL ? strlen(coll) : 6, err)) == NULL)
		return -1;
	if (c->type == NULL)
		c->type = "";
	*out = c;
	return rc;
}

static int
read_columns(struct db *db, struct pool *pool, struct s_table *t,
    struct err *err)
{
	struct s_column **last = &t->columns;
	sqlite3_stmt *stmt = NULL;
	int rc;

	rc = schema_query(db,
	    "SELECT name, type, \"notnull\", dflt_value, pk, "
	    "hidden FROM pragma_table_xinfo(?1, 'main') ORDER BY cid",
	    t->name, &stmt, err);
	while (rc == 0 && (rc = schema_next(db, stmt, err)) == 1) {
		rc = read_column(db, pool, t, stmt, last, err);
		if (rc == 0)
			last = &(*last)->next;
	}
	(void)sqlite3_finalize(stmt);
	return rc;
}

static int
read_index_columns(struct db *db, struct pool *pool, struct s_index *x,
    struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	size_t i = 0;
	int rc;

	x->columns = pool_get(pool, x->count * sizeof(*x->columns), err);
	if (x->columns == NULL)
		return -1;
	rc = schema_query(db,
	    "SELECT name, coll FROM "
	    "pragma_index_xinfo(?1, 'main') WHERE key ORDER BY seqno",
	    x->name, &stmt, err);
	while (rc == 0 && (rc = schema_next(db, stmt, err)) == 1) {
		rc = 0;
		if (i >= x->count)
			break;
		x->columns[i].name = take_text(pool, stmt, 0, &rc, err);
		x->columns[i++].coll = take_text(pool, stmt, 1, &rc, err);
	}
	(void)sqlite3_finalize(stmt);
	return rc;
}

static int
read_indexes(struct db *db, struct pool *pool, struct s_table *t,
    struct err *err)
{
	struct s_index **last = &t->indexes;
	sqlite3_stmt *stmt = NULL;
	int rc;

	rc = schema_query(db,
	    "SELECT l.name, l.\"unique\", l.origin, "
	    "l.partial, (SELECT sql FROM sqlite_schema WHERE type = 'index' "
	    "AND name = l.name), (SELECT count(*) FROM "
	    "pragma_index_xinfo(l.name, 'main') WHERE key) "
	    "FROM pragma_index_list(?1, 'main') l ORDER BY l.name",
	    t->name, &stmt, err);
	while (rc == 0 && (rc = schema_next(db, stmt, err)) == 1) {
		struct s_index *x = pool_get(pool, sizeof(*x), err);
		const char *origin = (const char *)sqlite3_column_text(stmt, 2);

		rc = x == NULL ? -1 : 0;
		if (rc != 0)
			break;
		x->name = take_text(pool, stmt, 0, &rc, err);
		x->unique = sqlite3_column_int(stmt, 1) != 0;
		x->constraint = origin != NULL && strcmp(origin, "u") == 0;
		x->primary = origin != NULL && strcmp(origin, "pk") == 0;
		x->partial = sqlite3_column_int(stmt, 3) != 0;
		x->sql = take_text(pool, stmt, 4, &rc, err);
		x->count = (size_t)sqlite3_column_int(stmt, 5);
		if (rc == 0)
			rc = read_index_columns(db, pool, x, err);
		*last = x;
		last = &x->next;
	}
	(void)sqlite3_finalize(stmt);
	return rc;
}

/* A foreign key's next column pair. */
static int
add_pair(struct pool *pool, struct s_fkey *f, sqlite3_stmt *stmt,
    struct err *err)
{
	size_t size = (f->count + 1) * sizeof(*f->from);
	const char **from = pool_get(pool, size, err);
	const char **to = pool_get(pool, size, err);
	int rc = 0;

	if (from == NULL || to == NULL)
		return -1;
	for (size_t i = 0; i < f->count; i++) {
		from[i] = f->from[i];
		to[i] = f->to[i];
	}
	from[f->count] = take_text(pool, stmt, 2, &rc, err);
	to[f->count] = take_text(pool, stmt, 3, &rc, err);
	if (to[f->count] == NULL)
		to[f->count] = "id"; /* "the primary key" */
	f->from = from;
	f->to = to;
	f->count++;
	return rc;
}

static int
read_fkeys(struct db *db, struct pool *pool, struct s_table *t, struct err *err)
{
	struct s_fkey **last = &t->fkeys;
	struct s_fkey *f = NULL;
	sqlite3_stmt *stmt = NULL;
	int rc;

	rc = schema_query(db,
	    "SELECT id, \"table\", \"from\", \"to\", "
	    "on_update, on_delete FROM pragma_foreign_key_list(?1, 'main') "
	    "ORDER BY id DESC, seq",
	    t->name, &stmt, err);
	while (rc == 0 && (rc = schema_next(db, stmt, err)) == 1) {
		int64_t id = sqlite3_column_int64(stmt, 0);

		rc = 0;
		if (f == NULL || f->id != id) {
			if ((f = pool_get(pool, sizeof(*f), err)) == NULL) {
				rc = -1;
				break;
			}
			f->id = id;
			f->table = take_text(pool, stmt, 1, &rc, err);
			f->on_update = take_text(pool, stmt, 4, &rc, err);
			f->on_delete = take_text(pool, stmt, 5, &rc, err);
			*last = f;
			last = &f->next;
		}
		if (rc == 0)
			rc = add_pair(pool, f, stmt, err);
	}
	(void)sqlite3_finalize(stmt);
	return rc;
}

int
schema_read_table(struct db *db, struct pool *pool, const char *name,
    struct s_table **out, struct err *err)
{
	struct s_table *t = NULL;
	sqlite3_stmt *stmt = NULL;
	int rc;

	*out = NULL;
	rc = schema_query(db,
	    "SELECT name, sql, type FROM sqlite_schema "
	    "WHERE name = ?1 COLLATE NOCASE AND type IN ('table', 'view')",
	    name, &stmt, err);
	if (rc == 0 && (rc = schema_next(db, stmt, err)) == 1) {
		rc = (t = pool_get(pool, sizeof(*t), err)) == NULL ? -1 : 0;
		if (rc == 0) {
			t->name = take_text(pool, stmt, 0, &rc, err);
			t->sql = take_text(pool, stmt, 1, &rc, err);
			t->is_view = sqlite3_column_bytes(stmt, 2) == 4;
		}
	}
	(void)sqlite3_finalize(stmt);
	*out = rc == 0 ? t : NULL;
	if (rc != 0 || t == NULL || t->is_view)
		return rc;
	t->autoincrement = strcasestr(t->sql, "AUTOINCREMENT") != NULL;
	if (ddl_parse(pool, t, err))
		return -1;
	if (t->ddl.is_virtual)
		return 0;
	return read_columns(db, pool, t, err) ||
		read_indexes(db, pool, t, err) || read_fkeys(db, pool, t, err)
	    ? -1
	    : 0;
}

int
schema_read_target(struct pool *pool, struct s_table **tables, struct err *err)
{
	struct s_table **last = tables;
	struct db *db = NULL;
	sqlite3_stmt *stmt = NULL;
	int rc;

	*tables = NULL;
	if (db_open(&db, "", DB_SCRATCH, err))
		return -1;
	rc = db_exec(db, schema_sql, err);
	if (rc == 0)
		rc = schema_query(db,
		    "SELECT name FROM sqlite_schema WHERE "
		    "type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
		    "ORDER BY rowid",
		    NULL, &stmt, err);
	while (rc == 0 && (rc = schema_next(db, stmt, err)) == 1) {
		rc = schema_read_table(db, pool,
		    (const char *)sqlite3_column_text(stmt, 0), last, err);
		if (rc == 0 && *last != NULL)
			last = &(*last)->next;
	}
	(void)sqlite3_finalize(stmt);
	db_free(db);
	return rc;
}
