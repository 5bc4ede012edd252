#include <string.h>

#include "core/inventory.h"
#include "core/path.h"
#include "core/snapshot.h"

int
snapshot_open(struct db **db, const char *path, struct err *err)
{
	const char *name = path_base(path);
	enum inventory_kind kind;
	/* People copy a database to the names of the others without a time,
	   as the original's guide says; a -wal may have come along. */
	bool ours = inventory_kind_of(name, &kind) && kind == INV_SNAPSHOT &&
	    strcmp(name, INVENTORY_PRE_UPGRADE) != 0 &&
	    strcmp(name, INVENTORY_PRE_RESTORE) != 0;

	return db_open(db, path, ours ? DB_WHOLE : DB_READ, err);
}
