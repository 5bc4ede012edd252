#ifndef TESTS_UNIT_ARCHIVE_EVENTS_H
#define TESTS_UNIT_ARCHIVE_EVENTS_H

#include <stddef.h>

#include "core/archive_read.h"

/*
 * events_open(a, p, len, err), events_open_text(text):
 * Open the archive that consists of these bytes, from a file in memory.  The
 * second fails the test when that fails.
 */
int events_open(struct archive **a, const char *p, size_t len, struct err *err);
struct archive *events_open_text(const char *text);

/*
 * events_read(text, form, events, warnings):
 * Fail the test unless ${text} is an archive of that form whose walk and
 * warnings, written a line each, are ${events} and ${warnings}.
 */
void events_read(const char *text, enum archive_form form, const char *events,
    const char *warnings);

/*
 * events_refused(p, len, code, msg):
 * Fail the test unless opening the bytes fails with ${code} and a message
 * that has ${msg} in it and says that nothing was changed.
 */
void events_refused(const char *p, size_t len, enum err_code code,
    const char *msg);

#endif
