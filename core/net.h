#ifndef CORE_NET_H
#define CORE_NET_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

#define NET_LIST_MAX 32

/* An address: IPv6, or IPv4 as ::ffff:a.b.c.d. */
struct net_address {
	unsigned char bytes[16];
};

/* Networks: those addresses whose first bits are the same. */
struct net_list {
	struct net_block {
		struct net_address address;
		unsigned bits;
	} block[NET_LIST_MAX];
	size_t count;
};

/*
 * net_parse(text, len, a):
 * Read the ${len} bytes at ${text} as an address of IPv4 or IPv6, without a
 * port; brackets around IPv6 are accepted.  Return 0, or -1 when they are
 * none; ${a} is then untouched.
 */
int net_parse(const char *text, size_t len, struct net_address *a);

/*
 * net_list_parse(list, text, err):
 * Read addresses and networks ("10.0.0.0/8") separated by commas or spaces
 * into ${list}.  Return 0, or -1 with ${err} (ERR_USAGE naming the one that
 * is wrong).
 */
int net_list_parse(struct net_list *list, const char *text, struct err *err);

/*
 * net_list_has(list, a):
 * Tell whether ${a} lies in one of the networks.
 */
bool net_list_has(const struct net_list *list, const struct net_address *a);

/*
 * net_is_loopback(a):
 * Tell whether ${a} is this machine: 127.0.0.0/8 or ::1.
 */
bool net_is_loopback(const struct net_address *a);

#endif
