#include "cgi-src/services/base_url.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cgi-src/services/url.h"
#include "core/buf.h"
#include "core/str.h"

#define BASE_MAX 1024

static const char blanks[] = " \t\r\n\f\v";

/* Does ${path}, ${len} bytes, end in ${tail}, whatever the case? */
static bool
ends(const char *path, size_t len, const char *tail)
{
	size_t n = strlen(tail);

	return len >= n && strncasecmp(path + len - n, tail, n) == 0;
}

static size_t
cut_slashes(const char *path, size_t len)
{
	while (len > 0 && path[len - 1] == '/')
		len--;
	return len;
}

/* How much of ${path} is left without a browser's page and closing slashes. */
static size_t
path_length(const char *path)
{
	size_t len = cut_slashes(path, strcspn(path, "?#"));
	size_t before;

	/* Until nothing changes, so that a clean address stays as it is. */
	do {
		before = len;
		if (ends(path, len, "/index.html"))
			len -= strlen("/index.html");
		else if (ends(path, len, "/web"))
			len -= strlen("/web");
		len = cut_slashes(path, len);
	} while (len < before);
	return len;
}

/* "." and ".." would let a base leave its own path. */
static bool
has_dots(const char *path, size_t len)
{
	size_t begin = 0;

	for (size_t i = 0; i <= len; i++) {
		size_t n = i - begin;

		if (i < len && path[i] != '/')
			continue;
		if ((n == 1 || n == 2) && strncmp(path + begin, "..", n) == 0)
			return true;
		begin = i + 1;
	}
	return false;
}

/* A path may hold these as they are, and % of what is escaped already. */
static void
add_path(struct buf *out, const char *path, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char one[2] = { path[i], '\0' };

		if (strchr("/%!$&'()*+,;=:@", one[0]) != NULL)
			buf_addc(out, one[0]);
		else
			url_escape(out, one);
	}
}

/* "http:/nas" means no host of the name "http". */
static bool
is_slip(const char *text)
{
	return strncasecmp(text, "http:", 5) == 0 ||
	    strncasecmp(text, "https:", 6) == 0;
}

static int
fits(const struct buf *b, struct err *err)
{
	if (b->full)
		return err_set(err, ERR_USAGE, "The address is too long.");
	return buf_ok(b, "an address", err);
}

/* ${text} without blanks around it and with a scheme, in ${full}. */
static int
complete(const char *text, struct buf *full, struct err *err)
{
	size_t len;

	text += strspn(text, blanks);
	len = strlen(text);
	while (len > 0 && strchr(blanks, text[len - 1]) != NULL)
		len--;
	if (len == 0)
		return err_set(err, ERR_USAGE,
		    "No address was given: write it like "
		    "http://192.168.1.10:8096.");
	buf_init(full, BASE_MAX);
	if (memmem(text, len, "://", 3) == NULL && !is_slip(text))
		buf_addz(full, "http://");
	buf_add(full, text, len);
	return fits(full, err);
}

char *
base_url_clean(const char *text, struct err *err)
{
	char origin[URL_ORIGIN_MAX];
	struct buf full = { .max = 0 };
	struct buf out;
	struct url u;
	size_t len;

	buf_init(&out, BASE_MAX);
	if (complete(text, &full, err) || url_split(full.data, &u, err))
		goto out;
	len = path_length(u.rest);
	if (has_dots(u.rest, len)) {
		err_set(err, ERR_USAGE,
		    "The path in the address may not hold \"..\" or \".\".");
		goto out;
	}
	buf_addz(&out, url_origin(&u, origin));
	add_path(&out, u.rest, len);
	if (fits(&out, err))
		buf_free(&out);
out:
	buf_free(&full);
	return buf_take(&out);
}
