#include "core/net.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "core/str.h"

#define V4_BITS 96 /* those of ::ffff:0:0/96 */
#define ALL_BITS 128
#define SEPARATORS ", \t"

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool
is_v4(const struct net_address *a)
{
	return memcmp(a->bytes, mapped, sizeof(mapped)) == 0;
}

int
net_parse(const char *text, size_t len, struct net_address *a)
{
	struct net_address found;
	char copy[INET6_ADDRSTRLEN];

	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len == 0 || len >= sizeof(copy) || memchr(text, '\0', len) != NULL)
		return -1;
	memcpy(copy, text, len);
	copy[len] = '\0';
	memcpy(found.bytes, mapped, sizeof(mapped));
	if (inet_pton(AF_INET, copy, found.bytes + sizeof(mapped)) != 1 &&
	    inet_pton(AF_INET6, copy, found.bytes) != 1)
		return -1;
	*a = found;
	return 0;
}

/* One word of a list; -1 when it is no network. */
static int
parse_block(const char *word, size_t len, struct net_block *block)
{
	const char *slash = memchr(word, '/', len);
	size_t address = slash != NULL ? (size_t)(slash - word) : len;
	int64_t bits;
	int64_t most;

	if (net_parse(word, address, &block->address))
		return -1;
	most = is_v4(&block->address) ? ALL_BITS - V4_BITS : ALL_BITS;
	bits = most;
	if (slash != NULL &&
	    (str_int64(slash + 1, len - address - 1, &bits) || bits < 0 ||
		bits > most))
		return -1;
	block->bits = (unsigned)(bits + ALL_BITS - most);
	return 0;
}

int
net_list_parse(struct net_list *list, const char *text, struct err *err)
{
	list->count = 0;
	while (*(text += strspn(text, SEPARATORS)) != '\0') {
		size_t len = strcspn(text, SEPARATORS);

		if (list->count == NET_LIST_MAX)
			return err_set(err, ERR_USAGE,
			    "More than %d networks are listed.", NET_LIST_MAX);
		if (parse_block(text, len, &list->block[list->count]))
			return err_set(err, ERR_USAGE,
			    "\"%.*s\" is no address and no network such as "
			    "10.0.0.0/8.",
			    (int)len, text);
		list->count++;
		text += len;
	}
	return 0;
}

static bool
same_bits(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned whole = bits / 8;
	unsigned rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

bool
net_list_has(const struct net_list *list, const struct net_address *a)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct net_block *b = &list->block[i];

		if (same_bits(b->address.bytes, a->bytes, b->bits))
			return true;
	}
	return false;
}

bool
net_is_loopback(const struct net_address *a)
{
	static const unsigned char one[16] = { [15] = 1 };

	if (is_v4(a))
		return a->bytes[sizeof(mapped)] == 127;
	return memcmp(a->bytes, one, sizeof(one)) == 0;
}
