#include <stdio.h>

#include "core/archive.h"
#include "core/archive_part.h"

#define PLACE_MAX 96
/* An entry in memory: one value of the longest kind, and its frame. */
#define ENTRY_MAX (ARCHIVE_VALUE_MAX + ARCHIVE_VALUE_MAX / 2)

void
archive_rejected_begin(struct archive_out *a, bool *open)
{
	if (!*open && a->j.bare == NULL)
		archive_hash_begin(a, "rejected", '[');
	else if (!*open)
		json_out_begin(&a->j, "rejected", '[');
	*open = true;
}

/* Write one entry of "rejected" up to its value. */
static void
begin_entry(struct archive_out *a, bool *open, const char *where,
    const struct value *reason)
{
	static const struct archive_field field = { "reason", "reason",
		ARCHIVE_TEXT };

	archive_rejected_begin(a, open);
	json_out_begin(&a->j, NULL, '{');
	json_out_string(&a->j, "where", where);
	if (reason->kind == VALUE_NULL)
		json_out_string(&a->j, "reason", "put aside by schema sync");
	else
		archive_value(a, &field, reason);
	json_out_begin(&a->j, "value", '{');
	archive_note(a, "%s is in \"rejected\"", where);
	a->stats->rejected++;
}

static void
end_entry(struct archive_out *a)
{
	json_out_end(&a->j, '}');
	json_out_end(&a->j, '}');
}

/* A column of a rejected row, of whatever kind it is. */
static void
write_column(struct archive_out *a, const char *name, const struct value *v)
{
	struct archive_field field = { name, name, ARCHIVE_TEXT };

	if (v->kind == VALUE_INT || v->kind == VALUE_REAL)
		field.kind = ARCHIVE_REAL;
	archive_value(a, &field, v);
}

/* The present row as an entry. */
static int
write_row(struct archive_job *job, const struct rejected *row, bool *open,
    struct err *err)
{
	struct archive_out *a = &job->out;
	struct value v;
	const char *name;
	char where[PLACE_MAX];
	char show[ARCHIVE_SHOW_MAX];
	int rc;

	(void)snprintf(where, sizeof(where), "%s %s", row->table,
	    archive_show(&row->id, show));
	begin_entry(a, open, where, &row->reason);
	for (int i = 0; (rc = store_rejected_column(job->rejected, i, &name, &v,
			     err)) == 1;
	     i++) {
		if (name != NULL)
			write_column(a, name, &v);
	}
	end_entry(a);
	return rc < 0 || archive_out_ok(a, err) ? -1 : 0;
}

/* The rows that were asked for. */
static int
write_rows(struct archive_job *job, bool *open, struct err *err)
{
	struct rejected row;
	int rc;

	while ((rc = store_rejected_next(job->rejected, &row, err)) == 1) {
		if (write_row(job, &row, open, err))
			return -1;
	}
	return rc;
}

/* A value of a user or of the configuration that is too long for its place. */
static void
write_long(struct archive_out *a, bool *open, const char *where,
    const struct archive_field *field, const struct value *v)
{
	static const char text[] = "longer than an archive's strings may be";
	struct value reason = {
		.kind = VALUE_TEXT, .s = text, .len = sizeof(text) - 1
	};

	begin_entry(a, open, where, &reason);
	write_column(a, field->column, v);
	end_entry(a);
}

/* A username that had to be cut is kept whole here. */
static bool
is_long(const struct user *user, int i)
{
	const struct value *v = &user->v[i];

	if (i == USER_USERNAME)
		return (v->kind == VALUE_TEXT || v->kind == VALUE_BLOB) &&
		    v->len > STORE_NAME_MAX;
	return !archive_value_fits(&archive_user_fields[i], v);
}

int
archive_rejected_of_user(struct archive_job *job, const struct user *user,
    bool dangling, struct err *err)
{
	char where[PLACE_MAX];
	bool open = false;

	(void)snprintf(where, sizeof(where), "User %lld", (long long)user->id);
	for (int i = 0; i < USER_FIELDS; i++) {
		if (is_long(user, i))
			write_long(&job->out, &open, where,
			    &archive_user_fields[i], &user->v[i]);
	}
	store_rejected_of_user(job->rejected, user->id, dangling);
	if (write_rows(job, &open, err) ||
	    archive_kept(job, KEPT_REJECTED, user->id, &open, err))
		return -1;
	if (open)
		json_out_end(&job->out.j, ']');
	return archive_out_ok(&job->out, err);
}

/* What archive_config left out. */
static int
write_long_config(struct archive_job *job, bool *open, struct err *err)
{
	struct config config;
	int rc = store_config_get(job->configs, &config, err);

	for (int i = 0; rc == 1 && i < CONFIG_IS_CONFIGURED; i++) {
		const struct archive_field *f = &archive_config_fields[i];

		if (!archive_value_fits(f, &config.v[i]))
			write_long(&job->out, open, "SystemConfig 1", f,
			    &config.v[i]);
	}
	return rc < 0 ? -1 : 0;
}

int
archive_rejected_of_none(struct archive_job *job, bool dangling,
    struct err *err)
{
	bool open = false;

	if (write_long_config(job, &open, err))
		return -1;
	store_rejected_of_none(job->rejected, dangling);
	if (write_rows(job, &open, err) ||
	    archive_kept(job, KEPT_NOBODYS, 0, &open, err))
		return -1;
	if (open)
		archive_hash_end(&job->out, ']');
	return archive_out_ok(&job->out, err);
}

/* Hand on every row that was asked for, one at a time. */
static int
each_row(struct archive_job *job,
    int (*each)(void *ctx, const char *json, size_t len, struct err *err),
    void *ctx, struct err *err)
{
	struct rejected row;
	struct buf text;
	bool open = true;
	int rc;

	buf_init(&text, ENTRY_MAX);
	while ((rc = store_rejected_next(job->rejected, &row, err)) == 1) {
		buf_reset(&text);
		json_out_init(&job->out.j, NULL, &text);
		if (write_row(job, &row, &open, err) ||
		    buf_ok(&text, "a rejected row", err) ||
		    each(ctx, buf_str(&text), text.len, err)) {
			rc = -1;
			break;
		}
	}
	buf_free(&text);
	return rc;
}

int
archive_rejected_each(struct db *db, int64_t user,
    int (*each)(void *ctx, const char *json, size_t len, struct err *err),
    void *ctx, struct err *err)
{
	struct archive_stats stats = { 0 };
	struct archive_job job = { .seen = 0 };
	int rc = -1;

	if (archive_out_open(&job.out, NULL, &stats, err) == 0 &&
	    store_rejected_open(db, &job.rejected, err) == 0) {
		if (user != 0)
			store_rejected_of_user(job.rejected, user, true);
		else
			store_rejected_of_none(job.rejected, true);
		rc = each_row(&job, each, ctx, err);
	}
	store_rejected_free(job.rejected);
	archive_out_free(&job.out);
	return rc;
}
