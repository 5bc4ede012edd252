#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "core/archive_read.h"
#include "core/file.h"
#include "core/inventory.h"
#include "core/path.h"
#include "core/rand.h"
#include "core/stage.h"
#include "core/stage_int.h"
#include "core/str.h"

#define DIGITS 16
/* What is copied between two words about it. */
#define CHUNK ((size_t)4 << 20)

char *
stage_upload_name(const char *data_dir, struct err *err)
{
	char hex[DIGITS + 1];

	rand_hex(hex, DIGITS);
	return str_printf(err, "%s/" STAGE_UPLOAD_HEAD "%s.json", data_dir,
	    hex);
}

bool
stage_is_upload(const char *name)
{
	if (!str_starts(name, STAGE_UPLOAD_HEAD))
		return false;
	name += strlen(STAGE_UPLOAD_HEAD);
	return strspn(name, "0123456789abcdef") == DIGITS &&
	    strcmp(name + DIGITS, ".json") == 0;
}

/* What is staged in place of a former, unconfirmed archive. */
struct staging {
	struct staged former;
	const struct stage_upload *upload;
	const char *sha256;
	struct staged_text text;
};

/* All that changes in the database. */
static int
replace(struct staging *s, struct err *err)
{
	struct staged *f = &s->former;
	const struct stage_upload *u = s->upload;

	if (f->found && store_stage_end(f->store, f->row.id, true, err))
		return -1;
	if (store_stage_add(f->store, u->name, s->sha256, &s->text.about, err))
		return -1;
	return u->finish != NULL ? u->finish(u->ctx, err) : 0;
}

static int
stage(struct staging *s, struct err *err)
{
	struct staged *f = &s->former;

	if (f->found && f->row.pending)
		return err_set(err, ERR_EXISTS,
		    "People of an earlier backup have still to log in. Let "
		    "them, or discard that backup first.");
	if (db_begin(f->db, err) || replace(s, err) || db_commit(f->db, err)) {
		db_rollback(f->db);
		return -1;
	}
	/* The rest of a crash here is for stage_heal. */
	if (f->found && strcmp(f->row.file, s->upload->name) != 0)
		(void)unlink(f->path);
	return 0;
}

int
stage_upload_read(const char *path, const struct archive_limits *limits,
    struct archive **a, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int rc;

	if (fd < 0)
		return errno == ENOENT
		    ? err_set(err, ERR_MISSING,
			  "The uploaded file is not there any more. Upload "
			  "it again.")
		    : err_sys(err, errno, "Cannot open %s", path);
	rc = archive_open_fd(a, fd, "The file", limits, err);
	(void)close(fd);
	return rc;
}

/* Copy what ${in} holds into the new file ${tmp}; nothing is checked yet. */
static int
fill(const struct stage_upload *upload, int in, uint64_t bytes, const char *tmp,
    struct err *err)
{
	ssize_t n;
	int out;

	if (file_create(tmp, &out, err))
		return -1;
	do {
		if (upload->progress != NULL)
			upload->progress(upload->ctx, 0, bytes);
		n = sendfile(out, in, NULL, CHUNK);
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		err_sys(err, errno, "Cannot copy %s", upload->from);
	(void)close(out);
	return n == 0 ? 0 : -1;
}

/* Publish a copy of the archive upload->from as ${path}. */
static int
fetch(const char *data_dir, const struct stage_upload *upload, const char *path,
    struct err *err)
{
	char *tmp = NULL;
	uint64_t bytes;
	int rc = -1;
	int in;

	if (inventory_open(data_dir, upload->from, &in, &bytes, err))
		return err->code == ERR_MISSING
		    ? err_set(err, ERR_MISSING,
			  "This backup is not on the server any more.")
		    : -1;
	if ((tmp = file_temp_name(path, err)) != NULL &&
	    fill(upload, in, bytes, tmp, err) == 0)
		rc = file_publish_new(tmp, path, err);
	if (rc != 0 && tmp != NULL)
		(void)unlink(tmp);
	free(tmp);
	(void)close(in);
	return rc;
}

int
stage_upload(struct db *db, const char *data_dir,
    const struct stage_upload *upload, struct err *err)
{
	const struct archive_limits limits = {
		.progress = upload->progress,
		.ctx = upload->ctx,
	};
	struct staging s = { .upload = upload };
	struct archive *a = NULL;
	char *path = path_join(data_dir, upload->name, err);
	int rc = -1;

	/* It lies there when the check was cut off. */
	if (path == NULL ||
	    (upload->from != NULL && !path_exists(path) &&
		fetch(data_dir, upload, path, err)) ||
	    stage_upload_read(path, &limits, &a, err) ||
	    staged_describe(&s.text, a, upload->id, err))
		goto out;
	s.sha256 = archive_info(a)->file_sha256;
	if (staged_open(&s.former, db, data_dir, false, err))
		goto out;
	rc = stage(&s, err);
	staged_close(&s.former);
out:
	archive_free(a);
	staged_text_free(&s.text);
	free(path);
	return rc;
}
