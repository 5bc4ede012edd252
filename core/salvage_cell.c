#include <string.h>

#include "core/salvage_int.h"
#include "core/str.h"

/* Bytes of the longest number in a cell. */
#define VARINT_MAX 9

/* The varint at ${p}; how long it is, or 0 when it does not end by ${end}. */
static size_t
varint(const uint8_t *p, const uint8_t *end, uint64_t *out)
{
	uint64_t n = 0;

	for (size_t i = 0; i < VARINT_MAX && p + i < end; i++) {
		if (i == VARINT_MAX - 1) {
			*out = n << 8 | p[i];
			return VARINT_MAX;
		}
		n = n << 7 | (p[i] & 0x7f);
		if ((p[i] & 0x80) == 0) {
			*out = n;
			return i + 1;
		}
	}
	return 0;
}

/* Where cell ${i} begins, or NULL when that is outside the page. */
static const uint8_t *
cell_at(const struct salvage_file *f, const struct salvage_page *page,
    unsigned i)
{
	size_t head = page->start + (page->type == SALVAGE_INTERIOR ? 12 : 8);
	size_t at = head + 2 * (size_t)i;
	size_t cell;

	if (i >= page->cells || at + 2 > f->usable)
		return NULL;
	cell = (size_t)page->data[at] << 8 | page->data[at + 1];
	if (cell < head + 2 * (size_t)page->cells || cell + 4 > f->usable)
		return NULL;
	return page->data + cell;
}

/* How many bytes of a row of ${len} stand in its leaf page. */
static size_t
local_bytes(const struct salvage_file *f, uint64_t len)
{
	uint64_t usable = f->usable;
	uint64_t max = usable - 35;
	uint64_t min = (usable - 12) * 32 / 255 - 23;
	uint64_t k;

	if (len <= max)
		return (size_t)len;
	k = min + (len - min) % (usable - 4);
	return (size_t)(k <= max ? k : min);
}

/* Read the chain of overflow pages from ${next} on, to the row's end. */
static int
read_chain(struct salvage_file *f, uint32_t next, size_t have, size_t len)
{
	size_t room = f->usable - 4;
	size_t there;

	while (have < len) {
		size_t n = len - have < room ? len - have : room;

		if (!salvage_see(f, next) ||
		    salvage_raw_read(f, next, f->overflow, &there) != 0 ||
		    there < n + 4)
			return -1;
		memcpy(f->payload + have, f->overflow + 4, n);
		have += n;
		next = salvage_u32(f->overflow);
	}
	return 0;
}

/* A big-endian number of ${n} bytes with its sign. */
static int64_t
number(const uint8_t *p, size_t n)
{
	uint64_t v = n > 0 && (p[0] & 0x80) != 0 ? UINT64_MAX : 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return (int64_t)v;
}

/* What a value of the serial type ${type} is; its length. */
static uint64_t
kind_of(uint64_t type, enum salvage_kind *kind)
{
	static const uint8_t sizes[] = { 0, 1, 2, 3, 4, 6, 8, 8, 0, 0 };

	if (type >= 12) {
		*kind = type % 2 == 0 ? SALVAGE_BLOB : SALVAGE_TEXT;
		return (type - 12) / 2;
	}
	*kind = SALVAGE_INT;
	if (type == 0)
		*kind = SALVAGE_NULL;
	else if (type == 7)
		*kind = SALVAGE_REAL;
	return type < 10 ? sizes[type] : UINT64_MAX; /* 10 and 11: none */
}

/* Fill in a value whose ${v->len} bytes stand at ${p}. */
static void
take_value(uint64_t type, const uint8_t *p, struct salvage_value *v)
{
	uint64_t bits;

	v->data = p;
	if (v->kind == SALVAGE_INT)
		v->i = type >= 8 ? (int64_t)type - 8 : number(p, v->len);
	if (v->kind == SALVAGE_REAL) {
		bits = (uint64_t)number(p, v->len);
		memcpy(&v->r, &bits, sizeof(v->r));
	}
}

/*
 * Take a record apart: ${have} of its ${len} bytes are there.  The lengths
 * must add up to the last byte; hardly any other bytes do.
 */
static int
take_apart(const uint8_t *p, size_t have, size_t len, struct salvage_row *row)
{
	uint64_t head;
	uint64_t type;
	size_t at = varint(p, p + have, &head);
	size_t body = (size_t)head;

	row->count = 0;
	if (at == 0 || head < at || head > have)
		return -1;
	while (at < head) {
		struct salvage_value *v = &row->value[row->count];
		size_t n = varint(p + at, p + head, &type);
		uint64_t size;

		if (n == 0 || row->count == SALVAGE_COLUMNS_MAX)
			return -1;
		*v = (struct salvage_value){ 0 };
		if ((size = kind_of(type, &v->kind)) > len - body)
			return -1;
		v->len = (size_t)size;
		if (body + v->len <= have)
			take_value(type, p + body, v);
		row->count++;
		at += n;
		body += v->len;
	}
	return body == len ? 0 : -1;
}

/*
 * The pages that the rest of a long row stands on say nothing of their own:
 * only by its bytes can a text be told from noise or zeros.
 */
static void
check_texts(const struct salvage_file *f, size_t local, struct salvage_row *row)
{
	for (int i = 0; i < row->count && f->encoding == 1; i++) {
		struct salvage_value *v = &row->value[i];

		if (v->kind != SALVAGE_TEXT ||
		    v->data + v->len <= f->payload + local ||
		    (str_utf8_valid((const char *)v->data, v->len) == v->len &&
			memchr(v->data, '\0', v->len) == NULL))
			continue;
		v->kind = SALVAGE_NULL;
		row->spoilt = true;
	}
}

int
salvage_cell_read(struct salvage_file *f, const struct salvage_page *page,
    unsigned i, bool whole, struct salvage_row *row)
{
	const uint8_t *end = page->data + page->end;
	const uint8_t *p = cell_at(f, page, i);
	uint64_t len;
	uint64_t rowid;
	size_t local;
	size_t n;

	if (p == NULL || (n = varint(p, end, &len)) == 0)
		return -1;
	p += n;
	if (len == 0 || len > SALVAGE_ROW_MAX ||
	    (n = varint(p, end, &rowid)) == 0)
		return -1;
	p += n;
	local = local_bytes(f, len);
	if (local + (local < len ? 4 : 0) > (size_t)(end - p))
		return -1;
	memcpy(f->payload, p, local);
	if (whole && local < len &&
	    read_chain(f, salvage_u32(p + local), local, (size_t)len) != 0)
		return -1;
	row->rowid = (int64_t)rowid;
	row->spoilt = false;
	if (take_apart(f->payload, whole ? (size_t)len : local, (size_t)len,
		row) != 0)
		return -1;
	if (whole && local < len)
		check_texts(f, local, row);
	return 0;
}

int
salvage_cell_child(const struct salvage_file *f,
    const struct salvage_page *page, unsigned i, uint32_t *child, int64_t *key)
{
	const uint8_t *p = cell_at(f, page, i);
	uint64_t rowid;

	if (i == page->cells) { /* the last one stands in the header */
		*child = salvage_u32(page->data + page->start + 8);
		*key = INT64_MAX;
		return 0;
	}
	if (p == NULL || varint(p + 4, page->data + f->usable, &rowid) == 0)
		return -1;
	*child = salvage_u32(p);
	*key = (int64_t)rowid;
	return 0;
}
