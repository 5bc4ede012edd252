#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "cgi-src/services/address.h"
#include "cgi-src/services/fetch_impl.h"
#include "cgi-src/services/wipe.h"
#include "core/str.h"

#define CONNECT_MS 3000L
#define HOPS_MAX 3
#define HEADERS_MAX ((size_t)256 << 10)
#define HEADER_MAX ((size_t)64 << 10)
#define REPLY_ROOM ((size_t)16 << 10)

/* Every address that libcurl is about to connect to comes by here. */
static curl_socket_t
on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct transfer *t = arg;

	if (purpose != CURLSOCKTYPE_IPCXN ||
	    address_refused(&a->addr, (socklen_t)a->addrlen)) {
		t->refused = true;
		return CURL_SOCKET_BAD;
	}
	t->tried = true;
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static size_t
on_body(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;

	(void)size; /* always 1 */
	buf_add(&t->f->reply, p, n);
	t->large = t->f->reply.full;
	return t->f->reply.failed ? 0 : n;
}

static size_t
on_header(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;

	(void)p;
	(void)size;
	t->header_bytes += n;
	t->large = t->header_bytes > HEADERS_MAX;
	return t->large ? 0 : n;
}

/* Only characters that can stand in a header. */
static bool
is_printable(const struct secret *s)
{
	for (size_t i = 0; i < s->len; i++) {
		if (s->bytes[i] < ' ' || s->bytes[i] > '~')
			return false;
	}
	return true;
}

static bool
add_header(struct transfer *t, const char *line)
{
	struct curl_slist *more = curl_slist_append(t->headers, line);

	if (more != NULL)
		t->headers = more;
	return more != NULL;
}

static bool
add_secret(struct transfer *t, const char *name, const struct secret *value)
{
	struct buf line;
	bool ok;

	buf_init(&line, HEADER_MAX);
	wipe_room(&line, strlen(name) + value->len + 3);
	buf_addz(&line, name);
	buf_addz(&line, ": ");
	buf_add(&line, secret_expose(value), value->len);
	ok = !line.failed && add_header(t, buf_str(&line));
	wipe_free(&line);
	return ok;
}

static bool
set_headers(struct transfer *t)
{
	const struct fetch *f = t->f;

	return add_header(t, "Accept: application/json") &&
	    (!f->post ||
		(add_header(t, "Content-Type: application/json") &&
		    add_header(t, "Expect:"))) &&
	    (f->header == NULL || add_secret(t, f->header, f->value));
}

#define SET(option, value)                                                     \
	(curl_easy_setopt(t->easy, (option), (value)) == CURLE_OK)

static bool
set_safety(struct transfer *t, const struct fetch_limits *limits)
{
	return SET(CURLOPT_PROTOCOLS_STR, "http,https") &&
	    SET(CURLOPT_FOLLOWLOCATION, 0L) && SET(CURLOPT_PROXY, "") &&
	    SET(CURLOPT_NOPROXY, "*") &&
	    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) &&
	    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) &&
	    SET(CURLOPT_SSL_VERIFYPEER, 1L) &&
	    SET(CURLOPT_SSL_VERIFYHOST, 2L) &&
	    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) &&
	    SET(CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS) &&
	    SET(CURLOPT_NOSIGNAL, 1L) &&
	    /* A name server that is silent may not hold us up at the end. */
	    SET(CURLOPT_QUICK_EXIT, 1L) &&
	    SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)limits->bytes) &&
	    SET(CURLOPT_OPENSOCKETFUNCTION, on_socket) &&
	    SET(CURLOPT_OPENSOCKETDATA, t);
}

static bool
set_request(struct transfer *t)
{
	const struct secret *body = t->f->body;

	if (t->f->post &&
	    (!SET(CURLOPT_POST, 1L) ||
		!SET(CURLOPT_POSTFIELDS,
		    body != NULL ? secret_expose(body) : "") ||
		!SET(CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)(body != NULL ? body->len : 0))))
		return false;
	return SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) &&
	    SET(CURLOPT_USERAGENT, "jair/" JAIR_VERSION) &&
	    SET(CURLOPT_HTTPHEADER, t->headers) && SET(CURLOPT_PRIVATE, t) &&
	    SET(CURLOPT_WRITEFUNCTION, on_body) && SET(CURLOPT_WRITEDATA, t) &&
	    SET(CURLOPT_HEADERFUNCTION, on_header) &&
	    SET(CURLOPT_HEADERDATA, t);
}

/* f->url in its plainest form, so that libcurl reads in it what we read. */
static char *
plain_url(struct fetch *f)
{
	char origin[URL_ORIGIN_MAX];
	struct url u;

	if (url_split(f->url, &u, &f->err)) {
		f->fault = FETCH_BAD_URL;
		return NULL;
	}
	return str_printf(&f->err, "%s%.*s", url_origin(&u, origin),
	    (int)strcspn(u.rest, "#"), u.rest);
}

struct transfer *
fetch_transfer_new(struct fetch *f, const struct fetch_limits *limits)
{
	struct transfer *t = NULL;
	char *url;

	f->fault = FETCH_SYSTEM;
	if (f->header != NULL && !is_printable(f->value)) {
		f->fault = FETCH_BAD_KEY;
		return NULL;
	}
	if ((url = plain_url(f)) == NULL)
		return NULL;
	if ((t = calloc(1, sizeof(*t))) == NULL) {
		free(url);
	} else {
		t->f = f;
		t->url = url;
		/* Most answers fit, so that no token is left in old memory. */
		wipe_room(&f->reply, REPLY_ROOM);
		t->easy = curl_easy_init();
	}
	if (t == NULL || t->easy == NULL || !set_headers(t) ||
	    !set_safety(t, limits) || !set_request(t)) {
		err_set(&f->err, ERR_NOMEM, "No memory to ask %s.", f->who);
		fetch_transfer_free(t);
		return NULL;
	}
	f->fault = FETCH_ANSWERED;
	return t;
}

void
fetch_transfer_free(struct transfer *t)
{
	if (t == NULL)
		return;
	curl_easy_cleanup(t->easy);
	for (struct curl_slist *h = t->headers; h != NULL; h = h->next)
		explicit_bzero(h->data, strlen(h->data));
	curl_slist_free_all(t->headers);
	free(t->url);
	free(t);
}

/* No connection came about. */
static enum fetch_fault
fault_of_connect(const struct transfer *t)
{
	long errnum = 0;

	if (t->refused && !t->tried)
		return FETCH_BAD_ADDRESS;
	(void)curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &errnum);
	if (errnum == ETIMEDOUT)
		return FETCH_NO_CONNECT;
	return errnum == ECONNREFUSED || errnum == 0 ? FETCH_REFUSED
						     : FETCH_NO_WAY;
}

static enum fetch_fault
fault_of_time(const struct transfer *t)
{
	long sent = 0;

	(void)curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &sent);
	return sent > 0 ? FETCH_TIMEOUT : FETCH_NO_CONNECT;
}

static enum fetch_fault
fault_of(const struct transfer *t, CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		return FETCH_ANSWERED;
	case CURLE_COULDNT_RESOLVE_HOST:
		return FETCH_NO_NAME;
	case CURLE_COULDNT_CONNECT:
		return fault_of_connect(t);
	case CURLE_OPERATION_TIMEDOUT:
		return fault_of_time(t);
	case CURLE_PEER_FAILED_VERIFICATION:
		return FETCH_BAD_CERT;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CERTPROBLEM:
		return FETCH_NO_TLS;
	case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9: no headers at all */
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_BAD_CONTENT_ENCODING:
		return FETCH_NO_HTTP;
	case CURLE_FILESIZE_EXCEEDED:
		return FETCH_TOO_LARGE;
	case CURLE_WRITE_ERROR:
		return t->large ? FETCH_TOO_LARGE : FETCH_SYSTEM;
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
		return FETCH_CUT;
	default:
		/* libcurl's own limit of a header's length is among these. */
		return t->header_bytes > 0 ? FETCH_NO_HTTP : FETCH_SYSTEM;
	}
}

static bool
looks_like_page(const struct transfer *t)
{
	const char *text = buf_str(&t->f->reply);
	char *type = NULL;

	(void)curl_easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &type);
	if (type != NULL && strncasecmp(type, "text/html", 9) == 0)
		return true;
	return text[strspn(text, " \t\r\n")] == '<';
}

static bool
is_redirect(const struct fetch *f)
{
	if (f->status == 307 || f->status == 308)
		return true;
	/* These make a GET of a POST. */
	return !f->post && f->status >= 301 && f->status <= 303;
}

/* Is the request to be made again where it was sent on to? */
static bool
follow(struct transfer *t)
{
	struct fetch *f = t->f;
	struct err err;
	struct url u;
	char *to = NULL;

	(void)curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &to);
	f->fault = FETCH_REDIRECT;
	if (to == NULL || url_split(to, &u, &err))
		return false;
	if (!url_same_origin(to, t->url)) {
		(void)url_origin(&u, f->target);
		return false;
	}
	if (t->hops++ >= HOPS_MAX || (to = str_dup(to, &err)) == NULL)
		return false;
	free(t->url);
	t->url = to;
	t->header_bytes = 0;
	buf_reset(&f->reply);
	f->fault = FETCH_ANSWERED;
	return true;
}

bool
fetch_transfer_end(struct transfer *t, CURLcode code)
{
	struct fetch *f = t->f;
	long status = 0;

	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	f->status = (int)status;
	f->fault = fault_of(t, code);
	if (f->fault == FETCH_SYSTEM)
		err_set(&f->err, ERR_IO, "%s could not be asked: %s.", f->who,
		    curl_easy_strerror(code));
	if (f->fault != FETCH_ANSWERED)
		return false;
	f->html = looks_like_page(t);
	return is_redirect(f) && follow(t);
}
