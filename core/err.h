#ifndef CORE_ERR_H
#define CORE_ERR_H

#include <stdarg.h>

/* What went wrong, as far as a caller may want to act on it. */
enum err_code {
	ERR_NONE,
	ERR_USAGE, /* a wrong argument or setting */
	ERR_NOMEM, /* memory ran out */
	ERR_DISK, /* the disk is full or fails */
	ERR_DENIED, /* permission, or a read-only place */
	ERR_MISSING, /* the named thing does not exist */
	ERR_EXISTS, /* the name is taken */
	ERR_IO, /* any other failure of the system */
	ERR_LIMIT, /* a limit of ours is exceeded */
	ERR_DB, /* SQLite refused, for a reason not below */
	ERR_SCHEMA, /* the database's tables are not as needed */
	ERR_NEWER, /* written by a newer jair */
	ERR_CORRUPT, /* a damaged database or archive */
	ERR_FORMAT, /* not the format that was expected */
	ERR_BUSY /* locked by another process */
};

/* The exit statuses of every program of the house (docs: jair-init(8)). */
enum exit_status {
	EXIT_DONE = 0,
	EXIT_USAGE = 1,
	EXIT_ENVIRONMENT = 2,
	EXIT_DATABASE = 3,
	EXIT_BROKEN = 4,
	EXIT_BUSY = 5
};

/* An error, owned by the caller; zero-initialised it says "none". */
struct err {
	enum err_code code;
	char msg[1024];
};

/*
 * err_set(err, code, fmt, ...):
 * Record ${code} and the formatted sentence in ${err}.  What was recorded
 * before is replaced.  Return -1, so that callers can return the call.
 */
int err_set(struct err *err, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * err_sys(err, errnum, fmt, ...):
 * Like err_set, with the code that fits the errno value ${errnum} and its
 * text appended after a colon.  Return -1.
 */
int err_sys(struct err *err, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * err_prefix(err, fmt, ...):
 * Put the formatted text and a colon before the message that stands in
 * ${err}; the code stays.  Return -1.
 */
int err_prefix(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * err_clear(err):
 * Make ${err} say "none" again.
 */
void err_clear(struct err *err);

/*
 * err_exit_status(code):
 * Return the exit status that a program ends with for ${code}.
 */
enum exit_status err_exit_status(enum err_code code);

#endif
