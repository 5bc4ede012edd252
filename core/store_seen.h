#ifndef CORE_STORE_SEEN_H
#define CORE_STORE_SEEN_H

#include <stdint.h>

#include "core/item.h"

/*
 * What a writer remembers of titles that it has put into Media, so that it
 * need not ask the database again for each user who has the same.  Room is
 * limited: a title may be forgotten, and is then looked for in the database.
 */
struct store_seen;

/* A title that was put into Media. */
struct seen_title {
	int64_t tmdb_id;
	int64_t row; /* in Media; 0: none is remembered here */
	uint32_t lacks; /* a bit for each column that may be NULL */
};

/*
 * store_seen_new():
 * Return an empty memory, which store_seen_free releases, or NULL.
 */
struct store_seen *store_seen_new(void);

/*
 * store_seen_free(seen):
 * Release ${seen}; NULL is accepted.
 */
void store_seen_free(struct store_seen *seen);

/*
 * store_seen_title(seen, v):
 * Return what is remembered of the title of the item ${v}, with the row 0
 * when that is nothing and the caller is to fill it in; NULL for a title
 * that cannot be remembered, whose type or id is an odd one.  It stays
 * ${seen}'s, until the next call.
 */
struct seen_title *store_seen_title(struct store_seen *seen,
    const struct value *v);

#endif
