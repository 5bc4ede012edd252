/*
 * Without this program nobody would know whether a damaged file is noticed
 * before it is used.  usage:
 *	corrupt database|snapshot|archive|recovery CASES [SEED [PRAGMA]]
 * Each case damages a good file in its own way: bits, bytes, sectors, an end
 * cut off, sectors exchanged.  A database may be written anew before, with
 * a PRAGMA such as page_size=512.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive.h"
#include "core/archive_read.h"
#include "core/archive_verify.h"
#include "core/recover.h"
#include "core/restore.h"
#include "core/snapshot.h"
#include "tests/fault/damage.h"
#include "tests/fault/judge.h"

/* What became of the damage. */
enum fate {
	REFUSED, /* it was noticed */
	HARMLESS, /* the content is the same */
	OTHER, /* SQLite finds nothing, but a value is another one */
	WRONG, /* what must not be */
	FATES
};

static const char *const fate_names[FATES] = { "noticed", "harmless",
	"other values that no check can see", "wrong" };

struct work {
	struct place place;
	struct buf good; /* the file to damage */
	char digest[DIGEST_HEX_MAX]; /* of what it holds */
	uint64_t seed;
	char name[128]; /* of the kind, with the pragma */
};

/* The damaged file as ${name}; whether it differs at all. */
static bool
put_damaged(struct work *w, const char *name)
{
	struct buf b;
	bool differs;

	buf_init(&b, w->good.len);
	buf_add(&b, w->good.data, w->good.len);
	damage_bytes(&w->seed, &b);
	differs =
	    b.len != w->good.len || memcmp(b.data, w->good.data, b.len) != 0;
	place_write(w->place.data, name, b.data, b.len);
	buf_free(&b);
	return differs;
}

static void
path_of(const struct work *w, const char *name, char path[PLACE_PATH_MAX * 2])
{
	(void)snprintf(path, PLACE_PATH_MAX * 2, "%s/%s", w->place.data, name);
}

static int
digest_of(const char *path, char digest[DIGEST_HEX_MAX], struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (db_open(&db, path, DB_READ, err) == 0)
		rc = snapshot_digest(db, digest, err);
	db_free(db);
	return rc;
}

/* ---- the three files ----------------------------------------------------- */

/* What was read must be what was written, or say that it is not. */
static enum fate
try_archive(struct work *w, struct err *err)
{
	char path[PLACE_PATH_MAX * 2];
	struct archive *a = NULL;
	enum archive_integrity integrity;
	bool same;

	path_of(w, "damaged.json", path);
	if (!put_damaged(w, "damaged.json"))
		return HARMLESS;
	if (archive_open(&a, path, NULL, err))
		return REFUSED;
	integrity = archive_info(a)->integrity;
	same = strcmp(archive_info(a)->content_sha256, w->digest) == 0;
	archive_free(a);
	if (integrity == ARCHIVE_CHANGED)
		return REFUSED;
	if (!same)
		err_set(err, ERR_CORRUPT, "other content passes as whole");
	return same ? HARMLESS : WRONG;
}

/* A restore refuses, and then nothing has changed; or the content is right. */
static enum fate
try_snapshot(struct work *w, struct err *err)
{
	char path[PLACE_PATH_MAX * 2];
	char live[PLACE_PATH_MAX * 2];
	char now[DIGEST_HEX_MAX];
	struct err ignored = { 0 };

	path_of(w, "damaged.db", path);
	path_of(w, "dev.db", live);
	if (!put_damaged(w, "damaged.db"))
		return HARMLESS;
	(void)unlink(live);
	if (restore_snapshot(path, live, w->place.data, err)) {
		if (access(live, F_OK) != 0)
			return REFUSED;
		err_set(err, ERR_EXISTS, "it refuses, but leaves a database");
		return WRONG;
	}
	if (digest_of(live, now, &ignored)) {
		*err = ignored;
		return WRONG;
	}
	return strcmp(now, w->digest) == 0 ? HARMLESS : OTHER;
}

/* A damaged database never takes the place of the good snapshot. */
static enum fate
try_database(struct work *w, struct err *err)
{
	char live[PLACE_PATH_MAX * 2];
	char path[PLACE_PATH_MAX * 2];
	char now[DIGEST_HEX_MAX] = "";
	struct snapshot snap = { 0 };
	struct err ignored = { 0 };
	struct db *db = NULL;
	int rc = -1;

	path_of(w, "dev.db", live);
	path_of(w, "dev.db.backup_startup", path);
	if (!put_damaged(w, "dev.db"))
		return HARMLESS;
	(void)place_write(w->place.data, "dev.db.backup_startup", w->good.data,
	    w->good.len);
	if (db_open(&db, live, DB_READ, err) == 0)
		rc = snapshot_take(db, w->place.data, path, &snap, err);
	db_free(db);
	snapshot_free(&snap);
	if (digest_of(path, now, &ignored)) {
		*err = ignored;
		return WRONG;
	}
	if (rc == 0 && strcmp(now, w->digest) == 0)
		return HARMLESS;
	/* SQLite sees nothing wrong: the former one is generation 1 now. */
	path_of(w, "dev.db.backup_startup.1", path);
	if (rc == 0 && digest_of(path, now, &ignored) == 0 &&
	    strcmp(now, w->digest) == 0)
		return OTHER;
	if (rc == 0) {
		err_set(err, ERR_CORRUPT, "the former snapshot has gone");
		return WRONG;
	}
	if (strcmp(now, w->digest) == 0)
		return REFUSED;
	err_set(err, ERR_CORRUPT, "the good snapshot has gone");
	return WRONG;
}

/* How many entries of the good database ${live} lacks; -1: cannot be told. */
static int64_t
missing(struct work *w, const char *live, struct err *err)
{
	char attach[PLACE_PATH_MAX * 3];
	struct db *db = NULL;
	int64_t n = -1;

	(void)place_write(w->place.base, "good.db", w->good.data, w->good.len);
	(void)snprintf(attach, sizeof(attach), "ATTACH '%s/good.db' AS good",
	    w->place.base);
	if (db_open(&db, live, DB_READ, err) || db_exec(db, attach, err) ||
	    db_int(db,
		"SELECT count(*) FROM (SELECT username, mediaType, tmdbId"
		" FROM good.UserMedia e JOIN good.User u ON u.id = e.userId"
		" JOIN good.Media m ON m.id = e.mediaId EXCEPT SELECT username,"
		" mediaType, tmdbId FROM main.UserMedia e JOIN main.User u ON"
		" u.id = e.userId JOIN main.Media m ON m.id = e.mediaId)",
		&n, err))
		n = -1;
	db_free(db);
	return n;
}

/* What was damaged lies in quarantine, as it was. */
static bool
is_kept(const struct recovery *r, const struct buf *bytes)
{
	struct buf kept;
	bool same = r->quarantine != NULL &&
	    place_read("", r->quarantine, &kept) == 0 &&
	    kept.len == bytes->len &&
	    memcmp(kept.data, bytes->data, kept.len) == 0;

	if (r->quarantine != NULL)
		buf_free(&kept);
	return same;
}

/* A damaged database comes back, whole, from the snapshot and itself. */
static enum fate
try_recovery(struct work *w, struct err *err)
{
	char live[PLACE_PATH_MAX * 2];
	struct recovery r = { 0 };
	struct err why = { 0 };
	struct buf bytes;
	enum fate fate = WRONG;

	path_of(w, "dev.db", live);
	if (!put_damaged(w, "dev.db"))
		return HARMLESS;
	(void)place_write(w->place.data, "dev.db.backup_startup", w->good.data,
	    w->good.len);
	if (recover_confirm(live, &why) == 0)
		return OTHER;
	/* A header that tells of a newer jair is not ours to heal. */
	if (why.code == ERR_NEWER)
		return REFUSED;
	if (place_read(w->place.data, "dev.db", &bytes))
		place_die("The damaged file has gone");
	if (why.code != ERR_CORRUPT)
		*err = why;
	else if (recover_database(live, w->place.data, &r, err) == 0) {
		if (!is_kept(&r, &bytes))
			err_set(err, ERR_MISSING, "the damaged file has gone");
		else if (missing(w, live, err) > 0)
			err_set(err, ERR_MISSING, "entries are missing");
		else if (err->code == ERR_NONE)
			fate = REFUSED;
	}
	recovery_free(&r);
	buf_free(&bytes);
	return fate;
}

/* ---- all of them --------------------------------------------------------- */

static const struct {
	const char *name;
	const char *file;
	enum fate (*try)(struct work *w, struct err *err);
} targets[] = {
	{ "database", "dev.db.backup_startup", try_database },
	{ "snapshot", "dev.db.backup_startup", try_snapshot },
	{ "archive", "backup_latest.json", try_archive },
	{ "recovery", "dev.db.backup_startup", try_recovery },
};

/* Write the database ${file} anew with a pragma. */
static void
reshape(struct work *w, const char *file, const char *pragma)
{
	char sql[256];
	struct buf bytes;

	if (place_read(w->place.data, file, &bytes))
		place_die("There is no %s", file);
	place_write(w->place.data, "dev.db", bytes.data, bytes.len);
	(void)snprintf(sql, sizeof(sql), "PRAGMA %.200s; VACUUM", pragma);
	place_sql(w->place.data, sql);
	buf_free(&bytes);
	if (place_read(w->place.data, "dev.db", &bytes))
		place_die("There is no dev.db");
	place_write(w->place.data, file, bytes.data, bytes.len);
	buf_free(&bytes);
}

/* A good file of the kind, and what it holds. */
static void
make_good(struct work *w, const char *file, const char *pragma)
{
	char path[PLACE_PATH_MAX * 2];
	const struct scene *scenes;
	struct archive *a = NULL;
	struct err err = { 0 };
	struct judge j;
	size_t n;

	scenes = scene_list(&n);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(scenes[i].name, "restore-merge") == 0)
			judge_learn(&j, &w->place, &scenes[i], "change");
	}
	judge_reset(&j);
	path_of(w, file, path);
	if (pragma != NULL)
		reshape(w, file, pragma);
	if (place_read(w->place.data, file, &w->good))
		place_die("There is no %s", file);
	if (strstr(file, ".json") == NULL) {
		if (digest_of(path, w->digest, &err))
			place_die("%s", err.msg);
	} else if (archive_open(&a, path, NULL, &err) == 0) {
		memcpy(w->digest, archive_info(a)->content_sha256,
		    sizeof(w->digest));
		archive_free(a);
	}
	tree_clear(w->place.data);
}

/* Try them all; how many were wrong. */
static long
try_all(struct work *w, size_t target, long cases)
{
	long fates[FATES] = { 0 };

	for (long i = 0; i < cases; i++) {
		uint64_t seed = w->seed;
		struct err err = { 0 };
		enum fate fate = targets[target].try(w, &err);

		tree_clear(w->place.data);
		fates[fate]++;
		if (fate == WRONG)
			(void)printf("# seed %llu: %s\n",
			    (unsigned long long)seed, err.msg);
	}
	/* A check that notices nothing checks nothing. */
	(void)printf("%s 1 - %s:",
	    fates[WRONG] == 0 && fates[REFUSED] > 0 ? "ok" : "not ok", w->name);
	for (int i = 0; i < FATES; i++)
		(void)printf(" %ld %s%s", fates[i], fate_names[i],
		    i + 1 < FATES ? "," : "\n");
	(void)printf("# corrupt %s: %ld points tried, %ld lost\n1..1\n",
	    w->name, cases, fates[WRONG]);
	return fates[WRONG];
}

int
main(int argc, char **argv)
{
	struct work w = { .seed = 1 };
	size_t n = sizeof(targets) / sizeof(targets[0]);
	size_t target = n;
	long wrong;

	for (size_t i = 0; argc >= 3 && i < n; i++) {
		if (strcmp(targets[i].name, argv[1]) == 0)
			target = i;
	}
	if (target == n) {
		(void)fprintf(stderr,
		    "usage: corrupt database|snapshot|archive|recovery CASES [SEED [PRAGMA]]\n");
		return 2;
	}
	place_make(&w.place);
	make_good(&w, targets[target].file, argc > 4 ? argv[4] : NULL);
	(void)snprintf(w.name, sizeof(w.name), "%s%s%.80s",
	    targets[target].name, argc > 4 ? " " : "", argc > 4 ? argv[4] : "");
	if (argc > 3)
		w.seed = strtoull(argv[3], NULL, 10);
	wrong = try_all(&w, target, strtol(argv[2], NULL, 10));
	buf_free(&w.good);
	place_free(&w.place);
	return wrong == 0 ? 0 : 1;
}
