#include "cgi-src/services/jellyfin_page.h"

#include <stdbool.h>
#include <string.h>

#include "core/json_scan.h"
#include "core/str.h"

#define ITEM_MAX ((size_t)1 << 20)
#define NUMBER_MAX 32

/* A reading that is under way. */
struct reading {
	struct json_scan *scan;
	struct buf text; /* of one value */
	int (*item)(void *arg, const struct json *j, struct err *err);
	void *arg;
	struct jellyfin_page *page;
};

static int
read_item(struct reading *r, struct err *err)
{
	struct json *j = NULL;
	int rc;

	buf_reset(&r->text);
	if (json_scan_value(r->scan, &r->text, err))
		return -1;
	r->page->count++;
	if (r->text.full)
		return 0;
	if (buf_ok(&r->text, "an item of Jellyfin", err) ||
	    json_parse(&j, buf_str(&r->text), r->text.len, err))
		return -1;
	rc = r->item(r->arg, j, err);
	json_free(j);
	return rc;
}

static int
read_items(struct reading *r, struct err *err)
{
	enum json_kind kind;
	bool more;

	if (json_scan_peek(r->scan, &kind, err))
		return -1;
	if (kind != JSON_LIST)
		return err_set(err, ERR_FORMAT, "Items is no list.");
	if (json_scan_enter(r->scan, err))
		return -1;
	for (;;) {
		if (json_scan_next(r->scan, &more, err))
			return -1;
		if (!more)
			return 0;
		if (read_item(r, err))
			return -1;
	}
}

static int
read_total(struct reading *r, struct err *err)
{
	int64_t total;

	buf_reset(&r->text);
	if (json_scan_value(r->scan, &r->text, err))
		return -1;
	if (r->text.len <= NUMBER_MAX &&
	    str_int64(buf_str(&r->text), r->text.len, &total) == 0 &&
	    total >= 0)
		r->page->total = total;
	return 0;
}

static bool
key_is(const struct json_scan *s, const char *name)
{
	size_t len;
	const char *key = json_scan_key(s, &len);

	return len == strlen(name) && memcmp(key, name, len) == 0;
}

static int
read_page(struct reading *r, struct err *err)
{
	enum json_kind kind;
	bool more;
	bool found = false;
	int rc = 0;

	if (json_scan_peek(r->scan, &kind, err))
		return -1;
	if (kind != JSON_OBJECT)
		return err_set(err, ERR_FORMAT, "The answer is no object.");
	if (json_scan_enter(r->scan, err))
		return -1;
	while (rc == 0) {
		if (json_scan_next(r->scan, &more, err))
			return -1;
		if (!more)
			break;
		if (key_is(r->scan, "Items") && !found) {
			found = true;
			rc = read_items(r, err);
		} else if (key_is(r->scan, "TotalRecordCount")) {
			rc = read_total(r, err);
		} else {
			rc = json_scan_value(r->scan, NULL, err);
		}
	}
	if (rc != 0 || json_scan_finish(r->scan, err))
		return -1;
	return found ? 0 : err_set(err, ERR_FORMAT, "There are no Items.");
}

int
jellyfin_page_read(const char *text, size_t len,
    int (*item)(void *arg, const struct json *j, struct err *err), void *arg,
    struct jellyfin_page *page, struct err *err)
{
	struct reading r = { .item = item, .arg = arg, .page = page };
	int rc;

	*page = (struct jellyfin_page){ .total = -1 };
	buf_init(&r.text, ITEM_MAX);
	if (json_scan_open_text(&r.scan, text, len, err))
		return -1;
	rc = read_page(&r, err);
	json_scan_free(r.scan);
	buf_free(&r.text);
	return rc;
}
