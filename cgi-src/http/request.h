#ifndef CGI_SRC_HTTP_REQUEST_H
#define CGI_SRC_HTTP_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

enum method { M_GET, M_HEAD, M_POST, M_PUT, M_DELETE, M_OTHER };

#define REQUEST_PATH_MAX 1024
#define REQUEST_ID_MAX 17

/* What a client asks for; nothing in it points into the connection. */
struct request {
	enum method method;
	char method_text[16]; /* as it came, for the log */
	char path[REQUEST_PATH_MAX]; /* percent-decoded, no query */
	char remote[64]; /* address of the peer */
	char id[REQUEST_ID_MAX]; /* ours, for the log */
	int64_t length; /* announced bytes of the body */
	bool local; /* see request_is_local */
};

/*
 * request_param(envp, name):
 * Return the value of the parameter ${name} in the NULL-terminated list
 * ${envp} of "NAME=value", which keeps it, or NULL.
 * Source: RFC 3875, 4.1.
 */
const char *request_param(char *const *envp, const char *name);

/*
 * request_init(req, envp, err):
 * Fill ${req} from the parameters ${envp}.  The path is REQUEST_URI up to
 * its query, percent-decoded once, or SCRIPT_NAME as it is; dots and slashes
 * stay as they came.  Return 0, or -1 with ${err}: ERR_FORMAT for a path or
 * a length that no good client sends (an encoded NUL, slash or control byte,
 * two slashes in a row, no slash in front), ERR_LIMIT for a path that is too
 * long.  The method, id and remote address are filled in either case.
 */
int request_init(struct request *req, char *const *envp, struct err *err);

/*
 * request_is_local(envp):
 * Tell whether the browser sits on this machine: the peer's address is
 * loopback, no proxy has put a forwarding header, and the Host is exactly
 * localhost, 127.0.0.1 or [::1], with or without a port.  A page of another
 * site that was led here by DNS (rebinding) has another Host.
 */
bool request_is_local(char *const *envp);

#endif
