#include "cgi-src/http/response.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HEAD_MAX 4096
#define BODY_MAX (1024 * 1024)
#define JSON_TYPE "application/json; charset=utf-8"

void
response_init(struct response *res)
{
	*res = (struct response){ .type = JSON_TYPE, .file = -1 };
	buf_init(&res->head, HEAD_MAX);
	buf_init(&res->body, BODY_MAX);
}

/* Forget what was said, and begin to say something of ${type}. */
static void
begin(struct response *res, int status, const char *type)
{
	if (res->file >= 0)
		(void)close(res->file);
	if (res->writer.free != NULL)
		res->writer.free(res->writer.ctx);
	res->writer = (struct response_writer){ 0 };
	res->file = -1;
	res->size = 0;
	res->status = status;
	res->type = type;
	buf_reset(&res->head);
	buf_reset(&res->body);
}

void
response_reset(struct response *res)
{
	begin(res, 0, JSON_TYPE);
	explicit_bzero(res->cookie, sizeof(res->cookie));
}

void
response_free(struct response *res)
{
	response_reset(res);
	buf_free(&res->head);
	buf_free(&res->body);
}

struct json_out *
response_object(struct response *res, int status)
{
	begin(res, status, JSON_TYPE);
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
response_file_take(struct response *res, int fd, int64_t size, const char *type)
{
	begin(res, 200, type);
	res->file = fd;
	res->size = size;
}

void
response_stream(struct response *res, const struct response_writer *writer)
{
	begin(res, 200, JSON_TYPE);
	res->writer = *writer;
}

void
response_header(struct response *res, const char *name, const char *value)
{
	buf_addf(&res->head, "%s: %s\r\n", name, value);
}

void
response_cookie(struct response *res, const char *value)
{
	(void)snprintf(res->cookie, sizeof(res->cookie), "%s", value);
}

void
response_retry(struct response *res, int64_t ms)
{
	char seconds[24];

	(void)snprintf(seconds, sizeof(seconds), "%lld",
	    ms <= 1000 ? 1LL : (long long)((ms + 999) / 1000));
	response_header(res, "Retry-After", seconds);
}

static const char *
phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} phrases[] = {
		{ 200, "OK" },
		{ 202, "Accepted" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 409, "Conflict" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 415, "Unsupported Media Type" },
		{ 422, "Unprocessable Content" },
		{ 429, "Too Many Requests" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
		{ 507, "Insufficient Storage" },
	};

	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		if (phrases[i].status == status)
			return phrases[i].phrase;
	}
	return "Internal Server Error";
}

/* The answer is an object in memory, not something to send behind it. */
static bool
is_object(const struct response *res)
{
	return res->file < 0 && res->writer.write == NULL;
}

static void
finish(struct response *res)
{
	if (res->status != 0 && is_object(res)) {
		json_out_end(&res->json, '}');
		buf_addc(&res->body, '\n');
	}
	if (res->status != 0 && !res->head.failed && !res->body.failed)
		return;
	response_error(res, 500, "internal",
	    "jair could not answer this request. Its log says why.");
	json_out_end(&res->json, '}');
	buf_addc(&res->body, '\n');
}

/* Everything up to the empty line; the end of a stream tells its length. */
static void
render_head(const struct response *res, struct buf *out)
{
	buf_addf(out, "Status: %d %s\r\n", res->status, phrase(res->status));
	buf_addf(out, "Content-Type: %s\r\n", res->type);
	buf_addz(out,
	    "Cache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\n");
	if (res->writer.write == NULL)
		buf_addf(out, "Content-Length: %lld\r\n",
		    is_object(res) ? (long long)res->body.len
				   : (long long)res->size);
	if (res->cookie[0] != '\0')
		buf_addf(out, "Set-Cookie: %s\r\n", res->cookie);
	buf_add(out, buf_str(&res->head), res->head.len);
	buf_addz(out, "\r\n");
}

static int
send_buf(const struct response_out *out, struct buf *b)
{
	int rc = b->len > 0 ? out->write(out->arg, b->data, b->len) : 0;

	buf_reset(b);
	return rc;
}

static int
send_file(struct response *res, const struct response_out *out, struct err *err)
{
	char chunk[16384];
	int64_t at = 0;

	while (at < res->size) {
		int64_t left = res->size - at;
		size_t want = left < (int64_t)sizeof(chunk) ? (size_t)left
							    : sizeof(chunk);
		ssize_t n = pread(res->file, chunk, want, at);

		if (n <= 0)
			return err_set(err, ERR_IO,
			    "A file that was being sent has only %lld of "
			    "%lld bytes.",
			    (long long)at, (long long)res->size);
		if (out->write(out->arg, chunk, (size_t)n))
			return -1;
		at += n;
	}
	return 0;
}

/* What a stream's drain needs. */
struct drain {
	const struct response_out *out;
	struct buf *body;
	bool gone;
};

static void
on_drain(void *arg)
{
	struct drain *d = arg;

	if (d->gone)
		buf_reset(d->body);
	else if (send_buf(d->out, d->body))
		d->gone = true;
}

static int
send_stream(struct response *res, const struct response_out *out,
    struct err *err)
{
	struct drain d = { .out = out, .body = &res->body };

	json_out_init(&res->json, NULL, &res->body);
	json_out_drain(&res->json, on_drain, &d);
	if (res->writer.write(res->writer.ctx, &res->json, err) ||
	    buf_ok(&res->body, "an answer", err))
		return -1;
	buf_addc(&res->body, '\n');
	on_drain(&d);
	return d.gone ? -1 : 0;
}

int
response_send(struct response *res, bool bodiless,
    const struct response_out *out, struct err *err)
{
	struct buf head;
	int rc;

	finish(res);
	buf_init(&head, 2 * (size_t)HEAD_MAX);
	render_head(res, &head);
	rc = buf_ok(&head, "an answer", err);
	if (rc == 0)
		rc = send_buf(out, &head);
	if (head.data != NULL)
		explicit_bzero(head.data, head.cap);
	buf_free(&head);
	if (rc != 0 || bodiless)
		return rc;
	if (res->file >= 0)
		return send_file(res, out, err);
	if (res->writer.write != NULL)
		return send_stream(res, out, err);
	return send_buf(out, &res->body);
}
