#include "core/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY_MS INT64_C(86400000)

static int64_t (*source)(void);

static int64_t
read_clock(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) != 0)
		return 0;
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_now(void)
{
	return source != NULL ? source() : read_clock(CLOCK_REALTIME);
}

void
clock_set_source(int64_t (*now)(void))
{
	source = now;
}

int64_t
clock_mono(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

/*
 * Days since 1970-01-01 of a date in the proleptic Gregorian calendar, by
 * counting years from March, so that a leap day ends the year.
 */
static int64_t
days_of_date(int64_t year, int64_t month, int64_t day)
{
	int64_t y = year - (month <= 2 ? 1 : 0);
	int64_t era = y / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

/* The date of a day counted from 1970-01-01; the inverse of the above. */
static void
date_of_days(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468;
	int64_t era = z / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = (int)(yoe + era * 400 + (*month <= 2 ? 1 : 0));
}

/* What is left to read. */
struct cursor {
	const char *s;
	size_t len;
};

static bool
eat(struct cursor *c, char wanted)
{
	if (c->len == 0 || *c->s != wanted)
		return false;
	c->s++;
	c->len--;
	return true;
}

static bool
eat_number(struct cursor *c, size_t digits, int *value)
{
	int v = 0;

	if (c->len < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (c->s[i] < '0' || c->s[i] > '9')
			return false;
		v = v * 10 + (c->s[i] - '0');
	}
	c->s += digits;
	c->len -= digits;
	*value = v;
	return true;
}

static bool
eat_date(struct cursor *c, int64_t *ms)
{
	static const int length[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	int y;
	int m;
	int d;

	if (!eat_number(c, 4, &y) || !eat(c, '-') || !eat_number(c, 2, &m) ||
	    !eat(c, '-') || !eat_number(c, 2, &d))
		return false;
	if (y < 1 || m < 1 || m > 12 || d < 1 || d > length[m - 1])
		return false;
	if (m == 2 && d == 29 && (y % 4 != 0 || (y % 100 == 0 && y % 400 != 0)))
		return false;
	*ms = days_of_date(y, m, d) * DAY_MS;
	return true;
}

/* ".037123" as whole milliseconds; at least one digit. */
static bool
eat_fraction(struct cursor *c, int64_t *ms)
{
	int64_t unit = 100;
	int digit;

	if (!eat_number(c, 1, &digit))
		return false;
	do {
		*ms += digit * unit;
		unit /= 10;
	} while (eat_number(c, 1, &digit));
	return true;
}

static bool
eat_time(struct cursor *c, int64_t *ms)
{
	int h;
	int m;
	int s = 0;

	if (!eat_number(c, 2, &h) || !eat(c, ':') || !eat_number(c, 2, &m))
		return false;
	if (eat(c, ':') && !eat_number(c, 2, &s))
		return false;
	if (h > 23 || m > 59 || s > 59)
		return false;
	*ms += ((h * INT64_C(60) + m) * 60 + s) * 1000;
	return !eat(c, '.') || eat_fraction(c, ms);
}

static bool
eat_zone(struct cursor *c, int64_t *ms)
{
	int64_t sign;
	int h;
	int m = 0;

	if (eat(c, 'Z') || c->len == 0)
		return true;
	if (eat(c, '+'))
		sign = -1;
	else if (eat(c, '-'))
		sign = 1;
	else
		return false;
	if (!eat_number(c, 2, &h))
		return false;
	if ((eat(c, ':') || c->len > 0) && !eat_number(c, 2, &m))
		return false;
	if (h > 23 || m > 59)
		return false;
	*ms += sign * (h * INT64_C(60) + m) * 60000;
	return true;
}

int
clock_parse(const char *s, size_t len, int64_t *ms)
{
	struct cursor c = { s, len };
	int64_t v;

	if (!eat_date(&c, &v))
		return -1;
	if (c.len > 0) {
		if (!eat(&c, 'T') && !eat(&c, ' '))
			return -1;
		if (!eat_time(&c, &v) || !eat_zone(&c, &v))
			return -1;
	}
	if (c.len > 0 || v < CLOCK_MIN || v > CLOCK_MAX)
		return -1;
	*ms = v;
	return 0;
}

/* ${ms} split for printing. */
struct parts {
	int year, month, day, hour, minute, second, ms;
};

static struct parts
split(int64_t ms)
{
	struct parts p;
	int64_t days = ms / DAY_MS;
	int64_t rest = ms % DAY_MS;

	if (rest < 0) {
		rest += DAY_MS;
		days--;
	}
	date_of_days(days, &p.year, &p.month, &p.day);
	p.ms = (int)(rest % 1000);
	p.second = (int)(rest / 1000 % 60);
	p.minute = (int)(rest / 60000 % 60);
	p.hour = (int)(rest / 3600000);
	return p;
}

/* Write ${v} as ${digits} decimal digits at ${out}; return what follows. */
static char *
put_number(char *out, int v, int digits)
{
	for (int i = digits - 1; i >= 0; i--) {
		out[i] = (char)('0' + v % 10);
		v /= 10;
	}
	return out + digits;
}

/* "YYYY-MM-DDThh:mm:ss" with ${sep} inside the time. */
static char *
put_parts(char *out, const struct parts *p, char sep)
{
	out = put_number(out, p->year, 4);
	*out++ = '-';
	out = put_number(out, p->month, 2);
	*out++ = '-';
	out = put_number(out, p->day, 2);
	*out++ = 'T';
	out = put_number(out, p->hour, 2);
	*out++ = sep;
	out = put_number(out, p->minute, 2);
	*out++ = sep;
	return put_number(out, p->second, 2);
}

const char *
clock_iso(int64_t ms, char out[CLOCK_ISO_MAX])
{
	struct parts p = split(ms);
	char *end = put_parts(out, &p, ':');

	*end++ = '.';
	end = put_number(end, p.ms, 3);
	*end++ = 'Z';
	*end = '\0';
	return out;
}

const char *
clock_stamp(int64_t ms, char out[CLOCK_STAMP_MAX])
{
	struct parts p = split(ms);

	*put_parts(out, &p, '-') = '\0';
	return out;
}
