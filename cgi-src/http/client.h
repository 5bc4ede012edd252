#ifndef CGI_SRC_HTTP_CLIENT_H
#define CGI_SRC_HTTP_CLIENT_H

#include <stdbool.h>

#include "core/net.h"

/* Who is at the other end, beyond the proxies that we trust. */
struct client {
	char address[64]; /* as text; what the web server said if odd */
	const char *host; /* the Host it asked for, or NULL; envp's */
	bool secure; /* it came by https */
};

/*
 * client_find(c, envp, proxies):
 * Fill ${c} from the parameters ${envp}.  The web server's REMOTE_ADDR is
 * the client, unless it is one of ${proxies}: then X-Forwarded-For is read
 * from its end, each address being believed as long as the one before was a
 * proxy of ours; X-Forwarded-Proto and X-Forwarded-Host count too.  HTTPS
 * says that the web server itself speaks TLS.
 */
void client_find(struct client *c, char *const *envp,
    const struct net_list *proxies);

#endif
