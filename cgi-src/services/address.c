#include "cgi-src/services/address.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A run of addresses: the first ${bits} bits are those of ${prefix}. */
struct range {
	unsigned char prefix[16];
	unsigned bits;
};

static const struct range refused4[] = {
	{ { 0 }, 8 }, /* unspecified, "this network" */
	{ { 100, 100, 100, 200 }, 32 }, /* metadata, Alibaba Cloud */
	{ { 168, 63, 129, 16 }, 32 }, /* metadata, Azure */
	{ { 169, 254 }, 16 }, /* link-local, metadata of most clouds */
	{ { 192, 0, 0, 192 }, 32 }, /* metadata, Oracle Cloud */
	{ { 224 }, 4 }, /* multicast */
	{ { 240 }, 4 }, /* reserved, broadcast */
};

static const struct range refused6[] = {
	{ { 0 }, 128 }, /* unspecified */
	{ { 0xfe, 0x80 }, 10 }, /* link-local */
	{ { 0xff }, 8 }, /* multicast */
	{ { 0xfd, 0x00, 0x0e, 0xc2 }, 32 }, /* metadata, AWS */
	{ { 0xfd, 0x20, 0x00, 0xce }, 32 }, /* metadata, Google Cloud */
};

/* Where IPv6 addresses carry an IPv4 one. */
static const struct carrier {
	struct range range;
	unsigned char at;
	unsigned char mask; /* that its bytes were combined with */
} carriers[] = {
	{ { { [10] = 0xff, [11] = 0xff }, 96 }, 12, 0 }, /* mapped */
	{ { { [8] = 0xff, [9] = 0xff }, 96 }, 12, 0 }, /* translated */
	{ { { 0x00, 0x64, 0xff, 0x9b }, 96 }, 12, 0 }, /* NAT64 */
	{ { { 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01 }, 48 }, 12, 0 },
	{ { { 0x20, 0x02 }, 16 }, 2, 0 }, /* 6to4 */
	{ { { 0x20, 0x01, 0x00, 0x00 }, 32 }, 12, 0xff }, /* Teredo */
};

static bool
in_range(const unsigned char *address, const struct range *r)
{
	size_t whole = r->bits / 8;
	unsigned rest = r->bits % 8;

	if (memcmp(address, r->prefix, whole) != 0)
		return false;
	return rest == 0 ||
	    ((address[whole] ^ r->prefix[whole]) >> (8 - rest)) == 0;
}

static bool
refuse4(const unsigned char *address)
{
	for (size_t i = 0; i < sizeof(refused4) / sizeof(refused4[0]); i++) {
		if (in_range(address, &refused4[i]))
			return true;
	}
	return false;
}

/* ::a.b.c.d, but for the loopback address ::1. */
static bool
compatible(const unsigned char *address)
{
	static const unsigned char zeros[12];
	static const unsigned char one[4] = { 0, 0, 0, 1 };

	return memcmp(address, zeros, sizeof(zeros)) == 0 &&
	    memcmp(address + 12, one, sizeof(one)) != 0;
}

/* The lower half of an ISATAP address is 0:5efe or 200:5efe and an IPv4. */
static bool
isatap(const unsigned char *address)
{
	static const unsigned char mark[3] = { 0x00, 0x5e, 0xfe };

	return (address[8] & 0xfd) == 0 && memcmp(address + 9, mark, 3) == 0;
}

static bool
refuse_carried(const unsigned char *address)
{
	for (size_t i = 0; i < sizeof(carriers) / sizeof(carriers[0]); i++) {
		const struct carrier *c = &carriers[i];
		unsigned char inner[4];

		if (!in_range(address, &c->range))
			continue;
		for (size_t k = 0; k < sizeof(inner); k++)
			inner[k] = address[c->at + k] ^ c->mask;
		if (refuse4(inner))
			return true;
	}
	return (compatible(address) || isatap(address)) &&
	    refuse4(address + 12);
}

static bool
refuse6(const unsigned char *address)
{
	for (size_t i = 0; i < sizeof(refused6) / sizeof(refused6[0]); i++) {
		if (in_range(address, &refused6[i]))
			return true;
	}
	return refuse_carried(address);
}

bool
address_refused(const struct sockaddr *sa, socklen_t len)
{
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;

	if (sa->sa_family == AF_INET && len >= sizeof(in4)) {
		memcpy(&in4, sa, sizeof(in4));
		return refuse4((const unsigned char *)&in4.sin_addr);
	}
	if (sa->sa_family == AF_INET6 && len >= sizeof(in6)) {
		memcpy(&in6, sa, sizeof(in6));
		return refuse6(in6.sin6_addr.s6_addr);
	}
	return true;
}
