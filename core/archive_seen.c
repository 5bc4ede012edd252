#include "core/archive_seen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/archive_read.h"
#include "core/file.h"
#include "core/path.h"
#include "core/str.h"

#define LIST_NAME ".jair.archives"
#define LIST_MAX ((size_t)16 << 20)

/* A line is "<name> <size> <ctime>" and behind it one of these and a digest. */
static const char letters[] = {
	[SEEN_VERIFIED] = 'v',
	[SEEN_UNSUMMED] = 'u',
	[SEEN_BROKEN] = 'b',
};

struct archive_seen {
	char *data_dir;
	char *path; /* of the list */
	struct buf old; /* what it says */
	struct buf new; /* what it shall say */
};

/* What is known of one archive. */
struct seen {
	enum seen_state state;
	char digest[DIGEST_HEX_MAX];
};

struct archive_seen *
archive_seen_open(const char *data_dir, struct err *err)
{
	struct archive_seen *s = calloc(1, sizeof(*s));
	struct err unread = { 0 };

	if (s == NULL) {
		err_set(err, ERR_NOMEM, "No memory for a list of archives.");
		return NULL;
	}
	if ((s->data_dir = str_dup(data_dir, err)) == NULL ||
	    (s->path = path_join(data_dir, LIST_NAME, err)) == NULL) {
		archive_seen_free(s);
		return NULL;
	}
	buf_init(&s->new, LIST_MAX);
	(void)file_read(s->path, LIST_MAX, &s->old, &unread);
	return s;
}

void
archive_seen_free(struct archive_seen *s)
{
	if (s == NULL)
		return;
	buf_free(&s->old);
	buf_free(&s->new);
	free(s->path);
	free(s->data_dir);
	free(s);
}

/* How the line about ${name} begins while the file is as it is now. */
static char *
key_of(const struct archive_seen *s, const char *name, uint64_t *size,
    struct err *err)
{
	char *path = path_join(s->data_dir, name, err);
	char *key = NULL;
	struct stat st;

	if (path == NULL)
		return NULL;
	if (lstat(path, &st) != 0) {
		err_sys(err, errno, "Cannot look at %s", path);
	} else {
		*size = (uint64_t)st.st_size;
		key = str_printf(err, "%s %lld %lld.%09ld ", name,
		    (long long)st.st_size, (long long)st.st_ctim.tv_sec,
		    (long)st.st_ctim.tv_nsec);
	}
	free(path);
	return key;
}

/* Read what stands behind the key of a line, ${len} bytes. */
static bool
read_rest(const char *rest, size_t len, struct seen *seen)
{
	const char *letter = len == 2 + DIGEST_HEX_MAX - 1
	    ? memchr(letters, rest[0], sizeof(letters))
	    : NULL;

	if (letter == NULL || !digest_is_hex(rest + 2, DIGEST_HEX_MAX - 1))
		return false;
	seen->state = (enum seen_state)(letter - letters);
	(void)snprintf(seen->digest, sizeof(seen->digest), "%.*s",
	    DIGEST_HEX_MAX - 1, rest + 2);
	return true;
}

/* What the last line with ${key} says; false when there is none. */
static bool
recall(const struct archive_seen *s, const char *key, struct seen *seen)
{
	const char *line = buf_str(&s->old);
	size_t head = strlen(key);
	bool found = false;

	while (*line != '\0') {
		size_t len = strcspn(line, "\n");

		if (str_starts(line, key))
			found = read_rest(line + head, len - head, seen);
		line += len + (line[len] != '\0');
	}
	return found;
}

static void
remember(struct archive_seen *s, const char *key, const struct seen *seen)
{
	buf_addf(&s->new, "%s%c %s\n", key, letters[seen->state], seen->digest);
}

int
archive_seen_tell(struct archive_seen *s, const char *name, const char *digest,
    struct err *err)
{
	struct seen seen = { .state = SEEN_VERIFIED };
	uint64_t size;
	char *key = key_of(s, name, &size, err);

	if (key == NULL)
		return -1;
	(void)snprintf(seen.digest, sizeof(seen.digest), "%s", digest);
	buf_addc(&s->old, '\n');
	buf_addf(&s->old, "%s%c %s\n", key, letters[seen.state], seen.digest);
	free(key);
	return buf_ok(&s->old, s->path, err);
}

static void
describe(const struct archive_info *info, struct seen *seen)
{
	static const enum seen_state states[] = {
		[ARCHIVE_OK] = SEEN_VERIFIED,
		[ARCHIVE_ABSENT] = SEEN_UNSUMMED,
		[ARCHIVE_CHANGED] = SEEN_BROKEN,
	};
	const char *digest = info->content_sha256[0] != '\0'
	    ? info->content_sha256
	    : info->file_sha256;

	seen->state = states[info->integrity];
	memcpy(seen->digest, digest, DIGEST_HEX_MAX);
}

/*
 * Read the whole archive.  A failure of the disk may pass, so only what is
 * wrong with the content is remembered: ${lasting}.
 */
static int
look(const struct archive_seen *s, const char *name, uint64_t size,
    struct seen *seen, bool *lasting, struct err *err)
{
	const struct archive_limits limits = { .bytes = size };
	char *path = path_join(s->data_dir, name, err);
	struct err fault = { 0 };
	struct archive *a = NULL;

	if (path == NULL)
		return -1;
	*lasting = true;
	if (archive_open(&a, path, &limits, &fault) == 0) {
		describe(archive_info(a), seen);
		archive_free(a);
	} else {
		seen->state = SEEN_BROKEN;
		memset(seen->digest, '0', DIGEST_HEX_MAX - 1);
		seen->digest[DIGEST_HEX_MAX - 1] = '\0';
		*lasting = fault.code == ERR_FORMAT || fault.code == ERR_LIMIT;
	}
	free(path);
	if (fault.code != ERR_NOMEM)
		return 0;
	*err = fault;
	return -1;
}

int
archive_seen_ask(struct archive_seen *s, const char *name, bool anew,
    enum seen_state *state, char digest[DIGEST_HEX_MAX], struct err *err)
{
	struct seen seen = { 0 };
	bool lasting = true;
	uint64_t size;
	char *key = key_of(s, name, &size, err);
	int rc = 0;

	if (key == NULL)
		return -1;
	if (anew || !recall(s, key, &seen))
		rc = look(s, name, size, &seen, &lasting, err);
	if (rc == 0 && lasting)
		remember(s, key, &seen);
	*state = seen.state;
	memcpy(digest, seen.digest, DIGEST_HEX_MAX);
	free(key);
	return rc;
}

int
archive_seen_save(struct archive_seen *s, struct err *err)
{
	if (buf_ok(&s->new, s->path, err))
		return -1;
	if (strcmp(buf_str(&s->new), buf_str(&s->old)) == 0)
		return 0;
	return file_write(s->path, s->new.data, s->new.len, err);
}
