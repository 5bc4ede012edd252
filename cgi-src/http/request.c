#include "cgi-src/http/request.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cgi-src/http/client.h"
#include "cgi-src/http/percent.h"
#include "core/rand.h"
#include "core/str.h"

#define SECRET_HEADER_MAX 256

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

/*
 * Take one character of a path from ${*p}.  An encoded slash is refused: it
 * would be a separator to some and a letter to others.
 */
static int
decode(const char **p, char *out)
{
	bool encoded = **p == '%';

	if (percent_decode(p, out) || (encoded && *out == '/'))
		return -1;
	return (unsigned char)*out < 0x20 || *out == 0x7f ? -1 : 0;
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

/* A request without a length has no body, or a chunked one. */
static int
read_length(struct request *req, char *const *envp, struct err *err)
{
	const char *text = request_param(envp, "CONTENT_LENGTH");

	req->length = REQUEST_LENGTH_UNKNOWN;
	if (text == NULL || *text == '\0')
		return 0;
	if (str_int64(text, strlen(text), &req->length) || req->length < 0) {
		req->length = 0;
		return err_set(err, ERR_FORMAT,
		    "The Content-Length is not a number of bytes.");
	}
	return 0;
}

static int
read_query(struct request *req, char *const *envp, struct err *err)
{
	const char *uri = request_param(envp, "REQUEST_URI");
	const char *query;

	if (uri != NULL && *uri != '\0')
		query = strchr(uri, '?') != NULL ? strchr(uri, '?') + 1 : "";
	else if ((query = request_param(envp, "QUERY_STRING")) == NULL)
		query = "";
	if (strlen(query) >= sizeof(req->query))
		return err_set(err, ERR_LIMIT,
		    "The query is longer than %zu bytes.",
		    sizeof(req->query) - 1);
	memcpy(req->query, query, strlen(query) + 1);
	return 0;
}

/* Copy a header that may be missing; no good client sends a long one. */
static int
copy_header(const char *value, const char *name, char *out, size_t size,
    struct err *err)
{
	if (value == NULL)
		value = "";
	if (strlen(value) >= size)
		return err_set(err, ERR_FORMAT,
		    "The header %s is longer than %zu bytes.", name, size - 1);
	memcpy(out, value, strlen(value) + 1);
	return 0;
}

/* The type in lower case, up to its parameters. */
static int
read_type(struct request *req, char *const *envp, struct err *err)
{
	const char *value = request_param(envp, "CONTENT_TYPE");
	size_t len = value != NULL ? strcspn(value, "; \t") : 0;

	if (len >= sizeof(req->type))
		return err_set(err, ERR_FORMAT,
		    "The header Content-Type is longer than %zu bytes.",
		    sizeof(req->type) - 1);
	for (size_t i = 0; i < len; i++)
		req->type[i] =
		    (char)(value[i] >= 'A' && value[i] <= 'Z' ? value[i] + 32
							      : value[i]);
	return 0;
}

/* A header that is secret; one that is too long is none of ours. */
static int
read_secret(const char *value, size_t len, struct secret *out, struct err *err)
{
	if (value == NULL || len == 0 || len > SECRET_HEADER_MAX)
		return 0;
	return secret_set(out, value, len, err);
}

/*
 * Find our cookie among "a=1; b=2".
 * Source: RFC 6265, 4.2.1.
 */
static int
read_cookie(struct request *req, char *const *envp, struct err *err)
{
	const char *p = request_param(envp, "HTTP_COOKIE");
	const char *name = session_cookie_name(req->secure);
	size_t len = strlen(name);

	for (; p != NULL && *p != '\0'; p += strspn(p, "; ")) {
		size_t pair = strcspn(p, ";");

		if (strncmp(p, name, len) == 0 && p[len] == '=')
			return read_secret(p + len + 1, pair - len - 1,
			    &req->token, err);
		p += pair;
	}
	return 0;
}

static int
read_headers(struct request *req, char *const *envp,
    const struct client *client, struct err *err)
{
	const char *code = request_param(envp, "HTTP_X_SETUP_CODE");

	if (copy_header(client->host, "Host", req->host, sizeof(req->host),
		err) ||
	    copy_header(request_param(envp, "HTTP_ORIGIN"), "Origin",
		req->origin, sizeof(req->origin), err) ||
	    copy_header(request_param(envp, "HTTP_SEC_FETCH_SITE"),
		"Sec-Fetch-Site", req->fetch_site, sizeof(req->fetch_site),
		err) ||
	    read_type(req, envp, err) || read_cookie(req, envp, err))
		return -1;
	return read_secret(code, code != NULL ? strlen(code) : 0,
	    &req->setup_code, err);
}

int
request_init(struct request *req, char *const *envp,
    const struct net_list *proxies, struct err *err)
{
	struct client client;

	*req = (struct request){ 0 };
	rand_hex(req->id, REQUEST_ID_MAX - 1);
	read_method(req, envp);
	client_find(&client, envp, proxies);
	memcpy(req->remote, client.address, sizeof(req->remote));
	req->secure = client.secure;
	req->local = request_is_local(envp);
	if (read_path(req, envp, err) || read_query(req, envp, err) ||
	    read_length(req, envp, err))
		return -1;
	return read_headers(req, envp, &client, err);
}

void
request_free(struct request *req)
{
	secret_clear(&req->token);
	secret_clear(&req->setup_code);
	session_clear(&req->who);
	json_free(req->json);
	req->json = NULL;
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
	struct net_address peer;

	for (size_t i = 0; i < sizeof(forwarding) / sizeof(forwarding[0]); i++)
		if (request_param(envp, forwarding[i]) != NULL)
			return false;
	return remote != NULL && host != NULL &&
	    net_parse(remote, strlen(remote), &peer) == 0 &&
	    net_is_loopback(&peer) && is_own_host(host);
}

bool
request_same_site(const struct request *req)
{
	const char *host = strstr(req->origin, "://");

	/* The browser's own verdict; it sends it by https and to localhost. */
	if (req->fetch_site[0] != '\0')
		return strcmp(req->fetch_site, "same-origin") == 0;
	if (req->origin[0] == '\0')
		return true;
	return host != NULL && req->host[0] != '\0' &&
	    strcasecmp(host + strlen("://"), req->host) == 0;
}
