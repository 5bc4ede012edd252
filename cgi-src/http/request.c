#include "cgi-src/http/request.h"

#include <stdio.h>
#include <string.h>

#include "core/rand.h"
#include "core/str.h"

const char *
request_param(char *const *envp, const char *name)
{
	size_t len = strlen(name);

	for (; *envp != NULL; envp++) {
		if (strncmp(*envp, name, len) == 0 && (*envp)[len] == '=')
			return *envp + len + 1;
	}
	return NULL;
}

static void
read_method(struct request *req, char *const *envp)
{
	static const char *const names[] = {
		[M_GET] = "GET",
		[M_HEAD] = "HEAD",
		[M_POST] = "POST",
		[M_PUT] = "PUT",
		[M_DELETE] = "DELETE",
	};
	const char *text = request_param(envp, "REQUEST_METHOD");

	if (text == NULL)
		text = "";
	(void)snprintf(req->method_text, sizeof(req->method_text), "%s", text);
	req->method = M_OTHER;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]) == 0)
			req->method = (enum method)i;
	}
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/*
 * Take one character of a path from ${*p}.  An encoded slash is refused: it
 * would be a separator to some and a letter to others.
 */
static int
decode(const char **p, char *out)
{
	int high, low;

	*out = **p;
	if (**p != '%') {
		*p += 1;
		return (unsigned char)*out < 0x20 || *out == 0x7f ? -1 : 0;
	}
	if ((high = hex_digit((*p)[1])) < 0 || (low = hex_digit((*p)[2])) < 0)
		return -1;
	*out = (char)(unsigned char)(high << 4 | low);
	*p += 3;
	if (*out == '/' || *out == 0x7f || (unsigned char)*out < 0x20)
		return -1;
	return 0;
}

static int
read_path(struct request *req, char *const *envp, struct err *err)
{
	const char *p = request_param(envp, "REQUEST_URI");
	bool encoded = p != NULL && *p != '\0';
	size_t len = 0;

	if (!encoded && (p = request_param(envp, "SCRIPT_NAME")) == NULL)
		p = "";
	if (*p != '/')
		return err_set(err, ERR_FORMAT,
		    "The address must be a path that starts with a slash.");
	while (*p != '\0' && !(encoded && *p == '?')) {
		char c = *p;

		if (len + 1 >= sizeof(req->path))
			return err_set(err, ERR_LIMIT,
			    "The path is longer "
			    "than %zu bytes.",
			    sizeof(req->path) - 1);
		if (encoded ? decode(&p, &c) != 0 : (p++, false))
			return err_set(err, ERR_FORMAT,
			    "The path holds an "
			    "encoded byte that no address here has.");
		if (c == '/' && len > 0 && req->path[len - 1] == '/')
			return err_set(err, ERR_FORMAT,
			    "The path holds two slashes in a row.");
		req->path[len++] = c;
		req->path[len] = '\0';
	}
	return 0;
}

static int
read_length(struct request *req, char *const *envp, struct err *err)
{
	const char *text = request_param(envp, "CONTENT_LENGTH");

	if (text == NULL || *text == '\0')
		return 0;
	if (str_int64(text, strlen(text), &req->length) || req->length < 0) {
		req->length = 0;
		return err_set(err, ERR_FORMAT,
		    "The Content-Length is not a number of bytes.");
	}
	return 0;
}

int
request_init(struct request *req, char *const *envp, struct err *err)
{
	const char *remote = request_param(envp, "REMOTE_ADDR");

	*req = (struct request){ 0 };
	rand_hex(req->id, REQUEST_ID_MAX - 1);
	read_method(req, envp);
	if (remote != NULL)
		(void)snprintf(req->remote, sizeof(req->remote), "%s", remote);
	req->local = request_is_local(envp);
	if (read_path(req, envp, err))
		return -1;
	return read_length(req, envp, err);
}

static bool
is_loopback(const char *address)
{
	static const char mapped[] = "::ffff:";

	if (str_starts(address, mapped))
		address += strlen(mapped);
	return str_starts(address, "127.") || strcmp(address, "::1") == 0;
}

/* ${host} without its port is one of this machine's own names. */
static bool
is_own_host(const char *host)
{
	static const char *const names[] = { "localhost", "127.0.0.1",
		"[::1]" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *rest = host + strlen(names[i]);

		if (!str_starts(host, names[i]))
			continue;
		if (*rest == '\0')
			return true;
		if (*rest == ':' && rest[1] != '\0' &&
		    rest[1 + strspn(rest + 1, "0123456789")] == '\0')
			return true;
	}
	return false;
}

bool
request_is_local(char *const *envp)
{
	static const char *const forwarding[] = { "HTTP_X_FORWARDED_FOR",
		"HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_FORWARDED_HOST",
		"HTTP_X_FORWARDED_PROTO", "HTTP_VIA" };
	const char *remote = request_param(envp, "REMOTE_ADDR");
	const char *host = request_param(envp, "HTTP_HOST");

	for (size_t i = 0; i < sizeof(forwarding) / sizeof(forwarding[0]); i++)
		if (request_param(envp, forwarding[i]) != NULL)
			return false;
	return remote != NULL && host != NULL && is_loopback(remote) &&
	    is_own_host(host);
}
