#ifndef CORE_ARCHIVE_READ_H
#define CORE_ARCHIVE_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/digest.h"
#include "core/err.h"
#include "core/item.h"
#include "core/value.h"

/*
 * The reader of archives in all their five forms (docs/format.md).  Opening
 * one checks the whole file and counts what is in it; walking it delivers
 * the content, one item at a time.  An archive of any size needs a few MiB.
 */
struct archive;

#define ARCHIVE_USERS_MAX 65536
#define ARCHIVE_NAME_MAX 1024 /* bytes of a username */
#define ARCHIVE_WARNINGS_MAX 100 /* that are kept; all are counted */
#define ARCHIVE_PLACE_MAX 256
#define ARCHIVE_REASON_MAX 256

enum archive_form {
	ARCHIVE_FULL, /* a backup of the whole system */
	ARCHIVE_USER_EXPORT, /* one user's export */
	ARCHIVE_ALL_USERS, /* all users' export */
	ARCHIVE_LEGACY, /* version 1's database.json */
	ARCHIVE_BARE /* lists that belong to whoever imports them */
};

enum archive_integrity {
	ARCHIVE_OK, /* as it was written */
	ARCHIVE_ABSENT, /* no checksum */
	ARCHIVE_CHANGED /* changed since it was written */
};

/* Where an item stands in its user's data. */
enum archive_list {
	ARCHIVE_MOVIES,
	ARCHIVE_SERIES,
	ARCHIVE_WATCH_MOVIES,
	ARCHIVE_WATCH_SERIES,
	ARCHIVE_BLOCKED,
	ARCHIVE_OTHER, /* has a status of its own */
	ARCHIVE_UNRESOLVED, /* titles without an id, from any list */
	ARCHIVE_REJECTED, /* rows that schema sync had to put aside */
	ARCHIVE_LISTS
};

enum archive_config_key {
	ARCHIVE_JELLYFIN_URL,
	ARCHIVE_JELLYSEERR_URL,
	ARCHIVE_JELLYSEERR_KEY,
	ARCHIVE_GEMINI_KEY,
	ARCHIVE_GEMINI_MODEL,
	ARCHIVE_AI_PROVIDER,
	ARCHIVE_OPENROUTER_KEY,
	ARCHIVE_AI_MODEL,
	ARCHIVE_TMDB_KEY,
	ARCHIVE_JELLYFIN_SERVER,
	ARCHIVE_CONFIG_KEYS
};

/*
 * archive_set_max(bytes):
 * Refuse archives of more than ${bytes} from now on where no other limit is
 * given (1 GiB when never called).
 */
void archive_set_max(uint64_t bytes);

struct archive_limits {
	uint64_t bytes; /* of the file; 0: archive_set_max's */

	/* Told now and then how much of the file was checked; NULL, or with
	   ${ctx} */
	void (*progress)(void *ctx, uint64_t bytes, uint64_t of);
	void *ctx;
};

/* A user as the first pass found them. */
struct archive_user_info {
	const char *name; /* may hold NUL; "" in ARCHIVE_BARE */
	size_t name_len;
	uint32_t count[ARCHIVE_LISTS];
	uint32_t refused;
	bool movie_profile, tv_profile;
	uint32_t seq; /* which entry of the file, from 0 */
};

struct archive_warning {
	char where[ARCHIVE_PLACE_MAX];
	char message[ARCHIVE_REASON_MAX];
};

/* What is in an archive; everything stays the archive's. */
struct archive_info {
	enum archive_form form;
	enum archive_integrity integrity;
	char version[64]; /* "" when there is none, like those below */
	char exported_at[64];
	char generator[128]; /* "jair 0.1.0" */
	int64_t generator_schema;
	uint64_t size;
	char file_sha256[DIGEST_HEX_MAX]; /* of the whole file */
	char content_sha256[DIGEST_HEX_MAX]; /* recomputed; ARCHIVE_FULL */
	bool has_config;
	bool is_configured; /* what it says; only a recovery heeds it */
	struct value config[ARCHIVE_CONFIG_KEYS]; /* text, or NULL */
	const struct archive_user_info *users;
	size_t users_count;
	uint64_t items; /* ARCHIVE_MOVIES to ARCHIVE_OTHER, all users */
	uint64_t unresolved;
	uint64_t rejected; /* also those without a user */
	uint64_t refused; /* also those without a user */
	const struct archive_warning *warnings;
	size_t warnings_count;
	uint64_t warnings_total;
};

/* What else is known of a user; values are valid during the call. */
struct archive_user {
	const struct archive_user_info *info;
	struct value movie_profile, tv_profile; /* text or absent */
	struct value movie_profile_at, tv_profile_at, created_at; /* as is */
	struct value jellyfin_user_id; /* text or absent */
};

/* One item; everything is valid during the call. */
struct archive_item {
	const struct archive_user_info *user;
	enum archive_list list; /* ARCHIVE_MOVIES to ARCHIVE_OTHER */
	/* By enum item_field: ITEM_TMDB_ID is an integer, but in ARCHIVE_OTHER
	   anything; only there is ITEM_STATUS set. */
	struct value field[ITEM_FIELDS];
	const char *place; /* "users[2].data.movies[17]" */
};

/*
 * Something that is not an item: a title without an id, a rejected row, or
 * what had to be refused.  Everything is valid during the call.
 */
struct archive_raw {
	const struct archive_user_info *user; /* NULL: nobody's */
	enum archive_list list; /* the list it was found in */
	const char *place;
	const char *reason; /* why it was refused, else NULL */
	const char *json; /* its text without white space; NULL */
	size_t len; /* when larger than we keep */
};

/*
 * Who takes what archive_walk delivers.  Any function may be NULL; one that
 * returns -1 with ${err} ends the walk.  Order: config, then every user in
 * the order of the file: user_begin, their items, user_end.
 */
struct archive_sink {
	bool (*want)(void *ctx, const struct archive_user_info *u);
	int (*config)(void *ctx, const struct value *config, struct err *err);
	int (*user_begin)(void *ctx, const struct archive_user_info *u,
	    struct err *err);
	int (*item)(void *ctx, const struct archive_item *it, struct err *err);
	int (*unresolved)(void *ctx, const struct archive_raw *r,
	    struct err *err);
	int (*rejected)(void *ctx, const struct archive_raw *r,
	    struct err *err);
	int (*refused)(void *ctx, const struct archive_raw *r, struct err *err);
	int (*user_end)(void *ctx, const struct archive_user *u,
	    struct err *err);
};

/*
 * archive_open(a, path, limits, err), archive_open_fd(a, fd, name, ...):
 * Check the whole file, which must be a regular one, and count what is in
 * it.  archive_open_fd duplicates ${fd}; ${name} is for messages.  NULL for
 * ${limits} means the usual ones.  Return 0 with ${a}, which archive_free
 * releases, or -1 with ${err}: ERR_FORMAT or ERR_LIMIT with a sentence for
 * people that says what is wrong where, ERR_MISSING, ERR_DENIED, ERR_IO,
 * ERR_NOMEM.
 */
int archive_open(struct archive **a, const char *path,
    const struct archive_limits *limits, struct err *err);
int archive_open_fd(struct archive **a, int fd, const char *name,
    const struct archive_limits *limits, struct err *err);

/*
 * archive_free(a):
 * Release ${a}; NULL is accepted.
 */
void archive_free(struct archive *a);

/*
 * archive_info(a):
 * Return what the first pass found; it stays the archive's.
 */
const struct archive_info *archive_info(const struct archive *a);

/*
 * archive_walk(a, sink, ctx, err):
 * Read the file again and deliver its content.  Return 0, or -1 with ${err}:
 * what the sink said, or ERR_FORMAT when the file is no longer the same;
 * what was delivered until then must be forgotten.
 */
int archive_walk(struct archive *a, const struct archive_sink *sink, void *ctx,
    struct err *err);

/*
 * archive_form_name(form), archive_config_name(k),
 * archive_list_name(list):
 * Return the name in previews, in items, in system_config, in data.
 */
const char *archive_form_name(enum archive_form form);
const char *archive_config_name(enum archive_config_key k);
const char *archive_list_name(enum archive_list list);

#endif
