#include <sqlite3.h>
#include <stdbool.h>

#include "core/db.h"
#include "core/guard.h"

/*
 * SQLite had no memory for something since a statement ran last.  A value that
 * could not be bound, or read, is NULL to whoever does not ask.
 */
static bool starved;

/* Source: https://www.sqlite.org/errlog.html */
static void
on_log(void *ctx, int code, const char *message)
{
	(void)ctx;
	(void)message;
	if ((code & 0xff) == SQLITE_NOMEM)
		starved = true;
}

/* Before main: once SQLite has begun, it does not listen any more. */
__attribute__((constructor)) static void
listen_to_log(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_LOG, on_log, NULL);
}

int
db_starved(const struct db *db, const char *what, struct err *err)
{
	if (!GUARD(db_starved, starved))
		return 0;
	starved = false;
	return err_set(err, ERR_NOMEM, "%s (%s): out of memory", what,
	    db_path(db));
}

void
db_ran(void)
{
	starved = false;
}
