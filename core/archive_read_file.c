#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/archive_read_impl.h"

#define HEAD 512
#define TAR_MAGIC 257 /* where it stands in a tar file */

/* How other kinds of files begin. */
static const struct {
	const char *bytes;
	size_t len;
	const char *what;
	const char *advice;
} kinds[] = {
	{ "SQLite format 3", 16, "an SQLite database",
	    "If it is a snapshot of yours, restore it as one; here a JSON "
	    "backup is needed." },
	{ "\x1f\x8b", 2, "a gzip file", "Unpack it first (gunzip)." },
	{ "PK\x03\x04", 4, "a ZIP file", "Unpack it first." },
	{ "PK\x05\x06", 4, "an empty ZIP file", "Choose the JSON backup." },
	{ "BZh", 3, "a bzip2 file", "Unpack it first (bunzip2)." },
	{ "\xfd"
	  "7zXZ",
	    5, "an xz file", "Unpack it first (unxz)." },
	{ "\x28\xb5\x2f\xfd", 4, "a zstd file", "Unpack it first (unzstd)." },
	{ "7z\xbc\xaf", 4, "a 7-Zip file", "Unpack it first." },
	{ "%PDF", 4, "a PDF document", "Choose the JSON backup." },
	{ "\x89PNG", 4, "a picture", "Choose the JSON backup." },
	{ "\xff\xd8\xff", 3, "a picture", "Choose the JSON backup." },
	{ "\xff\xfe", 2, "text in UTF-16", "Save it as UTF-8." },
	{ "\xfe\xff", 2, "text in UTF-16", "Save it as UTF-8." },
	{ "{\0", 2, "text in UTF-16", "Save it as UTF-8." },
	{ "\0{", 2, "text in UTF-16", "Save it as UTF-8." },
	{ "\0", 1, "empty space that was never written",
	    "It was damaged when it was saved or copied: take another one." },
	{ "<", 1, "a web page",
	    "Download the backup again; perhaps you have to log in first." },
};

/* Fail with what the file seems to be. */
static int
is_other(const struct archive *a, const char *what, const char *advice,
    struct err *err)
{
	return err_set(err, ERR_FORMAT,
	    "%s is not a backup: it seems to be "
	    "%s. Nothing was changed. %s",
	    a->name, what, advice);
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A tar file begins with a name in a field that NULs fill up. */
static bool
is_tar(const char *head, size_t len)
{
	return len > TAR_MAGIC + strlen("ustar") &&
	    memcmp(head + TAR_MAGIC, "ustar", strlen("ustar")) == 0 &&
	    memchr(head, '\0', TAR_MAGIC) != NULL;
}

int
reader_sniff(struct archive *a, struct err *err)
{
	char head[HEAD];
	ssize_t n = pread(a->fd, head, sizeof(head), 0);
	size_t len;
	size_t from = 0;

	if (n < 0)
		return err_sys(err, errno, "Cannot read %s", a->name);
	len = (size_t)n;
	if (len >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0)
		from = 3;
	while (from < len && is_space(head[from]))
		from++;
	if (from == len && a->info.size == len)
		return err_set(err, ERR_FORMAT,
		    "%s is empty. Nothing was "
		    "changed. Download it again from the old server: "
		    "backup_latest.json.",
		    a->name);
	if (is_tar(head, len))
		return is_other(a, "a tar file", "Unpack it first.", err);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t at = kinds[i].bytes[0] == '<' ? from : 0;

		if (len - at >= kinds[i].len &&
		    memcmp(head + at, kinds[i].bytes, kinds[i].len) == 0)
			return is_other(a, kinds[i].what, kinds[i].advice, err);
	}
	return 0;
}

/* The fault's sentence; ${what} is the scanner's own message. */
static void
explain(const struct archive *a, const struct json_scan_state *s,
    const char *what, struct err *err)
{
	switch (s->fault) {
	case JSON_FAULT_END:
		err_set(err, ERR_FORMAT,
		    "This file ends in the middle (line %llu, column %llu). "
		    "Nothing was changed. Download it again from the old "
		    "server: backup_latest.json.",
		    (unsigned long long)s->place.line,
		    (unsigned long long)s->place.column);
		break;
	case JSON_FAULT_UTF8:
		err_set(err, ERR_FORMAT,
		    "%s is not UTF-8 text (%s). Nothing "
		    "was changed. It was damaged or saved in another "
		    "encoding: take the file as the old server wrote it.",
		    a->name, what);
		break;
	case JSON_FAULT_DEPTH:
		err_set(err, ERR_FORMAT,
		    "%s is no backup that can be read "
		    "(%s). Nothing was changed. Take the file as the old "
		    "server wrote it.",
		    a->name, what);
		break;
	case JSON_FAULT_STRING:
		err_set(err, ERR_FORMAT,
		    "%s has a text longer than %llu MiB "
		    "(%s). Nothing was changed. Shorten it in the file.",
		    a->name, (unsigned long long)(s->string_max >> 20), what);
		break;
	case JSON_FAULT_SYNTAX:
		err_set(err, ERR_FORMAT,
		    "%s is not valid JSON (%s). Nothing "
		    "was changed. Take the file as the old server wrote it, "
		    "or mend it at that place.",
		    a->name, what);
		break;
	case JSON_FAULT_NONE:
	case JSON_FAULT_SYSTEM:
	default:
		break;
	}
}

int
reader_scan_error(const struct archive *a, const struct json_scan *s,
    struct err *err)
{
	struct json_scan_state state;
	struct err first = *err;

	json_scan_state(s, &state);
	explain(a, &state, first.msg, err);
	return -1;
}
