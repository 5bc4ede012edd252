/*
 * Without these, an answer could go out half-written, cached, or with the
 * members of an answer that was given up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "cgi-src/http/response.h"

#define FIXED_HEAD                                                             \
	"Content-Type: application/json; charset=utf-8\r\n"                    \
	"Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"

struct fixture {
	struct response res;
	struct buf out;
	size_t gone_after; /* bytes after which nobody takes more */
	size_t most; /* the largest piece */
	struct err err;
};

static int
take(void *arg, const void *data, size_t len)
{
	struct fixture *f = arg;

	if (f->out.len + len > f->gone_after)
		return -1;
	if (len > f->most)
		f->most = len;
	buf_add(&f->out, data, len);
	return 0;
}

/* Send the answer into ${f->out}. */
static int
deliver(struct fixture *f, bool bodiless)
{
	const struct response_out out = { take, f };

	return response_send(&f->res, bodiless, &out, &f->err);
}

static int
set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){ .gone_after = SIZE_MAX };
	response_init(&f.res);
	buf_init(&f.out, 1 << 25);
	*state = &f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	response_free(&f->res);
	buf_free(&f->out);
	return 0;
}

static void
response_send_writes_head_and_body(void **state)
{
	struct fixture *f = *state;

	json_out_string(response_object(&f->res, 200), "status", "ok");
	assert_int_equal(deliver(f, false), 0);
	assert_string_equal(buf_str(&f->out),
	    "Status: 200 OK\r\n" FIXED_HEAD
	    "Content-Length: 16\r\n\r\n{\"status\":\"ok\"}\n");
}

static void
response_send_of_head_has_the_length_and_no_body(void **state)
{
	struct fixture *f = *state;

	json_out_string(response_object(&f->res, 200), "status", "ok");
	assert_int_equal(deliver(f, true), 0);
	assert_string_equal(buf_str(&f->out),
	    "Status: 200 OK\r\n" FIXED_HEAD "Content-Length: 16\r\n\r\n");
}

static void
response_error_takes_more_members_and_headers(void **state)
{
	struct fixture *f = *state;

	json_out_string(response_error(&f->res, 405, "no", "It's \"no\"."),
	    "field", "x");
	response_header(&f->res, "Allow", "GET, HEAD");
	assert_int_equal(deliver(f, false), 0);
	assert_string_equal(buf_str(&f->out),
	    "Status: 405 Method Not Allowed\r\n" FIXED_HEAD
	    "Content-Length: 49\r\nAllow: GET, HEAD\r\n\r\n"
	    "{\"error\":\"It's \\\"no\\\".\",\"code\":\"no\",\"field\":\"x\"}\n");
}

static void
response_object_forgets_what_was_said_before(void **state)
{
	struct fixture *f = *state;

	json_out_string(response_error(&f->res, 404, "a", "b"), "c", "d");
	response_header(&f->res, "Allow", "GET");
	json_out_int(response_object(&f->res, 200), "n", 1);
	assert_int_equal(deliver(f, false), 0);
	assert_string_equal(buf_str(&f->out),
	    "Status: 200 OK\r\n" FIXED_HEAD
	    "Content-Length: 8\r\n\r\n{\"n\":1}\n");
}

static void
response_send_turns_silence_into_500(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(deliver(f, false), 0);
	assert_non_null(strstr(buf_str(&f->out), "Status: 500 "));
	assert_non_null(strstr(buf_str(&f->out), "\"code\":\"internal\""));
}

static void
response_send_turns_overflow_into_500(void **state)
{
	struct fixture *f = *state;
	struct json_out *j = response_object(&f->res, 200);

	for (int i = 0; i < 200000; i++)
		json_out_string(j, "member", "value");
	assert_int_equal(deliver(f, false), 0);
	assert_non_null(strstr(buf_str(&f->out), "Status: 500 "));
	assert_null(strstr(buf_str(&f->out), "member"));
}

static void
response_send_can_be_used_again(void **state)
{
	struct fixture *f = *state;

	json_out_int(response_object(&f->res, 200), "n", 1);
	assert_int_equal(deliver(f, false), 0);
	buf_reset(&f->out);
	json_out_int(response_object(&f->res, 503), "m", 2);
	assert_int_equal(deliver(f, false), 0);
	assert_string_equal(buf_str(&f->out),
	    "Status: 503 Service Unavailable\r\n" FIXED_HEAD
	    "Content-Length: 8\r\n\r\n{\"m\":2}\n");
}

static void
response_cookie_stays_whatever_is_said_later(void **state)
{
	struct fixture *f = *state;

	response_cookie(&f->res, "a=b; Secure");
	json_out_int(response_object(&f->res, 200), "n", 1);
	assert_int_equal(deliver(f, false), 0);
	assert_non_null(strstr(buf_str(&f->out),
	    "\r\nSet-Cookie: a=b; Secure\r\n"));
	response_reset(&f->res);
	buf_reset(&f->out);
	json_out_int(response_object(&f->res, 200), "n", 1);
	assert_int_equal(deliver(f, false), 0);
	assert_null(strstr(buf_str(&f->out), "Set-Cookie"));
}

static void
response_retry_says_whole_seconds(void **state)
{
	static const struct {
		int64_t ms;
		const char *line;
	} rows[] = {
		{ -5, "\r\nRetry-After: 1\r\n" },
		{ 1, "\r\nRetry-After: 1\r\n" },
		{ 1001, "\r\nRetry-After: 2\r\n" },
		{ 30000, "\r\nRetry-After: 30\r\n" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&f->out);
		response_error(&f->res, 429, "wait", "Wait.");
		response_retry(&f->res, rows[i].ms);
		assert_int_equal(deliver(f, false), 0);
		assert_non_null(strstr(buf_str(&f->out), rows[i].line));
	}
}

/* An open file of ${len} bytes. */
static int
make_file(size_t len)
{
	int fd = memfd_create("answer", MFD_CLOEXEC);

	assert_true(fd >= 0);
	for (size_t i = 0; i < len; i += 8)
		assert_int_equal(write(fd, "12345678", 8), 8);
	return fd;
}

static void
response_file_take_sends_a_large_file_in_small_pieces(void **state)
{
	struct fixture *f = *state;
	size_t len = 1 << 22;
	int fd = make_file(len);
	const char *body;

	response_file_take(&f->res, fd, (int64_t)len, "application/json");
	response_header(&f->res, "Content-Disposition", "attachment");
	assert_int_equal(deliver(f, false), 0);
	assert_non_null(strstr(buf_str(&f->out),
	    "\r\nContent-Length: 4194304\r\n"));
	body = strstr(buf_str(&f->out), "\r\n\r\n");
	assert_int_equal(f->out.len - (size_t)(body + 4 - f->out.data), len);
	assert_memory_equal(body + 4, "1234567812345678", 16);
	assert_true(f->most <= 65536);
	response_reset(&f->res);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void
response_file_take_breaks_off_at_a_shorter_file(void **state)
{
	struct fixture *f = *state;

	response_file_take(&f->res, make_file(8), 16, "text/plain");
	assert_int_equal(deliver(f, false), -1);
	assert_int_equal(f->err.code, ERR_IO);
}

static void
response_file_take_is_released_when_another_answer_comes(void **state)
{
	struct fixture *f = *state;
	int fd = make_file(8);

	response_file_take(&f->res, fd, 8, "text/plain");
	json_out_int(response_object(&f->res, 200), "n", 1);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(deliver(f, false), 0);
	assert_non_null(strstr(buf_str(&f->out), "{\"n\":1}"));
}

static int freed;

static void
count_free(void *ctx)
{
	(void)ctx;
	freed++;
}

/* A list of ${*ctx} numbers; a negative one fails in the middle. */
static int
write_list(void *ctx, struct json_out *j, struct err *err)
{
	int n = *(int *)ctx;

	json_out_begin(j, NULL, '[');
	for (int i = 0; i < (n < 0 ? -n : n); i++)
		json_out_int(j, NULL, i);
	if (n < 0)
		return err_set(err, ERR_DB, "It failed.");
	json_out_end(j, ']');
	return 0;
}

static void
response_stream_sends_lists_of_any_length(void **state)
{
	struct fixture *f = *state;
	int n = 1000000;
	struct response_writer w = { write_list, count_free, &n };

	freed = 0;
	response_stream(&f->res, &w);
	assert_int_equal(deliver(f, false), 0);
	assert_null(strstr(buf_str(&f->out), "Content-Length"));
	assert_non_null(strstr(buf_str(&f->out), "\r\n\r\n[0,1,2,"));
	assert_memory_equal(f->out.data + f->out.len - 9, ",999999]\n", 9);
	assert_true(f->most <= 131072);
	response_reset(&f->res);
	response_reset(&f->res);
	assert_int_equal(freed, 1);
}

static void
response_stream_breaks_off_when_it_fails_or_nobody_listens(void **state)
{
	struct fixture *f = *state;
	int n = -100000;
	struct response_writer w = { write_list, count_free, &n };

	response_stream(&f->res, &w);
	assert_int_equal(deliver(f, false), -1);
	assert_string_equal(f->err.msg, "It failed.");
	err_clear(&f->err);
	n = 1000000;
	f->gone_after = f->out.len + 100000;
	response_stream(&f->res, &w);
	assert_int_equal(deliver(f, false), -1);
	assert_int_equal(f->err.code, ERR_NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(response_send_writes_head_and_body),
		TEST(response_send_of_head_has_the_length_and_no_body),
		TEST(response_error_takes_more_members_and_headers),
		TEST(response_object_forgets_what_was_said_before),
		TEST(response_send_turns_silence_into_500),
		TEST(response_send_turns_overflow_into_500),
		TEST(response_send_can_be_used_again),
		TEST(response_cookie_stays_whatever_is_said_later),
		TEST(response_retry_says_whole_seconds),
		TEST(response_file_take_sends_a_large_file_in_small_pieces),
		TEST(response_file_take_breaks_off_at_a_shorter_file),
		TEST(response_file_take_is_released_when_another_answer_comes),
		TEST(response_stream_sends_lists_of_any_length),
		TEST(
		    response_stream_breaks_off_when_it_fails_or_nobody_listens),
	};

	return cmocka_run_group_tests_name("response", tests, NULL, NULL);
}
