#include <stdlib.h>
#include <string.h>

#include "core/salvage_int.h"

#define LOCK_BYTE 0x40000000 /* its page is never used */
#define LARGEST_ROOT 52 /* the header's word that auto-vacuum sets */

/* Whether a row was met whose long text is noise or zeros. */
static int
note_spoilt(void *ctx, const struct salvage_row *row, struct err *err)
{
	(void)err;
	*(bool *)ctx = *(bool *)ctx || row->spoilt;
	return 0;
}

/* Whether a text of one of the tables goes on in zeros. */
static int
find_spoilt(const char *path, const struct salvage_tables *tables, bool *found,
    struct err *err)
{
	struct salvage_walk w = { .row = note_spoilt, .ctx = found };
	struct salvage_file f;
	int rc = 0;

	*found = false;
	if (salvage_file_open(&f, path, NULL, err))
		return -1;
	w.file = &f;
	if ((w.values = malloc(sizeof(*w.values))) == NULL)
		rc = err_set(err, ERR_NOMEM, "No memory to read %s.", path);
	for (size_t i = 0; i < tables->count && rc == 0 && !*found; i++) {
		w.table = tables->table[i];
		if (w.table->trusted && !w.table->unreadable)
			rc = salvage_walk_tree(&w, w.table->root, err);
	}
	free(w.values);
	salvage_file_close(&f);
	return rc;
}

/* The first page in use that holds nothing but zeros, or 0. */
static uint32_t
zero_page(struct salvage_file *f, uint8_t *page)
{
	size_t len;

	/* Where pages tell of others, some may be empty. */
	if (salvage_raw_read(f, 1, page, &len) != 0 ||
	    salvage_u32(page + LARGEST_ROOT) != 0 || salvage_see_free(f) != 0)
		return 0;
	for (uint32_t no = 2; no <= f->pages; no++) {
		if (no == LOCK_BYTE / f->page_size + 1 || !salvage_see(f, no) ||
		    salvage_raw_read(f, no, page, &len) != 0)
			continue;
		if (page[0] == 0 && memcmp(page, page + 1, len - 1) == 0)
			return no;
	}
	return 0;
}

static int
check_zeros(struct salvage_file *f, const char *path, const char *name,
    const struct salvage_tables *tables, struct err *err)
{
	uint8_t *page = malloc(SALVAGE_PAGE_MAX);
	uint32_t no;
	bool spoilt = false;

	if (page == NULL)
		return err_set(err, ERR_NOMEM, "No memory to read %s.", path);
	no = zero_page(f, page);
	free(page);
	/* A blob may be of zeros; a text is not. */
	if (no == 0 || find_spoilt(path, tables, &spoilt, err))
		return no == 0 ? 0 : -1;
	return spoilt
	    ? err_set(err, ERR_CORRUPT,
		  "%s is damaged: page %u, which is in use, is all zeros", name,
		  no)
	    : 0;
}

static int
check_tables(struct salvage_file *f, const char *name,
    const struct salvage_tables *tables, struct err *err)
{
	for (size_t i = 0; i < tables->count; i++) {
		const struct salvage_table *t = tables->table[i];

		if (t->trusted && !t->unreadable && salvage_has_strangers(f, t))
			return err_set(err, ERR_CORRUPT,
			    "%s is damaged: in the place of the table %s stand"
			    " rows of another",
			    name, t->name);
	}
	return 0;
}

int
salvage_audit(const char *path, const char *name, struct err *err)
{
	struct salvage_tables tables = { 0 };
	struct salvage_file f;
	struct db *scratch = NULL;
	int rc = -1;

	if (salvage_file_open(&f, path, NULL, err))
		return -1;
	if (f.encoding != 1) {
		rc = 0; /* its schema is not read here */
	} else if (db_open(&scratch, "", DB_SCRATCH, err) == 0 &&
	    salvage_find_tables(&f, NULL, scratch, &tables, err) == 0 &&
	    check_tables(&f, name, &tables, err) == 0) {
		rc = check_zeros(&f, path, name, &tables, err);
	}
	salvage_tables_free(&tables);
	db_free(scratch);
	salvage_file_close(&f);
	return rc;
}
