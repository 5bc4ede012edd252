#include "cgi-src/api/api.h"

/* clang-format off */
static const struct route routes[] = {
	{ M_GET, "/api/health", ACC_ANYONE, BODY_NONE, 0, RATE_READ,
	    health_get },
	{ M_GET, "/api/ready", ACC_ANYONE, BODY_NONE, 0, RATE_READ,
	    ready_get },
	{ M_GET, "/api/system/status", ACC_ANYONE, BODY_NONE, 0, RATE_READ,
	    system_status },
	{ M_GET, "/api/auth/me", ACC_USER, BODY_NONE, 0, RATE_READ, auth_me },
	{ M_POST, "/api/auth/logout", ACC_USER, BODY_NONE, 0, RATE_WRITE,
	    auth_logout },
	{ M_POST, "/api/auth/login", ACC_ANYONE, BODY_JSON, KIB(4), RATE_LOGIN,
	    auth_login },
	{ M_GET, "/api/system/setup-defaults", ACC_SETUP, BODY_NONE, 0,
	    RATE_READ, setup_defaults },
	{ M_POST, "/api/system/verify", ACC_SETUP, BODY_JSON, KIB(16),
	    RATE_WRITE, setup_verify },
	{ M_GET, "/api/system/restore", ACC_SETUP, BODY_NONE, 0, RATE_READ,
	    restore_get },
	{ M_POST, "/api/system/restore", ACC_SETUP, BODY_FILE, RESTORE_MAX,
	    RATE_UPLOAD, restore_post },
	{ M_DELETE, "/api/system/restore", ACC_SETUP, BODY_NONE, 0, RATE_WRITE,
	    restore_delete },
	{ M_POST, "/api/system/setup", ACC_SETUP, BODY_JSON, KIB(16),
	    RATE_WRITE, setup_save },
	{ M_GET, "/api/system/config-editor", ACC_ADMIN, BODY_NONE, 0,
	    RATE_READ, config_get },
	{ M_PUT, "/api/system/config-editor", ACC_ADMIN, BODY_JSON, KIB(16),
	    RATE_WRITE, config_put },
	{ M_GET, "/api/jobs/{id}", ACC_USER, BODY_NONE, 0, RATE_READ, job_get },
	{ M_POST, "/api/sync/jellyfin", ACC_USER, BODY_NONE, 0, RATE_WRITE,
	    sync_jellyfin },
	{ M_GET, "/api/settings/export", ACC_USER, BODY_NONE, 0, RATE_READ,
	    settings_export },
	{ M_POST, "/api/settings/import", ACC_USER, BODY_FILE, MIB(64),
	    RATE_UPLOAD, settings_import },
};
/* clang-format on */

const struct route *
api_routes(size_t *count)
{
	*count = sizeof(routes) / sizeof(routes[0]);
	return routes;
}
