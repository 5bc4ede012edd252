#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/fault/model_int.h"

#define SECTOR 512
#define FILE_MAX ((size_t)64 << 20)

/* A cut under way. */
struct cutting {
	struct model *m;
	enum cut cut;
	unsigned seed;
	const char *to;
};

static bool
by_chance(struct cutting *c)
{
	c->seed = c->seed * 1103515245u + 12345u;
	return (c->seed >> 16) % 2 == 0;
}

/* How many changes of each folder's names are left, from the first on. */
static void
choose_names(struct cutting *c)
{
	struct model *m = c->m;
	bool again = true;

	for (int i = 0; i < m->nodes_count; i++) {
		struct node *n = &m->nodes[i];

		n->kept = n->pending_count;
		if (c->cut == CUT_ALL_LOST || c->cut == CUT_NAMES_LOST)
			n->kept = 0;
		while (c->cut == CUT_RANDOM && n->kept > 0 && by_chance(c))
			n->kept--;
	}
	/* A name goes only to where it is, and is only where a folder is. */
	while (again) {
		again = false;
		for (int i = 0; i < m->nodes_count; i++) {
			struct node *n = &m->nodes[i];

			for (int k = 0; k < n->kept; k++) {
				const struct change *p = &n->pending[k];

				if (p->needs < 0 ||
				    p->needs_change < m->nodes[p->needs].kept)
					continue;
				n->kept = k;
				again = true;
			}
		}
	}
}

/* A write of which some sectors are left. */
static void
keep_sectors(struct cutting *c, struct buf *b, const struct shim_event *e)
{
	for (size_t at = 0; at < e->len; at += SECTOR) {
		size_t len = e->len - at < SECTOR ? e->len - at : SECTOR;
		size_t place = (size_t)e->offset + at;

		if (by_chance(c))
			continue;
		while (b->len < place + len)
			buf_addc(b, '\0');
		memcpy(b->data + place, (const char *)(e + 1) + at, len);
	}
}

static void
bytes_left(struct cutting *c, const struct node *n, struct buf *b)
{
	buf_init(b, FILE_MAX);
	buf_add(b, n->safe.data, n->safe.len);
	for (int i = 0; i < n->pending_count; i++) {
		const struct shim_event *e = n->pending[i].event;

		if (c->cut == CUT_NAMES_LOST ||
		    (c->cut == CUT_BYTES_LOST && e->op == SHIM_TRUNCATE))
			model_bytes(b, e);
		else if (c->cut == CUT_RANDOM && e->op == SHIM_WRITE)
			keep_sectors(c, b, e);
		else if (c->cut == CUT_RANDOM && by_chance(c))
			model_bytes(b, e);
	}
}

/* What is left of a folder, as ${at} in the new one. */
static void
put_folder(struct cutting *c, int dir, const char *at)
{
	struct node *n = &c->m->nodes[dir];
	char path[PLACE_PATH_MAX];

	/* From here on the safe names are those that are left. */
	for (int i = 0; i < n->kept; i++)
		model_apply(&n->safe_names, &n->pending[i]);
	for (int i = 0; i < n->safe_names.count; i++) {
		const struct entry *e = &n->safe_names.entry[i];
		const struct node *file = &c->m->nodes[e->node];
		struct buf b;

		(void)snprintf(path, sizeof(path), "%.200s%s%.200s", at,
		    *at != '\0' ? "/" : "", e->name);
		if (file->dir) {
			put_folder(c, e->node, path);
			continue;
		}
		bytes_left(c, file, &b);
		place_write(c->to, path, b.data, b.len);
		place_keep_time(c->m->before, c->to, path);
		buf_free(&b);
	}
}

void
model_cut(struct model *m, long count, enum cut cut, unsigned seed, bool deaf,
    const char *to)
{
	struct cutting c = { m, cut, seed, to };

	m->deaf = deaf;
	model_build(m, count);
	choose_names(&c);
	tree_clear(to);
	put_folder(&c, 0, "");
}
