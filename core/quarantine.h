#ifndef CORE_QUARANTINE_H
#define CORE_QUARANTINE_H

#include "core/err.h"

/*
 * quarantine_move(data_dir, path, where, err):
 * Move the file ${path} to quarantine/<time>/ in ${data_dir}; nothing is
 * ever deleted there.  From another file system it is copied first.  Return
 * 0 with its new path in ${where}, which the caller frees, or -1 with
 * ${err}.
 */
int quarantine_move(const char *data_dir, const char *path, char **where,
    struct err *err);

/*
 * quarantine_database(data_dir, db_path, where, err):
 * The same for a database and the journals beside it, into one folder; what
 * is not there is no matter.  ${where} is NULL when nothing was.
 */
int quarantine_database(const char *data_dir, const char *db_path, char **where,
    struct err *err);

#endif
