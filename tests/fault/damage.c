/* Without this part no two runs would try the same damage. */

#include "tests/fault/damage.h"

#include <string.h>

#define SECTOR 512

static uint64_t
draw(uint64_t *seed, uint64_t below)
{
	*seed = *seed * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (*seed >> 33) % below;
}

void
damage_bytes(uint64_t *seed, struct buf *b)
{
	size_t sectors = b->len / SECTOR;
	size_t at = draw(seed, b->len);
	size_t one = draw(seed, sectors) * SECTOR;
	size_t other = draw(seed, sectors) * SECTOR;
	char sector[SECTOR];

	switch (draw(seed, 6)) {
	case 0:
		b->data[at] = (char)(b->data[at] ^ (1 << draw(seed, 8)));
		break;
	case 1:
		for (int i = 0; i < 8; i++) {
			at = draw(seed, b->len);
			b->data[at] =
			    (char)(b->data[at] ^ (1 << draw(seed, 8)));
		}
		break;
	case 2:
		b->data[at] = (char)draw(seed, 256);
		break;
	case 3:
		memset(b->data + one, 0, SECTOR);
		break;
	case 4:
		b->len = at;
		break;
	default:
		memcpy(sector, b->data + one, SECTOR);
		memcpy(b->data + one, b->data + other, SECTOR);
		memcpy(b->data + other, sector, SECTOR);
		break;
	}
}
