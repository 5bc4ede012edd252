#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/db.h"

/* The statements of a store: prepared together, freed together. */
struct db_stmts {
	struct db *db;
	const struct db_table *table;
	sqlite3_stmt *stmt[];
};

int
db_prepare(struct db *db, const struct db_table *table, struct db_stmts **out,
    struct err *err)
{
	struct db_stmts *s;

	s = calloc(1, sizeof(*s) + table->count * sizeof(s->stmt[0]));
	if (s == NULL)
		return err_set(err, ERR_NOMEM, "No memory for statements.");
	s->db = db;
	s->table = table;
	for (size_t i = 0; i < table->count; i++) {
		if (sqlite3_prepare_v3(db_handle(db), table->sql[i], -1,
			SQLITE_PREPARE_PERSISTENT, &s->stmt[i],
			NULL) == SQLITE_OK)
			continue;
		db_fail(db, err, "A statement does not compile");
		err_prefix(err, "%s, statement %zu", table->name, i + 1);
		db_stmts_free(s);
		return -1;
	}
	*out = s;
	return 0;
}

void
db_stmts_free(struct db_stmts *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->table->count; i++)
		(void)sqlite3_finalize(s->stmt[i]);
	free(s);
}

struct sqlite3_stmt *
db_stmt(struct db_stmts *s, size_t index)
{
	(void)sqlite3_reset(s->stmt[index]);
	(void)sqlite3_clear_bindings(s->stmt[index]);
	return s->stmt[index];
}

int
db_next(struct db *db, struct sqlite3_stmt *stmt, const char *what,
    struct err *err)
{
	int rc;

	if (db_starved(db, what, err))
		return -1;
	rc = sqlite3_step(stmt);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return db_fail(db, err, what);
	db_ran();
	return rc == SQLITE_ROW;
}

int
db_text(struct sqlite3_stmt *stmt, int column, const char **text,
    struct err *err)
{
	bool is_null = sqlite3_column_type(stmt, column) == SQLITE_NULL;

	*text = (const char *)sqlite3_column_text(stmt, column);
	if (*text != NULL || is_null)
		return 0;
	db_ran();
	return err_set(err, ERR_NOMEM, "No memory for column %s.",
	    sqlite3_column_name(stmt, column));
}

int
db_step(struct db_stmts *s, struct sqlite3_stmt *stmt, struct err *err)
{
	int rc = db_next(s->db, stmt, s->table->name, err);

	if (rc != 1)
		(void)sqlite3_reset(stmt);
	return rc;
}

int
db_run(struct db_stmts *s, struct sqlite3_stmt *stmt, struct err *err)
{
	int rc = db_step(s, stmt, err);

	(void)sqlite3_reset(stmt);
	return rc < 0 ? -1 : 0;
}
