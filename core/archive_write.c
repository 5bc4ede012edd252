#include "core/archive.h"

#include "core/archive_part.h"
#include "core/clock.h"
#include "core/schema.h"

static int
open_stores(struct archive_job *job, struct db *db, struct err *err)
{
	return store_config_open(db, &job->configs, err) ||
		store_user_open(db, &job->users, err) ||
		store_item_open(db, &job->items, err) ||
		store_rejected_open(db, &job->rejected, err) ||
		store_kept_open(db, &job->kept, err)
	    ? -1
	    : 0;
}

static void
free_job(struct archive_job *job)
{
	store_config_free(job->configs);
	store_user_free(job->users);
	store_item_free(job->items);
	store_rejected_free(job->rejected);
	store_kept_free(job->kept);
	buf_free(&job->name);
	archive_out_free(&job->out);
}

static void
write_head(struct json_out *j)
{
	char iso[CLOCK_ISO_MAX];

	json_out_string(j, "version", ARCHIVE_VERSION);
	json_out_string(j, "exported_at", clock_iso(clock_now(), iso));
	json_out_begin(j, "generator", '{');
	json_out_string(j, "name", "jair");
	json_out_string(j, "version", JAIR_VERSION);
	json_out_int(j, "schema", SCHEMA_VERSION);
	json_out_end(j, '}');
}

/* What belongs to no single user. */
static int
write_nobodys(struct archive_job *job, struct err *err)
{
	int64_t rows;

	if (store_item_count(job->items, &rows, err))
		return -1;
	/* Rows that no user led to have no user. */
	return archive_rejected_of_none(job, rows != job->seen, err);
}

/* Everything up to the integrity member, which closes the outermost brace. */
static int
write_all(struct archive_job *job, struct err *err)
{
	json_out_begin(&job->out.j, NULL, '{');
	write_head(&job->out.j);
	if (archive_config(job, err) || archive_users(job, err))
		return -1;
	if (job->only == 0)
		return write_nobodys(job, err);
	if (job->out.stats->users == 0)
		return err_set(err, ERR_MISSING, "There is no such user.");
	return 0;
}

static int
run(struct db *db, struct archive_job *job, const char *path,
    struct archive_stats *stats, struct err *err)
{
	int rc = -1;

	*stats = (struct archive_stats){ 0 };
	buf_init(&job->name, STORE_NAME_MAX);
	if (db_begin_read(db, err))
		return -1;
	if (archive_out_open(&job->out, path, stats, err) ||
	    open_stores(job, db, err) || write_all(job, err))
		goto out;
	rc = archive_out_finish(&job->out, err);
out:
	free_job(job);
	db_rollback(db);
	return rc;
}

int
archive_write(struct db *db, const char *path, struct archive_stats *stats,
    struct err *err)
{
	struct archive_job job = { .order = ORDER_LISTS };

	return run(db, &job, path, stats, err);
}

int
archive_write_user(struct db *db, int64_t user, const char *path,
    struct archive_stats *stats, struct err *err)
{
	struct archive_job job = { .only = user, .order = ORDER_LISTS };

	return run(db, &job, path, stats, err);
}

int
archive_digest(struct db *db, struct archive_stats *stats, struct err *err)
{
	struct archive_job job = { .order = ORDER_LISTS };

	return run(db, &job, NULL, stats, err);
}

int
archive_digest_stored(struct db *db, struct archive_stats *stats,
    struct err *err)
{
	struct archive_job job = { .order = ORDER_STORED };

	return run(db, &job, NULL, stats, err);
}
