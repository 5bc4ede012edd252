#include "core/stage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive_read.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/path.h"
#include "core/stage_int.h"
#include "core/str.h"

void
staged_close(struct staged *s)
{
	archive_free(s->archive);
	store_stage_free(s->store);
	free(s->row.assign_to);
	free(s->path);
}

/*
 * Open the archive.  The last who waited may have claimed their part since
 * its row was read: then nothing is staged any more.
 */
static int
open_archive(struct staged *s, struct err *err)
{
	struct stage_row row;
	struct err ignored;
	bool found;

	if (archive_open(&s->archive, s->path, NULL, err) == 0)
		return 0;
	if (err->code != ERR_MISSING ||
	    store_stage_current(s->store, &row, &found, &ignored))
		return -1;
	free(row.assign_to);
	if (found && row.id == s->row.id)
		return -1;
	err_clear(err);
	s->found = false;
	return 0;
}

int
staged_open(struct staged *s, struct db *db, const char *data_dir, bool read,
    struct err *err)
{
	*s = (struct staged){ .db = db, .data_dir = data_dir };
	if (store_stage_open(db, &s->store, err) ||
	    store_stage_current(s->store, &s->row, &s->found, err))
		goto fail;
	if (!s->found)
		return 0;
	if ((s->path = path_join(data_dir, s->row.file, err)) == NULL ||
	    (read && open_archive(s, err)))
		goto fail;
	return 0;
fail:
	staged_close(s);
	return -1;
}

/* Publish a copy of ${path} under a name of its own. */
static int
publish(const char *data_dir, const char *path, char **name, struct err *err)
{
	char stamp[CLOCK_STAMP_MAX];
	int64_t now = clock_now();
	int rc;

	do {
		err_clear(err);
		*name = str_printf(err, "%s/" STAGE_COPY_HEAD "%s.json",
		    data_dir, clock_stamp(now, stamp));
		if (*name == NULL)
			return -1;
		rc = path_exists(*name) ? err_set(err, ERR_EXISTS, "taken")
					: file_copy(path, *name, err);
		if (rc != 0) {
			free(*name);
			*name = NULL;
		}
		now += 1000;
	} while (rc != 0 && err->code == ERR_EXISTS);
	return rc;
}

int
staged_add(struct db *db, const char *path, struct err *err)
{
	struct store_stage *store = NULL;
	struct staged_text text = { .about = { NULL, NULL } };
	struct archive *a = NULL;
	int rc = -1;

	if (archive_open(&a, path, NULL, err) == 0 &&
	    staged_describe(&text, a, 0, err) == 0 &&
	    store_stage_open(db, &store, err) == 0)
		rc = store_stage_add(store, path_base(path),
		    archive_info(a)->file_sha256, &text.about, err);
	staged_text_free(&text);
	store_stage_free(store);
	archive_free(a);
	return rc;
}

/* Refuse when something is staged already. */
static int
check_free(struct db *db, const char *data_dir, struct err *err)
{
	struct staged s;
	bool found;

	if (staged_open(&s, db, data_dir, false, err))
		return -1;
	found = s.found;
	staged_close(&s);
	if (found)
		return err_set(err, ERR_EXISTS,
		    "Another archive is staged "
		    "already. Let everyone in it log in, or discard it.");
	return 0;
}

/* A commit may have happened though the disk says that it failed. */
static bool
may_be_known(struct db *db, const char *path)
{
	struct store_stage *store = NULL;
	struct err ignored = { 0 };
	bool named = true;

	if (store_stage_open(db, &store, &ignored) == 0)
		(void)store_stage_named(store, path_base(path), &named,
		    &ignored);
	store_stage_free(store);
	return named;
}

int
stage_put(struct db *db, const char *data_dir, const char *path,
    struct err *err)
{
	struct archive *a = NULL;
	char *name = NULL;
	int rc;

	if (check_free(db, data_dir, err) || archive_open(&a, path, NULL, err))
		return -1;
	archive_free(a);
	if (publish(data_dir, path, &name, err))
		return -1;
	if ((rc = staged_add(db, name, err)) != 0 && !may_be_known(db, name))
		(void)unlink(name);
	free(name);
	return rc;
}

int
staged_remove(const struct staged *s, struct err *err)
{
	if (unlink(s->path) != 0 && errno != ENOENT)
		return err_sys(err, errno, "Cannot remove %s", s->path);
	return file_sync_dir(s->path, err);
}

int
staged_end(struct staged *s, bool discard, struct err *err)
{
	if (db_begin(s->db, err) ||
	    store_stage_end(s->store, s->row.id, discard, err) ||
	    db_commit(s->db, err)) {
		db_rollback(s->db);
		return -1;
	}
	return staged_remove(s, err);
}

/* Let one user of the archive wait. */
static int
add_users(struct staged *s, const char *assign_to, struct err *err)
{
	const struct archive_info *info = archive_info(s->archive);

	if (info->form == ARCHIVE_BARE) {
		if (assign_to == NULL)
			return err_set(err, ERR_USAGE,
			    "This file names no "
			    "user. Say whose lists they are.");
		return store_stage_add_user(s->store, s->row.id, assign_to,
		    strlen(assign_to), err);
	}
	for (size_t i = 0; i < info->users_count; i++) {
		if (store_stage_add_user(s->store, s->row.id,
			info->users[i].name, info->users[i].name_len, err))
			return -1;
	}
	return 0;
}

static bool
want_nobody(void *ctx, const struct archive_user_info *user)
{
	(void)ctx;
	(void)user;
	return false;
}

/* What the confirmation writes, in one transaction with what it brings. */
struct confirmation {
	struct staged *staged;
	const struct stage_choice *choice;
};

static int
finish_confirm(void *ctx, const struct restore_report *report, struct err *err)
{
	const struct confirmation *c = ctx;

	(void)report;
	if (c->choice->finish != NULL && c->choice->finish(c->choice->ctx, err))
		return -1;
	if (store_stage_confirm(c->staged->store, c->staged->row.id,
		c->choice->assign_to, err))
		return -1;
	return add_users(c->staged, c->choice->assign_to, err);
}

int
stage_confirm(struct db *db, const char *data_dir,
    const struct stage_choice *choice, struct err *err)
{
	static const struct stage_choice none = { NULL, false, NULL, NULL };
	struct staged s;
	struct confirmation c = { &s, choice != NULL ? choice : &none };
	const struct restore_options options = {
		.want = want_nobody,
		.assign_to = c.choice->assign_to,
		.config = c.choice->config,
		.finish = finish_confirm,
		.ctx = &c,
	};
	struct restore_report report;
	int rc = -1;

	if (staged_open(&s, db, data_dir, true, err))
		return -1;
	if (!s.found || s.row.pending)
		err_set(err, ERR_MISSING,
		    "No archive is staged that waits to "
		    "be confirmed.");
	else
		rc = restore_apply(db, s.archive, data_dir, &options, &report,
		    err);
	if (rc == 0)
		restore_report_free(&report);
	staged_close(&s);
	return rc;
}

int
stage_discard(struct db *db, const char *data_dir, struct err *err)
{
	struct staged s;
	int rc = 0;

	if (staged_open(&s, db, data_dir, false, err))
		return -1;
	if (s.found)
		rc = staged_end(&s, true, err);
	staged_close(&s);
	return rc;
}

int
stage_waits(struct db *db, const char *name, bool *waits, struct err *err)
{
	struct store_stage *store = NULL;
	int rc;

	if (store_stage_open(db, &store, err))
		return -1;
	rc = store_stage_waiting(store, name, waits, err);
	store_stage_free(store);
	return rc;
}
