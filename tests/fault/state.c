#include "tests/fault/state.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/fault/place.h"

#define TEMP ".jair-tmp-"

struct summing {
	const char *dir;
	char *out;
};

/*
 * Take from a file what tells two runs apart and decides nothing: why a start
 * failed, behind the word that it did; when an archive's file was written.
 */
static void
plain(const char *name, struct buf *b)
{
	char *p = b->data;

	if (b->len == 0)
		return;
	if (strcmp(name, ".jair.boot") == 0)
		b->len = strcspn(p, "\n");
	if (strcmp(name, ".jair.archives") != 0)
		return;
	for (; (p = strchr(p, '.')) != NULL; p += strspn(p, "0123456789")) {
		char *dot = p++;

		while (dot > b->data && isdigit((unsigned char)dot[-1]))
			*--dot = '0';
		memset(p, '0', strspn(p, "0123456789"));
	}
}

/* Add one file; the order in which they come is no matter. */
static int
add_file(void *ctx, const char *name)
{
	const struct summing *s = ctx;
	const char *temp = strstr(name, TEMP);
	char path[PLACE_PATH_MAX * 2];
	char hex[DIGEST_HEX_MAX];
	struct stat st = { 0 };
	struct err err = { 0 };
	struct digest *d = digest_new(&err);
	struct buf b;

	(void)snprintf(path, sizeof(path), "%s/%s", s->dir, name);
	if (d == NULL || place_read(s->dir, name, &b) || stat(path, &st) != 0)
		place_die("Cannot read %s", path);
	plain(name, &b);
	digest_add(d, name,
	    temp != NULL ? (size_t)(temp - name) + sizeof(TEMP) - 1
			 : strlen(name) + 1);
	digest_add(d, &st.st_mode, sizeof(st.st_mode));
	digest_add(d, buf_str(&b), b.len);
	digest_hex(d, hex);
	for (size_t i = 0; i < DIGEST_HEX_MAX - 1; i++)
		s->out[i] = (char)(s->out[i] ^ hex[i]);
	digest_free(d);
	buf_free(&b);
	return 0;
}

void
state_sum(const char *dir, bool done, char out[DIGEST_HEX_MAX])
{
	struct summing s = { dir, out };

	memset(out, 0, DIGEST_HEX_MAX);
	(void)tree_each(dir, add_file, &s);
	out[DIGEST_HEX_MAX - 1] = done;
}

bool
states_know(const struct states *s, const char *sum)
{
	for (size_t i = 0; i < s->count; i++) {
		if (memcmp(s->known[i], sum, DIGEST_HEX_MAX) == 0)
			return true;
	}
	return false;
}

void
states_add(struct states *s, const char *sum)
{
	char(*more)[DIGEST_HEX_MAX] =
	    realloc(s->known, (s->count + 1) * sizeof(*more));

	if (more == NULL)
		place_die("No memory");
	s->known = more;
	memcpy(s->known[s->count++], sum, DIGEST_HEX_MAX);
}

void
states_free(struct states *s)
{
	free(s->known);
	*s = (struct states){ 0 };
}
