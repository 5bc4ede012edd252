#include "tests/fault/scene.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#define ORIGINAL "tests/fixtures/db", "v2.0.3-small.db"
#define OTHER "tests/fixtures/archives/v2.8.10-small.json"
#define JESSE "tests/fixtures/archives/v2.8.10-user-jesse.json"

/* What a household did since the last start. */
static const char changes[] =
    "DELETE FROM UserMedia WHERE id % 5 = 0;"
    "UPDATE UserMedia SET status = 'BLOCKED' WHERE id % 7 = 0;"
    "UPDATE User SET movieProfile = 'new' WHERE id = 1;"
    "UPDATE SystemConfig SET jellyfinUrl = 'http://elsewhere'";

/* Run it undisturbed; it must work. */
static void
must(const struct place *p, const char *const argv[])
{
	struct outcome o;

	place_run(p, argv, NULL, &o);
	if (o.status != 0)
		place_die("%s ended with %d: %s", argv[0], o.status, o.text);
}

static void
boot(const struct place *p)
{
	must(p, (const char *const[]){ "init", NULL });
}

static void
nothing(const struct place *p)
{
	(void)p;
}

/* A database of the original, never seen before. */
static void
original(const struct place *p)
{
	struct buf b;

	if (place_read(ORIGINAL, &b))
		place_die("The fixture is missing");
	place_write(p->data, "dev.db", b.data, b.len);
	buf_free(&b);
}

/* One that jair has served for a while, with four generations. */
static void
changed(const struct place *p)
{
	original(p);
	boot(p);
	boot(p);
	place_sql(p->data, "UPDATE Media SET overview = 'a' WHERE id = 1");
	boot(p);
	place_sql(p->data, changes);
}

/* The same, started since the last change. */
static void
served(const struct place *p)
{
	changed(p);
	boot(p);
}

static void
restored(const struct place *p)
{
	served(p);
	must(p,
	    (const char *const[]){
		"init", "restore", OTHER, "--replace", "--yes", NULL });
}

/*
 * Run ${sql} and, before it has ended, take the bytes of the database and of
 * ${journal} beside it.
 */
static void
catch_bytes(const struct place *p, const char *sql, const char *journal,
    struct buf bytes[2])
{
	char path[PLACE_PATH_MAX + 16];
	sqlite3 *h = NULL;

	(void)snprintf(path, sizeof(path), "%s/dev.db", p->data);
	if (sqlite3_open(path, &h) != SQLITE_OK ||
	    sqlite3_exec(h, sql, NULL, NULL, NULL) != SQLITE_OK ||
	    place_read(p->data, "dev.db", &bytes[0]) ||
	    place_read(p->data, journal, &bytes[1]))
		place_die("Cannot make a %s", journal);
	(void)sqlite3_close(h);
}

/* Pages in the middle are not SQLite's any more, and a -wal lies beside. */
static void
damaged(const struct place *p)
{
	struct buf bytes[2];

	served(p);
	catch_bytes(p,
	    "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;"
	    "UPDATE User SET movieProfile = 'in the wal' WHERE id = 1",
	    "dev.db-wal", bytes);
	memset(bytes[0].data + 3 * 4096, 0xa5, 8 * 4096);
	place_write(p->data, "dev.db", bytes[0].data, bytes[0].len);
	place_write(p->data, "dev.db-wal", bytes[1].data, bytes[1].len);
	buf_free(&bytes[0]);
	buf_free(&bytes[1]);
}

/*
 * A snapshot that was copied back by hand beside the hot journal of the
 * former database.
 */
static void
copied_back(const struct place *p)
{
	struct buf bytes[2];

	served(p);
	catch_bytes(p,
	    "PRAGMA cache_size=2; PRAGMA cache_spill=2; BEGIN;"
	    "UPDATE Media SET overview = 'half'; "
	    "UPDATE UserMedia SET updatedAt = 'half'",
	    "dev.db-journal", bytes);
	buf_free(&bytes[0]);
	if (place_read(p->data, "dev.db.backup_startup", &bytes[0]))
		place_die("There is no snapshot");
	place_write(p->data, "dev.db", bytes[0].data, bytes[0].len);
	place_write(p->data, "dev.db-journal", bytes[1].data, bytes[1].len);
	buf_free(&bytes[0]);
	buf_free(&bytes[1]);
}

static void
staged(const struct place *p)
{
	served(p);
	must(p, (const char *const[]){ "act", "put", OTHER, NULL });
}

static void
confirmed(const struct place *p)
{
	staged(p);
	must(p, (const char *const[]){ "act", "confirm", NULL });
}

/* Only one part still waits. */
static void
last_waits(const struct place *p)
{
	served(p);
	must(p, (const char *const[]){ "act", "put", JESSE, NULL });
	must(p, (const char *const[]){ "act", "confirm", NULL });
}

/* A file that is to go, here and in a folder of its own. */
static void
odd_files(const struct place *p)
{
	served(p);
	place_write(p->data, "odd.db", "odd", 3);
	place_write(p->data, "elsewhere/odd.db", "odder", 5);
}

static const struct scene scenes[] = {
	{ .name = "boot-fresh", .prepare = nothing, .argv = { "init" } },
	{ .name = "boot-upgrade", .prepare = original, .argv = { "init" } },
	{ .name = "boot-changed", .prepare = changed, .argv = { "init" } },
	{ .name = "boot-copied-back",
	    .prepare = copied_back,
	    .argv = { "init" },
	    .keeps_all = true },
	{ .name = "boot-damaged",
	    .prepare = damaged,
	    .argv = { "init" },
	    .keeps_all = true,
	    .damaged = true },
	{ .name = "boot-staged", .prepare = confirmed, .argv = { "init" } },
	{ .name = "schema-apply",
	    .prepare = original,
	    .argv = { "init", "schema", "--apply" } },
	{ .name = "backup", .prepare = changed, .argv = { "init", "backup" } },
	{ .name = "restore-merge",
	    .prepare = served,
	    .argv = { "init", "restore", OTHER, "--yes" },
	    .scratch = true },
	{ .name = "restore-replace",
	    .prepare = served,
	    .argv = { "init", "restore", OTHER, "--replace", "--config",
		"--yes" },
	    .scratch = true },
	{ .name = "restore-snapshot",
	    .prepare = served,
	    .argv = { "init", "restore", "dev.db.backup_startup.1", "--yes" } },
	{ .name = "restore-undo",
	    .prepare = restored,
	    .argv = { "init", "restore", "--undo", "--yes" } },
	{ .name = "restore-damaged",
	    .prepare = damaged,
	    .argv = { "init", "restore", "dev.db.backup_startup", "--yes" },
	    .keeps_all = true,
	    .damaged = true },
	{ .name = "import",
	    .prepare = served,
	    .argv = { "act", "import", OTHER },
	    .scratch = true },
	{ .name = "stage-put",
	    .prepare = served,
	    .argv = { "act", "put", OTHER } },
	{ .name = "stage-left",
	    .prepare = served,
	    .argv = { "act", "put-left", "backup_latest.json" } },
	{ .name = "stage-confirm",
	    .prepare = staged,
	    .argv = { "act", "confirm" },
	    .scratch = true },
	{ .name = "stage-claim",
	    .prepare = confirmed,
	    .argv = { "act", "claim", "jesse", "id-1" },
	    .scratch = true },
	{ .name = "stage-claim-last",
	    .prepare = last_waits,
	    .argv = { "act", "claim", "jesse", "id-1" },
	    .scratch = true },
	{ .name = "stage-discard",
	    .prepare = confirmed,
	    .argv = { "act", "discard" } },
	{ .name = "quarantine",
	    .prepare = odd_files,
	    .argv = { "act", "quarantine", "odd.db" },
	    .keeps_all = true },
	{ .name = "quarantine-elsewhere",
	    .prepare = odd_files,
	    .argv = { "act", "quarantine", "elsewhere/odd.db" },
	    .keeps_all = true },
	{ .name = "publish",
	    .prepare = served,
	    .argv = { "act", "publish", "backup_2020-01-01T00-00-00.json" } },
	{ .name = "publish-new",
	    .prepare = served,
	    .argv = { "act", "publish-new", "dev.db.pre-restore_x" } },
	{ .name = "control-no-journal",
	    .prepare = served,
	    .argv = { "act", "no-journal" },
	    .control = true },
	{ .name = "control-in-place",
	    .prepare = served,
	    .argv = { "act", "in-place" },
	    .control = true },
};

const struct scene *
scene_list(size_t *count)
{
	*count = sizeof(scenes) / sizeof(scenes[0]);
	return scenes;
}
