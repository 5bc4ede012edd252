#include "core/archive_verify.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive_read.h"
#include "core/path.h"
#include "core/scratch.h"

static void
summarise(const struct archive_info *info, struct archive_summary *s)
{
	static const char *const words[] = {
		[ARCHIVE_OK] = "ok",
		[ARCHIVE_ABSENT] = "absent",
		[ARCHIVE_CHANGED] = "changed",
	};

	*s = (struct archive_summary){ 0 };
	s->users = (int64_t)info->users_count;
	s->items = (int64_t)info->items;
	s->unresolved = (int64_t)info->unresolved;
	s->rejected = (int64_t)info->rejected;
	s->refused = (int64_t)info->refused;
	s->has_config = info->has_config;
	s->integrity = words[info->integrity];
	s->form = archive_form_name(info->form);
	memcpy(s->content_sha256, info->content_sha256,
	    sizeof(s->content_sha256));
}

int
archive_summarise(const char *path, struct archive_summary *summary,
    struct err *err)
{
	struct archive *a = NULL;

	if (archive_open(&a, path, NULL, err))
		return -1;
	summarise(archive_info(a), summary);
	archive_free(a);
	return 0;
}

/* Every item of the file is in the scratch database, or is accounted for. */
static int
compare_counts(const struct archive_info *info, const struct scratch *s,
    const struct archive_stats *again, struct err *err)
{
	int64_t items = again->items + (int64_t)s->duplicates;

	if (items == (int64_t)info->items &&
	    again->users == (int64_t)info->users_count)
		return 0;
	return err_set(err, ERR_CORRUPT,
	    "A restore of it brought %lld of "
	    "%lld items and %lld of %lld users.",
	    (long long)items, (long long)info->items, (long long)again->users,
	    (long long)info->users_count);
}

/*
 * Export the scratch database again.  From an archive of ours everything was
 * put into it in the order that an export has, and need not be sorted again;
 * when that does not give the same digest, the sorted export decides.
 */
static int
export_again(const struct archive_info *info, struct db *db,
    struct archive_stats *again, struct err *err)
{
	struct err other_order = { 0 };

	if (info->integrity == ARCHIVE_OK &&
	    archive_digest_stored(db, again, &other_order) == 0 &&
	    strcmp(again->content_sha256, info->content_sha256) == 0)
		return 0;
	return archive_digest(db, again, err);
}

/* Restore all of it into a scratch database and export that again. */
static int
rehearse(struct archive *a, const char *dir, struct err *err)
{
	const struct archive_info *info = archive_info(a);
	struct archive_stats again;
	struct scratch *scratch = NULL;
	int rc = -1;

	if (scratch_make(a, dir, NULL, &scratch, err))
		return -1;
	if (export_again(info, scratch->db, &again, err) ||
	    compare_counts(info, scratch, &again, err))
		goto out;
	if (info->integrity == ARCHIVE_OK &&
	    strcmp(again.content_sha256, info->content_sha256) != 0)
		err_set(err, ERR_CORRUPT,
		    "A restore of it does not hold the "
		    "same: its content digest is %s, not %s.",
		    again.content_sha256, info->content_sha256);
	else
		rc = 0;
out:
	scratch_free(scratch);
	return rc;
}

int
archive_rehearse(const char *path, const char *dir,
    struct archive_summary *summary, struct err *err)
{
	struct archive *a = NULL;
	int rc;

	if (archive_open(&a, path, NULL, err))
		return -1;
	summarise(archive_info(a), summary);
	rc = rehearse(a, dir, err);
	archive_free(a);
	return rc;
}

/* What the writer counted is what the reader found. */
static int
compare(const char *path, const struct archive_info *info,
    const struct archive_stats *stats, struct err *err)
{
	if (info->integrity == ARCHIVE_OK &&
	    (int64_t)info->users_count == stats->users &&
	    (int64_t)info->items == stats->items &&
	    info->size == stats->bytes && info->refused == 0 &&
	    strcmp(info->content_sha256, stats->content_sha256) == 0)
		return 0;
	return err_set(err, ERR_CORRUPT,
	    "The archive %s cannot be read back "
	    "as it was written. Check the disk.",
	    path);
}

int
archive_verify(const char *path, const struct archive_stats *stats,
    struct err *err)
{
	/* What was just written may be of any size. */
	const struct archive_limits limits = { .bytes = stats->bytes };
	struct archive *a = NULL;
	char *dir = NULL;
	int rc = -1;

	if (archive_open(&a, path, &limits, err))
		return err_prefix(err, "The archive %s cannot be read back",
		    path);
	if (compare(path, archive_info(a), stats, err) == 0 &&
	    (dir = path_dir(path, err)) != NULL)
		rc = rehearse(a, dir, err);
	archive_free(a);
	free(dir);
	return rc;
}
