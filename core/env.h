#ifndef CORE_ENV_H
#define CORE_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/net.h"
#include "core/secret.h"

/* A row of the table of all settings (docs/man/jair.env.5). */
struct env_setting {
	const char *name;
	const char *fallback; /* used when unset or empty */
	const char *help; /* one line for people */
};

/*
 * env_settings(count):
 * Return the table of all settings, ${count} rows.
 */
const struct env_setting *env_settings(size_t *count);

/* What the setup offers; "" or no bytes where nothing is set. */
struct env_offer {
	char *jellyfin_url; /* JELLYFIN_URL, as it was written */
	char *seerr_url; /* JELLYSEERR_URL */
	struct secret seerr_key; /* JELLYSEERR_API_KEY */
	struct secret gemini_key; /* GEMINI_API_KEY */
	char *gemini_model; /* GEMINI_MODEL */
};

/* Which archives stay (docs/man/jair-init.8, "RETENTION"). */
struct env_keep {
	int last, daily, weekly, monthly; /* JAIR_KEEP */
	uint64_t bytes; /* JAIR_KEEP_BYTES */
};

/* What the environment says, checked. */
struct env {
	char *data_dir; /* DATA_DIR, without slashes at its end */
	char *db_path; /* DATABASE_URL, or dev.db in data_dir */
	char *socket; /* JAIR_SOCKET */
	char *gemini_base; /* GEMINI_BASE_URL */
	int workers; /* JAIR_WORKERS */
	int64_t lock_wait_ms; /* JAIR_LOCK_WAIT */
	int64_t busy_wait_ms; /* JAIR_BUSY_WAIT */
	uint64_t restore_max; /* JAIR_RESTORE_MAX, bytes */
	int64_t backup_max_age_ms; /* JAIR_BACKUP_MAX_AGE; 0: any age will do */
	struct env_keep keep;
	bool log_json; /* JAIR_LOG */
	bool recovery; /* JAIR_RECOVERY */
	bool code_required; /* JAIR_SETUP_CODE_REQUIRED */
	char *public_url; /* JAIR_PUBLIC_URL, no slash at its end */
	struct net_list proxies; /* JAIR_TRUSTED_PROXIES */
	struct env_offer offer;
};

/*
 * env_load(env, err):
 * Read the settings from the environment.  Return 0 with ${env} filled,
 * which env_free releases, or -1 with ${err} (ERR_USAGE naming the setting).
 */
int env_load(struct env *env, struct err *err);

/*
 * env_free(env):
 * Release what env_load allocated.
 */
void env_free(struct env *env);

#endif
