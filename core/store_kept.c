#include "core/store_kept.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "core/store_value.h"
#include "core/str.h"

#define NAME_CHARACTERS 160

/* The value as JSON without white space, or as it is. */
#define COLUMNS_SQL                                                            \
	"json_valid(CAST(\"value\" AS TEXT)),"                                 \
	" CASE json_valid(CAST(\"value\" AS TEXT))"                            \
	" WHEN 1 THEN json(CAST(\"value\" AS TEXT))"                           \
	" ELSE CAST(\"value\" AS TEXT) END"

/* By enum kept_part. */
static const char *const sql[] = {
	[KEPT_UNRESOLVED] =
	    "SELECT " COLUMNS_SQL " FROM \"JairKept\" WHERE \"userId\" = ?1"
	    " AND \"kind\" = 'unresolved' ORDER BY \"id\"",
	[KEPT_REJECTED] =
	    "SELECT " COLUMNS_SQL " FROM \"JairKept\" WHERE \"userId\" = ?1"
	    " AND \"kind\" IS NOT 'unresolved' ORDER BY \"id\"",
	[KEPT_NOBODYS] = "SELECT " COLUMNS_SQL " FROM \"JairKept\""
			 " WHERE \"userId\" IS NULL"
			 " OR \"userId\" NOT IN (SELECT \"id\" FROM \"User\")"
			 " ORDER BY \"id\"",
};

const struct db_table store_kept_table = { "store_kept", sql,
	sizeof(sql) / sizeof(sql[0]) };

struct store_kept {
	struct db_stmts *stmts;
	sqlite3_stmt *stmt;
};

int
store_kept_open(struct db *db, struct store_kept **out, struct err *err)
{
	struct store_kept *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a store.");
	if (db_prepare(db, &store_kept_table, &store->stmts, err)) {
		store_kept_free(store);
		return -1;
	}
	*out = store;
	return 0;
}

void
store_kept_free(struct store_kept *store)
{
	if (store == NULL)
		return;
	db_stmts_free(store->stmts);
	free(store);
}

void
store_kept_start(struct store_kept *store, enum kept_part part, int64_t user)
{
	store->stmt = db_stmt(store->stmts, part);
	if (part != KEPT_NOBODYS)
		(void)sqlite3_bind_int64(store->stmt, 1, user);
}

int
store_kept_next(struct store_kept *store, struct kept *kept, struct err *err)
{
	struct value v;
	int rc = db_step(store->stmts, store->stmt, err);

	if (rc != 1)
		return rc;
	if (store_value_read(store->stmt, 1, &v, 1, err))
		return -1;
	kept->s = v.s != NULL ? v.s : "";
	kept->len = v.len;
	kept->is_json = sqlite3_column_int(store->stmt, 0) == 1 &&
	    str_utf8_valid(kept->s, kept->len) == kept->len;
	return 1;
}

/* The bytes of ${s} that its first 160 characters have. */
static size_t
clip(const char *s)
{
	size_t n = 0;
	int characters = 0;

	while (s[n] != '\0') {
		if (((unsigned char)s[n] & 0xc0) != 0x80 &&
		    ++characters > NAME_CHARACTERS)
			break;
		n++;
	}
	return n;
}

static void
write_name(struct sqlite3_stmt *stmt, struct json_out *j)
{
	static const char *const names[] = { "title", "list", "where",
		"reason" };

	json_out_begin(j, NULL, '{');
	for (int i = 0; i < (int)(sizeof(names) / sizeof(names[0])); i++) {
		const char *text = (const char *)sqlite3_column_text(stmt, i);

		if (text != NULL && *text != '\0')
			json_out_bytes(j, names[i], text, clip(text));
	}
	json_out_end(j, '}');
}

int
store_kept_names(struct db_stmts *stmts, struct sqlite3_stmt *stmt,
    const char *key, struct json_out *j, struct err *err)
{
	bool any = false;
	int rc;

	while ((rc = db_step(stmts, stmt, err)) == 1) {
		if (!any)
			json_out_begin(j, key, '[');
		any = true;
		write_name(stmt, j);
	}
	if (any)
		json_out_end(j, ']');
	return rc;
}
