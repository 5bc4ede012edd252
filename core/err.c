#include "core/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 3, 0))) static void
format(struct err *err, enum err_code code, const char *fmt, va_list ap)
{
	char msg[sizeof(err->msg)];

	/* By way of a copy: an argument may be err->msg itself. */
	if (vsnprintf(msg, sizeof(msg), fmt, ap) < 0)
		msg[0] = '\0';
	memcpy(err->msg, msg, sizeof(msg));
	err->code = code;
}

int
err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format(err, code, fmt, ap);
	va_end(ap);
	return -1;
}

static enum err_code
code_of_errno(int errnum)
{
	switch (errnum) {
	case ENOMEM:
		return ERR_NOMEM;
	case ENOSPC:
	case EDQUOT:
	case EIO:
	case EFBIG:
		return ERR_DISK;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERR_DENIED;
	case ENOENT:
	case ENOTDIR:
		return ERR_MISSING;
	case EEXIST:
		return ERR_EXISTS;
	case EWOULDBLOCK:
	case EBUSY:
		return ERR_BUSY;
	default:
		return ERR_IO;
	}
}

/* Add as much of ${more} as fits. */
static void
append(struct err *err, const char *more)
{
	size_t used = strlen(err->msg);

	(void)snprintf(err->msg + used, sizeof(err->msg) - used, "%s", more);
}

int
err_sys(struct err *err, int errnum, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format(err, code_of_errno(errnum), fmt, ap);
	va_end(ap);
	append(err, ": ");
	append(err, strerror(errnum));
	return -1;
}

int
err_prefix(struct err *err, const char *fmt, ...)
{
	char old[sizeof(err->msg)];
	va_list ap;

	memcpy(old, err->msg, sizeof(old));
	va_start(ap, fmt);
	format(err, err->code, fmt, ap);
	va_end(ap);
	append(err, ": ");
	append(err, old);
	return -1;
}

void
err_clear(struct err *err)
{
	err->code = ERR_NONE;
	err->msg[0] = '\0';
}

enum exit_status
err_exit_status(enum err_code code)
{
	switch (code) {
	case ERR_NONE:
		return EXIT_DONE;
	case ERR_USAGE:
		return EXIT_USAGE;
	case ERR_DB:
	case ERR_SCHEMA:
	case ERR_NEWER:
		return EXIT_DATABASE;
	case ERR_CORRUPT:
	case ERR_FORMAT:
		return EXIT_BROKEN;
	case ERR_BUSY:
		return EXIT_BUSY;
	case ERR_NOMEM:
	case ERR_DISK:
	case ERR_DENIED:
	case ERR_MISSING:
	case ERR_EXISTS:
	case ERR_IO:
	case ERR_LIMIT:
		break;
	}
	return EXIT_ENVIRONMENT;
}
