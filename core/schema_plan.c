#include <stdlib.h>
#include <string.h>

#include "core/schema_int.h"

int
plan_line(struct schema_plan *p, struct buf *text, struct err *err)
{
	struct line *line;

	if (buf_ok(text, "a line of the plan", err) ||
	    (line = pool_get(&p->pool, sizeof(*line), err)) == NULL)
		return -1;
	line->text = pool_text(&p->pool, buf_str(text), text->len, err);
	if (line->text == NULL)
		return -1;
	*p->last_line = line;
	p->last_line = &line->next;
	p->count++;
	buf_reset(text);
	return 0;
}

static int
plan_version(struct db *db, struct schema_plan *p, struct err *err)
{
	struct buf b;
	int64_t version;
	int rc = 0;

	if (db_int(db, "PRAGMA main.user_version", &version, err))
		return -1;
	if (version > SCHEMA_VERSION)
		return err_set(err, ERR_NEWER,
		    "%s was written by a newer "
		    "jair: its schema is version %lld, this program knows "
		    "version %d. Start the newer jair.",
		    db_path(db), (long long)version, SCHEMA_VERSION);
	p->mark = version < SCHEMA_VERSION;
	if (p->mark) {
		buf_init(&b, 1024);
		sql_add(&b, "mark the schema as version %n",
		    (int64_t)SCHEMA_VERSION);
		rc = plan_line(p, &b, err);
		buf_free(&b);
	}
	return rc;
}

static const struct s_table *
find_table(const struct schema_plan *p, const char *name)
{
	const struct s_table *t = p->tables;

	while (t != NULL && !schema_same(t->name, name))
		t = t->next;
	return t;
}

/* The conditions of all foreign keys of ${t} that can be asked now. */
static void
add_any_dangling(struct buf *b, const struct schema_plan *p,
    const struct s_table *t, struct buf *names)
{
	for (const struct s_fkey *f = t->fkeys; f != NULL; f = f->next) {
		const struct s_table *parent = find_table(p, f->table);
		const struct s_table *h = parent != NULL ? parent->have : NULL;

		if (schema_column(t->have, f->from[0]) == NULL ||
		    (h != NULL && schema_column(h, f->to[0]) == NULL))
			continue;
		if (names->len > 0) {
			buf_addz(b, " OR ");
			buf_addz(names, " or ");
		}
		schema_add_dangling(b, t->have->name,
		    h != NULL ? h->name : NULL, f->from[0], f->to[0]);
		sql_add(names, "%i", f->table);
	}
}

static int
plan_dangling(struct db *db, struct schema_plan *p, struct s_table *t,
    struct err *err)
{
	struct buf sql;
	struct buf names;
	int64_t n = 0;
	int rc;

	if (t->have == NULL || t->fkeys == NULL)
		return 0;
	buf_init(&sql, SCHEMA_SQL_MAX);
	buf_init(&names, SCHEMA_SQL_MAX);
	sql_add(&sql, "SELECT count(*) FROM %i WHERE ", t->have->name);
	add_any_dangling(&sql, p, t, &names);
	rc = buf_ok(&names, "the names", err);
	if (rc == 0 && names.len > 0)
		rc = schema_count(db, &sql, &n, err);
	buf_reset(&sql);
	if (rc == 0 && n > 0) {
		sql_add(&sql, "put aside %n %t of %i that %t no row of %t", n,
		    n == 1 ? "row" : "rows", t->have->name,
		    n == 1 ? "names" : "name", buf_str(&names));
		rc = plan_line(p, &sql, err);
	}
	buf_free(&names);
	buf_free(&sql);
	return rc;
}

/* One of geminiModel and aiModel has a value, the other has none. */
static int
plan_model(struct db *db, struct schema_plan *p, struct err *err)
{
	const struct s_table *t = find_table(p, "SystemConfig");
	struct buf sql;
	int64_t n = 0;
	int rc = 0;

	if (t == NULL || t->have == NULL ||
	    schema_column(t->have, "id") == NULL)
		return 0;
	buf_init(&sql, SCHEMA_SQL_MAX);
	for (int to_gemini = 0; rc == 0 && to_gemini < 2; to_gemini++) {
		sql_add(&sql, "SELECT count(*) FROM %i WHERE ", t->have->name);
		schema_add_model(&sql, t->have, to_gemini == 1);
		if ((rc = schema_count(db, &sql, &n, err)) != 0 || n == 0)
			continue;
		sql_add(&sql, "fill \"SystemConfig\".%i from %i",
		    to_gemini == 1 ? "geminiModel" : "aiModel",
		    to_gemini == 1 ? "aiModel" : "geminiModel");
		rc = plan_line(p, &sql, err);
	}
	buf_free(&sql);
	return rc;
}

static int
plan_all(struct db *db, struct schema_plan *p, struct err *err)
{
	struct s_table *t;

	if (plan_version(db, p, err) ||
	    schema_read_target(&p->pool, &p->tables, err))
		return -1;
	for (t = p->tables; t != NULL; t = t->next) {
		if (schema_read_table(db, &p->pool, t->name, &t->have, err) ||
		    plan_structure(db, p, t, err))
			return -1;
	}
	for (t = p->tables; t != NULL; t = t->next) {
		if (plan_dangling(db, p, t, err))
			return -1;
	}
	return plan_model(db, p, err);
}

int
schema_plan_make(struct db *db, bool recheck, struct schema_plan **out,
    struct err *err)
{
	struct schema_plan *p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a plan.");
	p->recheck = recheck;
	p->last_line = &p->lines;
	if (plan_all(db, p, err)) {
		schema_plan_free(p);
		return -1;
	}
	*out = p;
	return 0;
}

/* Read inside one transaction, so that the plan is of one state. */
int
schema_plan(struct db *db, bool recheck, struct schema_plan **out,
    struct err *err)
{
	int rc;

	if (db_begin_read(db, err))
		return -1;
	rc = schema_plan_make(db, recheck, out, err);
	db_rollback(db);
	return rc;
}

void
schema_plan_free(struct schema_plan *p)
{
	if (p == NULL)
		return;
	pool_free(&p->pool);
	free(p);
}

size_t
schema_plan_count(const struct schema_plan *p)
{
	return p->count;
}

const char *
schema_plan_line(const struct schema_plan *p, size_t i)
{
	const struct line *line = p->lines;

	while (line != NULL && i-- > 0)
		line = line->next;
	return line != NULL ? line->text : NULL;
}

bool
schema_plan_rebuilds(const struct schema_plan *p)
{
	for (const struct s_table *t = p->tables; t != NULL; t = t->next) {
		if (t->rebuild)
			return true;
	}
	return false;
}
