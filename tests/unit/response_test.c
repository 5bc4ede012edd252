/*
 * Without these, an answer could go out half-written, cached, or with the
 * members of an answer that was given up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cgi-src/http/response.h"

#define FIXED_HEAD                                                             \
	"Content-Type: application/json; charset=utf-8\r\n"                    \
	"Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"

struct fixture {
	struct response res;
	struct buf out;
};

static int
set_up(void **state)
{
	static struct fixture f;

	response_init(&f.res);
	buf_init(&f.out, 1 << 22);
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
response_render_writes_head_and_body(void **state)
{
	struct fixture *f = *state;

	json_out_string(response_object(&f->res, 200), "status", "ok");
	response_render(&f->res, false, &f->out);
	assert_string_equal(buf_str(&f->out),
	    "Status: 200 OK\r\n" FIXED_HEAD
	    "Content-Length: 16\r\n\r\n{\"status\":\"ok\"}\n");
}

static void
response_render_of_head_has_the_length_and_no_body(void **state)
{
	struct fixture *f = *state;

	json_out_string(response_object(&f->res, 200), "status", "ok");
	response_render(&f->res, true, &f->out);
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
	response_render(&f->res, false, &f->out);
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
	response_render(&f->res, false, &f->out);
	assert_string_equal(buf_str(&f->out),
	    "Status: 200 OK\r\n" FIXED_HEAD
	    "Content-Length: 8\r\n\r\n{\"n\":1}\n");
}

static void
response_render_turns_silence_into_500(void **state)
{
	struct fixture *f = *state;

	response_render(&f->res, false, &f->out);
	assert_non_null(strstr(buf_str(&f->out), "Status: 500 "));
	assert_non_null(strstr(buf_str(&f->out), "\"code\":\"internal\""));
}

static void
response_render_turns_overflow_into_500(void **state)
{
	struct fixture *f = *state;
	struct json_out *j = response_object(&f->res, 200);

	for (int i = 0; i < 200000; i++)
		json_out_string(j, "member", "value");
	response_render(&f->res, false, &f->out);
	assert_non_null(strstr(buf_str(&f->out), "Status: 500 "));
	assert_null(strstr(buf_str(&f->out), "member"));
}

static void
response_render_can_be_used_again(void **state)
{
	struct fixture *f = *state;

	json_out_int(response_object(&f->res, 200), "n", 1);
	response_render(&f->res, false, &f->out);
	buf_reset(&f->out);
	json_out_int(response_object(&f->res, 503), "m", 2);
	response_render(&f->res, false, &f->out);
	assert_string_equal(buf_str(&f->out),
	    "Status: 503 Service Unavailable\r\n" FIXED_HEAD
	    "Content-Length: 8\r\n\r\n{\"m\":2}\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(response_render_writes_head_and_body),
		TEST(response_render_of_head_has_the_length_and_no_body),
		TEST(response_error_takes_more_members_and_headers),
		TEST(response_object_forgets_what_was_said_before),
		TEST(response_render_turns_silence_into_500),
		TEST(response_render_turns_overflow_into_500),
		TEST(response_render_can_be_used_again),
	};

	return cmocka_run_group_tests_name("response", tests, NULL, NULL);
}
