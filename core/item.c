#include "core/item.h"

#include <string.h>

#include "core/clock.h"

/* A time in milliseconds; the least there is when it is none. */
static int64_t
moment(const struct value *v)
{
	int64_t ms;

	if (v->kind == VALUE_INT && v->i >= CLOCK_MIN && v->i <= CLOCK_MAX)
		return v->i;
	if (v->kind == VALUE_TEXT && clock_parse(v->s, v->len, &ms) == 0)
		return ms;
	return INT64_MIN;
}

static int
rank(const struct value *status)
{
	if (status->kind != VALUE_TEXT)
		return 0;
	if (status->len == 7 && memcmp(status->s, "WATCHED", 7) == 0)
		return 2;
	return status->len == 9 && memcmp(status->s, "WATCHLIST", 9) == 0;
}

bool
item_is_newer(const struct value *v, const struct value *added,
    const struct value *status)
{
	int64_t there = moment(added);
	int64_t here = moment(&v[ITEM_ADDED_AT]);

	if (here != there)
		return here > there;
	return rank(&v[ITEM_STATUS]) > rank(status);
}
