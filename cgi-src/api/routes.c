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
};
/* clang-format on */

const struct route *
api_routes(size_t *count)
{
	*count = sizeof(routes) / sizeof(routes[0]);
	return routes;
}
