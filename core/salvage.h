#ifndef CORE_SALVAGE_H
#define CORE_SALVAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

#define SALVAGE_NAME_MAX 64
#define SALVAGE_TABLES_MAX 128

/* What was read of one table. */
struct salvage_table_report {
	char name[SALVAGE_NAME_MAX];
	int64_t rows; /* brought */
	int64_t guessed; /* of these: from pages that no tree leads to */
	int64_t lost; /* rows that are there and cannot be read */
	int64_t pages; /* pages that cannot be read: their rows are not known */
	bool whole; /* nothing is missing, as far as one can know */
};

/* What was read of a damaged database. */
struct salvage_report {
	struct salvage_table_report *tables; /* in a block of their own */
	size_t count;
	int64_t rows; /* of all tables, as below */
	int64_t guessed;
	int64_t lost;
	int64_t pages;
	int64_t filled; /* titles and users that rows need, from a reference */
	int64_t healed; /* rows whose number or name damage had changed */
	bool schema; /* the file itself told its tables */
	bool complete; /* every table is whole, and the schema was read */
};

/*
 * salvage_read(path, references, out_path, report, err):
 * Read what is readable of the damaged SQLite file ${path}, with the journal
 * or -wal beside it, into the new database ${out_path}, table by table and
 * row by row; ${path} and what lies beside it are not changed.  Rows come
 * from the pages that a table's tree leads to; only when a tree is damaged
 * also from leaf pages that nothing leads to and whose rows fit that table.
 * ${references} are databases of the same house, the newest first and NULL
 * behind the last: where the file does not tell its tables, theirs are
 * tried, and then ours; titles and users that salvaged rows need and that
 * are lost come from the first that is of the same descent, and so do the
 * numbers and names of a row that nobody ever changes.  Needs a few MiB of
 * memory and room for a copy of ${path} beside ${out_path}.  Return 0
 * with ${report}, which salvage_report_free releases, or -1 with ${err}: no
 * table could be read (ERR_CORRUPT), or the disk failed (ERR_DISK, ERR_IO).
 * Source: https://www.sqlite.org/fileformat2.html
 */
int salvage_read(const char *path, const char *const *references,
    const char *out_path, struct salvage_report *report, struct err *err);

/*
 * salvage_audit(path, name, err):
 * Look in the database file ${path}, in which SQLite finds nothing, which
 * nobody has open and beside which no journal lies, for damage that SQLite
 * does not look for: rows with more values than their table has columns
 * (pages in the place of others), and a page of zeros in the middle of a
 * text.  Return 0, or -1 with ${err} (ERR_CORRUPT, which calls the file
 * ${name}; ERR_DISK and others when it cannot be read).
 */
int salvage_audit(const char *path, const char *name, struct err *err);

/*
 * salvage_table_whole(report, name):
 * Tell whether the table ${name} was there and lost nothing.
 */
bool salvage_table_whole(const struct salvage_report *report, const char *name);

/*
 * salvage_report_free(report):
 * Release what ${report} owns.
 */
void salvage_report_free(struct salvage_report *report);

#endif
