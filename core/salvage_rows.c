#include <sqlite3.h>
#include <stdlib.h>

#include "core/salvage_int.h"

/* A page that nothing leads to needs so many rows, in a hundred, that fit. */
#define GUESS_SCORE 75

/* The rows of one table on their way. */
struct bringing {
	struct db *out;
	struct salvage_table *table;
	sqlite3_stmt *stmt;
	int columns; /* that ${stmt} takes */
	int encoding;
	bool guessed;
};

/* The statement for rows of ${columns} values: what a row lacks because the
   column was added after it gets the column's default. */
static int
prepare(struct bringing *b, int columns, struct err *err)
{
	sqlite3_str *s = sqlite3_str_new(db_handle(b->out));
	char *text;
	int rc;

	(void)sqlite3_finalize(b->stmt);
	b->stmt = NULL;
	sqlite3_str_appendf(s, "INSERT OR IGNORE INTO \"%w\" (",
	    b->table->name);
	for (int i = 0; i < columns; i++)
		sqlite3_str_appendf(s, "%s\"%w\"", i > 0 ? ", " : "",
		    b->table->column[i].name);
	sqlite3_str_appendall(s, ") VALUES (?1");
	for (int i = 1; i < columns; i++)
		sqlite3_str_appendf(s, ", ?%d", i + 1);
	sqlite3_str_appendall(s, ")");
	if ((text = sqlite3_str_finish(s)) == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a salvage.");
	rc = sqlite3_prepare_v2(db_handle(b->out), text, -1, &b->stmt, NULL);
	sqlite3_free(text);
	if (rc != SQLITE_OK)
		return db_fail(b->out, err, "Cannot write salvaged rows");
	b->columns = columns;
	return 0;
}

static void
bind(const struct bringing *b, int at, const struct salvage_value *v)
{
	static const unsigned char encodings[] = { SQLITE_UTF8, SQLITE_UTF8,
		SQLITE_UTF16LE, SQLITE_UTF16BE };

	switch (v->kind) {
	case SALVAGE_NULL:
		(void)sqlite3_bind_null(b->stmt, at);
		break;
	case SALVAGE_INT:
		(void)sqlite3_bind_int64(b->stmt, at, v->i);
		break;
	case SALVAGE_REAL:
		(void)sqlite3_bind_double(b->stmt, at, v->r);
		break;
	case SALVAGE_TEXT:
		(void)sqlite3_bind_text64(b->stmt, at, (const char *)v->data,
		    v->len, SQLITE_STATIC, encodings[b->encoding]);
		break;
	case SALVAGE_BLOB:
		(void)sqlite3_bind_blob64(b->stmt, at, v->data, v->len,
		    SQLITE_STATIC);
		break;
	}
}

static int
bring_row(void *ctx, const struct salvage_row *row, struct err *err)
{
	struct bringing *b = ctx;
	struct salvage_table_report *r = &b->table->r;
	int rc;

	if (row->count != b->columns && prepare(b, row->count, err))
		return -1;
	for (int i = 0; i < row->count; i++)
		bind(b, i + 1, &row->value[i]);
	if (b->table->rowid >= 0 && b->table->rowid < row->count)
		(void)sqlite3_bind_int64(b->stmt, b->table->rowid + 1,
		    row->rowid);
	rc = sqlite3_step(b->stmt);
	(void)sqlite3_reset(b->stmt);
	if (rc != SQLITE_DONE && (rc & 0xff) != SQLITE_CONSTRAINT &&
	    (rc & 0xff) != SQLITE_TOOBIG && (rc & 0xff) != SQLITE_MISMATCH)
		return db_fail(b->out, err, "Cannot write salvaged rows");
	if (rc != SQLITE_DONE || sqlite3_changes64(db_handle(b->out)) == 0) {
		/* What a guess brings twice is no loss. */
		r->lost += !b->guessed;
		return 0;
	}
	r->rows++;
	r->guessed += b->guessed;
	return 0;
}

/* The rows that the table's tree leads to, or those of the one ${page}. */
static int
bring_table(struct salvage_file *f, struct salvage_table *t, struct db *out,
    const struct salvage_page *page, struct err *err)
{
	struct bringing b = { .out = out,
		.table = t,
		.encoding = f->encoding,
		.guessed = page != NULL };
	struct salvage_walk w = {
		.file = f, .table = t, .row = bring_row, .ctx = &b
	};
	int rc;

	if ((w.values = malloc(sizeof(*w.values))) == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a salvage.");
	rc = page != NULL ? salvage_walk_page(&w, page, err)
			  : salvage_walk_tree(&w, t->root, err);
	t->r.lost += w.lost;
	t->r.pages += w.bad;
	(void)sqlite3_finalize(b.stmt);
	free(w.values);
	return rc;
}

static bool
is_damaged(const struct salvage_table *t)
{
	return !t->unreadable && (t->root == 0 || t->r.pages > 0);
}

/* The one damaged table that the rows of ${page} fit best, or NULL. */
static struct salvage_table *
whose(struct salvage_file *f, const struct salvage_page *page,
    const struct salvage_tables *tables)
{
	struct salvage_table *best = NULL;
	int most = GUESS_SCORE - 1;

	for (size_t i = 0; i < tables->count; i++) {
		struct salvage_table *t = tables->table[i];
		int score = is_damaged(t) ? salvage_score(f, page, t) : 0;

		if (score > most) {
			most = score;
			best = t;
		} else if (score == most && score >= GUESS_SCORE) {
			best = NULL; /* may be either's */
		}
	}
	return best;
}

/* Look for rows of damaged trees in the pages that nothing leads to. */
static int
bring_orphans(struct salvage_file *f, struct salvage_tables *tables,
    struct db *out, struct err *err)
{
	struct salvage_page page = { .data = malloc(SALVAGE_PAGE_MAX) };
	int rc = 0;

	if (page.data == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a salvage.");
	/* Free pages still hold rows that were deleted. */
	(void)salvage_see_free(f);
	for (uint32_t no = 2; no <= f->pages && rc == 0; no++) {
		struct salvage_table *t = NULL;

		if (!salvage_see(f, no))
			continue;
		if (salvage_page_read(f, no, &page) == 0 &&
		    page.type == SALVAGE_LEAF && page.cells > 0)
			t = whose(f, &page, tables);
		/* It may still be the rest of a row elsewhere. */
		if (t == NULL)
			salvage_unsee(f, no);
		else
			rc = bring_table(f, t, out, &page, err);
	}
	free(page.data);
	return rc;
}

int
salvage_bring(struct salvage_file *f, struct salvage_tables *tables,
    struct db *out, struct err *err)
{
	bool damaged = false;

	for (size_t i = 0; i < tables->count; i++) {
		struct salvage_table *t = tables->table[i];

		if (!t->unreadable && t->root != 0 &&
		    bring_table(f, t, out, NULL, err))
			return -1;
	}
	for (size_t i = 0; i < tables->count; i++)
		damaged = damaged || is_damaged(tables->table[i]);
	return damaged ? bring_orphans(f, tables, out, err) : 0;
}
