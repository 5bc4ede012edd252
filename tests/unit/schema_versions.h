#ifndef TESTS_UNIT_SCHEMA_VERSIONS_H
#define TESTS_UNIT_SCHEMA_VERSIONS_H

/* clang-format off: its long macros have no layout that stays. */

/* The tables of the original system, as its releases created them. */

#define ID "\"id\" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT"
#define AT "DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP"
#define FK(t, c, p, d)                                                         \
	"CONSTRAINT \"" t "_" c "_fkey\" FOREIGN KEY (\"" c                    \
	"\") REFERENCES \"" p "\" (\"id\") ON DELETE " d " ON UPDATE CASCADE"

#define USER_KEY                                                               \
	"CREATE UNIQUE INDEX \"User_username_key\" ON "                        \
	"\"User\"(\"username\");"
#define USER_1                                                                 \
	"CREATE TABLE \"User\" (" ID ", \"username\" TEXT NOT NULL, "          \
	"\"createdAt\" " AT                                                    \
	", \"movieProfile\" TEXT, \"tvProfile\" TEXT);" USER_KEY
#define USER_2                                                                 \
	"CREATE TABLE \"User\" (" ID ", \"username\" TEXT NOT NULL, "          \
	"\"passwordHash\" TEXT, \"isSystemAdmin\" BOOLEAN NOT NULL DEFAULT "   \
	"false, \"createdAt\" " AT ", \"movieProfile\" TEXT, "                 \
	"\"tvProfile\" TEXT);" USER_KEY

#define MEDIA_COLUMNS                                                          \
	ID ", \"tmdbId\" INTEGER NOT NULL, \"title\" TEXT "                    \
	   "NOT NULL, \"mediaType\" TEXT NOT NULL, \"posterUrl\" TEXT, "
#define MEDIA_REST                                                             \
	"\"overview\" TEXT, \"backdropUrl\" TEXT, "                            \
	"\"voteAverage\" REAL, \"language\" TEXT, \"releaseYear\" TEXT"
#define MEDIA_KEY                                                              \
	"CREATE UNIQUE INDEX \"Media_tmdbId_key\" ON "                         \
	"\"Media\"(\"tmdbId\");"
#define SOURCES "\"posterSourceUrl\" TEXT, \"backdropSourceUrl\" TEXT, "
#define RICH                                                                   \
	", \"keywords\" TEXT, \"director\" TEXT, \"topCast\" TEXT, "           \
	"\"tagline\" TEXT, \"similarIds\" TEXT, \"recommendationIds\" TEXT, "  \
	"\"enrichedAt\" DATETIME"
#define MEDIA_1                                                                \
	"CREATE TABLE \"Media\" (" MEDIA_COLUMNS MEDIA_REST ");" MEDIA_KEY
#define MEDIA_2                                                                \
	"CREATE TABLE \"Media\" (" MEDIA_COLUMNS SOURCES MEDIA_REST            \
	");" MEDIA_KEY
#define MEDIA_3                                                                \
	"CREATE TABLE \"Media\" (" MEDIA_COLUMNS SOURCES MEDIA_REST RICH       \
	");" MEDIA_KEY
#define MEDIA_4                                                                \
	"CREATE TABLE \"Media\" (" MEDIA_COLUMNS SOURCES MEDIA_REST            \
	", \"genres\" TEXT" RICH ");" MEDIA_KEY

#define UM_COLUMNS                                                             \
	ID ", \"userId\" INTEGER NOT NULL, \"mediaId\" INTEGER "               \
	   "NOT NULL, \"status\" TEXT NOT NULL, \"updatedAt\" DATETIME NOT NULL, "
#define UM_KEYS                                                                \
	FK("UserMedia", "userId", "User", "RESTRICT")                          \
	", " FK("UserMedia", "mediaId", "Media", "RESTRICT")
#define UM_KEY                                                                 \
	"CREATE UNIQUE INDEX \"UserMedia_userId_mediaId_key\" ON "             \
	"\"UserMedia\"(\"userId\", \"mediaId\");"
#define UM_1 "CREATE TABLE \"UserMedia\" (" UM_COLUMNS UM_KEYS ");" UM_KEY
#define UM_2                                                                   \
	"CREATE TABLE \"UserMedia\" (" UM_COLUMNS "\"blockedAt\" "             \
	"DATETIME, \"permanentBlock\" BOOLEAN NOT NULL DEFAULT false, "        \
	"\"softBlockUntil\" DATETIME, \"redemptionAttempts\" INTEGER NOT "     \
	"NULL DEFAULT 0, " UM_KEYS ");" UM_KEY

#define CFG_ID                                                                 \
	"CREATE TABLE \"SystemConfig\" (" ID " DEFAULT 1, "                    \
	"\"jellyfinUrl\" TEXT, \"jellyseerrUrl\" TEXT, "                       \
	"\"jellyseerrApiKey\" TEXT, "
#define CFG_END "\"isConfigured\" BOOLEAN NOT NULL DEFAULT false"
#define CFG_1                                                                  \
	CFG_ID "\"geminiApiKey\" TEXT, \"geminiModel\" TEXT NOT NULL "         \
	       "DEFAULT 'gemini-2.5-flash-lite', " CFG_END ");"
#define CFG_2                                                                  \
	CFG_ID "\"geminiApiKey\" TEXT, \"geminiModel\" TEXT NOT NULL "         \
	       "DEFAULT 'gemini-3-flash-preview', " CFG_END ");"
#define CFG_3                                                                      \
	CFG_ID                                                                     \
	"\"tmdbApiKey\" TEXT, \"geminiApiKey\" TEXT, "                             \
	"\"geminiModel\" TEXT NOT NULL DEFAULT 'gemini-3-flash-preview', " CFG_END \
	");"
#define CFG_4                                                                  \
	CFG_ID "\"tmdbApiKey\" TEXT, \"geminiApiKey\" TEXT, "                  \
	       "\"aiProvider\" TEXT NOT NULL DEFAULT 'google', "               \
	       "\"openrouterApiKey\" TEXT, \"aiModel\" TEXT NOT NULL DEFAULT " \
	       "'gemini-3-flash-preview', " CFG_END ");"

#define WEEKLY                                                                             \
	"CREATE TABLE \"WeeklyWatchlist\" (" ID ", \"userId\" INTEGER "                    \
	"NOT NULL, \"movies\" TEXT NOT NULL, \"weekStart\" DATETIME NOT "                  \
	"NULL, " FK("WeeklyWatchlist", "userId", "User",                                   \
	    "RESTRICT") ");"                                                               \
			"CREATE UNIQUE INDEX \"WeeklyWatchlist_userId_weekStart_key\" ON " \
			"\"WeeklyWatchlist\"(\"userId\", \"weekStart\");"                  \
			"INSERT INTO WeeklyWatchlist VALUES (1, 1, '[]', 1764066600000);"
#define REDEEM                                                                 \
	"CREATE TABLE \"RedemptionCandidates\" (" ID ", \"userId\" "           \
	"INTEGER NOT NULL, \"candidates\" TEXT NOT NULL, " FK(                 \
	    "RedemptionCandidates", "userId", "User",                          \
	    "RESTRICT") ");"                                                   \
			"INSERT INTO RedemptionCandidates VALUES (1, 2, '[1]');"
#define SESSION                                                                \
	"CREATE TABLE \"Session\" (" ID ", \"tokenHash\" TEXT NOT "            \
	"NULL, \"userId\" INTEGER NOT NULL, " FK("Session", "userId", "User",  \
	    "CASCADE") ");"                                                    \
		       "INSERT INTO Session VALUES (1, 'dummy', 1);"

/* Rows that every version can hold, with times in all the forms. */
#define ROWS                                                                    \
	"INSERT INTO \"User\" (id, username, createdAt, movieProfile) "         \
	"VALUES (1, 'anna', 1764066600000, 'likes\n'), "                        \
	"(2, 'Anna', '2025-11-25 10:30:00', NULL), "                            \
	"(3, 'x', 'garbage', x'00ff');"                                         \
	"INSERT INTO \"Media\" (id, tmdbId, title, mediaType, voteAverage, "    \
	"releaseYear) VALUES (1, 1396, 'A', 'tv', 8, '2008'), "                 \
	"(2, 550, '', 'movie', 8.4, '007'), (3, 551, 'C', 'odd', NULL, 'TBA');" \
	"INSERT INTO \"UserMedia\" (id, userId, mediaId, status, updatedAt) "   \
	"VALUES (1, 1, 1, 'WATCHED', 1764066600000), "                          \
	"(2, 1, 2, 'WATCHLIST', '2026-01-05T10:30:00.037+00:00'), "             \
	"(3, 2, 1, 'BLOCKED', '2025-11-25 10:30:00'), "                         \
	"(9, 3, 3, 'other', ''), (10, 3, 1, 'WATCHED', 'garbage');"             \
	"INSERT INTO \"SystemConfig\" (id, jellyfinUrl, isConfigured) VALUES "  \
	"(1, 'http://127.0.0.1:8096', 1);"

static const struct version {
	const char *name;
	const char *sql;
} versions[] = {
	{ "v2.0.0", USER_1 MEDIA_1 UM_1 CFG_1 ROWS },
	{ "v2.0.5", USER_1 MEDIA_2 UM_1 CFG_1 ROWS },
	{ "v2.1.0", USER_1 MEDIA_2 UM_1 CFG_2 ROWS },
	{ "before v2.2.0", USER_1 MEDIA_3 UM_1 CFG_2 ROWS },
	{ "with genres", USER_1 MEDIA_4 UM_1 CFG_2 ROWS },
	{ "v2.2.0", USER_1 MEDIA_4 UM_1 CFG_3 ROWS WEEKLY },
	{ "before v2.3.0", USER_1 MEDIA_4 UM_2 CFG_3 ROWS WEEKLY },
	{ "v2.3.0", USER_1 MEDIA_4 UM_2 CFG_3 ROWS WEEKLY REDEEM },
	{ "v2.3.7", USER_2 MEDIA_4 UM_2 CFG_3 ROWS WEEKLY REDEEM },
	{ "v2.4.0", USER_2 MEDIA_4 UM_2 CFG_4 ROWS WEEKLY REDEEM },
	{ "v2.7.0", USER_2 MEDIA_4 UM_2 CFG_4 ROWS WEEKLY REDEEM SESSION },
};

/* What each upgrade added to the tables of v2.0.0, in Prisma's order. */
static const char *const upgrades[] = {
	USER_1 MEDIA_1 UM_1 CFG_1 ROWS,
	"ALTER TABLE \"Media\" ADD COLUMN \"backdropSourceUrl\" TEXT;"
	"ALTER TABLE \"Media\" ADD COLUMN \"posterSourceUrl\" TEXT;",
	"ALTER TABLE \"SystemConfig\" RENAME TO c;" CFG_2
	"INSERT INTO \"SystemConfig\" SELECT * FROM c; DROP TABLE c;",
	"ALTER TABLE \"Media\" ADD COLUMN \"director\" TEXT;"
	"ALTER TABLE \"Media\" ADD COLUMN \"enrichedAt\" DATETIME;"
	"ALTER TABLE \"Media\" ADD COLUMN \"keywords\" TEXT;"
	"ALTER TABLE \"Media\" ADD COLUMN \"recommendationIds\" TEXT;"
	"ALTER TABLE \"Media\" ADD COLUMN \"similarIds\" TEXT;"
	"ALTER TABLE \"Media\" ADD COLUMN \"tagline\" TEXT;"
	"ALTER TABLE \"Media\" ADD COLUMN \"topCast\" TEXT;",
	"ALTER TABLE \"Media\" ADD COLUMN \"genres\" TEXT;",
	"ALTER TABLE \"SystemConfig\" ADD COLUMN \"tmdbApiKey\" TEXT;" WEEKLY,
	"ALTER TABLE \"UserMedia\" RENAME TO u; DROP INDEX "
	"\"UserMedia_userId_mediaId_key\";" UM_2 "INSERT INTO \"UserMedia\" "
	"(id, userId, mediaId, status, updatedAt) SELECT * FROM u; "
	"DROP TABLE u;",
	REDEEM,
	"ALTER TABLE \"User\" ADD COLUMN \"passwordHash\" TEXT;"
	"ALTER TABLE \"User\" ADD COLUMN \"isSystemAdmin\" BOOLEAN NOT NULL "
	"DEFAULT false;",
	"ALTER TABLE \"SystemConfig\" RENAME TO c;" CFG_4
	"INSERT INTO \"SystemConfig\" (id, jellyfinUrl, isConfigured) "
	"SELECT id, jellyfinUrl, isConfigured FROM c; DROP TABLE c;",
	SESSION,
};

#endif
