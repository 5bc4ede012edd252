#include "core/backup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive_verify.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/guard.h"
#include "core/inventory.h"
#include "core/path.h"
#include "core/snapshot.h"
#include "core/stage.h"
#include "core/str.h"

/* How many seconds ahead a free name is looked for. */
#define NAME_TRIES 600

/* Publish ${tmp} as backup_<time>.json; the name in ${backup}. */
static int
publish(const char *tmp, const char *data_dir, struct backup *backup,
    char **path, struct err *err)
{
	char stamp[CLOCK_STAMP_MAX];
	int64_t now = clock_now();

	for (int i = 0; i < NAME_TRIES; i++) {
		(void)snprintf(backup->name, sizeof(backup->name),
		    "backup_%s.json",
		    clock_stamp(now + i * INT64_C(1000), stamp));
		if ((*path = path_join(data_dir, backup->name, err)) == NULL)
			return -1;
		if (file_publish_new(tmp, *path, err) == 0)
			return 0;
		free(*path);
		*path = NULL;
		if (err->code != ERR_EXISTS)
			return -1;
		err_clear(err);
	}
	return err_set(err, ERR_EXISTS,
	    "Every name from backup_%s.json on is "
	    "taken in %s.",
	    clock_stamp(now, stamp), data_dir);
}

/*
 * An empty archive must not replace a latest one that holds something, or
 * that cannot be read and so may hold something.
 */
static int
is_worse(struct db *db, const char *latest, bool *worse, struct err *err)
{
	struct archive_summary summary;
	struct err unreadable = { 0 };
	bool empty;

	*worse = false;
	if (snapshot_is_empty(db, &empty, err))
		return -1;
	if (!empty || !path_exists(latest))
		return 0;
	*worse = archive_summarise(latest, &summary, &unreadable) != 0 ||
	    summary.users > 0 || summary.has_config;
	return 0;
}

static int
replace_latest(struct db *db, const char *path, const char *data_dir,
    struct backup *backup, struct err *err)
{
	char *latest = path_join(data_dir, INVENTORY_LATEST, err);
	int rc;

	if (latest == NULL)
		return -1;
	rc = GUARD(archive_withhold,
	    is_worse(db, latest, &backup->withheld, err));
	if (rc == 0 && !backup->withheld)
		rc = file_copy(path, latest, err);
	free(latest);
	return rc;
}

int
backup_make(struct db *db, const char *data_dir, struct backup *backup,
    struct err *err)
{
	char *base = path_join(data_dir, INVENTORY_LATEST, err);
	char *tmp = NULL;
	char *path = NULL;
	struct stage_combined *combined = NULL;
	int rc = -1;

	*backup = (struct backup){ 0 };
	/* Who still waits for a first login is in every archive. */
	if (stage_combine(db, data_dir, &combined, err))
		goto out;
	if (combined != NULL)
		db = stage_combined_db(combined);
	if (base == NULL || (tmp = file_temp_name(base, err)) == NULL)
		goto out;
	if (archive_write(db, tmp, &backup->stats, err) ||
	    GUARD(archive_verify, archive_verify(tmp, &backup->stats, err)) ||
	    publish(tmp, data_dir, backup, &path, err))
		goto out;
	rc = replace_latest(db, path, data_dir, backup, err);
out:
	if (tmp != NULL)
		(void)unlink(tmp);
	stage_combined_free(combined);
	free(path);
	free(tmp);
	free(base);
	return rc;
}

void
backup_to_run(const struct backup *backup, struct run *run)
{
	(void)snprintf(run->file, sizeof(run->file), "%s", backup->name);
	memcpy(run->sha256, backup->stats.content_sha256, sizeof(run->sha256));
	run->bytes = (int64_t)backup->stats.bytes;
	run->verified = true;
}
