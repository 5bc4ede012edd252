#include "cgi-src/api/api.h"

static const struct route routes[] = {
	{ M_GET, "/api/health", ACC_ANYONE, BODY_NONE, RATE_READ, health_get },
	{ M_GET, "/api/ready", ACC_ANYONE, BODY_NONE, RATE_READ, ready_get },
	{ M_GET, "/api/system/status", ACC_ANYONE, BODY_NONE, RATE_READ,
	    system_status },
};

const struct route *
api_routes(size_t *count)
{
	*count = sizeof(routes) / sizeof(routes[0]);
	return routes;
}
