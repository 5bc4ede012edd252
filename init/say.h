#ifndef INIT_SAY_H
#define INIT_SAY_H

#include <stdbool.h>

enum say_level { SAY_INFO, SAY_WARNING, SAY_ERROR };

/*
 * say_use_json(on):
 * Write one JSON object a line instead of plain text.
 */
void say_use_json(bool on);

/*
 * say(level, fmt, ...):
 * Write one line of the boot's log to stdout, at once.
 */
void say(enum say_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * say_count(n, one, out), SAY_COUNT_MAX:
 * Write "${n} ${one}" with an s behind it unless ${n} is 1.  Return ${out}.
 */
#define SAY_COUNT_MAX 64
const char *say_count(long long n, const char *one, char out[SAY_COUNT_MAX]);

#endif
