#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive.h"
#include "core/archive_read.h"
#include "core/file.h"
#include "core/path.h"
#include "core/restore.h"
#include "core/schema.h"
#include "core/scratch.h"
#include "core/store_diff.h"
#include "core/store_merge.h"
#include "core/str.h"
#include "init/command.h"
#include "init/house.h"

/* One of the two things to compare, as a database of its own. */
struct side {
	char *path; /* what the owner named */
	char *copy; /* of a database */
	struct archive *archive;
	struct scratch *scratch; /* of an archive */
	char digest[DIGEST_HEX_MAX];
};

struct answer {
	struct side side[2];
	struct json_out *json; /* where to write, or NULL */
	struct db *db;
	bool equal;
	int64_t users; /* how many differ */
	struct err err;
};

/* Copy a database and bring it to the target schema. */
static int
open_database(const struct env *env, struct side *s, struct err *err)
{
	struct db_findings findings;
	struct schema_report report;
	struct archive_stats stats;
	char *base = house_path(env, "diff.db", err);
	struct db *from = NULL;
	struct db *to = NULL;
	int rc = -1;

	if (base != NULL && (s->copy = file_temp_name(base, err)) != NULL &&
	    restore_snapshot_open(&from, s->path, &findings, err) == 0 &&
	    db_open(&to, s->copy, DB_SCRATCH, err) == 0 &&
	    db_copy(from, to, err) == 0 &&
	    schema_apply(to, findings.constraints > 0, &report, err) == 0 &&
	    archive_digest(to, &stats, err) == 0) {
		memcpy(s->digest, stats.content_sha256, sizeof(s->digest));
		rc = db_close(&to, err);
	}
	db_free(to);
	db_free(from);
	free(base);
	return rc;
}

static int
open_archive(const struct env *env, struct side *s, struct err *err)
{
	struct archive_stats stats;

	if (archive_open(&s->archive, s->path, NULL, err) ||
	    scratch_make(s->archive, env->data_dir, NULL, &s->scratch, err) ||
	    archive_digest(s->scratch->db, &stats, err))
		return -1;
	memcpy(s->digest, stats.content_sha256, sizeof(s->digest));
	return scratch_close(s->scratch, err);
}

static int
open_side(const struct env *env, const char *name, struct side *s,
    struct err *err)
{
	bool database;

	if (house_find(env, name, &s->path, err) ||
	    house_is_database(s->path, &database, err))
		return -1;
	return database ? open_database(env, s, err)
			: open_archive(env, s, err);
}

static void
close_side(struct side *s)
{
	scratch_free(s->scratch);
	archive_free(s->archive);
	if (s->copy != NULL)
		db_remove(s->copy);
	free(s->copy);
	free(s->path);
}

static const char *
side_path(const struct side *s)
{
	return s->copy != NULL ? s->copy : s->scratch->path;
}

static void
each_json(void *ctx, const struct user_diff *d)
{
	struct answer *a = ctx;
	struct json_out *j = a->json;

	a->users++;
	json_out_begin(j, NULL, '{');
	json_out_bytes(j, "username", d->name, d->name_len);
	json_out_bool(j, "inA", d->in_first);
	json_out_bool(j, "inB", d->in_second);
	json_out_int(j, "onlyA", d->only_first);
	json_out_int(j, "onlyB", d->only_second);
	json_out_int(j, "changed", d->changed);
	json_out_bool(j, "profiles", d->profiles);
	json_out_end(j, '}');
}

static void
each_line(void *ctx, const struct user_diff *d)
{
	struct answer *a = ctx;
	char name[64];

	if (a->users++ == 0)
		(void)printf("%-24s %10s %10s %10s\n", "user", "only in A",
		    "only in B", "changed");
	(void)printf("%-24s %10lld %10lld %10lld%s%s\n",
	    str_show(name, sizeof(name), d->name, d->name_len),
	    (long long)d->only_first, (long long)d->only_second,
	    (long long)d->changed, d->profiles ? "  profile differs" : "",
	    !d->in_first        ? "  not in A"
		: !d->in_second ? "  not in B"
				: "");
}

static void
fill(struct json_out *j, const void *ctx)
{
	/* The answer is where the findings of the walk are kept. */
	struct answer *a = *(struct answer *const *)ctx;

	a->json = j;
	json_out_bool(j, "equal", a->equal);
	json_out_begin(j, "users", '[');
	(void)store_diff(a->db, each_json, a, &a->err);
	json_out_end(j, ']');
}

static int
compare(struct call *call, struct answer *a, struct err *err)
{
	int rc = 0;

	a->equal = strcmp(a->side[0].digest, a->side[1].digest) == 0;
	if (db_open(&a->db, side_path(&a->side[0]), DB_READ, err))
		return -1;
	if (store_merge_attach(a->db, side_path(&a->side[1]), err) == 0) {
		if (call->json)
			rc =
			    command_answer(fill, &a, err) == EXIT_DONE ? 0 : -1;
		else
			rc = store_diff(a->db, each_line, a, &a->err);
		store_merge_detach(a->db);
	}
	db_free(a->db);
	if (a->err.code != ERR_NONE) {
		*err = a->err;
		return -1;
	}
	if (rc == 0 && !call->json)
		(void)printf("%s\n",
		    a->equal ? "They hold the same."
			: a->users == 0
			? "The users and their lists are the same; "
			  "the configuration or what was set aside differs."
			: "They differ.");
	return rc;
}

enum exit_status
cmd_diff(struct call *call, struct err *err)
{
	struct answer a = { 0 };
	enum exit_status status = EXIT_DONE;

	if (path_make_dir(call->env->data_dir, err) ||
	    open_side(call->env, call->argv[0], &a.side[0], err) ||
	    open_side(call->env, call->argv[1], &a.side[1], err) ||
	    compare(call, &a, err))
		status = command_failed(err);
	close_side(&a.side[0]);
	close_side(&a.side[1]);
	return status;
}
