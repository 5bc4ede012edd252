#include "core/salvage.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/file.h"
#include "core/path.h"
#include "core/salvage_int.h"
#include "core/str.h"

/* A damaged file may declare a length that nobody has. */
#define LENGTH_MAX (16 << 20)

/* Copy the file and the journals beside it. */
static int
copy_with_journals(const char *path, const char *to, struct err *err)
{
	static const char *const tails[] = { "", "-journal", "-wal" };

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		char *a = str_printf(err, "%s%s", path, tails[i]);
		char *b = str_printf(err, "%s%s", to, tails[i]);
		int rc = a == NULL || b == NULL ? -1 : 0;

		if (rc == 0 && (i == 0 || path_exists(a)))
			rc = file_copy(a, b, err);
		free(a);
		free(b);
		if (rc != 0)
			return -1;
	}
	return 0;
}

/*
 * Let SQLite roll back a hot journal, or merge a -wal, in the copy.  What it
 * says of the file then is no matter: the pages are read without it.
 */
static void
settle(const char *copy)
{
	struct err ignored = { 0 };
	struct db *db = NULL;

	if (db_open(&db, copy, DB_WRITE, &ignored) == 0)
		(void)db_exec(db, "SELECT count(*) FROM sqlite_schema",
		    &ignored);
	db_free(db);
}

/* Indexes, views and triggers last; what is ours schema sync makes anew. */
static void
create_extras(struct db *out, const struct salvage_tables *tables)
{
	for (size_t i = 0; i < tables->extra_count; i++)
		(void)salvage_create(out, tables->extra[i]);
}

static int
make_report(const struct salvage_tables *tables, struct salvage_report *report,
    struct err *err)
{
	report->schema = !tables->damaged;
	report->complete = report->schema;
	report->tables = calloc(tables->count + 1, sizeof(*report->tables));
	if (report->tables == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a salvage.");
	for (size_t i = 0; i < tables->count; i++) {
		const struct salvage_table *t = tables->table[i];
		struct salvage_table_report *r =
		    &report->tables[report->count++];

		*r = t->r;
		(void)snprintf(r->name, sizeof(r->name), "%s", t->name);
		r->whole = t->trusted && !t->unreadable && r->lost == 0 &&
		    r->pages == 0;
		report->complete = report->complete && r->whole;
		report->rows += r->rows;
		report->guessed += r->guessed;
		report->lost += r->lost;
		report->pages += r->pages;
	}
	return 0;
}

/* Read the settled copy into the new database. */
static int
read_into(struct salvage_file *f, const char *const *references, struct db *out,
    struct salvage_report *report, struct err *err)
{
	struct salvage_tables tables = { 0 };
	struct salvage_filling filling = { 0 };
	int rc = -1;

	(void)sqlite3_limit(db_handle(out), SQLITE_LIMIT_LENGTH, LENGTH_MAX);
	if (db_exec(out, "PRAGMA foreign_keys=OFF; BEGIN", err) ||
	    salvage_find_tables(f, references, out, &tables, err) ||
	    salvage_bring(f, &tables, out, err) || db_commit(out, err) ||
	    salvage_fill(out, references, &filling, err))
		goto out;
	report->filled = filling.filled;
	report->healed = filling.healed;
	create_extras(out, &tables);
	rc = make_report(&tables, report, err);
out:
	salvage_tables_free(&tables);
	return rc;
}

static int
read_copy(const char *copy, const char *const *references, const char *out_path,
    struct salvage_report *report, struct err *err)
{
	struct salvage_file f;
	struct db *out = NULL;
	int rc = -1;

	if (salvage_file_open(&f, copy, references, err))
		return -1;
	if (db_open(&out, out_path, DB_SCRATCH, err) == 0 &&
	    read_into(&f, references, out, report, err) == 0)
		rc = db_close(&out, err);
	db_free(out);
	salvage_file_close(&f);
	return rc;
}

int
salvage_read(const char *path, const char *const *references,
    const char *out_path, struct salvage_report *report, struct err *err)
{
	char *copy = file_temp_name(out_path, err);
	int rc = -1;

	*report = (struct salvage_report){ 0 };
	if (copy != NULL && copy_with_journals(path, copy, err) == 0) {
		settle(copy);
		rc = read_copy(copy, references, out_path, report, err);
	}
	if (copy != NULL)
		db_remove(copy);
	free(copy);
	if (rc == 0 && report->rows == 0)
		rc = err_set(err, ERR_CORRUPT,
		    "No row of %s can be read any more.", path);
	if (rc != 0) {
		db_remove(out_path);
		salvage_report_free(report);
	}
	return rc;
}

bool
salvage_table_whole(const struct salvage_report *report, const char *name)
{
	for (size_t i = 0; i < report->count; i++) {
		if (strcasecmp(report->tables[i].name, name) == 0)
			return report->tables[i].whole;
	}
	return false;
}

void
salvage_report_free(struct salvage_report *report)
{
	free(report->tables);
	*report = (struct salvage_report){ 0 };
}
