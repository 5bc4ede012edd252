#include "core/stage.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive_read.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/json_out.h"
#include "core/path.h"
#include "core/store_login.h"
#include "core/store_stage.h"
#include "core/str.h"

#define FILE_HEAD "staged_"
#define RESULT_MAX 4096

/* A staged archive, its row and its statements. */
struct staged {
	struct db *db;
	const char *data_dir;
	struct store_stage *store;
	struct stage_row row;
	bool found;
	char *path;
	struct archive *archive;
};

static void
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

/* Find what is staged; with ${read}, open its archive too. */
static int
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
		*name = str_printf(err, "%s/" FILE_HEAD "%s.json", data_dir,
		    clock_stamp(now, stamp));
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

/* Write the row for the published file ${path}. */
static int
add_row(struct db *db, const char *path, struct err *err)
{
	struct store_stage *store = NULL;
	struct archive *a = NULL;
	int rc = -1;

	if (archive_open(&a, path, NULL, err) == 0 &&
	    store_stage_open(db, &store, err) == 0)
		rc = store_stage_add(store, path_base(path),
		    archive_info(a)->file_sha256, err);
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
	if ((rc = add_row(db, name, err)) != 0)
		(void)unlink(name);
	free(name);
	return rc;
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
	const char *assign_to;
};

static int
finish_confirm(void *ctx, const struct restore_report *report, struct err *err)
{
	const struct confirmation *c = ctx;

	(void)report;
	if (add_users(c->staged, c->assign_to, err))
		return -1;
	return store_stage_confirm(c->staged->store, c->staged->row.id,
	    c->assign_to, err);
}

int
stage_confirm(struct db *db, const char *data_dir, const char *assign_to,
    struct err *err)
{
	struct staged s;
	struct confirmation c = { &s, assign_to };
	const struct restore_options options = {
		.want = want_nobody,
		.assign_to = assign_to,
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

/* Remove the file whose row has ended. */
static int
remove_file(const struct staged *s, struct err *err)
{
	if (unlink(s->path) != 0 && errno != ENOENT)
		return err_sys(err, errno, "Cannot remove %s", s->path);
	return file_sync_dir(s->path, err);
}

/* End the row, then remove the file. */
static int
end(struct staged *s, bool discard, struct err *err)
{
	if (db_begin(s->db, err) ||
	    store_stage_end(s->store, s->row.id, discard, err) ||
	    db_commit(s->db, err)) {
		db_rollback(s->db);
		return -1;
	}
	return remove_file(s, err);
}

int
stage_discard(struct db *db, const char *data_dir, struct err *err)
{
	struct staged s;
	int rc = 0;

	if (staged_open(&s, db, data_dir, false, err))
		return -1;
	if (s.found)
		rc = end(&s, true, err);
	staged_close(&s);
	return rc;
}

/* A staged file that the current row does not name. */
static int
heal_file(struct staged *s, const char *name, struct err *err)
{
	char *path = path_join(s->data_dir, name, err);
	bool ended;
	int rc = -1;

	if (path == NULL)
		return -1;
	if (store_stage_named(s->store, name, &ended, err) == 0) {
		/* Its row has ended, or another one's turn came first. */
		if (!ended && !s->found)
			rc = add_row(s->db, path, err);
		else if (ended && unlink(path) != 0 && errno != ENOENT)
			err_sys(err, errno, "Cannot remove %s", path);
		else
			rc = 0;
		s->found = s->found || (!ended && rc == 0);
	}
	free(path);
	return rc;
}

/* Every staged file in the folder. */
static int
heal_files(struct staged *s, struct err *err)
{
	DIR *d = opendir(s->data_dir);
	struct dirent *e;
	int rc = 0;

	if (d == NULL)
		return err_sys(err, errno, "Cannot list %s", s->data_dir);
	while (rc == 0 && (e = readdir(d)) != NULL) {
		if (str_starts(e->d_name, FILE_HEAD) &&
		    str_ends(e->d_name, ".json") &&
		    strcmp(e->d_name, s->row.file) != 0)
			rc = heal_file(s, e->d_name, err);
	}
	(void)closedir(d);
	return rc;
}

int
stage_heal(struct db *db, const char *data_dir, struct err *err)
{
	struct staged s;
	int rc = 0;

	if (staged_open(&s, db, data_dir, false, err))
		return -1;
	if (s.found && !path_exists(s.path)) {
		rc = end(&s, true, err);
		s.found = false;
	}
	if (rc == 0)
		rc = heal_files(&s, err);
	staged_close(&s);
	return rc;
}

/* A claim under way. */
struct claim {
	struct staged staged;
	const struct stage_login *login;
	int64_t user; /* the row of User, 0 until it is known */
	struct err err; /* what a choice ran into */
	bool lost; /* someone else was faster */
	bool last; /* nobody waits any more */
};

static bool
waits(struct claim *c, const struct archive_user_info *info, const char *as)
{
	const struct staged *s = &c->staged;
	bool bare = archive_info(s->archive)->form == ARCHIVE_BARE;
	const char *name = bare ? s->row.assign_to : info->name;
	size_t len = bare ? strlen(name) : info->name_len;
	bool yes = false;

	if (store_stage_waits(s->store, s->row.id, name, len, as, &yes,
		&c->err))
		return false;
	return yes;
}

static bool
want_own(void *ctx, const struct archive_user_info *info)
{
	struct claim *c = ctx;

	return waits(c, info, c->login->name);
}

static bool
want_waiting(void *ctx, const struct archive_user_info *info)
{
	return waits(ctx, info, NULL);
}

/* The row of the login, once for all parts that it claims. */
static int
find_login(struct claim *c, struct err *err)
{
	struct store_login *logins = NULL;
	int rc = -1;

	if (c->user != 0)
		return 0;
	if (store_login_open(c->staged.db, &logins, err) == 0)
		rc = store_login_user(logins, c->login->name,
		    c->login->jellyfin_id, &c->user, err);
	store_login_free(logins);
	return rc;
}

/* Inside the transaction: the row of the login, and whether it may claim. */
static int
claim_target(void *ctx, struct store_merge *merge, int64_t src, int64_t *dst,
    struct err *err)
{
	struct claim *c = ctx;
	bool foreign;

	if (store_merge_foreign_id(merge, src, c->login->jellyfin_id, &foreign,
		err))
		return -1;
	if (foreign)
		return err_set(err, ERR_DENIED,
		    "The backup says that \"%s\" "
		    "is another account of this Jellyfin server. Their part "
		    "was not given out.",
		    c->login->name);
	if (find_login(c, err))
		return -1;
	*dst = c->user;
	return 0;
}

static void
fill_result(struct json_out *j, const struct restore_report *r)
{
	json_out_begin(j, NULL, '{');
	json_out_int(j, "inserted", r->total.inserted);
	json_out_int(j, "updated", r->total.updated);
	json_out_int(j, "kept", r->total.kept);
	json_out_int(j, "unresolved", r->total.unresolved);
	json_out_int(j, "refused", r->refused);
	json_out_int(j, "profiles", r->total.profiles);
	json_out_end(j, '}');
}

/*
 * Still inside it: mark the part as claimed, unless someone was faster; when
 * nobody waits any more, the archive has done its duty.
 */
static int
claim_finish(void *ctx, const struct restore_report *report, struct err *err)
{
	struct claim *c = ctx;
	struct staged *s = &c->staged;
	struct json_out j;
	struct buf text;
	int64_t before;
	int64_t after = 0;
	int rc;

	buf_init(&text, RESULT_MAX);
	json_out_init(&j, NULL, &text);
	fill_result(&j, report);
	rc = buf_ok(&text, "the result", err) ||
		store_stage_count(s->store, s->row.id, &before, err) ||
		store_stage_claim(s->store, s->row.id, c->login->name,
		    c->login->jellyfin_id, buf_str(&text), err) ||
		store_stage_count(s->store, s->row.id, &after, err)
	    ? -1
	    : 0;
	buf_free(&text);
	if (rc == 0 && before - after != (int64_t)report->count) {
		c->lost = true;
		return err_set(err, ERR_BUSY,
		    "Another login claimed this "
		    "part at the same time.");
	}
	c->last = rc == 0 && after == 0;
	if (c->last)
		rc = store_stage_end(s->store, s->row.id, false, err);
	return rc;
}

static int
claim(struct claim *c, struct restore_report *report, bool *claimed,
    struct err *err)
{
	const struct restore_options options = {
		.want = want_own,
		.target = claim_target,
		.finish = claim_finish,
		.assign_to = c->staged.row.assign_to,
		.no_nobodys = true,
		.ctx = c,
	};
	struct staged *s = &c->staged;
	bool any = false;
	size_t count = archive_info(s->archive)->users_count;

	for (size_t i = 0; i < count && !any; i++)
		any = want_own(c, &archive_info(s->archive)->users[i]);
	if (c->err.code != ERR_NONE) {
		*err = c->err;
		return -1;
	}
	if (!any)
		return 0;
	if (restore_apply(s->db, s->archive, s->data_dir, &options, report,
		err)) {
		if (!c->lost)
			return -1;
		err_clear(err);
		return 0;
	}
	/* None are left for whoever comes second. */
	*claimed = report->count > 0;
	/* A file that cannot be removed now is removed at the next start. */
	if (c->last && remove_file(s, err))
		err_clear(err);
	return 0;
}

int
stage_claim(struct db *db, const char *data_dir,
    const struct stage_login *login, struct restore_report *report,
    bool *claimed, struct err *err)
{
	struct claim c = { .login = login };
	int rc = 0;

	*claimed = false;
	*report = (struct restore_report){ 0 };
	if (staged_open(&c.staged, db, data_dir, true, err))
		return -1;
	if (c.staged.found && c.staged.row.pending)
		rc = claim(&c, report, claimed, err);
	staged_close(&c.staged);
	return rc;
}

struct stage_combined {
	struct db *db;
	char *path;
};

/* Copy ${db} and give those who wait their part in the copy. */
static int
combine(struct claim *c, struct stage_combined *combined, struct err *err)
{
	const struct restore_options options = {
		.want = want_waiting,
		.assign_to = c->staged.row.assign_to,
		.no_nobodys = true,
		.ctx = c,
	};
	struct restore_report report;
	char *base = path_join(c->staged.data_dir, "combined.db", err);
	int rc = -1;

	if (base != NULL &&
	    (combined->path = file_temp_name(base, err)) != NULL &&
	    db_open(&combined->db, combined->path, DB_SCRATCH, err) == 0 &&
	    db_copy(c->staged.db, combined->db, err) == 0 &&
	    restore_apply(combined->db, c->staged.archive, c->staged.data_dir,
		&options, &report, err) == 0) {
		restore_report_free(&report);
		rc = 0;
	}
	if (rc == 0 && c->err.code != ERR_NONE) {
		*err = c->err;
		rc = -1;
	}
	free(base);
	return rc;
}

int
stage_combine(struct db *db, const char *data_dir, struct stage_combined **out,
    struct err *err)
{
	struct claim c = { .login = NULL };
	struct stage_combined *combined = NULL;
	int rc = 0;

	*out = NULL;
	if (staged_open(&c.staged, db, data_dir, true, err))
		return -1;
	if (c.staged.found && c.staged.row.pending) {
		if ((combined = calloc(1, sizeof(*combined))) == NULL)
			rc = err_set(err, ERR_NOMEM,
			    "No memory for an "
			    "export.");
		else
			rc = combine(&c, combined, err);
	}
	staged_close(&c.staged);
	if (rc == 0)
		*out = combined;
	else
		stage_combined_free(combined);
	return rc;
}

struct db *
stage_combined_db(struct stage_combined *c)
{
	return c->db;
}

void
stage_combined_free(struct stage_combined *c)
{
	if (c == NULL)
		return;
	db_free(c->db);
	if (c->path != NULL)
		db_remove(c->path);
	free(c->path);
	free(c);
}
