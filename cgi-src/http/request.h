#ifndef CGI_SRC_HTTP_REQUEST_H
#define CGI_SRC_HTTP_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "cgi-src/http/body.h"
#include "cgi-src/http/session.h"
#include "core/err.h"
#include "core/json.h"
#include "core/net.h"
#include "core/secret.h"

enum method { M_GET, M_HEAD, M_POST, M_PUT, M_DELETE, M_OTHER };

#define REQUEST_PATH_MAX 1024
#define REQUEST_QUERY_MAX 2048
#define REQUEST_ID_MAX 17
#define REQUEST_ARGS_MAX 2
#define REQUEST_ARG_MAX 256

/* What a client asks for; nothing in it points into the connection. */
struct request {
	enum method method;
	char method_text[16]; /* as it came, for the log */
	char path[REQUEST_PATH_MAX]; /* percent-decoded, no query */
	char query[REQUEST_QUERY_MAX]; /* as it came: request_query */
	char remote[64]; /* address of the client */
	char id[REQUEST_ID_MAX]; /* ours, for the log */
	char host[256]; /* Host, as the client wrote it */
	char origin[256]; /* Origin, or "" */
	char fetch_site[16]; /* Sec-Fetch-Site, or "" */
	char type[64]; /* Content-Type without its parameters */
	int64_t length; /* announced bytes of the body, or */
#define REQUEST_LENGTH_UNKNOWN (-1) /* ... of a chunked one */
	bool local; /* see request_is_local */
	bool secure; /* the client came by https */
	struct secret token; /* of the session's cookie */
	struct secret setup_code; /* X-Setup-Code */

	/* What the router adds for the handler. */
	char arg[REQUEST_ARGS_MAX][REQUEST_ARG_MAX]; /* {parts} of the path */
	struct session who; /* who.id is 0 for strangers */
	struct json *json; /* the body of a BODY_JSON row, an object */
	struct body *body; /* where it comes from; for BODY_FILE rows */
};

/*
 * request_param(envp, name):
 * Return the value of the parameter ${name} in the NULL-terminated list
 * ${envp} of "NAME=value", which keeps it, or NULL.
 * Source: RFC 3875, 4.1.
 */
const char *request_param(char *const *envp, const char *name);

/*
 * request_init(req, envp, proxies, err):
 * Fill ${req} from the parameters ${envp}; request_free releases it in
 * either case.  The path is REQUEST_URI up to its query, percent-decoded
 * once, or SCRIPT_NAME as it is; dots and slashes stay as they came.  What
 * X-Forwarded-For and X-Forwarded-Proto say counts when the peer is one of
 * ${proxies}.  Return 0, or -1 with ${err}: ERR_FORMAT for what no good
 * client sends (an encoded NUL, slash or control byte in the path, two
 * slashes in a row, no slash in front, a length that is no number), ERR_LIMIT
 * for a path, query or header that is too long.  The method, id and remote
 * address are filled in either case.
 */
int request_init(struct request *req, char *const *envp,
    const struct net_list *proxies, struct err *err);

/*
 * request_free(req):
 * Release what ${req} holds; secrets are zeroed.
 */
void request_free(struct request *req);

/*
 * request_query(req, name, out, size):
 * Find the first query parameter ${name} and write its value into ${out}:
 * percent-decoded, a plus as a space.  Return 1, 0 when it is absent, or -1
 * when it does not fit into ${size} bytes, is encoded wrongly, holds control
 * bytes or is no UTF-8.
 * Source: application/x-www-form-urlencoded, WHATWG URL 5.1.
 */
int request_query(const struct request *req, const char *name, char *out,
    size_t size);

/*
 * request_is_local(envp):
 * Tell whether the browser sits on this machine: the peer's address is
 * loopback, no proxy has put a forwarding header, and the Host is exactly
 * localhost, 127.0.0.1 or [::1], with or without a port.  A page of another
 * site that was led here by DNS (rebinding) has another Host.
 */
bool request_is_local(char *const *envp);

/*
 * request_same_site(req):
 * Tell whether no other site can have made a browser send ${req}: what the
 * browser says in Sec-Fetch-Site and Origin names this very server.  Clients
 * that say neither are no browsers, or send no cookie either.
 */
bool request_same_site(const struct request *req);

#endif
