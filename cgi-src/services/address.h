#ifndef CGI_SRC_SERVICES_ADDRESS_H
#define CGI_SRC_SERVICES_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/*
 * address_refused(sa, len):
 * Tell whether we may not connect to the address in the ${len} bytes at
 * ${sa}: link-local, metadata services of clouds, unspecified, multicast,
 * broadcast and reserved ones, anything that is neither IPv4 nor IPv6, and the
 * IPv6 forms that carry one of these IPv4 addresses (mapped, compatible,
 * NAT64, 6to4, Teredo, ISATAP).  Private and loopback addresses are allowed:
 * the services of a household live there.
 * Source: RFC 6890 and the registries of special addresses it refers to.
 */
bool address_refused(const struct sockaddr *sa, socklen_t len);

#endif
