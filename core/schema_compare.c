#include <string.h>

#include "core/schema_int.h"

/* Every identifier and statement of the schema fits. */
#define WHY_MAX ((size_t)1 << 16)

/* Add one reason why a table must be rebuilt. */
#define because(why, ...)                                                      \
	do {                                                                   \
		if ((why)->len > 0)                                            \
			buf_addz(why, "; ");                                   \
		sql_add(why, __VA_ARGS__);                                     \
	} while (0)

static int
count_where(struct db *db, const char *table, const char *column,
    const char *test, int64_t *n, struct err *err)
{
	struct buf sql;
	int rc;

	buf_init(&sql, SCHEMA_SQL_MAX);
	sql_add(&sql, "SELECT count(*) FROM %i", table);
	if (column != NULL)
		/* "IS NULL" would believe the column's NOT NULL. */
		sql_add(&sql, " WHERE typeof(%i) %t", column, test);
	rc = schema_count(db, &sql, n, err);
	buf_free(&sql);
	return rc;
}

static const char *
rows_word(int64_t n)
{
	return n == 1 ? "row" : "rows";
}

static int
add_line(struct schema_plan *p, struct err *err, const char *what,
    const char *table, const char *column)
{
	struct buf b;
	int rc;

	buf_init(&b, WHY_MAX);
	sql_add(&b, "%t %i", what, table);
	if (column != NULL)
		sql_add(&b, ".%i", column);
	rc = plan_line(p, &b, err);
	buf_free(&b);
	return rc;
}

/* The target has a column that the table lacks. */
static int
missing_column(struct db *db, struct schema_plan *p, struct s_table *t,
    const struct s_column *c, struct buf *why, struct err *err)
{
	int64_t rows = 0;

	if (c->notnull && c->dflt == NULL && c->pk == 0) {
		if (count_where(db, t->have->name, NULL, NULL, &rows, err))
			return -1;
		if (rows > 0)
			return err_set(err, ERR_SCHEMA,
			    "Table \"%s\" has no "
			    "column \"%s\", which may not be empty and has no "
			    "default, but %lld %s. Restore a backup, or add "
			    "the column by hand.",
			    t->have->name, c->name, (long long)rows,
			    rows_word(rows));
	}
	/* ALTER TABLE can add neither of these. */
	if (c->pk > 0 || (c->notnull && c->dflt == NULL) ||
	    (c->dflt != NULL && strncmp(c->dflt, "CURRENT", 7) == 0))
		because(why, "new column %i", c->name);
	return add_line(p, err, "add column", t->have->name, c->name);
}

/* A column that must have a value: find the rows that have none. */
static int
tighten(struct db *db, struct schema_plan *p, struct s_table *t,
    const struct s_column *c, struct buf *why, struct err *err)
{
	struct buf b;
	int64_t n = 0;
	int rc;

	if (count_where(db, t->have->name, c->have->name, "= 'null'", &n, err))
		return -1;
	if (n > 0 && c->dflt == NULL)
		return err_set(err, ERR_SCHEMA,
		    "Table \"%s\": column \"%s\" "
		    "is empty (NULL) in %lld %s, may not be, and has no "
		    "default. Give it a value there, then start again.",
		    t->have->name, c->have->name, (long long)n, rows_word(n));
	if (n > 0 || !c->have->notnull)
		because(why, "column %i must have a value", c->have->name);
	if (n == 0)
		return 0;
	buf_init(&b, WHY_MAX);
	sql_add(&b, "fill %n empty %i.%i with the default %t", n, t->have->name,
	    c->have->name, c->dflt);
	rc = plan_line(p, &b, err);
	buf_free(&b);
	return rc;
}

static int
compare_column(struct db *db, struct schema_plan *p, struct s_table *t,
    const struct s_column *c, struct buf *why, struct err *err)
{
	const struct s_column *h = c->have;

	if (h == NULL)
		return missing_column(db, p, t, c, why, err);
	if (h->generated)
		because(why, "column %i is computed", h->name);
	if (!schema_same(h->coll, c->coll))
		because(why, "column %i compares as %t", h->name, h->coll);
	if (c->pk > 0)
		return 0;
	if (h->notnull && !c->notnull)
		because(why, "column %i may be empty", h->name);
	if (c->notnull && (!h->notnull || p->recheck))
		return tighten(db, p, t, c, why, err);
	return 0;
}

bool
schema_must_be_given(const struct s_column *c)
{
	bool none = c->dflt == NULL || schema_same(c->dflt, "NULL");

	return c->notnull && none && !c->generated;
}

/* Nobody here has a value for a column that we do not know. */
static void
compare_unknown(const struct s_table *h, struct buf *why)
{
	for (const struct s_column *c = h->columns; c != NULL; c = c->next) {
		if (!c->known && schema_must_be_given(c))
			because(why, "column %i may be empty", c->name);
	}
}

/* CHECKs about our columns would refuse what we must be able to write. */
static void
compare_checks(const struct s_table *t, struct buf *why)
{
	const struct s_table *h = t->have;

	for (const struct ddl_part *d = h->ddl.parts; d != NULL; d = d->next) {
		const struct s_column *c =
		    d->kind == DDL_COLUMN ? schema_column(h, d->name) : NULL;

		if (c != NULL && c->known && ddl_checks(d, h, NULL) > 0)
			because(why, "CHECK on column %i", c->name);
		if (d->kind == DDL_CHECK && !ddl_mentions_unknown(d, h))
			because(why, "CHECK on our columns");
	}
}

/* The key must be "id" INTEGER PRIMARY KEY, the rowid itself. */
static int
compare_key(struct db *db, const struct s_table *t, struct buf *why,
    struct err *err)
{
	const struct s_table *h = t->have;
	const struct s_column *id = schema_column(h, "id");
	struct buf sql;
	int64_t odd = 0;
	int rc;
	bool same =
	    id != NULL && id->pk == 1 && schema_same(id->type, "INTEGER");

	for (const struct s_column *c = h->columns; c != NULL; c = c->next)
		same = same && c->pk <= 1 && (c->pk == 0 || c == id);
	for (const struct s_index *x = h->indexes; x != NULL; x = x->next)
		same = same && !x->primary;
	if (h->ddl.strict)
		because(why, "the table is STRICT");
	if (same)
		return 0;
	because(why, "the primary key must be \"id\"");
	if (id == NULL)
		return 0;
	buf_init(&sql, SCHEMA_SQL_MAX);
	sql_add(&sql,
	    "SELECT count(*) - count(DISTINCT CASE typeof(%i) WHEN "
	    "'integer' THEN %i END) FROM %i",
	    id->name, id->name, h->name);
	rc = schema_count(db, &sql, &odd, err);
	buf_free(&sql);
	if (rc == 0 && odd > 0)
		return err_set(err, ERR_SCHEMA,
		    "Table \"%s\": column \"%s\" "
		    "is not a whole number of its own in %lld %s. Correct "
		    "them, then start again.",
		    h->name, id->name, (long long)odd, rows_word(odd));
	return rc;
}

static bool
fkey_same(const struct s_fkey *a, const struct s_fkey *b)
{
	if (!schema_same(a->table, b->table) || a->count != b->count ||
	    !schema_same(a->on_update, b->on_update) ||
	    !schema_same(a->on_delete, b->on_delete))
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!schema_same(a->from[i], b->from[i]) ||
		    !schema_same(a->to[i], b->to[i]))
			return false;
	}
	return true;
}

static bool
fkey_in(const struct s_fkey *f, const struct s_fkey *list)
{
	while (list != NULL && !fkey_same(f, list))
		list = list->next;
	return list != NULL;
}

static bool
fkey_known(const struct s_fkey *f, const struct s_table *h)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct s_column *c = schema_column(h, f->from[i]);

		if (c == NULL || !c->known)
			return false;
	}
	return true;
}

static void
compare_fkeys(const struct s_table *t, struct buf *why)
{
	for (const struct s_fkey *f = t->fkeys; f != NULL; f = f->next) {
		if (!fkey_in(f, t->have->fkeys))
			because(why, "%i must refer to %i", f->from[0],
			    f->table);
	}
	for (const struct s_fkey *f = t->have->fkeys; f != NULL; f = f->next) {
		if (fkey_known(f, t->have) && !fkey_in(f, t->fkeys))
			because(why, "%i refers to %i", f->from[0], f->table);
	}
}

/* Link each column of the target with the real one, by name. */
static void
link_columns(struct s_table *t)
{
	for (struct s_column *c = t->columns; c != NULL; c = c->next) {
		c->have = schema_column(t->have, c->name);
		if (c->have != NULL)
			c->have->known = true;
	}
}

static int
create_table(struct schema_plan *p, struct s_table *t, struct err *err)
{
	for (struct s_index *x = t->indexes; x != NULL; x = x->next)
		x->make = true;
	return add_line(p, err, "create table", t->name, NULL);
}

static int
compare_all(struct db *db, struct schema_plan *p, struct s_table *t,
    struct buf *why, struct err *err)
{
	for (const struct s_column *c = t->columns; c != NULL; c = c->next) {
		if (compare_column(db, p, t, c, why, err))
			return -1;
	}
	if (compare_key(db, t, why, err))
		return -1;
	if (t->have->ddl.without_rowid)
		because(why, "the table is WITHOUT ROWID");
	compare_unknown(t->have, why);
	compare_checks(t, why);
	compare_fkeys(t, why);
	return plan_indexes(db, p, t, why, err);
}

int
plan_structure(struct db *db, struct schema_plan *p, struct s_table *t,
    struct err *err)
{
	struct buf why;
	struct buf line;
	int rc;

	if (t->have == NULL)
		return create_table(p, t, err);
	if (t->have->is_view || t->have->ddl.is_virtual)
		return err_set(err, ERR_SCHEMA,
		    "\"%s\" is a %s, but must be "
		    "a table. Rename it, then start again.",
		    t->have->name, t->have->is_view ? "view" : "virtual table");
	link_columns(t);
	buf_init(&why, WHY_MAX);
	buf_init(&line, WHY_MAX + 1024);
	rc = compare_all(db, p, t, &why, err);
	if (rc == 0)
		rc = buf_ok(&why, "the reasons", err);
	t->rebuild = why.len > 0;
	if (rc == 0 && t->rebuild) {
		sql_add(&line, "rebuild table %i (%t)", t->have->name,
		    buf_str(&why));
		rc = plan_line(p, &line, err);
	}
	buf_free(&line);
	buf_free(&why);
	return rc;
}
