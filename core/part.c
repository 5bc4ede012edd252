#include "core/part.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/fold.h"
#include "core/store_login.h"

#define RESULT_MAX ((size_t)512 << 10)
#define FOLDED_MAX (4 * (size_t)ARCHIVE_NAME_MAX)

void
part_write(struct json_out *j, const struct restore_report *report,
    const struct part_lists *lists)
{
	json_out_int(j, "inserted", report->total.inserted);
	json_out_int(j, "updated", report->total.updated);
	json_out_int(j, "kept", report->total.kept);
	json_out_int(j, "unresolved", report->total.unresolved);
	json_out_int(j, "refused", report->refused);
	json_out_int(j, "profiles", report->total.profiles);
	json_out_int(j, "movies", lists->movies);
	json_out_int(j, "series", lists->series);
	json_out_int(j, "watchlist", lists->watchlist);
	json_out_int(j, "blocked", lists->blocked);
}

int
part_finish(struct db *db, const struct part_hooks *hooks,
    const struct restore_report *report, struct buf *text, struct err *err)
{
	struct part_lists lists;
	struct json_out j;

	buf_init(text, RESULT_MAX);
	if (store_part_lists(db, &lists, err))
		return -1;
	json_out_init(&j, NULL, text);
	json_out_begin(&j, NULL, '{');
	part_write(&j, report, &lists);
	if (store_part_names(db, "unresolved", "unresolvedItems", &j, err) ||
	    store_part_names(db, "rejected", "refusedItems", &j, err))
		return -1;
	json_out_end(&j, '}');
	if (buf_ok(text, "the result", err))
		return -1;
	if (hooks == NULL || hooks->finish == NULL)
		return 0;
	return hooks->finish(hooks->ctx, buf_str(text), err);
}

/* One import under way. */
struct importing {
	struct db *db;
	int64_t user;
	char *name; /* as in User */
	char *jellyfin_id; /* or NULL */
	struct buf folded; /* the name in lower case */
	bool no_memory;
	const struct part_hooks *hooks;
};

static bool
want(void *ctx, const struct archive_user_info *info)
{
	struct importing *i = ctx;
	struct buf folded;
	bool own;

	buf_init(&folded, FOLDED_MAX);
	fold_case(info->name, info->name_len, &folded);
	own = folded.len == i->folded.len &&
	    memcmp(buf_str(&folded), buf_str(&i->folded), folded.len) == 0;
	i->no_memory = i->no_memory || folded.failed;
	buf_free(&folded);
	return own;
}

static int
target(void *ctx, struct store_merge *merge, int64_t src, int64_t *dst,
    struct err *err)
{
	const struct importing *i = ctx;
	bool foreign = false;

	if (i->jellyfin_id != NULL &&
	    store_merge_foreign_id(merge, src, i->jellyfin_id, &foreign, err))
		return -1;
	if (foreign)
		return err_set(err, ERR_DENIED,
		    "The file says that \"%s\" is another account of this "
		    "Jellyfin server. Nothing was changed.",
		    i->name);
	*dst = i->user;
	return 0;
}

static int
finish(void *ctx, const struct restore_report *report, struct err *err)
{
	const struct importing *i = ctx;
	struct buf text;
	int rc = part_finish(i->db, i->hooks, report, &text, err);

	buf_free(&text);
	return rc;
}

static void
progress(void *ctx, uint64_t items, uint64_t of)
{
	const struct importing *i = ctx;

	if (i->hooks != NULL && i->hooks->progress != NULL)
		i->hooks->progress(i->hooks->ctx, items, of);
}

/* Whose lists the rows of User say they are. */
static int
find_user(struct importing *i, struct err *err)
{
	struct store_login *store = NULL;
	int rc;

	if (store_login_open(i->db, &store, err))
		return -1;
	rc = store_login_read(store, i->user, &i->name, &i->jellyfin_id, err);
	store_login_free(store);
	if (rc != 0)
		return -1;
	if (i->name == NULL)
		return err_set(err, ERR_MISSING,
		    "This user is not in the database any more.");
	fold_case(i->name, strlen(i->name), &i->folded);
	return buf_ok(&i->folded, "the username", err);
}

/* Refuse a file that has nothing for this user. */
static int
check_own(struct importing *i, const struct archive_info *info, struct err *err)
{
	bool any = info->form == ARCHIVE_BARE;

	for (size_t n = 0; n < info->users_count && !any; n++)
		any = want(i, &info->users[n]);
	if (i->no_memory)
		return err_set(err, ERR_NOMEM, "No memory for an import.");
	if (any)
		return 0;
	if (info->users_count == 1)
		return err_set(err, ERR_MISSING,
		    "This file holds the lists of \"%.200s\", not those of "
		    "\"%s\". Nothing was changed. Log in under that name, or "
		    "choose another file.",
		    info->users[0].name, i->name);
	return err_set(err, ERR_MISSING,
	    "This file holds the lists of %zu users, and \"%s\" is none of "
	    "them. Nothing was changed. Choose another file.",
	    info->users_count, i->name);
}

int
part_import(struct db *db, struct archive *a, const char *dir, int64_t user,
    const struct part_hooks *hooks, struct err *err)
{
	const struct archive_info *info = archive_info(a);
	struct importing i = { .db = db, .user = user, .hooks = hooks };
	struct restore_options options = {
		.no_nobodys = true,
		.progress = progress,
		.target = target,
		.finish = finish,
		.ctx = &i,
	};
	struct restore_report report;
	int rc = -1;

	buf_init(&i.folded, FOLDED_MAX);
	if (find_user(&i, err) || check_own(&i, info, err))
		goto out;
	if (info->form == ARCHIVE_BARE)
		options.assign_to = i.name;
	else
		options.want = want;
	rc = restore_apply(db, a, dir, &options, &report, err);
	if (rc == 0)
		restore_report_free(&report);
out:
	buf_free(&i.folded);
	free(i.name);
	free(i.jellyfin_id);
	return rc;
}
