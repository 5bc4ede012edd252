#include "core/value.h"

#include "core/clock.h"

int
value_time(const struct value *v, int64_t *ms)
{
	if (value_is_bytes(v))
		return clock_parse(v->s, v->len, ms);
	if (v->kind != VALUE_INT || v->i < CLOCK_MIN || v->i > CLOCK_MAX)
		return -1;
	*ms = v->i;
	return 0;
}
