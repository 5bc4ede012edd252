#include <string.h>

#include "core/archive_part.h"

#define NAME_BYTES_MAX (2 * (size_t)STORE_NAME_MAX)

const struct archive_field archive_user_fields[USER_FIELDS] = {
	[USER_USERNAME] = { "username", "username", ARCHIVE_TEXT },
	[USER_MOVIE_PROFILE] = { "movieProfile", "movieProfile", ARCHIVE_TEXT },
	[USER_TV_PROFILE] = { "tvProfile", "tvProfile", ARCHIVE_TEXT },
	[USER_MOVIE_PROFILE_AT] = { "profile_movie_at", "movieProfileAt",
	    ARCHIVE_TIME },
	[USER_TV_PROFILE_AT] = { "profile_tv_at", "tvProfileAt", ARCHIVE_TIME },
	[USER_CREATED_AT] = { "created_at", "createdAt", ARCHIVE_TIME },
	[USER_JELLYFIN_USER_ID] = { "jellyfin_user_id", "jellyfinUserId",
	    ARCHIVE_TEXT },
};

/*
 * The same name twice would cost the whole file.  Two names become one only
 * when both hold invalid UTF-8 or are far too long: the second is marked.
 */
static int
mark_name(struct archive_job *job, struct buf *name, struct err *err)
{
	bool found = true;

	while (found) {
		buf_reset(name);
		buf_add(name, buf_str(&job->name), job->name.len);
		buf_addf(name, " (%d)", ++job->same_names);
		if (buf_ok(name, "a username", err) ||
		    store_user_named(job->users, buf_str(name), name->len,
			&found, err))
			return -1;
	}
	archive_note(&job->out,
	    "the username reads as another one's and "
	    "was written as \"%s\"",
	    buf_str(name));
	return 0;
}

/* The name to write, into ${name}. */
static int
name_of(struct archive_job *job, const struct user *user, struct buf *name,
    struct err *err)
{
	const struct value *v = &user->name;

	if (job->same_names > 0 && job->name.len == v->len &&
	    memcmp(buf_str(&job->name), v->s, v->len) == 0)
		return mark_name(job, name, err);
	buf_reset(&job->name);
	buf_add(&job->name, v->s, v->len);
	job->same_names = 1;
	buf_add(name, v->s, v->len);
	return buf_ok(&job->name, "a username", err);
}

static int
write_name(struct archive_job *job, const struct user *user, struct err *err)
{
	struct archive_out *a = &job->out;
	const struct value *v = &user->v[USER_USERNAME];
	struct buf name;
	int rc;

	buf_init(&name, NAME_BYTES_MAX);
	rc = name_of(job, user, &name, err);
	if (rc == 0)
		json_out_buf(&a->j, "username", &name);
	buf_free(&name);
	if (v->kind != VALUE_TEXT)
		archive_note(a, "username is not TEXT");
	else if (v->len != user->name.len ||
	    memcmp(v->s, user->name.s, v->len) != 0) {
		a->stats->repaired++;
		archive_note(a,
		    "username is not valid UTF-8, or has more "
		    "than %d bytes",
		    STORE_NAME_MAX);
	}
	return rc;
}

static int
write_user(struct archive_job *job, const struct user *user, struct err *err)
{
	struct archive_out *a = &job->out;
	bool dangling;

	a->user = &user->name;
	archive_hash_begin(a, NULL, '{');
	if (write_name(job, user, err))
		return -1;
	for (int i = USER_USERNAME + 1; i < USER_FIELDS; i++) {
		if (archive_value_fits(&archive_user_fields[i], &user->v[i]))
			archive_value(a, &archive_user_fields[i], &user->v[i]);
	}
	json_out_begin(&a->j, "data", '{');
	if (archive_items(job, user->id, &dangling, err) ||
	    archive_unresolved(job, user->id, err) ||
	    archive_rejected_of_user(job, user, dangling, err))
		return -1;
	json_out_end(&a->j, '}');
	archive_hash_end(a, '}');
	a->stats->users++;
	return archive_out_ok(a, err);
}

int
archive_users(struct archive_job *job, struct err *err)
{
	struct user user;
	int rc;

	job->out.place = NULL;
	json_out_begin(&job->out.j, "users", '[');
	while ((rc = store_user_next(job->users, &user, err)) == 1) {
		if (job->only != 0 && user.id != job->only)
			continue;
		if (write_user(job, &user, err))
			return -1;
	}
	json_out_end(&job->out.j, ']');
	job->out.place = "archive";
	return rc;
}
