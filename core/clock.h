#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Room for the texts below, with their NUL. */
#define CLOCK_ISO_MAX 32
#define CLOCK_STAMP_MAX 32

/* The years 0001 to 9999: what clock_iso can write, in milliseconds. */
#define CLOCK_MIN INT64_C(-62135596800000)
#define CLOCK_MAX INT64_C(253402300799999)

/*
 * clock_now():
 * Return the time of day in milliseconds since 1970-01-01 UTC.
 */
int64_t clock_now(void);

/*
 * clock_set_source(now):
 * Let clock_now call ${now} instead; NULL restores the system's clock.  For
 * tests.
 */
void clock_set_source(int64_t (*now)(void));

/*
 * clock_mono():
 * Return milliseconds of a clock that never goes back, for durations.
 */
int64_t clock_mono(void);

/*
 * clock_parse(s, len, ms):
 * Read a time in any textual form found in databases and archives: a date
 * alone or with a time after 'T' or a space; seconds and their fraction
 * optional; 'Z', an offset of +hh:mm or -hh:mm, or nothing (UTC).  Fractions
 * beyond milliseconds are cut off.  Return 0 with milliseconds since 1970 in
 * ${ms}, or -1 when no form fits; ${ms} is then untouched.
 * Source: the forms listed under "How values are stored" in docs/format.md.
 */
int clock_parse(const char *s, size_t len, int64_t *ms);

/*
 * clock_iso(ms, out):
 * Write ${ms}, within CLOCK_MIN and CLOCK_MAX, as ISO 8601 UTC with
 * milliseconds: "2026-01-05T10:30:00.037Z".  Return ${out}.
 */
const char *clock_iso(int64_t ms, char out[CLOCK_ISO_MAX]);

/*
 * clock_stamp(ms, out):
 * Write ${ms} as it stands in file names: "2026-01-05T10-30-00" (UTC).
 * Return ${out}.
 */
const char *clock_stamp(int64_t ms, char out[CLOCK_STAMP_MAX]);

#endif
