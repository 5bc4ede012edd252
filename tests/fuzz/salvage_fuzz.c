/*
 * Without this, the one program that is to save a household's data could
 * crash on, or hang at, the damaged file that it is to read.  Also: what it
 * makes is a sound database with as many rows as it tells, and the damaged
 * file is not touched.
 */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/db.h"
#include "core/file.h"
#include "core/salvage.h"

#define PATH_MAX_LEN 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[PATH_MAX_LEN];
static char in[PATH_MAX_LEN + 16];
static char out[PATH_MAX_LEN + 16];
static char ref[PATH_MAX_LEN + 16];

static void
must(int ok, const char *what)
{
	if (ok)
		return;
	(void)fprintf(stderr, "violated: %s\n", what);
	abort();
}

static void
clean(void)
{
	db_remove(in);
	db_remove(out);
	db_remove(ref);
	(void)rmdir(dir);
}

/* A database like those of the corpus, to be a reference. */
static void
make_reference(void)
{
	sqlite3 *h = NULL;

	must(sqlite3_open(ref, &h) == SQLITE_OK &&
		sqlite3_exec(h,
		    "PRAGMA page_size=512;"
		    "CREATE TABLE User (id INTEGER PRIMARY KEY, username TEXT);"
		    "CREATE TABLE Media (id INTEGER PRIMARY KEY, tmdbId INT,"
		    " mediaType TEXT, title TEXT);"
		    "CREATE TABLE UserMedia (id INTEGER PRIMARY KEY,"
		    " userId INTEGER, mediaId INTEGER, status TEXT);"
		    "INSERT INTO User VALUES (1, 'anna');"
		    "INSERT INTO Media VALUES (1, 1, 'movie', 'a'),"
		    " (2, 2, 'tv', 'b');"
		    "INSERT INTO UserMedia VALUES (1, 1, 2, 'WATCHED')",
		    NULL, NULL, NULL) == SQLITE_OK,
	    "the reference");
	(void)sqlite3_close(h);
}

/* One folder a process, in memory where there is such a place. */
static void
set_up(void)
{
	struct stat st;
	const char *base = getenv("TMPDIR");

	if (dir[0] != '\0')
		return;
	if (base == NULL)
		base = stat("/dev/shm", &st) == 0 ? "/dev/shm" : "/tmp";
	(void)snprintf(dir, sizeof(dir), "%.150s/jair-fuzz-XXXXXX", base);
	must(mkdtemp(dir) != NULL, "a folder");
	(void)snprintf(in, sizeof(in), "%s/in.db", dir);
	(void)snprintf(out, sizeof(out), "%s/out.db", dir);
	(void)snprintf(ref, sizeof(ref), "%s/ref.db", dir);
	make_reference();
	(void)atexit(clean);
}

static void
put(const char *path, const uint8_t *data, size_t size)
{
	FILE *f = fopen(path, "wbe");

	must(f != NULL && fwrite(data, 1, size, f) == size && fclose(f) == 0,
	    "the input");
}

static void
check_report(const struct salvage_report *r)
{
	int64_t rows = 0;
	int64_t guessed = 0;

	for (size_t i = 0; i < r->count; i++) {
		must(r->tables[i].guessed <= r->tables[i].rows, "guesses");
		rows += r->tables[i].rows;
		guessed += r->tables[i].guessed;
	}
	must(rows == r->rows && guessed == r->guessed, "the sums");
	must(!r->complete || (r->lost == 0 && r->pages == 0), "complete");
}

static void
check_database(void)
{
	struct db_findings findings;
	struct err err = { ERR_NONE, "" };
	struct db *db = NULL;

	must(db_open(&db, out, DB_READ, &err) == 0, err.msg);
	must(db_check(db, &findings, &err) == 0, err.msg);
	db_free(db);
}

static void
check_untouched(const uint8_t *data, size_t size)
{
	struct err err = { ERR_NONE, "" };
	struct buf b;

	must(file_read(in, size + 1, &b, &err) == 0 && b.len == size &&
		memcmp(buf_str(&b), data, size) == 0,
	    "the damaged file");
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *references[] = { ref, NULL };
	struct salvage_report report;
	struct err err = { ERR_NONE, "" };

	set_up();
	put(in, data, size);
	if (salvage_read(in, references, out, &report, &err) == 0) {
		check_report(&report);
		check_database();
		salvage_report_free(&report);
	} else {
		must(err.code != ERR_NONE && err.msg[0] != '\0', "a message");
		must(err.code != ERR_DISK, err.msg);
	}
	check_untouched(data, size);
	db_remove(out);
	return 0;
}
