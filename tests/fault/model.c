#include "tests/fault/model_int.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/path.h"

#define FILE_MAX ((size_t)64 << 20)

/* ---- building ------------------------------------------------------------ */

/* One more of ${count} elements of ${size} bytes. */
static void *
more(void *array, int count, size_t size)
{
	void *p = realloc(array, ((size_t)count + 1) * size);

	if (p == NULL)
		place_die("No memory for the model");
	memset((char *)p + (size_t)count * size, 0, size);
	return p;
}

static int
new_node(struct model *m, bool dir, uint64_t ino)
{
	m->nodes = more(m->nodes, m->nodes_count, sizeof(*m->nodes));
	m->nodes[m->nodes_count].dir = dir;
	m->nodes[m->nodes_count].ino = ino;
	buf_init(&m->nodes[m->nodes_count].safe, FILE_MAX);
	return m->nodes_count++;
}

static struct change *
new_change(struct model *m, int node)
{
	struct node *n = &m->nodes[node];

	n->pending = more(n->pending, n->pending_count, sizeof(*n->pending));
	n->pending[n->pending_count].needs = -1;
	return &n->pending[n->pending_count++];
}

static int
find(const struct names *names, const char *name)
{
	for (int i = 0; i < names->count; i++) {
		if (strcmp(names->entry[i].name, name) == 0)
			return i;
	}
	return -1;
}

static void
drop(struct names *names, const char *name)
{
	int at = find(names, name);

	if (at >= 0)
		names->entry[at] = names->entry[--names->count];
}

static void
add(struct names *names, const char *name, int node)
{
	drop(names, name);
	names->entry = more(names->entry, names->count, sizeof(*names->entry));
	(void)snprintf(names->entry[names->count].name, SHIM_PATH_MAX, "%s",
	    name);
	names->entry[names->count++].node = node;
}

void
model_apply(struct names *names, const struct change *c)
{
	if (c->gone[0] != '\0')
		drop(names, c->gone);
	if (c->name[0] != '\0')
		add(names, c->name, c->node);
}

static void
copy_names(struct names *to, const struct names *from)
{
	to->count = 0;
	for (int i = 0; i < from->count; i++)
		add(to, from->entry[i].name, from->entry[i].node);
}

/* The folder that ${path} lies in. */
static int
folder_of(const struct model *m, const char *path)
{
	char part[SHIM_PATH_MAX];
	const char *slash;
	int dir = 0;

	while ((slash = strchr(path, '/')) != NULL) {
		int at;

		(void)snprintf(part, sizeof(part), "%.*s", (int)(slash - path),
		    path);
		if ((at = find(&m->nodes[dir].names, part)) < 0)
			place_die("The model knows no folder %s", part);
		dir = m->nodes[dir].names.entry[at].node;
		path = slash + 1;
	}
	return dir;
}

/* What ${path} names; -1 when it names nothing. */
static int
node_of(const struct model *m, const char *path)
{
	const char *base = path_base(path);
	int dir = folder_of(m, path);
	int at = find(&m->nodes[dir].names, base);

	if (strcmp(base, ".") == 0)
		return dir;
	return at < 0 ? -1 : m->nodes[dir].names.entry[at].node;
}

/* The file that an event is about. */
static int
file_of(struct model *m, const struct shim_event *e)
{
	int node;

	for (int i = m->nodes_count - 1; i > 0; i--) {
		if (!m->nodes[i].dir && m->nodes[i].ino == e->ino)
			return i;
	}
	if ((node = node_of(m, e->path)) >= 0)
		m->nodes[node].ino = e->ino;
	return node;
}

/* ---- what happened ------------------------------------------------------- */

/* ${change} cannot be without the change that made the folder ${dir}. */
static void
need_folder(struct model *m, struct change *change, int dir)
{
	change->needs = -1;
	for (int i = 0; i < m->nodes_count; i++) {
		for (int k = 0; k < m->nodes[i].pending_count; k++) {
			const struct change *c = &m->nodes[i].pending[k];

			if (m->nodes[i].dir && c->name[0] != '\0' &&
			    c->node == dir) {
				change->needs = i;
				change->needs_change = k;
			}
		}
	}
}

static struct change *
last_change(struct model *m, int dir)
{
	return &m->nodes[dir].pending[m->nodes[dir].pending_count - 1];
}

static void
name_change(struct model *m, int dir, const char *gone, const char *name,
    int node)
{
	struct change *c = new_change(m, dir);

	(void)snprintf(c->gone, sizeof(c->gone), "%s", gone);
	(void)snprintf(c->name, sizeof(c->name), "%s", name);
	c->node = node;
	model_apply(&m->nodes[dir].names, c);
}

static void
move(struct model *m, const struct shim_event *e)
{
	const char *from = path_base(e->path);
	const char *to = path_base(e->path2);
	int node = node_of(m, e->path);
	int dir = folder_of(m, e->path);
	int dir2 = folder_of(m, e->path2);

	if (dir == dir2) {
		name_change(m, dir, from, to, node);
		return;
	}
	name_change(m, dir2, "", to, node);
	need_folder(m, last_change(m, dir2), dir2);
	name_change(m, dir, from, "", -1);
	last_change(m, dir)->needs = dir2;
	last_change(m, dir)->needs_change = m->nodes[dir2].pending_count - 1;
}

static void
set_len(struct buf *b, size_t len)
{
	while (b->len < len)
		buf_addc(b, '\0');
	b->len = len;
}

void
model_bytes(struct buf *b, const struct shim_event *e)
{
	size_t end = (size_t)e->offset + e->len;

	if (e->op == SHIM_TRUNCATE || b->len < end)
		set_len(b, end);
	if (e->op == SHIM_WRITE)
		memcpy(b->data + e->offset, e + 1, e->len);
}

/* All that is pending of a node is safe now. */
static void
settle(struct model *m, int node)
{
	struct node *n = &m->nodes[node];

	for (int i = 0; i < n->pending_count && !n->dir; i++)
		model_bytes(&n->safe, n->pending[i].event);
	if (n->dir)
		copy_names(&n->safe_names, &n->names);
	n->pending_count = 0;
	for (int i = 0; i < m->nodes_count; i++) {
		for (int k = 0; k < m->nodes[i].pending_count; k++) {
			if (m->nodes[i].pending[k].needs == node)
				need_folder(m, &m->nodes[i].pending[k], node);
		}
	}
}

static void
happen(struct model *m, const struct shim_event *e)
{
	const char *base = path_base(e->path);
	int node;

	switch ((enum shim_op)e->op) {
	case SHIM_CREATE:
	case SHIM_MKDIR:
		node = new_node(m, e->op == SHIM_MKDIR, e->ino);
		name_change(m, folder_of(m, e->path), "", base, node);
		need_folder(m, last_change(m, folder_of(m, e->path)),
		    folder_of(m, e->path));
		break;
	case SHIM_WRITE:
	case SHIM_TRUNCATE:
		if ((node = file_of(m, e)) >= 0)
			new_change(m, node)->event = e;
		break;
	case SHIM_SYNC:
		if ((node = file_of(m, e)) >= 0 && !m->deaf)
			settle(m, node);
		break;
	case SHIM_SYNC_DIR:
		if ((node = node_of(m, e->path)) >= 0 && !m->deaf)
			settle(m, node);
		break;
	case SHIM_RENAME:
		move(m, e);
		break;
	case SHIM_LINK:
		node = node_of(m, e->path);
		name_change(m, folder_of(m, e->path2), "", path_base(e->path2),
		    node);
		break;
	case SHIM_UNLINK:
		name_change(m, folder_of(m, e->path), base, "", -1);
		break;
	}
}

/* ---- the disk as it was -------------------------------------------------- */

static int
old_file(void *ctx, const char *name)
{
	struct model *m = ctx;
	char path[SHIM_PATH_MAX];
	int node;

	/* The folders above it. */
	for (const char *p = strchr(name, '/'); p != NULL;
	     p = strchr(p + 1, '/')) {
		(void)snprintf(path, sizeof(path), "%.*s", (int)(p - name),
		    name);
		if (node_of(m, path) < 0) {
			node = new_node(m, true, 0);
			add(&m->nodes[folder_of(m, path)].names,
			    path_base(path), node);
		}
	}
	node = new_node(m, false, 0);
	add(&m->nodes[folder_of(m, name)].names, path_base(name), node);
	if (place_read(m->before, name, &m->nodes[node].safe))
		place_die("Cannot read %s", name);
	return 0;
}

static void
forget(struct model *m)
{
	for (int i = 0; i < m->nodes_count; i++) {
		buf_free(&m->nodes[i].safe);
		free(m->nodes[i].safe_names.entry);
		free(m->nodes[i].names.entry);
		free(m->nodes[i].pending);
	}
	free(m->nodes);
	m->nodes = NULL;
	m->nodes_count = 0;
}

static const struct shim_event *
next(const struct model *m, size_t *at)
{
	const struct shim_event *e;

	if (*at >= m->trace.len)
		return NULL;
	e = (const void *)(m->trace.data + *at);
	*at += sizeof(*e) + (e->len + 7) / 8 * 8;
	return e;
}

struct model *
model_new(const char *before, const char *trace)
{
	struct model *m = calloc(1, sizeof(*m));
	size_t at = 0;

	if (m == NULL || place_read("/", trace, &m->trace))
		place_die("There is no trace %s", trace);
	m->before = before;
	while (next(m, &at) != NULL)
		m->count++;
	return m;
}

void
model_build(struct model *m, long count)
{
	size_t at = 0;

	forget(m);
	(void)new_node(m, true, 0);
	(void)tree_each(m->before, old_file, m);
	for (int i = 0; i < m->nodes_count; i++)
		copy_names(&m->nodes[i].safe_names, &m->nodes[i].names);
	for (long i = 0; i < count; i++) {
		const struct shim_event *e = next(m, &at);

		if (e != NULL)
			happen(m, e);
	}
}

void
model_free(struct model *m)
{
	if (m == NULL)
		return;
	forget(m);
	buf_free(&m->trace);
	free(m);
}

long
model_count(const struct model *m)
{
	return m->count;
}
