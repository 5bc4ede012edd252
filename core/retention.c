#include "core/retention.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive_seen.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/inventory.h"
#include "core/path.h"
#include "core/str.h"

/* Fill ${f} when the backup ${e} is one that retention judges. */
static bool
adopt(const struct inventory_entry *e, struct retention_file *f)
{
	*f = (struct retention_file){ .bytes = e->bytes };
	memcpy(f->name, e->name, sizeof(f->name));
	if (strcmp(e->name, INVENTORY_LATEST) == 0)
		f->kind = RETAIN_LATEST;
	else if (inventory_time_of(e->name, &f->at))
		return false;
	else if (e->kind == INV_ARCHIVE)
		f->kind = RETAIN_ARCHIVE;
	else if (str_starts(e->name, INVENTORY_PRE_UPGRADE))
		f->kind = RETAIN_UPGRADE;
	else
		f->kind = RETAIN_RESTORE;
	return true;
}

/* The files that are ours by name. */
static int
list(const char *data_dir, struct retention *r, struct err *err)
{
	struct inventory inv;

	if (inventory_read(data_dir, &inv, err))
		return -1;
	r->file = calloc(inv.count + 1, sizeof(*r->file));
	for (size_t i = 0; i < inv.count && r->file != NULL; i++) {
		if (adopt(&inv.entry[i], &r->file[r->count]))
			r->count++;
	}
	inventory_free(&inv);
	if (r->file == NULL)
		return err_set(err, ERR_NOMEM,
		    "No memory for the list of backups.");
	return 0;
}

/* What the archive ${f} is and holds. */
static int
examine(struct archive_seen *seen, struct retention_file *f, bool anew,
    struct err *err)
{
	static const enum retention_state states[] = {
		[SEEN_VERIFIED] = RETAIN_VERIFIED,
		[SEEN_UNSUMMED] = RETAIN_UNSUMMED,
		[SEEN_BROKEN] = RETAIN_BROKEN,
	};
	enum seen_state state;

	if (archive_seen_ask(seen, f->name, anew, &state, f->digest, err))
		return -1;
	f->state = states[state];
	return 0;
}

static int
examine_all(struct archive_seen *seen, struct retention *r, struct err *err)
{
	for (size_t i = 0; i < r->count; i++) {
		struct retention_file *f = &r->file[i];

		if (f->kind == RETAIN_ARCHIVE && examine(seen, f, false, err))
			return -1;
	}
	return 0;
}

/* The plan's newest archive, or NULL. */
static struct retention_file *
newest(const struct retention *r)
{
	for (size_t i = 0; i < r->count; i++) {
		if (r->file[i].reason == RETAIN_IS_NEWEST)
			return &r->file[i];
	}
	return NULL;
}

/*
 * Decide; where no archive was just made, only with a newest one that is
 * proven now, and not from memory.
 */
static int
decide(struct archive_seen *seen, const struct env_keep *keep,
    const struct backup *made, struct retention *r, struct err *err)
{
	struct retention_file *f;
	int64_t now = clock_now();

	do {
		retention_plan(r->file, r->count, keep, now,
		    made != NULL ? made->name : NULL, &r->sums);
		f = made == NULL ? newest(r) : NULL;
		if (f != NULL && examine(seen, f, true, err))
			return -1;
	} while (f != NULL && f->state != RETAIN_VERIFIED);
	return 0;
}

/* Keep the first failure that stops nothing. */
static void
note(struct retention *r, const struct err *err)
{
	if (r->problem.code == ERR_NONE)
		r->problem = *err;
}

static int
remove_one(const char *data_dir, const struct retention_file *f,
    struct err *err)
{
	char *path = path_join(data_dir, f->name, err);
	int rc = path == NULL ? -1 : 0;

	if (rc == 0 && unlink(path) != 0 && errno != ENOENT)
		rc = err_sys(err, errno, "Cannot remove %s", path);
	free(path);
	return rc;
}

/* Let the numbers say that ${f} could not be removed. */
static void
take_back(struct retention_sums *sums, const struct retention_file *f)
{
	if (f->kind == RETAIN_ARCHIVE)
		sums->archives--;
	else
		sums->snapshots--;
	sums->bytes -= f->bytes;
	sums->kept++;
	sums->kept_bytes += f->bytes;
}

/* Remove what goes, the oldest first; one that cannot go stops nothing. */
static void
remove_all(const char *data_dir, struct retention *r)
{
	struct err err = { 0 };
	char *here = path_join(data_dir, ".", &err);

	for (size_t i = r->count; i-- > 0;) {
		struct retention_file *f = &r->file[i];

		if (!retention_goes(f) || remove_one(data_dir, f, &err) == 0)
			continue;
		f->reason = RETAIN_STUCK;
		take_back(&r->sums, f);
		r->failed++;
		note(r, &err);
	}
	if (here == NULL ||
	    (r->sums.archives + r->sums.snapshots > 0 &&
		file_sync_dir(here, &err)))
		note(r, &err);
	free(here);
}

int
retention_run(const char *data_dir, const struct env_keep *keep,
    const struct backup *made, bool dry_run, struct retention *r,
    struct err *err)
{
	struct archive_seen *seen = archive_seen_open(data_dir, err);
	struct err unsaved = { 0 };
	int rc = -1;

	*r = (struct retention){ 0 };
	if (seen == NULL)
		return -1;
	if (made != NULL &&
	    archive_seen_tell(seen, made->name, made->stats.content_sha256,
		err))
		goto out;
	if (list(data_dir, r, err) || examine_all(seen, r, err) ||
	    decide(seen, keep, made, r, err))
		goto out;
	if (!dry_run) {
		remove_all(data_dir, r);
		if (archive_seen_save(seen, &unsaved))
			note(r, &unsaved);
	}
	rc = 0;
out:
	archive_seen_free(seen);
	if (rc != 0)
		retention_free(r);
	return rc;
}

void
retention_free(struct retention *r)
{
	free(r->file);
	*r = (struct retention){ 0 };
}
