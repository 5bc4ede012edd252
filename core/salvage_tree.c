#include <stdlib.h>

#include "core/salvage_int.h"
#include "core/str.h"

/* SQLite's own trees are never deeper. */
#define DEPTH_MAX 20
#define FREE_HEAD 32 /* where the header tells of the free pages */

/* Whether a value can stand in that column, by its declaration. */
static bool
fits_column(const struct salvage_value *v, const struct salvage_column *c,
    bool dates)
{
	switch (v->kind) {
	case SALVAGE_NULL:
		return !c->notnull;
	case SALVAGE_INT:
		return c->ints;
	case SALVAGE_REAL:
		return c->reals;
	case SALVAGE_TEXT:
		if (dates && c->date && v->data != NULL)
			return v->len > 0 && v->data[0] >= '0' &&
			    v->data[0] <= '9';
		return c->texts;
	case SALVAGE_BLOB:
		break;
	}
	return false;
}

/* Whether a row can be one of the table's. */
static bool
fits_count(const struct salvage_row *row, const struct salvage_table *t)
{
	/* A column that was added later is absent from older rows; what is
	   the rowid stands there as NULL. */
	return row->count > 0 && row->count <= t->count &&
	    (t->rowid < 0 || t->rowid >= row->count ||
		row->value[t->rowid].kind == SALVAGE_NULL);
}

/* A row may lack columns that were added later, if they can be absent. */
static bool
fits_tail(const struct salvage_row *row, const struct salvage_table *t)
{
	for (int i = row->count; i < t->count; i++) {
		if (t->column[i].notnull)
			return false;
	}
	return row->count * 2 >= t->count;
}

/* The same by the declarations; with ${dates} a text that is to be a time
   must begin like one. */
static bool
fits_shape(const struct salvage_row *row, const struct salvage_table *t,
    bool dates)
{
	if (!fits_count(row, t) || (!t->trusted && !fits_tail(row, t)))
		return false;
	for (int i = 0; i < row->count; i++) {
		if (i != t->rowid &&
		    !fits_column(&row->value[i], &t->column[i], dates))
			return false;
	}
	return true;
}

/* Whether SQLite can have written the row there: where a text belongs it
   makes one of a number. */
static bool
is_possible(const struct salvage_row *row, const struct salvage_table *t)
{
	for (int i = 0; i < row->count && i < t->count; i++) {
		if ((row->value[i].kind == SALVAGE_INT && !t->column[i].ints) ||
		    (row->value[i].kind == SALVAGE_REAL && !t->column[i].ints))
			return false;
	}
	return true;
}

/* The rows of a leaf page, judged. */
struct judged {
	unsigned readable;
	unsigned counted; /* of these: can be the table's at all */
	unsigned shaped; /* and of the kinds that are declared */
	unsigned kinds; /* the same, but any text is a time */
	unsigned outside; /* have ids that belong elsewhere in the tree */
};

static struct judged
judge(struct salvage_file *f, const struct salvage_page *page,
    const struct salvage_table *t, int64_t low, int64_t high,
    struct salvage_row *row)
{
	struct judged j = { 0 };

	for (unsigned i = 0; i < page->cells; i++) {
		if (salvage_cell_read(f, page, i, false, row) != 0)
			continue;
		j.readable++;
		/* Without a table it is about sqlite_schema. */
		j.counted += t != NULL
		    ? fits_count(row, t) && is_possible(row, t)
		    : row->count == 5;
		j.shaped += t != NULL && fits_shape(row, t, true);
		j.kinds += t == NULL || fits_shape(row, t, false);
		j.outside += row->rowid <= low || row->rowid > high;
	}
	return j;
}

/* Noise looks like a row now and then; a damaged page keeps more of them. */
static bool
is_page_of_rows(const struct judged *j, const struct salvage_page *page)
{
	return j->readable > 0 && j->readable * 8 >= page->cells;
}

/* Whether a page that a tree leads to holds rows of the table. */
static bool
belongs(const struct judged *j, const struct salvage_page *page,
    const struct salvage_table *t)
{
	bool shaped = j->shaped * 2 >= j->readable;

	if (!is_page_of_rows(j, page) || j->counted * 2 < j->readable)
		return false;
	if (t == NULL)
		return true;
	/* SQLite lets any value stand anywhere: a table that the file tells
	   of is believed as long as the order of its ids is right. */
	return t->trusted ? j->outside == 0 || shaped : shaped;
}

int
salvage_score(struct salvage_file *f, const struct salvage_page *page,
    const struct salvage_table *t)
{
	struct salvage_row *row = malloc(sizeof(*row));
	struct judged j = { 0 };

	if (row != NULL)
		j = judge(f, page, t, INT64_MIN, INT64_MAX, row);
	free(row);
	if (!is_page_of_rows(&j, page))
		return 0;
	return (int)(j.shaped * 100 / j.readable);
}

/* Whether cells of the page cannot be read: then others may be noise too. */
static bool
is_torn(struct salvage_walk *w, const struct salvage_page *page)
{
	for (unsigned i = 0; i < page->cells; i++) {
		if (salvage_cell_read(w->file, page, i, false, w->values) != 0)
			return true;
	}
	return false;
}

/* Whether a text of the row is none. */
static bool
is_noise(const struct salvage_file *f, const struct salvage_row *row)
{
	for (int i = 0; i < row->count && f->encoding == 1; i++) {
		const struct salvage_value *v = &row->value[i];

		if (v->kind == SALVAGE_TEXT &&
		    str_utf8_valid((const char *)v->data, v->len) != v->len)
			return true;
	}
	return false;
}

int
salvage_walk_page(struct salvage_walk *w, const struct salvage_page *page,
    struct err *err)
{
	bool torn = is_torn(w, page);

	for (unsigned i = 0; i < page->cells; i++) {
		if (salvage_cell_read(w->file, page, i, true, w->values) != 0 ||
		    (w->table != NULL && !fits_count(w->values, w->table)) ||
		    (torn && is_noise(w->file, w->values))) {
			w->lost++;
			continue;
		}
		w->lost += w->values->spoilt;
		if (w->row(w->ctx, w->values, err))
			return -1;
	}
	return 0;
}

static int walk(struct salvage_walk *w, uint32_t no, int depth, int64_t low,
    int64_t high, struct err *err);

/* Go down from an interior page, in the order of its keys. */
static int
walk_children(struct salvage_walk *w, const struct salvage_page *page,
    int depth, int64_t low, int64_t high, struct err *err)
{
	for (unsigned i = 0; i <= page->cells; i++) {
		uint32_t child;
		int64_t key;

		if (salvage_cell_child(w->file, page, i, &child, &key) != 0) {
			w->bad++;
			continue;
		}
		if (i == page->cells)
			key = high;
		if (key < low || key > high) {
			w->bad++; /* its rows may be anywhere */
			key = high;
		}
		if (walk(w, child, depth + 1, low, key, err))
			return -1;
		low = key < high ? key : low;
	}
	return 0;
}

/* One page of the tree, whose rows must lie in (${low}, ${high}]. */
static int
walk_page(struct salvage_walk *w, struct salvage_page *page, int depth,
    int64_t low, int64_t high, struct err *err)
{
	struct judged j = { 0 };

	if (page->type == SALVAGE_INTERIOR && depth < DEPTH_MAX)
		return walk_children(w, page, depth, low, high, err);
	/* Only the leaf of a tree that is one page may be empty. */
	if (page->type == SALVAGE_LEAF && page->cells == 0 && depth == 0)
		return 0;
	if (page->type == SALVAGE_LEAF)
		j = judge(w->file, page, w->table, low, high, w->values);
	if (!belongs(&j, page, w->table)) {
		/* Another's, or nothing: whoever it fits may have it. */
		w->bad++;
		salvage_unsee(w->file, page->no);
		return 0;
	}
	/* Odd for that table: it is not to be called whole. */
	w->bad += j.outside > 0 || j.kinds * 2 < j.readable;
	return salvage_walk_page(w, page, err);
}

static int
walk(struct salvage_walk *w, uint32_t no, int depth, int64_t low, int64_t high,
    struct err *err)
{
	struct salvage_page page = { .no = no };
	int rc = 0;

	if (!salvage_see(w->file, no)) {
		w->bad++;
		return 0;
	}
	if ((page.data = malloc(SALVAGE_PAGE_MAX)) == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a salvage.");
	if (salvage_page_read(w->file, no, &page) != 0)
		w->bad++;
	else
		rc = walk_page(w, &page, depth, low, high, err);
	free(page.data);
	return rc;
}

int
salvage_walk_tree(struct salvage_walk *w, uint32_t root, struct err *err)
{
	return walk(w, root, 0, INT64_MIN, INT64_MAX, err);
}

/* The leftmost leaf below ${no}, read into ${page}. */
static int
first_leaf(struct salvage_file *f, uint32_t no, struct salvage_page *page)
{
	int64_t key;

	for (int depth = 0; depth < DEPTH_MAX; depth++) {
		if (salvage_page_read(f, no, page) != 0)
			return -1;
		if (page->type == SALVAGE_LEAF)
			return 0;
		if (page->type != SALVAGE_INTERIOR ||
		    salvage_cell_child(f, page, 0, &no, &key) != 0)
			return -1;
	}
	return -1;
}

bool
salvage_fits_root(struct salvage_file *f, const struct salvage_table *t)
{
	struct salvage_page page = { .data = malloc(SALVAGE_PAGE_MAX) };
	bool fit = false;

	if (page.data != NULL && t->root > 1 &&
	    first_leaf(f, t->root, &page) == 0)
		fit = page.cells == 0 || salvage_score(f, &page, t) >= 50;
	free(page.data);
	return fit;
}

bool
salvage_has_strangers(struct salvage_file *f, const struct salvage_table *t)
{
	struct salvage_page page = { .data = malloc(SALVAGE_PAGE_MAX) };
	struct salvage_row *row = malloc(sizeof(*row));
	bool found = false;

	if (page.data != NULL && row != NULL &&
	    first_leaf(f, t->root, &page) == 0) {
		for (unsigned i = 0; i < page.cells && !found; i++)
			found =
			    salvage_cell_read(f, &page, i, false, row) == 0 &&
			    row->count > t->count;
	}
	free(row);
	free(page.data);
	return found;
}

/* Mark the pages that one trunk of the free list names. */
static int
see_trunk(struct salvage_file *f, const uint8_t *trunk)
{
	uint32_t count = salvage_u32(trunk + 4);

	if (count > f->usable / 4 - 2)
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t no = salvage_u32(trunk + 8 + 4 * (size_t)i);

		if (no < 1 || no > f->pages)
			return -1;
		(void)salvage_see(f, no);
	}
	return (int)count + 1;
}

int
salvage_see_free(struct salvage_file *f)
{
	uint8_t *trunk = malloc(SALVAGE_PAGE_MAX);
	int64_t left = 0;
	size_t len;
	uint32_t next = 0;
	int rc = -1;

	if (trunk == NULL || salvage_raw_read(f, 1, trunk, &len) != 0)
		goto out;
	next = salvage_u32(trunk + FREE_HEAD);
	left = salvage_u32(trunk + FREE_HEAD + 4);
	while (next != 0 && left > 0) {
		int n;

		/* One that a tree uses is no trunk, and ends this. */
		if (!salvage_see(f, next) ||
		    salvage_raw_read(f, next, trunk, &len) != 0 ||
		    (n = see_trunk(f, trunk)) < 0)
			goto out;
		left -= n;
		next = salvage_u32(trunk);
	}
	rc = next == 0 && left == 0 ? 0 : -1;
out:
	free(trunk);
	return rc;
}
