#ifndef CORE_SALVAGE_INT_H
#define CORE_SALVAGE_INT_H

/* What the parts of the salvage share; nobody else includes this. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/db.h"
#include "core/err.h"
#include "core/salvage.h"

#define SALVAGE_COLUMNS_MAX 256
#define SALVAGE_PAGE_MAX 65536
/* A longer row is not brought: memory stays bounded. */
#define SALVAGE_ROW_MAX ((size_t)4 << 20)

/* A damaged file, read page by page; nothing in it is believed. */
struct salvage_file {
	int fd;
	uint32_t page_size;
	uint32_t usable; /* bytes of a page that SQLite uses */
	uint32_t pages;
	int encoding; /* of text: 1 UTF-8, 2 UTF-16le, 3 UTF-16be */
	uint64_t budget; /* pages that may still be read */
	uint8_t *seen; /* a bit a page: it has its place */
	uint8_t *payload; /* of the cell read last */
	uint8_t *overflow; /* room for a page */
};

enum salvage_page_type { SALVAGE_INTERIOR = 5, SALVAGE_LEAF = 13 };

struct salvage_page {
	uint32_t no;
	unsigned type;
	unsigned cells;
	size_t start; /* of the page's header */
	size_t end; /* of what the file still has of it */
	uint8_t *data; /* SALVAGE_PAGE_MAX bytes */
};

enum salvage_kind {
	SALVAGE_NULL,
	SALVAGE_INT,
	SALVAGE_REAL,
	SALVAGE_TEXT,
	SALVAGE_BLOB
};

struct salvage_value {
	enum salvage_kind kind;
	int64_t i;
	double r;
	const uint8_t *data; /* NULL: not read */
	size_t len;
};

struct salvage_row {
	int64_t rowid;
	bool spoilt; /* a long text was noise, and is now NULL */
	int count;
	struct salvage_value value[SALVAGE_COLUMNS_MAX];
};

/* What a column may hold, as far as its declaration tells. */
struct salvage_column {
	char *name;
	bool notnull;
	bool ints, reals, texts;
	bool date; /* a text in it begins with a digit */
};

struct salvage_table {
	char *name;
	char *sql;
	uint32_t root; /* 0: not known */
	bool trusted; /* the file itself told of it */
	bool unreadable; /* of a kind that is not read here */
	int rowid; /* the column that is the rowid, or -1 */
	int count;
	struct salvage_column *column;
	struct salvage_table_report r;
};

struct salvage_tables {
	struct salvage_table *table[SALVAGE_TABLES_MAX];
	size_t count;
	char **extra; /* SQL of indexes, views, triggers */
	size_t extra_count;
	bool damaged; /* the file does not tell all of them */
};

/* Told of each row; returns -1 with ${err} to stop. */
typedef int salvage_row_fn(void *ctx, const struct salvage_row *row,
    struct err *err);

/*
 * A walk over one tree, or over a page that nothing leads to.  ${table} NULL:
 * the tree of sqlite_schema.
 */
struct salvage_walk {
	struct salvage_file *file;
	const struct salvage_table *table;
	salvage_row_fn *row;
	void *ctx;
	int64_t lost; /* rows that cannot be read */
	int64_t bad; /* pages */
	struct salvage_row *values;
};

/* salvage_page.c: open (with the page size of ${like}, when the file does
   not tell), read and take apart. */
int salvage_file_open(struct salvage_file *f, const char *path,
    const char *const *like, struct err *err);
void salvage_file_close(struct salvage_file *f);
uint32_t salvage_u32(const uint8_t *p);
int salvage_raw_read(struct salvage_file *f, uint32_t no, uint8_t *out,
    size_t *len);
int salvage_page_read(struct salvage_file *f, uint32_t no,
    struct salvage_page *page);
bool salvage_see(struct salvage_file *f, uint32_t no);
void salvage_unsee(struct salvage_file *f, uint32_t no);

/* salvage_cell.c: the rows of a leaf page.  The parts of a row that lie in
   other pages are read when ${whole}; without, values are not to be used. */
int salvage_cell_read(struct salvage_file *f, const struct salvage_page *page,
    unsigned i, bool whole, struct salvage_row *row);
int salvage_cell_child(const struct salvage_file *f,
    const struct salvage_page *page, unsigned i, uint32_t *child, int64_t *key);

/* salvage_tree.c: hand on the rows of a tree, of one leaf page; ask how many
   of a page's rows, in a hundred, may be a table's; mark the free pages as
   seen (-1: they cannot be told); find rows, on a tree's first leaf, with more
   values than the table has columns. */
int salvage_walk_tree(struct salvage_walk *w, uint32_t root, struct err *err);
int salvage_walk_page(struct salvage_walk *w, const struct salvage_page *page,
    struct err *err);
bool salvage_fits_root(struct salvage_file *f, const struct salvage_table *t);
int salvage_score(struct salvage_file *f, const struct salvage_page *page,
    const struct salvage_table *t);
int salvage_see_free(struct salvage_file *f);
bool salvage_has_strangers(struct salvage_file *f,
    const struct salvage_table *t);

/* salvage_schema.c: learn of the tables and make them in ${out}; run one CREATE
   statement from a damaged file, false when that does not work. */
int salvage_find_tables(struct salvage_file *f, const char *const *references,
    struct db *out, struct salvage_tables *tables, struct err *err);
bool salvage_create(struct db *out, const char *sql);
void salvage_tables_free(struct salvage_tables *tables);

/* What came from the references. */
struct salvage_filling {
	int64_t filled; /* titles and users that rows need */
	int64_t healed; /* rows with a value that was changed by damage */
	bool compared; /* with a former state */
};

/* salvage_rows.c: bring all rows into ${out}.  salvage_fill.c: then what these
   need, and what damage has changed in them without a trace. */
int salvage_bring(struct salvage_file *f, struct salvage_tables *tables,
    struct db *out, struct err *err);
int salvage_fill(struct db *out, const char *const *references,
    struct salvage_filling *f, struct err *err);

#endif
