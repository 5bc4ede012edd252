#include "core/snapshot_int.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/file.h"
#include "core/guard.h"
#include "core/path.h"
#include "core/snapshot.h"
#include "core/str.h"

/* The name of one generation; 0 is ${path} itself. */
static char *
generation(const char *path, int n, struct err *err)
{
	return n == 0 ? str_dup(path, err) : str_printf(err, "%s.%d", path, n);
}

/* Whether ${path} is a readable database; its digest and emptiness. */
static int
inspect(const char *path, char digest[DIGEST_HEX_MAX], bool *empty,
    struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (snapshot_open(&db, path, err))
		return -1;
	if (snapshot_digest(db, digest, err) == 0)
		rc = snapshot_is_empty(db, empty, err);
	db_free(db);
	return rc;
}

int
snapshot_any_content(const char *path, bool *content, struct err *err)
{
	char digest[DIGEST_HEX_MAX];

	*content = false;
	for (int n = 0; n <= SNAPSHOT_GENERATIONS && !*content; n++) {
		char *name = generation(path, n, err);
		struct err unreadable = { 0 };
		bool empty = true;

		if (name == NULL)
			return -1;
		/* What cannot be read may hold something: keep it. */
		if (path_exists(name) &&
		    inspect(name, digest, &empty, &unreadable))
			empty = false;
		free(name);
		*content = !empty;
	}
	return 0;
}

/* Whether both names lead to the same content. */
static int
is_kept(const char *a, const char *b, bool *kept, struct err *err)
{
	*kept = false;
	return path_exists(b) ? file_same(a, b, kept, err) : 0;
}

/* Give ${from} a second name; a copy where links are not supported. */
static int
link_or_copy(const char *from, const char *to, struct err *err)
{
	if (link(from, to) == 0)
		return 0;
	if (errno == EEXIST || errno == ENOENT || errno == EIO)
		return err_sys(err, errno, "Cannot link %s to %s", to, from);
	return file_copy(from, to, err);
}

/* Rename generation ${n} to the next; -1 only for a real failure. */
static int
shift(const char *path, int n, struct err *err)
{
	char *from = generation(path, n, err);
	char *to = generation(path, n + 1, err);
	int rc = -1;

	if (from == NULL || to == NULL)
		goto out;
	if (GUARD(generation_rename, rename(from, to)) != 0 && errno != ENOENT)
		err_sys(err, errno, "Cannot rename %s to %s", from, to);
	else
		rc = 0;
out:
	free(from);
	free(to);
	return rc;
}

/* The first generation that is missing; the oldest makes room. */
static int
first_gap(const char *path, int *gap, struct err *err)
{
	*gap = SNAPSHOT_GENERATIONS;
	for (int n = 1; n < *gap; n++) {
		char *name = generation(path, n, err);

		if (name == NULL)
			return -1;
		if (!path_exists(name))
			*gap = n;
		free(name);
	}
	return 0;
}

int
snapshot_rotate(const char *path, struct err *err)
{
	char *first = generation(path, 1, err);
	bool kept;
	int gap;
	int rc = -1;

	if (first == NULL)
		return -1;
	if (!path_exists(path)) {
		rc = 0;
		goto out;
	}
	/* A boot that was killed right here has made the link already. */
	if (is_kept(path, first, &kept, err) || first_gap(path, &gap, err))
		goto out;
	for (int n = gap - 1; n >= 1 && !kept; n--) {
		if (shift(path, n, err))
			goto out;
	}
	rc = kept ? 0 : link_or_copy(path, first, err);
out:
	free(first);
	return rc;
}
