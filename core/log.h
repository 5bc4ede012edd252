#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stdbool.h>

enum log_level { LOG_INFO, LOG_WARN, LOG_ERROR };

/*
 * log_use_json(on):
 * Write events as one JSON object a line instead of key=value text.
 */
void log_use_json(bool on);

/*
 * log_event(level, event, key, value, ..., NULL):
 * Write one line to stderr: time, level, ${event} (a word that never
 * changes), and the pairs of strings that follow, up to a NULL key.  Values
 * are quoted where needed and their control characters escaped; a value that
 * is too long for one line is cut and ends in "...", and pairs for which no
 * room is left are left out.  Secrets have no place here.
 */
void log_event(enum log_level level, const char *event, ...)
    __attribute__((sentinel));

#endif
