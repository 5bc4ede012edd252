#include "cgi-src/http/client.h"

#include <stdio.h>
#include <string.h>

#include "cgi-src/http/request.h"

#define SPACE " \t"

static bool
is_proxy(const char *text, size_t len, const struct net_list *proxies)
{
	struct net_address a;

	return net_parse(text, len, &a) == 0 && net_list_has(proxies, &a);
}

/*
 * Take the last address of the list that ends at ${*end}, without the white
 * space around it; false when there is none left.
 */
static bool
last_address(const char *list, size_t *end, const char **p, size_t *len)
{
	size_t start = *end;

	if (*end == 0)
		return false;
	while (start > 0 && list[start - 1] != ',')
		start--;
	*p = list + start;
	*len = *end - start;
	*end = start > 0 ? start - 1 : 0;
	while (*len > 0 && strchr(SPACE, **p) != NULL) {
		(*p)++;
		(*len)--;
	}
	while (*len > 0 && strchr(SPACE, (*p)[*len - 1]) != NULL)
		(*len)--;
	return true;
}

/* The nearest address of ${list} that is not one of ${proxies}. */
static void
look_behind(struct client *c, const char *list, const struct net_list *proxies)
{
	size_t end = strlen(list);
	const char *p;
	size_t len;

	while (last_address(list, &end, &p, &len)) {
		struct net_address a;

		/* A proxy that says nonsense is the last one we know. */
		if (net_parse(p, len, &a) != 0)
			return;
		(void)snprintf(c->address, sizeof(c->address), "%.*s", (int)len,
		    p);
		if (!net_list_has(proxies, &a))
			return;
	}
}

static bool
says_https(const char *proto)
{
	return proto != NULL && strcmp(proto, "https") == 0;
}

void
client_find(struct client *c, char *const *envp, const struct net_list *proxies)
{
	const char *remote = request_param(envp, "REMOTE_ADDR");
	const char *https = request_param(envp, "HTTPS");
	const char *list = request_param(envp, "HTTP_X_FORWARDED_FOR");
	const char *host = request_param(envp, "HTTP_X_FORWARDED_HOST");

	*c = (struct client){ .host = request_param(envp, "HTTP_HOST") };
	c->secure = https != NULL && strcmp(https, "on") == 0;
	if (remote == NULL)
		return;
	(void)snprintf(c->address, sizeof(c->address), "%s", remote);
	if (!is_proxy(remote, strlen(remote), proxies))
		return;
	if (list != NULL)
		look_behind(c, list, proxies);
	if (host != NULL)
		c->host = host;
	if (says_https(request_param(envp, "HTTP_X_FORWARDED_PROTO")))
		c->secure = true;
}
