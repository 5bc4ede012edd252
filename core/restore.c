#include "core/restore.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive.h"
#include "core/file.h"
#include "core/guard.h"
#include "core/path.h"
#include "core/schema.h"
#include "core/scratch.h"

/* One restore under way. */
struct restoring {
	struct db *live;
	struct store_merge *merge;
	const struct scratch *scratch;
	const struct restore_options *options;
	struct restore_report *report;
	int64_t mark; /* the last entry of JairKept before this user's */
	int64_t user; /* whose entries came, or 0 */
};

static bool
is_named(const struct archive_user_info *info, const char *name)
{
	return info->name_len == strlen(name) &&
	    memcmp(info->name, name, info->name_len) == 0;
}

/* What the choice of users and the progress are asked with. */
struct choosing {
	const struct restore_options *options;
	uint64_t items; /* of the archive */
};

static void
progress(void *ctx, uint64_t items)
{
	const struct choosing *c = ctx;

	c->options->progress(c->options->ctx, items, c->items);
}

/* The choice of users that the options make. */
static bool
want(void *ctx, const struct archive_user_info *info)
{
	const struct choosing *c = ctx;
	const struct restore_options *o = c->options;

	if (o->want != NULL)
		return o->want(o->ctx, info);
	if (o->users == NULL)
		return true;
	for (size_t i = 0; i < o->users_count; i++) {
		if (is_named(info, o->users[i]))
			return true;
	}
	return false;
}

/* Each user who was asked for must be there. */
static int
check_users(const struct archive_info *info, const struct restore_options *o,
    struct err *err)
{
	if (info->form == ARCHIVE_BARE && o->assign_to == NULL)
		return err_set(err, ERR_USAGE,
		    "This file names no user. Say "
		    "whose lists they are with --user NAME.");
	for (size_t i = 0; o->users != NULL && i < o->users_count; i++) {
		size_t at = 0;

		while (at < info->users_count &&
		    !is_named(&info->users[at], o->users[i]))
			at++;
		if (at == info->users_count)
			return err_set(err, ERR_MISSING,
			    "The archive holds no "
			    "user named \"%s\". Nothing was changed.",
			    o->users[i]);
	}
	return 0;
}

static void
add_counts(struct merge_counts *total, const struct merge_counts *c)
{
	total->items += c->items;
	total->inserted += c->inserted;
	total->updated += c->updated;
	total->kept += c->kept;
	total->removed += c->removed;
	total->unresolved += c->unresolved;
	total->rejected += c->rejected;
	total->profiles += c->profiles;
}

/* The row that a user of the scratch database goes to. */
static int
find_target(struct restoring *r, const struct scratch_user *from,
    struct restore_user *u, int64_t *dst, struct err *err)
{
	const struct restore_options *o = r->options;

	if (o->target != NULL)
		return o->target(o->ctx, r->merge, from->id, dst, err);
	if (store_merge_find_user(r->merge, from->id, dst, err))
		return -1;
	u->created = *dst == 0;
	return *dst != 0 ? 0
			 : store_merge_add_user(r->merge, from->id, dst, err);
}

static int
drop_one(void *ctx, const char *json, size_t len, struct err *err)
{
	const struct restoring *r = ctx;

	return store_merge_drop(r->merge, r->mark, r->user, json, len, err);
}

/*
 * A row that schema sync put aside here comes back as an entry of its own:
 * kept too, it would stand in the next archive twice.
 */
static int
drop_own(struct restoring *r, int64_t user, struct err *err)
{
	int64_t now;

	if (store_merge_mark(r->merge, &now, err))
		return -1;
	r->user = user;
	return now == r->mark
	    ? 0
	    : archive_rejected_each(r->live, user, drop_one, r, err);
}

/* Merge one user of the scratch database. */
static int
merge_user(struct restoring *r, const struct scratch_user *from,
    struct restore_user *u, struct err *err)
{
	int64_t dst;

	if (store_merge_mark(r->merge, &r->mark, err) ||
	    find_target(r, from, u, &dst, err))
		return -1;
	if (r->options->replace
		? store_merge_replace_user(r->merge, from->id, dst, &u->counts,
		      err)
		: store_merge_user(r->merge, from->id, dst, &u->counts, err))
		return -1;
	if (drop_own(r, dst, err) ||
	    store_merge_bind_ids(r->merge, from->id, dst, err))
		return -1;
	u->counts.kept += from->duplicates;
	u->counts.items += from->duplicates;
	u->counts.rejected -= from->refused;
	u->refused = from->refused;
	r->report->refused += u->refused;
	add_counts(&r->report->total, &u->counts);
	return 0;
}

static int
copy_name(struct restore_user *u, const struct scratch_user *from,
    struct err *err)
{
	if ((u->name = malloc(from->name_len + 1)) == NULL)
		return err_set(err, ERR_NOMEM, "No memory for the report.");
	memcpy(u->name, from->name, from->name_len);
	u->name[from->name_len] = '\0';
	u->name_len = from->name_len;
	return 0;
}

static int
merge_users(struct restoring *r, struct err *err)
{
	struct restore_report *report = r->report;

	report->users =
	    calloc(r->scratch->users_count + 1, sizeof(*report->users));
	if (report->users == NULL)
		return err_set(err, ERR_NOMEM, "No memory for the report.");
	for (size_t i = 0; i < r->scratch->users_count; i++) {
		struct restore_user *u = &report->users[report->count];

		if (copy_name(u, &r->scratch->users[i], err))
			return -1;
		report->count++;
		if (merge_user(r, &r->scratch->users[i], u, err))
			return -1;
	}
	return 0;
}

static int
merge_all(struct restoring *r, struct err *err)
{
	const struct restore_options *o = r->options;

	/* An archive of the original may know the model by one name alone. */
	if (o->config &&
	    (store_merge_config(r->merge, o->replace, &r->report->config,
		 err) ||
		schema_fill_model(r->live, err)))
		return -1;
	if (merge_users(r, err))
		return -1;
	/* Entries of no user come with everyone, or not at all. */
	if (o->users != NULL || o->no_nobodys)
		return 0;
	r->report->nobodys = (int64_t)r->scratch->nobodys;
	if (store_merge_mark(r->merge, &r->mark, err) ||
	    store_merge_nobodys(r->merge, o->replace, err))
		return -1;
	return drop_own(r, 0, err);
}

static int
merge_attached(struct restoring *r, struct err *err)
{
	int rc = -1;

	if (store_merge_open(r->live, &r->merge, err))
		return -1;
	if (GUARD(merge_begin, db_begin(r->live, err)) == 0 &&
	    merge_all(r, err) == 0 &&
	    (r->options->finish == NULL ||
		r->options->finish(r->options->ctx, r->report, err) == 0))
		rc = GUARD(merge_begin, db_commit(r->live, err));
	db_rollback(r->live);
	store_merge_free(r->merge);
	return rc;
}

/* Merge a filled scratch database. */
static int
merge(struct restoring *r, struct err *err)
{
	int rc;

	if (store_merge_attach(r->live, r->scratch->path, err))
		return -1;
	rc = merge_attached(r, err);
	store_merge_detach(r->live);
	return rc;
}

int
restore_apply(struct db *live, struct archive *a, const char *dir,
    const struct restore_options *options, struct restore_report *report,
    struct err *err)
{
	const struct archive_info *info = archive_info(a);
	struct scratch_choice choice = { .want = want };
	struct restore_options o = *options;
	struct choosing choosing = { &o, info->items };
	struct scratch *scratch = NULL;
	struct restoring r = { .live = live, .options = &o, .report = report };
	int rc = -1;

	*report = (struct restore_report){ 0 };
	if (info->form == ARCHIVE_BARE && o.users_count == 1 &&
	    o.assign_to == NULL) {
		o.assign_to = o.users[0];
		o.users = NULL;
	}
	if (check_users(info, &o, err))
		return -1;
	choice.ctx = &choosing;
	choice.progress = o.progress != NULL ? progress : NULL;
	choice.assign_to = info->form == ARCHIVE_BARE ? o.assign_to : NULL;
	if (scratch_make(a, dir, &choice, &scratch, err))
		return -1;
	r.scratch = scratch;
	report->duplicates = (int64_t)scratch->duplicates;
	if (scratch_close(scratch, err) == 0)
		rc = merge(&r, err);
	scratch_free(scratch);
	if (rc != 0)
		restore_report_free(report);
	return rc;
}

int
restore_preview(struct db *live, struct archive *a, const char *dir,
    const struct restore_options *options, struct restore_report *report,
    struct err *err)
{
	char *base = path_join(dir, "preview.db", err);
	char *tmp = base != NULL ? file_temp_name(base, err) : NULL;
	struct db *copy = NULL;
	int rc = -1;

	/* The pages that were read for the copy are of no more use. */
	if (tmp != NULL && db_open(&copy, tmp, DB_SCRATCH, err) == 0 &&
	    db_copy(live, copy, err) == 0 &&
	    db_exec(live, "PRAGMA shrink_memory", err) == 0)
		rc = restore_apply(copy, a, dir, options, report, err);
	db_free(copy);
	if (tmp != NULL)
		db_remove(tmp);
	free(tmp);
	free(base);
	return rc;
}

void
restore_report_free(struct restore_report *report)
{
	for (size_t i = 0; i < report->count; i++)
		free(report->users[i].name);
	free(report->users);
	*report = (struct restore_report){ 0 };
}
