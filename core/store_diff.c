#include "core/store_diff.h"

#include <sqlite3.h>

enum { USERS, ONLY_FIRST, ONLY_SECOND, CHANGED, PROFILES, STATEMENTS };

/* Times count as equal when they are the same moment. */
#define SAME_TIME(t, u, c)                                                     \
	"coalesce(jair_ms(" t ".\"" c "\"), " t ".\"" c "\") IS"               \
	" coalesce(jair_ms(" u ".\"" c "\"), " u ".\"" c "\")"
#define SAME(t, u, c) t ".\"" c "\" IS " u ".\"" c "\""
/* The entries of ?1 in database ${a} that ?2 lacks in database ${b}. */
#define ONLY(a, b, mine, other)                                                \
	"SELECT count(*) FROM " a ".\"UserMedia\" e"                           \
	" CROSS JOIN " a ".\"Media\" m WHERE e.\"userId\" = " mine             \
	" AND m.\"id\" = e.\"mediaId\" AND NOT EXISTS (SELECT 1 FROM"          \
	" " b ".\"Media\" s CROSS JOIN " b ".\"UserMedia\" x"                  \
	" WHERE s.\"mediaType\" IS m.\"mediaType\""                            \
	" AND s.\"tmdbId\" IS m.\"tmdbId\" AND x.\"userId\" = " other          \
	" AND x.\"mediaId\" = s.\"id\")"

static const char *const sql[STATEMENTS] = {
	[USERS] =
	    "SELECT n.\"username\", a.\"id\", b.\"id\" FROM"
	    " (SELECT \"username\" FROM main.\"User\" UNION"
	    " SELECT \"username\" FROM src.\"User\") n"
	    " LEFT JOIN main.\"User\" a ON a.\"username\" = n.\"username\""
	    " LEFT JOIN src.\"User\" b ON b.\"username\" = n.\"username\""
	    " ORDER BY n.\"username\"",
	[ONLY_FIRST] = ONLY("main", "src", "?1", "?2"),
	[ONLY_SECOND] = ONLY("src", "main", "?2", "?1"),
	[CHANGED] =
	    "SELECT count(*) FROM main.\"UserMedia\" e"
	    " CROSS JOIN main.\"Media\" m CROSS JOIN src.\"Media\" s"
	    " CROSS JOIN src.\"UserMedia\" x WHERE e.\"userId\" = ?1"
	    " AND m.\"id\" = e.\"mediaId\""
	    " AND s.\"mediaType\" IS m.\"mediaType\""
	    " AND s.\"tmdbId\" IS m.\"tmdbId\" AND x.\"userId\" = ?2"
	    " AND x.\"mediaId\" = s.\"id\" AND NOT (" SAME("e", "x",
		"status") " AND " SAME_TIME("e", "x",
		"addedAt") " AND " SAME_TIME("e", "x",
		"updatedAt") " AND " SAME_TIME("e", "x",
		"blockedAt") " AND " SAME("e", "x",
		"permanentBlock") " AND " SAME_TIME("e", "x",
		"softBlockUntil") " AND " SAME("e", "x",
		"redemptionAttempts") " AND " SAME("m", "s",
		"title") " AND " SAME("m", "s", "releaseYear") " AND " SAME("m",
		"s", "posterUrl") " AND " SAME("m", "s",
		"overview") " AND " SAME("m", "s",
		"backdropUrl") " AND " SAME("m", "s",
		"voteAverage") " AND " SAME("m", "s",
		"language") " AND " SAME("m", "s", "genres") " AND " SAME("m",
		"s", "keywords") " AND " SAME("m", "s",
		"director") " AND " SAME("m", "s", "topCast") " AND " SAME("m",
		"s", "tagline") " AND " SAME("m", "s",
		"similarIds") " AND " SAME("m", "s",
		"recommendationIds") " AND " SAME_TIME("m", "s",
		"enrichedAt") " AND " SAME("m", "s",
		"posterSourceUrl") " AND " SAME("m", "s",
		"backdropSourceUrl") ")",
	[PROFILES] =
	    "SELECT count(*) FROM main.\"User\" a"
	    " CROSS JOIN src.\"User\" b WHERE a.\"id\" = ?1"
	    " AND b.\"id\" = ?2 AND NOT (" SAME("a", "b",
		"movieProfile") " AND " SAME("a", "b",
		"tvProfile") " AND " SAME_TIME("a", "b",
		"movieProfileAt") " AND " SAME_TIME("a", "b",
		"tvProfileAt") " AND " SAME_TIME("a", "b",
		"createdAt") " AND " SAME("a", "b", "jellyfinUserId") ")",
};

const struct db_table store_diff_table = { "diff", sql, STATEMENTS };

/* The number that statement ${which} gives for both users' ids. */
static int
count(struct db_stmts *s, size_t which, int64_t first, int64_t second,
    int64_t *out, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(s, which);

	(void)sqlite3_bind_int64(stmt, 1, first);
	(void)sqlite3_bind_int64(stmt, 2, second);
	if (db_step(s, stmt, err) < 0)
		return -1;
	*out = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_reset(stmt);
	return 0;
}

/* Fill in what differs for the user of the present row; 0 is no id. */
static int
compare(struct db_stmts *s, sqlite3_stmt *users, struct user_diff *d,
    struct err *err)
{
	int64_t first = sqlite3_column_int64(users, 1);
	int64_t second = sqlite3_column_int64(users, 2);
	int64_t profiles = 0;

	*d = (struct user_diff){ 0 };
	d->name = (const char *)sqlite3_column_text(users, 0);
	d->name_len = (size_t)sqlite3_column_bytes(users, 0);
	d->in_first = sqlite3_column_type(users, 1) != SQLITE_NULL;
	d->in_second = sqlite3_column_type(users, 2) != SQLITE_NULL;
	if (count(s, ONLY_FIRST, first, second, &d->only_first, err) ||
	    count(s, ONLY_SECOND, first, second, &d->only_second, err) ||
	    count(s, CHANGED, first, second, &d->changed, err) ||
	    count(s, PROFILES, first, second, &profiles, err))
		return -1;
	d->profiles = profiles > 0;
	return 0;
}

int
store_diff(struct db *db, void (*each)(void *ctx, const struct user_diff *diff),
    void *ctx, struct err *err)
{
	struct db_stmts *s = NULL;
	sqlite3_stmt *users;
	int rc;

	if (db_prepare(db, &store_diff_table, &s, err))
		return -1;
	users = db_stmt(s, USERS);
	while ((rc = db_step(s, users, err)) == 1) {
		struct user_diff d;

		if (compare(s, users, &d, err)) {
			rc = -1;
			break;
		}
		if (!d.in_first || !d.in_second || d.only_first > 0 ||
		    d.only_second > 0 || d.changed > 0 || d.profiles)
			each(ctx, &d);
	}
	db_stmts_free(s);
	return rc;
}
