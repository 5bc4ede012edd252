#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/salvage_int.h"
#include "core/schema.h"
#include "core/str.h"

#define EXTRA_MAX 512
#define SQL_MAX ((size_t)1 << 16)

static void
table_free(struct salvage_table *t)
{
	if (t == NULL)
		return;
	for (int i = 0; i < t->count; i++)
		free(t->column[i].name);
	free(t->column);
	free(t->name);
	free(t->sql);
	free(t);
}

void
salvage_tables_free(struct salvage_tables *tables)
{
	for (size_t i = 0; i < tables->count; i++)
		table_free(tables->table[i]);
	for (size_t i = 0; i < tables->extra_count; i++)
		free(tables->extra[i]);
	free(tables->extra);
	*tables = (struct salvage_tables){ 0 };
}

static bool
has(const char *text, const char *part)
{
	return strcasestr(text, part) != NULL;
}

/* What a column of the declared type ${type} usually holds. */
static void
expect(struct salvage_column *c, const char *type)
{
	bool ints = has(type, "INT") || has(type, "BOOL");
	bool reals =
	    has(type, "REAL") || has(type, "FLOA") || has(type, "DOUB");
	bool texts = has(type, "TEXT") || has(type, "CHAR");

	c->date = has(type, "DATE") || has(type, "TIME");
	c->ints = !texts;
	c->reals = !texts && !ints && !c->date;
	c->texts = !ints && !reals;
}

/* One row of table_xinfo. */
static int
add_column(struct salvage_table *t, sqlite3_stmt *stmt, struct err *err)
{
	struct salvage_column *c = &t->column[t->count];
	const char *name;
	const char *type;

	if (db_text(stmt, 0, &name, err) || db_text(stmt, 1, &type, err) ||
	    (c->name = str_dup(name != NULL ? name : "", err)) == NULL)
		return -1;
	expect(c, type != NULL ? type : "");
	c->notnull = sqlite3_column_int(stmt, 2) != 0;
	if (sqlite3_column_int(stmt, 3) > 0)
		t->rowid = t->rowid == -1 && type != NULL &&
			strcasecmp(type, "INTEGER") == 0
		    ? t->count
		    : -2; /* of several columns, or no number */
	if (sqlite3_column_int(stmt, 4) != 0 || sqlite3_column_int(stmt, 5))
		t->unreadable = true; /* generated, or WITHOUT ROWID */
	t->count++;
	return 0;
}

/* Learn the columns of ${t} from ${db}, which has it. */
static int
read_columns(struct db *db, struct salvage_table *t, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	struct err refused = { 0 };
	int rc;

	t->rowid = -1;
	t->column = calloc(SALVAGE_COLUMNS_MAX, sizeof(*t->column));
	if (t->column == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a salvage.");
	if (sqlite3_prepare_v2(db_handle(db),
		"SELECT x.name, x.type, x.\"notnull\", x.pk, x.hidden, l.wr"
		" FROM pragma_table_xinfo(?1) x"
		" CROSS JOIN pragma_table_list(?1) l WHERE l.schema = 'main'"
		" ORDER BY x.cid",
		-1, &stmt, NULL) != SQLITE_OK)
		return db_fail(db, err, "Cannot read a table's columns");
	(void)sqlite3_bind_text(stmt, 1, t->name, -1, SQLITE_STATIC);
	while ((rc = db_next(db, stmt, "Cannot read a table's columns",
		    &refused)) == 1 &&
	    t->count < SALVAGE_COLUMNS_MAX &&
	    (rc = add_column(t, stmt, &refused)) == 0)
		continue;
	t->unreadable = t->unreadable || rc != 0 || t->count == 0;
	t->rowid = t->rowid < 0 ? -1 : t->rowid;
	(void)sqlite3_finalize(stmt);
	if (refused.code != ERR_NOMEM)
		return 0;
	*err = refused;
	return -1;
}

/* Nothing but the statement's own kind may run while a schema is tried. */
static int
allow(void *ctx, int action, const char *a, const char *b, const char *c,
    const char *d)
{
	(void)ctx, (void)a, (void)b, (void)c, (void)d;
	return action == SQLITE_SELECT || action == SQLITE_ATTACH ||
		action == SQLITE_PRAGMA
	    ? SQLITE_DENY
	    : SQLITE_OK;
}

bool
salvage_create(struct db *out, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	bool made = false;

	if (!str_starts(sql, "CREATE "))
		return false;
	(void)sqlite3_set_authorizer(db_handle(out), allow, NULL);
	if (sqlite3_prepare_v2(db_handle(out), sql, -1, &stmt, NULL) ==
		SQLITE_OK &&
	    stmt != NULL)
		made = sqlite3_step(stmt) == SQLITE_DONE;
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_set_authorizer(db_handle(out), NULL, NULL);
	return made;
}

static struct salvage_table *
find(const struct salvage_tables *tables, const char *name)
{
	for (size_t i = 0; i < tables->count; i++) {
		if (strcasecmp(tables->table[i]->name, name) == 0)
			return tables->table[i];
	}
	return NULL;
}

static struct salvage_table *
table_new(const char *name, const char *sql, uint32_t root, struct err *err)
{
	struct salvage_table *t = calloc(1, sizeof(*t));

	if (t == NULL) {
		err_set(err, ERR_NOMEM, "No memory for a salvage.");
		return NULL;
	}
	t->root = root;
	if ((t->name = str_dup(name, err)) == NULL ||
	    (t->sql = str_dup(sql, err)) == NULL) {
		table_free(t);
		return NULL;
	}
	return t;
}

/* ---- the file's own schema ---- */

struct reading {
	struct salvage_tables *tables;
	bool odd; /* a row that says nothing */
};

/* A text of the row as a string; NULL when it is none. */
static char *
text_of(const struct salvage_row *row, int i, struct err *err)
{
	const struct salvage_value *v = &row->value[i];

	if (v->kind != SALVAGE_TEXT || v->len > SQL_MAX ||
	    memchr(v->data, '\0', v->len) != NULL ||
	    str_utf8_valid((const char *)v->data, v->len) != v->len)
		return NULL;
	return str_printf(err, "%.*s", (int)v->len, (const char *)v->data);
}

static int
add_extra(struct salvage_tables *tables, char **sql, struct err *err)
{
	if (tables->extra == NULL &&
	    (tables->extra = calloc(EXTRA_MAX, sizeof(char *))) == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a salvage.");
	if (tables->extra_count < EXTRA_MAX) {
		tables->extra[tables->extra_count++] = *sql;
		*sql = NULL;
	}
	return 0;
}

/* One row of sqlite_schema: type, name, tbl_name, rootpage, sql. */
static int
take_schema_row(void *ctx, const struct salvage_row *row, struct err *err)
{
	struct reading *r = ctx;
	char *type = text_of(row, 0, err);
	char *name = text_of(row, 1, err);
	char *sql = text_of(row, 4, err);
	int64_t root = row->value[3].i;
	struct salvage_table *t;

	if (type == NULL || name == NULL ||
	    (sql == NULL && row->value[4].kind != SALVAGE_NULL)) {
		r->odd = true;
	} else if (sql == NULL || str_starts(name, "sqlite_")) {
		/* SQLite makes these by itself. */
	} else if (strcmp(type, "table") != 0) {
		(void)add_extra(r->tables, &sql, err);
	} else if (root < 2 || root > UINT32_MAX ||
	    !str_starts(sql, "CREATE TABLE") || find(r->tables, name) != NULL ||
	    r->tables->count == SALVAGE_TABLES_MAX) {
		r->odd = true;
	} else if ((t = table_new(name, sql, (uint32_t)root, err)) != NULL) {
		t->trusted = true;
		r->tables->table[r->tables->count++] = t;
	}
	free(type);
	free(name);
	free(sql);
	return err->code == ERR_NOMEM ? -1 : 0;
}

static int
read_own(struct salvage_file *f, struct salvage_tables *tables, struct err *err)
{
	struct reading r = { .tables = tables };
	struct salvage_walk w = {
		.file = f, .row = take_schema_row, .ctx = &r
	};
	int rc = -1;

	if ((w.values = malloc(sizeof(*w.values))) == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a salvage.");
	/* Text in UTF-16 is read, but not as the text of a schema. */
	if (f->encoding == 1)
		rc = salvage_walk_tree(&w, 1, err);
	else
		r.odd = true, rc = 0;
	free(w.values);
	tables->damaged = r.odd || w.bad > 0 || w.lost > 0;
	return rc;
}

/* ---- the schema of another database ---- */

/* Take ${t} over when nothing better is known; it is freed otherwise. */
static void
consider(struct salvage_file *f, struct salvage_tables *tables,
    struct salvage_table *t, bool ours)
{
	struct salvage_table *former = find(tables, t->name);
	bool fit = !t->unreadable && salvage_fits_root(f, t);

	if (!fit)
		t->root = 0;
	if (former == NULL && tables->count < SALVAGE_TABLES_MAX) {
		tables->table[tables->count++] = t;
	} else if (former != NULL && !former->trusted && former->root == 0 &&
	    (fit || ours)) {
		struct salvage_table worse = *former;

		*former = *t;
		*t = worse;
		table_free(t);
	} else {
		table_free(t);
	}
}

/* The table in a row of a schema that SQLite can read. */
static struct salvage_table *
table_of(sqlite3_stmt *row, bool ours, struct err *err)
{
	const char *name;
	const char *sql;

	if (db_text(row, 0, &name, err) || db_text(row, 1, &sql, err))
		return NULL;
	return table_new(name != NULL ? name : "", sql != NULL ? sql : "",
	    ours ? 0 : (uint32_t)sqlite3_column_int64(row, 2), err);
}

static int
read_tables(struct salvage_file *f, struct db *db, bool ours,
    struct salvage_tables *tables, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	struct err refused = { 0 };
	int rc = 0;

	if (sqlite3_prepare_v2(db_handle(db),
		"SELECT name, sql, rootpage FROM sqlite_schema WHERE"
		" type = 'table' AND rootpage > 1 AND sql IS NOT NULL"
		" AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
		-1, &stmt, NULL) != SQLITE_OK)
		return db_fail(db, err, "Cannot read the tables");
	while (rc == 0 &&
	    db_next(db, stmt, "Cannot read the tables", &refused) == 1) {
		struct salvage_table *t = table_of(stmt, ours, err);

		if (t == NULL || read_columns(db, t, err)) {
			table_free(t);
			rc = -1;
		} else {
			consider(f, tables, t, ours);
		}
	}
	(void)sqlite3_finalize(stmt);
	/* What damage hides of a schema is not there. */
	if (rc != 0 || refused.code != ERR_NOMEM)
		return rc;
	*err = refused;
	return -1;
}

/* What the references say, then what we would have made. */
static int
read_others(struct salvage_file *f, const char *const *references,
    struct salvage_tables *tables, struct err *err)
{
	struct db *db = NULL;
	int rc;

	for (size_t i = 0; references != NULL && references[i] != NULL; i++) {
		struct err unreadable = { 0 };

		if (db_open(&db, references[i], DB_READ, &unreadable) == 0)
			(void)read_tables(f, db, false, tables, &unreadable);
		db_free(db);
		db = NULL;
		if (unreadable.code == ERR_NOMEM) {
			*err = unreadable;
			return -1;
		}
	}
	rc = db_open(&db, "", DB_SCRATCH, err) || schema_create(db, err) ||
		read_tables(f, db, true, tables, err)
	    ? -1
	    : 0;
	db_free(db);
	return rc;
}

/* Make the tables in ${out}, and learn the columns of the file's own. */
static int
create_all(struct db *out, struct salvage_tables *tables, struct err *err)
{
	for (size_t i = 0; i < tables->count; i++) {
		struct salvage_table *t = tables->table[i];

		if (!salvage_create(out, t->sql))
			t->unreadable = true;
		else if (t->column == NULL && read_columns(out, t, err))
			return -1;
	}
	return 0;
}

int
salvage_find_tables(struct salvage_file *f, const char *const *references,
    struct db *out, struct salvage_tables *tables, struct err *err)
{
	*tables = (struct salvage_tables){ 0 };
	if (read_own(f, tables, err) ||
	    (tables->damaged && read_others(f, references, tables, err)))
		return -1;
	return create_all(out, tables, err);
}
