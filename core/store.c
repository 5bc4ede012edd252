#include "core/store.h"

#include "core/store_run.h"

/* Every table of statements in both programs. */
static const struct db_table *const tables[] = {
	&store_run_table,
};

int
store_check_all(struct db *db, size_t *count, struct err *err)
{
	*count = 0;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		struct db_stmts *stmts;

		if (db_prepare(db, tables[i], &stmts, err)) {
			if (err->code == ERR_DB)
				err->code = ERR_SCHEMA;
			return -1;
		}
		db_stmts_free(stmts);
		*count += tables[i]->count;
	}
	return 0;
}
