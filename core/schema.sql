-- The target schema (PRAGMA user_version 1).  Names are the original
-- system's, so that its databases open here; what it does not know stands
-- behind a comment.  NOT NULL only where a row has no meaning without a value:
-- an archive may lack any of the rest, and NULL is how a missing key comes
-- back.  Uniqueness stands in indexes, which schema sync can add and drop
-- without a rebuild.

CREATE TABLE "User" (
	"id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	"username" TEXT NOT NULL,
	"passwordHash" TEXT,
	"isSystemAdmin" BOOLEAN DEFAULT false,
	"createdAt" DATETIME DEFAULT CURRENT_TIMESTAMP,
	"movieProfile" TEXT,
	"tvProfile" TEXT,
	"jellyfinUserId" TEXT,		-- ours: who this is at Jellyfin
	"lastLoginAt" DATETIME,		-- ours
	"movieProfileAt" DATETIME,	-- ours: when the profile was written
	"tvProfileAt" DATETIME		-- ours
);
CREATE UNIQUE INDEX "User_username_key" ON "User"("username");
CREATE UNIQUE INDEX "User_jellyfinUserId_key" ON "User"("jellyfinUserId");

CREATE TABLE "Media" (
	"id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	"tmdbId" INTEGER NOT NULL,
	"title" TEXT,
	"mediaType" TEXT,		-- 'movie' or 'tv'
	"posterUrl" TEXT,
	"posterSourceUrl" TEXT,
	"overview" TEXT,
	"backdropUrl" TEXT,
	"backdropSourceUrl" TEXT,
	"voteAverage" REAL,
	"language" TEXT,
	"releaseYear" TEXT,
	"genres" TEXT,			-- JSON arrays as text, this and below
	"keywords" TEXT,
	"director" TEXT,
	"topCast" TEXT,
	"tagline" TEXT,
	"similarIds" TEXT,
	"recommendationIds" TEXT,
	"enrichedAt" DATETIME
);
CREATE UNIQUE INDEX "Media_mediaType_tmdbId_key"
	ON "Media"("mediaType", "tmdbId");

CREATE TABLE "UserMedia" (
	"id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	"userId" INTEGER NOT NULL,
	"mediaId" INTEGER NOT NULL,
	"status" TEXT,			-- 'WATCHED', 'WATCHLIST' or 'BLOCKED'
	"updatedAt" DATETIME,
	"blockedAt" DATETIME,
	"permanentBlock" BOOLEAN,
	"softBlockUntil" DATETIME,
	"redemptionAttempts" INTEGER,
	"addedAt" DATETIME,		-- ours: an update never moves it
	CONSTRAINT "UserMedia_userId_fkey" FOREIGN KEY ("userId")
		REFERENCES "User" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
	CONSTRAINT "UserMedia_mediaId_fkey" FOREIGN KEY ("mediaId")
		REFERENCES "Media" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "UserMedia_userId_mediaId_key"
	ON "UserMedia"("userId", "mediaId");

-- One row, id 1.
CREATE TABLE "SystemConfig" (
	"id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT DEFAULT 1,
	"jellyfinUrl" TEXT,
	"jellyseerrUrl" TEXT,
	"jellyseerrApiKey" TEXT,
	"geminiApiKey" TEXT,
	"geminiModel" TEXT,
	"tmdbApiKey" TEXT,
	"aiProvider" TEXT,		-- 'google' or 'openrouter'
	"openrouterApiKey" TEXT,
	"aiModel" TEXT,
	"isConfigured" BOOLEAN NOT NULL DEFAULT false,
	"jellyfinServerId" TEXT		-- ours: System/Info/Public Id
);

-- What an archive or schema sync brought that fits no other table: titles
-- without an id, rows and items that broke a rule.  Ours; exported.
CREATE TABLE "JairKept" (
	"id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	"userId" INTEGER,		-- NULL: nobody's
	"kind" TEXT NOT NULL,		-- 'unresolved' or 'rejected'
	"value" TEXT NOT NULL,		-- JSON without white space
	CONSTRAINT "JairKept_userId_fkey" FOREIGN KEY ("userId")
		REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "JairKept_userId_idx" ON "JairKept"("userId");

-- Ours alone, all below: they belong to this server and are not exported.

-- One row per login that is still good.
CREATE TABLE "JairSession" (
	"id" INTEGER PRIMARY KEY,
	"tokenHash" TEXT NOT NULL,	-- SHA-256 of the cookie's token
	"userId" INTEGER NOT NULL,
	"isAdmin" BOOLEAN NOT NULL DEFAULT false,
	"jellyfinTokenEnc" TEXT,	-- encrypted with the server's key file
	"createdAt" DATETIME NOT NULL,
	"lastUsedAt" DATETIME NOT NULL,
	"expiresAt" DATETIME NOT NULL,
	CONSTRAINT "JairSession_userId_fkey" FOREIGN KEY ("userId")
		REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "JairSession_tokenHash_key" ON "JairSession"("tokenHash");
CREATE INDEX "JairSession_userId_idx" ON "JairSession"("userId");

-- One row per job; progress lives in shared memory.
CREATE TABLE "Job" (
	"id" INTEGER PRIMARY KEY,
	"type" TEXT NOT NULL,
	"state" TEXT NOT NULL,		-- queued, running, done, failed
	"userId" INTEGER,		-- whose job; NULL: the server's
	"input" TEXT,			-- JSON
	"result" TEXT,			-- JSON
	"error" TEXT,
	"createdAt" DATETIME NOT NULL,
	"startedAt" DATETIME,
	"endedAt" DATETIME,
	"attempts" INTEGER NOT NULL DEFAULT 0	-- times it was cut off
);
CREATE INDEX "Job_state_idx" ON "Job"("state");

-- One row per archive that waits in the data folder for first logins.
CREATE TABLE "StagedRestore" (
	"id" INTEGER PRIMARY KEY,
	"file" TEXT NOT NULL,		-- name in the data folder
	"state" TEXT NOT NULL,		-- ready, pending, done, discarded
	"sha256" TEXT NOT NULL,		-- of the whole file
	"preview" TEXT,			-- JSON
	"config" TEXT,			-- JSON, gone when the row ends
	"assignTo" TEXT,		-- user of a file without names
	"createdAt" DATETIME NOT NULL
);

-- One row per username in it.
CREATE TABLE "StagedUser" (
	"id" INTEGER PRIMARY KEY,
	"restoreId" INTEGER NOT NULL,
	"username" TEXT NOT NULL,
	"state" TEXT NOT NULL,		-- pending, claimed, discarded
	"jellyfinUserId" TEXT,		-- who claimed it
	"claimedAt" DATETIME,
	"result" TEXT,			-- JSON: inserted, updated, kept, ...
	CONSTRAINT "StagedUser_restoreId_fkey" FOREIGN KEY ("restoreId")
		REFERENCES "StagedRestore" ("id") ON DELETE CASCADE
		ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "StagedUser_restoreId_username_key"
	ON "StagedUser"("restoreId", "username");

-- One row per snapshot, archive, restore or recovery that was tried.
CREATE TABLE "BackupRun" (
	"id" INTEGER PRIMARY KEY,
	"kind" TEXT NOT NULL,		-- snapshot, archive, restore, recovery
	"file" TEXT,			-- name in the data folder
	"startedAt" DATETIME NOT NULL,
	"ms" INTEGER NOT NULL,		-- how long it took
	"bytes" INTEGER,
	"sha256" TEXT,			-- content digest
	"verified" BOOLEAN NOT NULL,
	"error" TEXT
);
CREATE INDEX "BackupRun_kind_idx" ON "BackupRun"("kind");
