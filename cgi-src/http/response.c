#include "cgi-src/http/response.h"

#define HEAD_MAX 4096
#define BODY_MAX (1024 * 1024)

void
response_init(struct response *res)
{
	*res = (struct response){ 0 };
	buf_init(&res->head, HEAD_MAX);
	buf_init(&res->body, BODY_MAX);
}

void
response_free(struct response *res)
{
	buf_free(&res->head);
	buf_free(&res->body);
}

struct json_out *
response_object(struct response *res, int status)
{
	res->status = status;
	buf_reset(&res->head);
	buf_reset(&res->body);
	json_out_init(&res->json, NULL, &res->body);
	json_out_begin(&res->json, NULL, '{');
	return &res->json;
}

struct json_out *
response_error(struct response *res, int status, const char *code,
    const char *sentence)
{
	struct json_out *j = response_object(res, status);

	json_out_string(j, "error", sentence);
	json_out_string(j, "code", code);
	return j;
}

void
response_header(struct response *res, const char *name, const char *value)
{
	buf_addf(&res->head, "%s: %s\r\n", name, value);
}

static const char *
phrase(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 400:
		return "Bad Request";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 413:
		return "Content Too Large";
	case 414:
		return "URI Too Long";
	case 503:
		return "Service Unavailable";
	default:
		return "Internal Server Error";
	}
}

static void
finish(struct response *res)
{
	json_out_end(&res->json, '}');
	buf_addc(&res->body, '\n');
}

void
response_render(struct response *res, bool bodiless, struct buf *out)
{
	if (res->status != 0)
		finish(res);
	if (res->status == 0 || res->head.failed || res->body.failed) {
		response_error(res, 500, "internal",
		    "jair could not answer "
		    "this request. Its log says why.");
		finish(res);
	}
	buf_addf(out, "Status: %d %s\r\n", res->status, phrase(res->status));
	buf_addz(out,
	    "Content-Type: application/json; charset=utf-8\r\n"
	    "Cache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\n");
	buf_addf(out, "Content-Length: %zu\r\n", res->body.len);
	buf_add(out, buf_str(&res->head), res->head.len);
	buf_addz(out, "\r\n");
	if (!bodiless)
		buf_add(out, buf_str(&res->body), res->body.len);
}
