#include <string.h>

#include "core/schema_int.h"

static bool
known_only(const struct s_index *x, const struct s_table *h)
{
	for (size_t i = 0; i < x->count; i++) {
		const struct s_column *c = x->columns[i].name == NULL
		    ? NULL
		    : schema_column(h, x->columns[i].name);

		if (c == NULL || !c->known)
			return false;
	}
	return true;
}

static bool
index_same(const struct s_index *a, const struct s_index *b)
{
	if (a->unique != b->unique || a->partial != b->partial ||
	    a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (a->columns[i].name == NULL || b->columns[i].name == NULL ||
		    !schema_same(a->columns[i].name, b->columns[i].name) ||
		    !schema_same(a->columns[i].coll, b->columns[i].coll))
			return false;
	}
	return true;
}

static struct s_index *
find_same(const struct s_index *x, struct s_index *list)
{
	while (list != NULL && !index_same(x, list))
		list = list->next;
	return list;
}

/*
 * Whether a table that is not ours has a foreign key to these columns: it
 * would be broken without the index.
 */
static int
is_referenced(struct db *db, struct schema_plan *p, const struct s_table *h,
    const struct s_index *x, bool *yes, struct err *err)
{
	struct buf sql;
	int64_t n = 0;
	int rc;

	buf_init(&sql, SCHEMA_SQL_MAX);
	sql_add(&sql,
	    "SELECT count(*) FROM (SELECT 1 FROM sqlite_schema m, "
	    "pragma_foreign_key_list(m.name, 'main') f WHERE m.type = 'table' "
	    "AND f.\"table\" = %l COLLATE NOCASE AND lower(m.name) NOT IN (''",
	    h->name);
	for (const struct s_table *t = p->tables; t != NULL; t = t->next)
		sql_add(&sql, ", lower(%l)", t->name);
	sql_add(&sql,
	    ") GROUP BY m.name, f.id HAVING count(*) = %n AND "
	    "min(lower(f.\"to\") IN (''",
	    (int64_t)x->count);
	for (size_t i = 0; i < x->count; i++)
		sql_add(&sql, ", lower(%l)", x->columns[i].name);
	sql_add(&sql, ")))");
	rc = schema_count(db, &sql, &n, err);
	buf_free(&sql);
	*yes = n > 0;
	return rc;
}

static int
drop_line(struct schema_plan *p, const struct s_index *x, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, SCHEMA_SQL_MAX);
	sql_add(&b, "drop index %i", x->name);
	rc = plan_line(p, &b, err);
	buf_free(&b);
	return rc;
}

/* A uniqueness of our columns that the target does not have. */
static int
extra_unique(struct db *db, struct schema_plan *p, struct s_table *t,
    struct s_index *x, struct buf *why, struct err *err)
{
	if (!x->unique || x->partial || x->primary || !known_only(x, t->have) ||
	    find_same(x, t->indexes) != NULL)
		return 0;
	if (is_referenced(db, p, t->have, x, &x->keep, err))
		return -1;
	if (x->keep)
		return 0;
	if (!x->constraint) {
		x->drop = true;
		return drop_line(p, x, err);
	}
	if (why->len > 0)
		buf_addz(why, "; ");
	buf_addz(why, "UNIQUE");
	for (size_t i = 0; i < x->count; i++)
		sql_add(why, " %i", x->columns[i].name);
	return 0;
}

/* Count the rows that one of the same values stands before. */
static int
count_duplicates(struct db *db, const struct s_table *t,
    const struct s_index *x, int64_t *n, struct err *err)
{
	struct buf sql;
	int rc;

	*n = 0;
	for (size_t i = 0; i < x->count; i++) {
		if (schema_column(t->have, x->columns[i].name) == NULL)
			return 0;
	}
	buf_init(&sql, SCHEMA_SQL_MAX);
	sql_add(&sql,
	    "SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) "
	    "AS n");
	schema_add_duplicates(&sql, t->have->name, x);
	sql_add(&sql, ")");
	rc = schema_count(db, &sql, n, err);
	buf_free(&sql);
	return rc;
}

static int
merge_line(struct schema_plan *p, const struct s_table *t,
    const struct s_index *x, int64_t n, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, SCHEMA_SQL_MAX);
	sql_add(&b, "merge %n duplicate %t of %i (same", n,
	    n == 1 ? "row" : "rows", t->have->name);
	for (size_t i = 0; i < x->count; i++)
		sql_add(&b, "%t %i", i > 0 ? "," : "", x->columns[i].name);
	buf_addc(&b, ')');
	rc = plan_line(p, &b, err);
	buf_free(&b);
	return rc;
}

static int
match_index(struct db *db, struct schema_plan *p, struct s_table *t,
    struct s_index *x, struct buf *why, struct err *err)
{
	int64_t dups = 0;
	struct buf b;
	int rc;

	x->have = find_same(x, t->have->indexes);
	if (x->unique && (x->have == NULL || p->recheck) &&
	    count_duplicates(db, t, x, &dups, err))
		return -1;
	if (dups > 0 && merge_line(p, t, x, dups, err))
		return -1;
	if (x->have != NULL && dups > 0) {
		if (x->have->constraint && why->len == 0)
			buf_addz(why, "its UNIQUE does not hold");
		x->have->drop = x->have->sql != NULL;
		x->make = true;
	}
	if (x->have != NULL)
		return 0;
	x->make = true;
	buf_init(&b, SCHEMA_SQL_MAX);
	sql_add(&b, "create index %i", x->name);
	rc = plan_line(p, &b, err);
	buf_free(&b);
	return rc;
}

int
plan_indexes(struct db *db, struct schema_plan *p, struct s_table *t,
    struct buf *why, struct err *err)
{
	struct s_index *x;

	for (x = t->have->indexes; x != NULL; x = x->next) {
		if (extra_unique(db, p, t, x, why, err))
			return -1;
	}
	for (x = t->indexes; x != NULL; x = x->next) {
		if (match_index(db, p, t, x, why, err))
			return -1;
	}
	/* A rebuilt table has no UNIQUE and no other key of its own any more. */
	for (x = t->indexes; x != NULL; x = x->next) {
		if (why->len > 0 && x->have != NULL && x->have->sql == NULL)
			x->make = true;
	}
	return 0;
}
