#include "cgi-src/services/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "core/str.h"

#define LABEL_MAX 63

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
alnum(char c)
{
	return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Labels of letters, digits, '-' and '_', none empty. */
static bool
is_name(const char *host)
{
	size_t label = 0;

	for (const char *p = host; *p != '\0'; p++) {
		if (*p == '.') {
			if (label == 0)
				return false;
			label = 0;
			continue;
		}
		if (!alnum(*p) && *p != '-' && *p != '_')
			return false;
		if (++label > LABEL_MAX)
			return false;
	}
	return label > 0;
}

/* Does the last label make it an IPv4 address, as browsers have it? */
static bool
is_number(const char *host)
{
	const char *last = strrchr(host, '.');
	const char *p = last != NULL ? last + 1 : host;

	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
		return true;
	while (digit(*p))
		p++;
	return *p == '\0';
}

static int
host_number(struct url *u, struct err *err)
{
	struct in_addr a;

	if (inet_aton(u->host, &a) == 0)
		return err_set(err, ERR_USAGE,
		    "\"%s\" is not a valid IP address.", u->host);
	(void)inet_ntop(AF_INET, &a, u->host, sizeof(u->host));
	return 0;
}

static int
host_name(struct url *u, struct err *err)
{
	size_t len = strlen(u->host);

	if (len > 0 && u->host[len - 1] == '.')
		u->host[--len] = '\0';
	if (len == 0)
		return err_set(err, ERR_USAGE,
		    "The address names no host: write it like "
		    "http://192.168.1.10:8096.");
	if (!is_name(u->host))
		return err_set(err, ERR_USAGE,
		    "The host in the address holds characters that no host "
		    "name has; letters outside English take their xn-- form.");
	for (char *p = u->host; *p != '\0'; p++)
		*p = lower(*p);
	return is_number(u->host) ? host_number(u, err) : 0;
}

/* "[...]" at ${p}, ${len} bytes. */
static int
host_bracketed(struct url *u, const char *p, size_t len, struct err *err)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr a;

	if (len >= 2 && len - 2 < sizeof(text)) {
		memcpy(text, p + 1, len - 2);
		text[len - 2] = '\0';
		if (inet_pton(AF_INET6, text, &a) == 1) {
			(void)inet_ntop(AF_INET6, &a, text, sizeof(text));
			(void)snprintf(u->host, sizeof(u->host), "[%s]", text);
			return 0;
		}
	}
	return err_set(err, ERR_USAGE,
	    "What stands in brackets in the address is not a valid IPv6 "
	    "address.");
}

static int
read_host(struct url *u, const char *p, size_t len, struct err *err)
{
	if (len > 0 && p[0] == '[')
		return host_bracketed(u, p, len, err);
	if (len >= sizeof(u->host))
		return err_set(err, ERR_USAGE,
		    "The host in the address is too long.");
	memcpy(u->host, p, len);
	u->host[len] = '\0';
	return host_name(u, err);
}

/* What follows the host's colon, up to ${end}. */
static int
read_port(struct url *u, const char *p, const char *end, struct err *err)
{
	int64_t port;

	u->port = u->https ? 443 : 80;
	if (p >= end)
		return 0;
	if (*p == '-' || str_int64(p, (size_t)(end - p), &port) || port < 1 ||
	    port > 65535)
		return err_set(err, ERR_USAGE,
		    "The port in the address must be a number from 1 to "
		    "65535.");
	u->port = (int)port;
	return 0;
}

/* Where the host ends: at the colon before the port, or at ${end}. */
static const char *
host_end(const char *p, const char *end)
{
	const char *close;

	if (*p == '[' && (close = memchr(p, ']', (size_t)(end - p))) != NULL)
		return close + 1;
	while (p < end && *p != ':')
		p++;
	return p;
}

static int
check_bytes(const char *text, struct err *err)
{
	if (strlen(text) > URL_MAX)
		return err_set(err, ERR_USAGE, "The address is too long.");
	for (const char *p = text; *p != '\0'; p++) {
		if ((unsigned char)*p <= ' ' || *p == 0x7f || *p == '\\')
			return err_set(err, ERR_USAGE,
			    "The address holds a blank, a backslash or a "
			    "control character.");
	}
	return 0;
}

int
url_split(const char *text, struct url *u, struct err *err)
{
	const char *p;
	const char *end;
	const char *colon;

	*u = (struct url){ .https = false };
	if (check_bytes(text, err))
		return -1;
	if (strncasecmp(text, "https://", 8) == 0)
		u->https = true;
	else if (strncasecmp(text, "http://", 7) != 0)
		return err_set(err, ERR_USAGE,
		    "The address must begin with http:// or https://.");
	p = text + (u->https ? 8 : 7);
	end = p + strcspn(p, "/?#");
	u->rest = end;
	if (memchr(p, '@', (size_t)(end - p)) != NULL)
		return err_set(err, ERR_USAGE,
		    "The address may not hold a user name or password "
		    "(what stands before the @).");
	colon = host_end(p, end);
	if (colon < end && *colon != ':')
		return err_set(err, ERR_USAGE,
		    "Only a port may follow the brackets in the address.");
	if (read_host(u, p, (size_t)(colon - p), err))
		return -1;
	return read_port(u, colon + 1, end, err);
}

const char *
url_origin(const struct url *u, char out[URL_ORIGIN_MAX])
{
	const char *scheme = u->https ? "https" : "http";

	if (u->port == (u->https ? 443 : 80))
		(void)snprintf(out, URL_ORIGIN_MAX, "%s://%s", scheme, u->host);
	else
		(void)snprintf(out, URL_ORIGIN_MAX, "%s://%s:%d", scheme,
		    u->host, u->port);
	return out;
}

bool
url_same_origin(const char *a, const char *b)
{
	struct err err;
	struct url ua;
	struct url ub;

	return url_split(a, &ua, &err) == 0 && url_split(b, &ub, &err) == 0 &&
	    ua.https == ub.https && ua.port == ub.port &&
	    strcmp(ua.host, ub.host) == 0;
}

void
url_escape(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (alnum(*s) || strchr("-._~", *s) != NULL)
			buf_addc(out, *s);
		else
			buf_addf(out, "%%%02X", (unsigned)(unsigned char)*s);
	}
}
