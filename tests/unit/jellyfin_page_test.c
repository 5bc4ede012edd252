/*
 * Without this test a page of Jellyfin's could fill the memory, or an odd one
 * could end a sync in silence.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/resource.h>

#include "cgi-src/services/jellyfin_page.h"
#include "cgi-src/services/jellyfin_series.h"
#include "core/buf.h"

static int
count(void *arg, const struct json *j, struct err *err)
{
	(void)j;
	(void)err;
	++*(size_t *)arg;
	return 0;
}

static int
read_text(const char *text, size_t len, size_t *items,
    struct jellyfin_page *page)
{
	struct err err = { ERR_NONE, "" };

	*items = 0;
	return jellyfin_page_read(text, len, count, items, page, &err);
}

static void
jellyfin_page_read_forms(void **state)
{
	static const struct {
		const char *text;
		int rc;
		size_t count;
		int64_t total;
	} forms[] = {
		{ "{\"Items\":[1,{},null],\"TotalRecordCount\":3}", 0, 3, 3 },
		{ "{\"TotalRecordCount\":7,\"x\":[{}],\"Items\":[]}", 0, 0, 7 },
		{ "{\"Items\":[]}", 0, 0, -1 },
		{ "{\"Items\":[],\"TotalRecordCount\":-1}", 0, 0, -1 },
		{ "{\"Items\":[],\"TotalRecordCount\":1e3}", 0, 0, -1 },
		{ "{\"Items\":[],\"TotalRecordCount\":\"5\"}", 0, 0, -1 },
		{ "{\"Items\":[],\"TotalRecordCount\":"
		  "99999999999999999999999}",
		    0, 0, -1 },
		{ "{\"Items\":{}}", -1, 0, 0 },
		{ "{\"Items\":null}", -1, 0, 0 },
		{ "{\"items\":[]}", -1, 0, 0 },
		{ "{}", -1, 0, 0 },
		{ "[]", -1, 0, 0 },
		{ "", -1, 0, 0 },
		{ "{\"Items\":[1", -1, 0, 0 },
		{ "{\"Items\":[]}x", -1, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct jellyfin_page page;
		size_t items;
		int rc = read_text(forms[i].text, strlen(forms[i].text), &items,
		    &page);

		if (rc != forms[i].rc)
			fail_msg("%s", forms[i].text);
		if (rc == 0) {
			assert_int_equal(page.count, forms[i].count);
			assert_int_equal(items, forms[i].count);
			assert_int_equal(page.total, forms[i].total);
		}
	}
}

/* One item of 2 MB among others: it is left out, the others are read. */
static void
jellyfin_page_read_large_item(void **state)
{
	struct jellyfin_page page;
	struct buf b;
	size_t items;

	(void)state;
	buf_init(&b, (size_t)8 << 20);
	buf_addz(&b, "{\"Items\":[{},{\"a\":[0");
	for (int i = 0; i < 1000000; i++)
		buf_addz(&b, ",1");
	buf_addz(&b, "]},{}],\"TotalRecordCount\":3}");
	assert_int_equal(read_text(b.data, b.len, &items, &page), 0);
	assert_int_equal(page.count, 3);
	assert_int_equal(items, 2);
	buf_free(&b);
}

/* As many items as 32 MiB can hold are never in memory together. */
static void
jellyfin_page_read_many_items(void **state)
{
	struct jellyfin_page page;
	struct rusage before;
	struct rusage after;
	struct buf b;
	size_t items;

	(void)state;
	buf_init(&b, (size_t)64 << 20);
	buf_addz(&b, "{\"Items\":[[]");
	for (int i = 0; i < 1000000; i++)
		buf_addz(&b, ",[]");
	buf_addz(&b, "]}");
	(void)getrusage(RUSAGE_SELF, &before);
	assert_int_equal(read_text(b.data, b.len, &items, &page), 0);
	(void)getrusage(RUSAGE_SELF, &after);
	assert_int_equal(items, 1000001);
#if !defined(__SANITIZE_ADDRESS__)
	/* The sanitizer keeps what is freed for a while. */
	assert_true(after.ru_maxrss - before.ru_maxrss < 8L * 1024);
#endif
	buf_free(&b);
}

static void
jellyfin_series_add_many(void **state)
{
	struct jellyfin_series s = { .count = 0 };
	struct err err = { ERR_NONE, "" };
	struct buf id;

	(void)state;
	buf_init(&id, JELLYFIN_ID_MAX - 1);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 5000; i++) {
			struct jellyfin_seen *seen;

			buf_reset(&id);
			buf_addf(&id, "%032x", (unsigned)i * 2654435761U);
			seen = jellyfin_series_add(&s, buf_str(&id), &err);
			assert_non_null(seen);
			assert_string_equal(seen->id, buf_str(&id));
			assert_int_equal(seen->played, round == 0 ? -1 : i);
			seen->played = i;
		}
		assert_int_equal(s.count, 5000);
	}
	buf_free(&id);
	jellyfin_series_free(&s);
	jellyfin_series_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jellyfin_page_read_forms),
		cmocka_unit_test(jellyfin_page_read_large_item),
		cmocka_unit_test(jellyfin_page_read_many_items),
		cmocka_unit_test(jellyfin_series_add_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
