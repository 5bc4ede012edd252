#include "core/env.h"

#include <stdlib.h>
#include <string.h>

#include "core/path.h"
#include "core/str.h"

#define DAY_MS INT64_C(86400000)
#define KEEP_MAX 10000

enum setting {
	DATA_DIR,
	DATABASE_URL,
	GEMINI_API_KEY,
	GEMINI_BASE_URL,
	GEMINI_MODEL,
	JAIR_BACKUP_MAX_AGE,
	JAIR_BUSY_WAIT,
	JAIR_KEEP,
	JAIR_KEEP_BYTES,
	JAIR_LISTEN,
	JAIR_LOCK_WAIT,
	JAIR_LOG,
	JAIR_PUBLIC_URL,
	JAIR_RECOVERY,
	JAIR_RESTORE_MAX,
	JAIR_SETUP_CODE_REQUIRED,
	JAIR_SOCKET,
	JAIR_TRUSTED_PROXIES,
	JAIR_WORKERS,
	JELLYFIN_URL,
	JELLYSEERR_API_KEY,
	JELLYSEERR_URL,
	PORT,
	SETTINGS
};

static const struct env_setting settings[SETTINGS] = {
	[DATA_DIR] = { "DATA_DIR", "./data",
	    "folder with the database, its backups and its locks" },
	[DATABASE_URL] = { "DATABASE_URL", "",
	    "file:PATH of the database; unset, dev.db in DATA_DIR" },
	[GEMINI_API_KEY] = { "GEMINI_API_KEY", "",
	    "key of Gemini that the setup offers" },
	[GEMINI_BASE_URL] = { "GEMINI_BASE_URL",
	    "https://generativelanguage.googleapis.com",
	    "where Gemini is asked: Google, or a proxy" },
	[GEMINI_MODEL] = { "GEMINI_MODEL", "",
	    "model of Gemini that the setup offers" },
	[JAIR_BACKUP_MAX_AGE] = { "JAIR_BACKUP_MAX_AGE", "8",
	    "days until the newest archive counts as overdue (0: never)" },
	[JAIR_BUSY_WAIT] = { "JAIR_BUSY_WAIT", "10",
	    "seconds to wait for a database that is locked" },
	[JAIR_KEEP] = { "JAIR_KEEP", "last=10,daily=14,weekly=8,monthly=12",
	    "how many archives stay" },
	[JAIR_KEEP_BYTES] = { "JAIR_KEEP_BYTES", "2G",
	    "bytes (or with K, M, G) that kept backups may take" },
	[JAIR_LISTEN] = { "JAIR_LISTEN", "127.0.0.1",
	    "address that the web server of make run listens on" },
	[JAIR_LOCK_WAIT] = { "JAIR_LOCK_WAIT", "30",
	    "seconds to wait for another boot or backup to end" },
	[JAIR_LOG] = { "JAIR_LOG", "text", "form of log lines: text or json" },
	[JAIR_PUBLIC_URL] = { "JAIR_PUBLIC_URL", "",
	    "address that people open; unset, http://localhost and PORT" },
	[JAIR_RECOVERY] = { "JAIR_RECOVERY", "on",
	    "off: stop at a damaged database instead of healing it" },
	[JAIR_RESTORE_MAX] = { "JAIR_RESTORE_MAX", "1073741824",
	    "bytes that an archive to restore may have" },
	[JAIR_SETUP_CODE_REQUIRED] = { "JAIR_SETUP_CODE_REQUIRED", "0",
	    "1: setup needs its code on this machine too" },
	[JAIR_SOCKET] = { "JAIR_SOCKET", "/run/jair/api.sock",
	    "socket between the web server and jair-api" },
	[JAIR_TRUSTED_PROXIES] = { "JAIR_TRUSTED_PROXIES", "127.0.0.1,::1",
	    "networks whose X-Forwarded-For and -Proto are believed" },
	[JAIR_WORKERS] = { "JAIR_WORKERS", "4",
	    "number of processes that answer requests (1 to 64)" },
	[JELLYFIN_URL] = { "JELLYFIN_URL", "",
	    "address of Jellyfin that the setup offers" },
	[JELLYSEERR_API_KEY] = { "JELLYSEERR_API_KEY", "",
	    "key of Seerr that the setup offers" },
	[JELLYSEERR_URL] = { "JELLYSEERR_URL", "",
	    "address of Seerr that the setup offers" },
	[PORT] = { "PORT", "5173",
	    "port that the web server of make run listens on" },
};

const struct env_setting *
env_settings(size_t *count)
{
	*count = SETTINGS;
	return settings;
}

/* What is set, or the fallback. */
static const char *
value_of(enum setting which)
{
	const char *value = getenv(settings[which].name);

	if (value == NULL || *value == '\0')
		return settings[which].fallback;
	return value;
}

static int
number(enum setting which, int64_t min, int64_t max, int64_t *out,
    struct err *err)
{
	const char *text = value_of(which);

	if (str_int64(text, strlen(text), out) == 0 && *out >= min &&
	    *out <= max)
		return 0;
	return err_set(err, ERR_USAGE,
	    "%s is \"%s\"; it must be a number "
	    "from %lld to %lld.",
	    settings[which].name, text, (long long)min, (long long)max);
}

/* One of two words; ${out} says whether it is the second. */
static int
choice(enum setting which, const char *no, const char *yes, bool *out,
    struct err *err)
{
	const char *text = value_of(which);

	*out = strcmp(text, yes) == 0;
	if (*out || strcmp(text, no) == 0)
		return 0;
	return err_set(err, ERR_USAGE, "%s is \"%s\"; it must be %s or %s.",
	    settings[which].name, text, no, yes);
}

/* A number of bytes, maybe with K, M or G behind it (1 K is 1024). */
static int
size(enum setting which, uint64_t *out, struct err *err)
{
	static const char units[] = "KMG";
	const char *text = value_of(which);
	size_t len = strlen(text);
	const char *unit = strchr(units, text[len - 1]);
	int64_t factor = 1;
	int64_t n;

	for (const char *u = units; unit != NULL && u <= unit; u++)
		factor *= 1024;
	if (str_int64(text, unit != NULL ? len - 1 : len, &n) == 0 && n > 0 &&
	    !__builtin_mul_overflow(n, factor, &n)) {
		*out = (uint64_t)n;
		return 0;
	}
	return err_set(err, ERR_USAGE,
	    "%s is \"%s\"; it must be a number of bytes from 1 on, or one with "
	    "K, M or G behind it (2G).",
	    settings[which].name, text);
}

/* Read "last=10" into the part of ${keep} that it names, once at most. */
static bool
read_rule(const char *rule, size_t len, struct env_keep *keep, unsigned *named)
{
	const struct {
		const char *name;
		int *count;
	} rules[] = { { "last=", &keep->last }, { "daily=", &keep->daily },
		{ "weekly=", &keep->weekly }, { "monthly=", &keep->monthly } };

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		size_t head = strlen(rules[i].name);
		int64_t n;

		if (len <= head || strncmp(rule, rules[i].name, head) != 0)
			continue;
		if (str_int64(rule + head, len - head, &n) || n < 0 ||
		    n > KEEP_MAX || (*named & (1U << i)) != 0)
			return false;
		*named |= 1U << i;
		*rules[i].count = (int)n;
		return true;
	}
	return false;
}

/* The rules of ${text}; what it does not name stays. */
static int
read_keep(const char *text, struct env_keep *keep, struct err *err)
{
	const char *rule = text;
	unsigned named = 0;

	while (true) {
		size_t len = strcspn(rule, ",");

		if (!read_rule(rule, len, keep, &named))
			return err_set(err, ERR_USAGE,
			    "JAIR_KEEP is \"%s\"; it must be rules such as "
			    "%s, each named once, its number from 0 to %d.",
			    text, settings[JAIR_KEEP].fallback, KEEP_MAX);
		if (rule[len] == '\0')
			return 0;
		rule += len + 1;
	}
}

static int
load_keep(struct env_keep *keep, struct err *err)
{
	if (read_keep(settings[JAIR_KEEP].fallback, keep, err) ||
	    read_keep(value_of(JAIR_KEEP), keep, err))
		return -1;
	return size(JAIR_KEEP_BYTES, &keep->bytes, err);
}

/* DATA_DIR without the slashes at its end. */
static char *
load_data_dir(struct err *err)
{
	char *dir = str_dup(value_of(DATA_DIR), err);
	size_t len = dir != NULL ? strlen(dir) : 0;

	while (len > 1 && dir[len - 1] == '/')
		dir[--len] = '\0';
	return dir;
}

/* The path in DATABASE_URL, without what follows a question mark; where a
   link leads, for that is where SQLite puts the journals. */
static char *
load_db_path(const char *data_dir, struct err *err)
{
	const char *url = value_of(DATABASE_URL);
	const char *path = url + strlen("file:");
	size_t len;

	if (*url == '\0')
		return path_follow_take(path_join(data_dir, "dev.db", err),
		    err);
	len = str_starts(url, "file:") ? strcspn(path, "?") : 0;
	if (len == 0 || path[len - 1] == '/') {
		err_set(err, ERR_USAGE,
		    "DATABASE_URL is \"%s\"; it must be "
		    "file: and the path of a database file.",
		    url);
		return NULL;
	}
	return path_follow_take(str_printf(err, "%.*s", (int)len, path), err);
}

/* What a browser can open: a scheme, and no byte that ends a word. */
static bool
is_url(const char *url)
{
	if (!str_starts(url, "http://") && !str_starts(url, "https://"))
		return false;
	for (const char *p = url; *p != '\0'; p++) {
		if ((unsigned char)*p <= ' ' || strchr("\"<>\\\x7f#?", *p))
			return false;
	}
	return strchr(url, '/')[2] != '/' && strchr(url, '/')[2] != '\0';
}

/* JAIR_PUBLIC_URL without the slashes at its end, or where PORT leads. */
static char *
load_public_url(struct err *err)
{
	const char *url = value_of(JAIR_PUBLIC_URL);
	size_t len = strlen(url);
	int64_t port;

	if (len == 0)
		return number(PORT, 1, 65535, &port, err)
		    ? NULL
		    : str_printf(err, "http://localhost:%d", (int)port);
	if (!is_url(url)) {
		err_set(err, ERR_USAGE,
		    "JAIR_PUBLIC_URL is \"%s\"; it must be an address such "
		    "as https://jair.example.",
		    url);
		return NULL;
	}
	while (url[len - 1] == '/')
		len--;
	return str_printf(err, "%.*s", (int)len, url);
}

static int
load_proxies(struct net_list *list, struct err *err)
{
	if (net_list_parse(list, value_of(JAIR_TRUSTED_PROXIES), err))
		return err_prefix(err, "JAIR_TRUSTED_PROXIES is wrong");
	return 0;
}

static int
load_secret(enum setting which, struct secret *out, struct err *err)
{
	const char *text = value_of(which);

	return secret_set(out, text, strlen(text), err);
}

static int
load_offer(struct env_offer *offer, struct err *err)
{
	if ((offer->jellyfin_url = str_dup(value_of(JELLYFIN_URL), err)) ==
		NULL ||
	    (offer->seerr_url = str_dup(value_of(JELLYSEERR_URL), err)) ==
		NULL ||
	    (offer->gemini_model = str_dup(value_of(GEMINI_MODEL), err)) ==
		NULL)
		return -1;
	if (load_secret(JELLYSEERR_API_KEY, &offer->seerr_key, err))
		return -1;
	return load_secret(GEMINI_API_KEY, &offer->gemini_key, err);
}

static int
load(struct env *env, struct err *err)
{
	int64_t n;

	if ((env->data_dir = load_data_dir(err)) == NULL ||
	    (env->db_path = load_db_path(env->data_dir, err)) == NULL ||
	    (env->socket = str_dup(value_of(JAIR_SOCKET), err)) == NULL ||
	    (env->gemini_base = str_dup(value_of(GEMINI_BASE_URL), err)) ==
		NULL ||
	    (env->public_url = load_public_url(err)) == NULL ||
	    load_proxies(&env->proxies, err))
		return -1;
	if (number(JAIR_WORKERS, 1, 64, &n, err))
		return -1;
	env->workers = (int)n;
	if (number(JAIR_LOCK_WAIT, 0, 3600, &n, err))
		return -1;
	env->lock_wait_ms = n * 1000;
	if (number(JAIR_BUSY_WAIT, 0, 3600, &n, err))
		return -1;
	env->busy_wait_ms = n * 1000;
	if (number(JAIR_RESTORE_MAX, 1, INT64_MAX, &n, err))
		return -1;
	env->restore_max = (uint64_t)n;
	if (number(JAIR_BACKUP_MAX_AGE, 0, 36500, &n, err))
		return -1;
	env->backup_max_age_ms = n * DAY_MS;
	if (load_keep(&env->keep, err))
		return -1;
	if (choice(JAIR_SETUP_CODE_REQUIRED, "0", "1", &env->code_required,
		err) ||
	    choice(JAIR_RECOVERY, "off", "on", &env->recovery, err))
		return -1;
	if (load_offer(&env->offer, err))
		return -1;
	return choice(JAIR_LOG, "text", "json", &env->log_json, err);
}

int
env_load(struct env *env, struct err *err)
{
	*env = (struct env){ 0 };
	if (load(env, err) == 0)
		return 0;
	env_free(env);
	return -1;
}

void
env_free(struct env *env)
{
	free(env->data_dir);
	free(env->db_path);
	free(env->socket);
	free(env->gemini_base);
	free(env->public_url);
	free(env->offer.jellyfin_url);
	free(env->offer.seerr_url);
	free(env->offer.gemini_model);
	secret_clear(&env->offer.seerr_key);
	secret_clear(&env->offer.gemini_key);
	*env = (struct env){ 0 };
}
