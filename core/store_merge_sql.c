#include "core/store_merge.h"

#include "core/store_merge_int.h"

/* Every column of Media but the id and what identifies a title. */
#define FOR_MEDIA(X, sep)                                                      \
	X(title) sep X(posterUrl)                                              \
	sep X(posterSourceUrl)                                                 \
	sep X(overview)                                                        \
	sep X(backdropUrl)                                                     \
	sep X(backdropSourceUrl)                                               \
	sep X(voteAverage)                                                     \
	sep X(language)                                                        \
	sep X(releaseYear)                                                     \
	sep X(genres)                                                          \
	sep X(keywords)                                                        \
	sep X(director)                                                        \
	sep X(topCast)                                                         \
	sep X(tagline)                                                         \
	sep X(similarIds)                                                      \
	sep X(recommendationIds)                                               \
	sep X(enrichedAt)
#define FOR_CONFIG(X, sep)                                                     \
	X(jellyfinUrl) sep X(jellyseerrUrl)                                    \
	sep X(jellyseerrApiKey)                                                \
	sep X(geminiApiKey)                                                    \
	sep X(geminiModel)                                                     \
	sep X(tmdbApiKey)                                                      \
	sep X(aiProvider)                                                      \
	sep X(openrouterApiKey)                                                \
	sep X(aiModel)                                                         \
	sep X(jellyfinServerId)
#define NAME(c) "\"" #c "\""
#define OF_S(c) "s.\"" #c "\""
#define TAKE(c) "\"" #c "\" = s.\"" #c "\""
#define KEEP(c) "\"" #c "\" = coalesce(m.\"" #c "\", s.\"" #c "\")"
/* An empty setting is none: it takes the place of nothing. */
#define PREFER(c)                                                              \
	"\"" #c "\" = coalesce(nullif(s.\"" #c "\", ''), m.\"" #c              \
	"\", s.\"" #c "\")"
#define DIFFERS(c) "m.\"" #c "\" IS NOT s.\"" #c "\""
#define LACKS(c) "(m.\"" #c "\" IS NULL AND s.\"" #c "\" IS NOT NULL)"

/* A title of "src", as s, and ours of the same name, as m. */
#define SAME_TITLE                                                             \
	" m.\"mediaType\" IS s.\"mediaType\" AND m.\"tmdbId\" IS s.\"tmdbId\" "
/*
 * Ours that another one of the same name changes: where ${differs}.  The
 * planner is led by the hand: it reads FROM in its order only when the table
 * that is changed is found last, by its id, among ids computed before; left
 * alone it scans our whole table for each title.
 */
#define OUR_TITLES(differs)                                                    \
	" FROM (SELECT m.\"id\" AS \"target\", s.* FROM src.\"Media\" s"       \
	" CROSS JOIN main.\"Media\" m WHERE" SAME_TITLE "AND (" differs        \
	") LIMIT -1) s WHERE m.\"id\" = s.\"target\""
/* The entries of one user of "src" (?1), as e, with our titles, as m. */
#define ENTRIES_OF_USER                                                        \
	" FROM src.\"UserMedia\" e CROSS JOIN src.\"Media\" s"                 \
	" CROSS JOIN main.\"Media\" m WHERE e.\"userId\" = ?1"                 \
	" AND s.\"id\" = e.\"mediaId\" AND" SAME_TITLE
#define AGE(t)                                                                 \
	"coalesce(jair_ms(coalesce(" t ".\"updatedAt\", " t ".\"addedAt\")),"  \
	" -9223372036854775808)"
#define INSERT_ENTRIES_OF_USER                                                 \
	"INSERT INTO main.\"UserMedia\" (\"userId\", \"mediaId\","             \
	" \"status\", \"addedAt\", \"updatedAt\", \"blockedAt\","              \
	" \"permanentBlock\", \"softBlockUntil\", \"redemptionAttempts\")"     \
	" SELECT ?2, m.\"id\", e.\"status\", e.\"addedAt\", e.\"updatedAt\","  \
	" e.\"blockedAt\", e.\"permanentBlock\", e.\"softBlockUntil\","        \
	" e.\"redemptionAttempts\"" ENTRIES_OF_USER
#define PROFILE(text, at)                                                      \
	"UPDATE main.\"User\" AS m SET \"" text "\" = s.\"" text "\","         \
	" \"" at "\" = s.\"" at "\" FROM src.\"User\" s WHERE s.\"id\" = ?1"   \
	" AND m.\"id\" = ?2 AND coalesce(s.\"" text "\", '') <> ''"            \
	" AND (coalesce(m.\"" text "\", '') = '' OR"                           \
	" jair_ms(s.\"" at "\") > coalesce(jair_ms(m.\"" at "\"),"             \
	" -9223372036854775808))"                                              \
	" AND (s.\"" text "\" IS NOT m.\"" text "\" OR"                        \
	" s.\"" at "\" IS NOT m.\"" at "\")"

static const char *const sql[MERGE_STATEMENTS] = {
	[MERGE_NEXT_USER] = "SELECT \"id\", \"username\" FROM src.\"User\""
			    " WHERE \"id\" > ?1 ORDER BY \"id\" LIMIT 1",
	[MERGE_FIND_USER] =
	    "SELECT m.\"id\" FROM src.\"User\" s"
	    " JOIN main.\"User\" m ON m.\"username\" = s.\"username\""
	    " WHERE s.\"id\" = ?1",
	[MERGE_ADD_USER] =
	    "INSERT INTO main.\"User\" (\"username\", \"createdAt\","
	    " \"movieProfile\", \"tvProfile\", \"movieProfileAt\","
	    " \"tvProfileAt\") SELECT \"username\", \"createdAt\","
	    " \"movieProfile\", \"tvProfile\", \"movieProfileAt\","
	    " \"tvProfileAt\" FROM src.\"User\" WHERE \"id\" = ?1",
	[MERGE_BIND_ID] =
	    "UPDATE main.\"User\" AS m SET"
	    " \"jellyfinUserId\" = s.\"jellyfinUserId\" FROM src.\"User\" s"
	    " WHERE s.\"id\" = ?1 AND m.\"id\" = ?2"
	    " AND m.\"jellyfinUserId\" IS NULL"
	    " AND s.\"jellyfinUserId\" IS NOT NULL"
	    " AND (SELECT \"jellyfinServerId\" FROM main.\"SystemConfig\""
	    " WHERE \"id\" = 1) IS (SELECT \"jellyfinServerId\""
	    " FROM src.\"SystemConfig\" WHERE \"id\" = 1)"
	    " AND NOT EXISTS (SELECT 1 FROM main.\"User\" o"
	    " WHERE o.\"jellyfinUserId\" = s.\"jellyfinUserId\")",
	[MERGE_COUNT_ITEMS] = "SELECT count(*) FROM src.\"UserMedia\""
			      " WHERE \"userId\" = ?1",
	[MERGE_COUNT_COMMON] =
	    "SELECT count(*)" ENTRIES_OF_USER
	    " AND EXISTS (SELECT 1 FROM main.\"UserMedia\" x"
	    " WHERE x.\"userId\" = ?2 AND x.\"mediaId\" = m.\"id\")",
	[MERGE_COUNT_LIVE] = "SELECT count(*) FROM main.\"UserMedia\""
			     " WHERE \"userId\" = ?1",
	[MERGE_COUNT_KEPT] = "SELECT count(*) FROM src.\"JairKept\""
			     " WHERE \"userId\" IS ?1 AND \"kind\" = ?2",
	[MERGE_FILL_MEDIA] = "UPDATE main.\"Media\" AS m SET " FOR_MEDIA(KEEP,
	    ", ") OUR_TITLES(FOR_MEDIA(LACKS, " OR ")),
	[MERGE_SET_MEDIA] = "UPDATE main.\"Media\" AS m SET " FOR_MEDIA(TAKE,
	    ", ") OUR_TITLES(FOR_MEDIA(DIFFERS, " OR ")),
	[MERGE_ADD_MEDIA] =
	    "INSERT INTO main.\"Media\" (\"mediaType\", \"tmdbId\", " FOR_MEDIA(
		NAME,
		", ") ") SELECT s.\"mediaType\", s.\"tmdbId\", " FOR_MEDIA(OF_S,
		", ") " FROM src.\"Media\" s WHERE NOT EXISTS"
		      " (SELECT 1 FROM main.\"Media\" m WHERE" SAME_TITLE ")",
	[MERGE_UPDATE_ITEMS] =
	    "UPDATE main.\"UserMedia\" AS t SET"
	    " \"status\" = e.\"status\","
	    " \"addedAt\" = coalesce(t.\"addedAt\", e.\"addedAt\"),"
	    /* Ours stays when it was added; what came keeps its age. */
	    " \"updatedAt\" = coalesce(e.\"updatedAt\","
	    " iif(t.\"addedAt\" IS NULL, NULL, e.\"addedAt\")),"
	    " \"blockedAt\" = e.\"blockedAt\","
	    " \"permanentBlock\" = e.\"permanentBlock\","
	    " \"softBlockUntil\" = e.\"softBlockUntil\","
	    " \"redemptionAttempts\" = e.\"redemptionAttempts\""
	    " FROM (SELECT x.\"id\" AS \"target\", e.* FROM"
	    " src.\"UserMedia\" e CROSS JOIN src.\"Media\" s"
	    " CROSS JOIN main.\"Media\" m CROSS JOIN main.\"UserMedia\" x"
	    " WHERE e.\"userId\" = ?1 AND s.\"id\" = e.\"mediaId\" AND" SAME_TITLE
	    "AND x.\"userId\" = ?2 AND x.\"mediaId\" = m.\"id\""
	    " AND " AGE("e") " > " AGE("x") " LIMIT -1) e"
					    " WHERE t.\"id\" = e.\"target\"",
	[MERGE_DELETE_ITEMS] =
	    "DELETE FROM main.\"UserMedia\" WHERE \"userId\" = ?1",
	[MERGE_ADD_ITEMS] = INSERT_ENTRIES_OF_USER
	" AND NOT EXISTS (SELECT 1 FROM main.\"UserMedia\" x"
	" WHERE x.\"userId\" = ?2 AND x.\"mediaId\" = m.\"id\")",
	/* Nothing there yet, so that nothing must be looked for. */
	[MERGE_ADD_FIRST_ITEMS] = INSERT_ENTRIES_OF_USER
	" ON CONFLICT (\"userId\", \"mediaId\") DO NOTHING",
	[MERGE_MOVIE_PROFILE] = PROFILE("movieProfile", "movieProfileAt"),
	[MERGE_TV_PROFILE] = PROFILE("tvProfile", "tvProfileAt"),
	/* Who logged in here to get their history back was there before. */
	[MERGE_EARLIER] =
	    "UPDATE main.\"User\" AS m SET"
	    " \"createdAt\" = s.\"createdAt\" FROM src.\"User\" s"
	    " WHERE s.\"id\" = ?1 AND m.\"id\" = ?2"
	    " AND jair_ms(s.\"createdAt\") <"
	    " coalesce(jair_ms(m.\"createdAt\"), 9223372036854775807)",
	[MERGE_SET_USER] =
	    "UPDATE main.\"User\" AS m SET"
	    " \"createdAt\" = s.\"createdAt\","
	    " \"movieProfile\" = s.\"movieProfile\","
	    " \"tvProfile\" = s.\"tvProfile\","
	    " \"movieProfileAt\" = s.\"movieProfileAt\","
	    " \"tvProfileAt\" = s.\"tvProfileAt\" FROM src.\"User\" s"
	    " WHERE s.\"id\" = ?1 AND m.\"id\" = ?2",
	[MERGE_FOREIGN] =
	    "SELECT count(*) FROM src.\"User\" s"
	    " JOIN src.\"SystemConfig\" c ON c.\"id\" = 1"
	    " JOIN main.\"SystemConfig\" m ON m.\"id\" = 1"
	    " WHERE s.\"id\" = ?1 AND s.\"jellyfinUserId\" <> ?2"
	    " AND c.\"jellyfinServerId\" = m.\"jellyfinServerId\"",
	[MERGE_DELETE_KEPT] =
	    "DELETE FROM main.\"JairKept\" WHERE \"userId\" IS ?1",
	[MERGE_ADD_KEPT] =
	    "INSERT INTO main.\"JairKept\" (\"userId\", \"kind\","
	    " \"value\") SELECT ?2, s.\"kind\", s.\"value\""
	    " FROM src.\"JairKept\" s WHERE s.\"userId\" IS ?1 AND (?3 OR NOT"
	    " EXISTS (SELECT 1 FROM main.\"JairKept\" m WHERE m.\"userId\" IS"
	    " ?2 AND m.\"kind\" = s.\"kind\" AND m.\"value\" = s.\"value\"))"
	    " ORDER BY s.\"id\"",
	[MERGE_HAS_CONFIG] = "SELECT count(*) FROM src.\"SystemConfig\""
			     " WHERE \"id\" = 1",
	[MERGE_ADD_CONFIG] =
	    "INSERT INTO main.\"SystemConfig\" (\"id\","
	    " \"isConfigured\") SELECT 1, 0 WHERE NOT EXISTS (SELECT 1 FROM"
	    " main.\"SystemConfig\" WHERE \"id\" = 1)",
	[MERGE_FILL_CONFIG] =
	    "UPDATE main.\"SystemConfig\" AS m SET " FOR_CONFIG(PREFER,
		", ") " FROM src.\"SystemConfig\" s"
		      " WHERE s.\"id\" = 1 AND m.\"id\" = 1",
	[MERGE_SET_CONFIG] =
	    "UPDATE main.\"SystemConfig\" AS m SET " FOR_CONFIG(TAKE,
		", ") " FROM src.\"SystemConfig\" s"
		      " WHERE s.\"id\" = 1 AND m.\"id\" = 1",
	[MERGE_MARK] = "SELECT coalesce(max(\"id\"), 0) FROM main.\"JairKept\"",
	[MERGE_DROP] = "DELETE FROM main.\"JairKept\" WHERE \"id\" ="
		       " (SELECT min(\"id\") FROM main.\"JairKept\""
		       " WHERE \"id\" > ?1 AND \"userId\" IS ?2"
		       " AND \"kind\" = 'rejected' AND \"value\" = ?3)",
};

const struct db_table store_merge_table = { "merge", sql, MERGE_STATEMENTS };
