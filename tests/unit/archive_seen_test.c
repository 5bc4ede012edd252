/* Without this a changed archive could pass for the one that was verified. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/archive_seen.h"
#include "tests/unit/folder.h"

#define PLAIN "{\"version\":\"2.0.3\",\"exported_at\":\"x\",\"users\":[]}"
#define LIST folder_path(".jair.archives")
#define DIGEST                                                                 \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct archive_seen *seen;

static int
setup(void **state)
{
	struct err err = { 0 };

	(void)state;
	folder_clean();
	seen = archive_seen_open(folder_make(), &err);
	return seen != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	archive_seen_free(seen);
	archive_seen_free(NULL);
	folder_clean();
	return 0;
}

static enum seen_state
ask(const char *name, bool anew, char digest[DIGEST_HEX_MAX])
{
	struct err err = { 0 };
	enum seen_state state = SEEN_BROKEN;

	if (archive_seen_ask(seen, name, anew, &state, digest, &err))
		fail_msg("%s", err.msg);
	return state;
}

/* As the next program does. */
static void
save_and_reopen(void)
{
	struct err err = { 0 };

	assert_int_equal(archive_seen_save(seen, &err), 0);
	archive_seen_free(seen);
	seen = archive_seen_open(folder_make(), &err);
	assert_non_null(seen);
}

/* Let the list say of every archive that it was verified. */
static void
praise_all(void)
{
	char *text = folder_read(LIST, NULL);

	for (char *p = text; (p = strstr(p, " b ")) != NULL;)
		p[1] = 'v';
	folder_write(LIST, text);
	free(text);
}

static void
ask_reads_a_file_once(void **state)
{
	char one[DIGEST_HEX_MAX];
	char two[DIGEST_HEX_MAX];

	(void)state;
	folder_write(folder_path("a"), PLAIN);
	folder_write(folder_path("c"), "nonsense");
	folder_write(folder_path("d"), "");
	assert_int_equal(ask("a", false, one), SEEN_UNSUMMED);
	assert_int_equal(strlen(one), 64);
	assert_int_equal(ask("c", false, two), SEEN_BROKEN);
	assert_int_equal(ask("d", false, two), SEEN_BROKEN);
	save_and_reopen();
	assert_int_equal(folder_mode(LIST), 0600);
	assert_int_equal(ask("a", false, two), SEEN_UNSUMMED);
	assert_string_equal(one, two);
	praise_all();
	archive_seen_free(seen);
	seen = archive_seen_open(folder_make(), &(struct err){ 0 });
	/* Wrong, but it shows who answers. */
	assert_int_equal(ask("c", false, two), SEEN_VERIFIED);
	assert_int_equal(ask("d", false, two), SEEN_VERIFIED);
}

/* Write ${text} once the clock of files has moved on. */
static void
rewrite(const char *path, const char *text)
{
	struct stat before;
	struct stat after;

	assert_int_equal(stat(path, &before), 0);
	do {
		folder_write(path, text);
		assert_int_equal(stat(path, &after), 0);
	} while (before.st_ctim.tv_sec == after.st_ctim.tv_sec &&
	    before.st_ctim.tv_nsec == after.st_ctim.tv_nsec);
}

static void
ask_trusts_the_list_until_the_file_changes(void **state)
{
	char digest[DIGEST_HEX_MAX];
	struct err err = { 0 };

	(void)state;
	folder_write(folder_path("a"), PLAIN);
	assert_int_equal(archive_seen_tell(seen, "a", DIGEST, &err), 0);
	assert_int_equal(ask("a", false, digest), SEEN_VERIFIED);
	assert_string_equal(digest, DIGEST);
	save_and_reopen();
	assert_int_equal(ask("a", false, digest), SEEN_VERIFIED);
	assert_string_equal(digest, DIGEST);
	/* The same size: its change time tells. */
	rewrite(folder_path("a"), PLAIN);
	assert_int_equal(ask("a", false, digest), SEEN_UNSUMMED);
	assert_string_not_equal(digest, DIGEST);
}

static void
ask_anew_reads_and_is_what_counts_from_then_on(void **state)
{
	char digest[DIGEST_HEX_MAX];
	struct err err = { 0 };

	(void)state;
	folder_write(folder_path("a"), "nonsense");
	assert_int_equal(archive_seen_tell(seen, "a", DIGEST, &err), 0);
	assert_int_equal(ask("a", false, digest), SEEN_VERIFIED);
	assert_int_equal(ask("a", true, digest), SEEN_BROKEN);
	save_and_reopen();
	assert_int_equal(ask("a", false, digest), SEEN_BROKEN);
}

static void
open_takes_no_harm_from_a_damaged_list(void **state)
{
	static const char *const lists[] = { "", "\n\n", "a", "a 1 2 v",
		"a 8 1.000000000 x " DIGEST "\n", "\0001", "v v v v v\nv" };
	char digest[DIGEST_HEX_MAX];

	(void)state;
	folder_write(folder_path("a"), "nonsense");
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		folder_write(LIST, lists[i]);
		archive_seen_free(seen);
		seen = archive_seen_open(folder_make(), &(struct err){ 0 });
		assert_int_equal(ask("a", false, digest), SEEN_BROKEN);
		save_and_reopen();
		assert_int_equal(ask("a", false, digest), SEEN_BROKEN);
	}
}

static void
ask_about_a_missing_file_is_an_error(void **state)
{
	char digest[DIGEST_HEX_MAX];
	enum seen_state got;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(archive_seen_ask(seen, "none", false, &got, digest,
			     &err),
	    -1);
	assert_int_equal(err.code, ERR_MISSING);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ask_reads_a_file_once),
		TEST(ask_trusts_the_list_until_the_file_changes),
		TEST(ask_anew_reads_and_is_what_counts_from_then_on),
		TEST(open_takes_no_harm_from_a_damaged_list),
		TEST(ask_about_a_missing_file_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
