#ifndef CORE_STORE_LOGIN_H
#define CORE_STORE_LOGIN_H

#include <stdint.h>

#include "core/db.h"
#include "core/err.h"

/* Which row of User a login at Jellyfin is.  Transactions are the caller's. */
struct store_login;

extern const struct db_table store_login_table;

/*
 * store_login_open(db, s, err):
 * Prepare.  Return 0 with ${s}, which store_login_free releases before ${db}
 * is closed, or -1 with ${err}.
 */
int store_login_open(struct db *db, struct store_login **s, struct err *err);
void store_login_free(struct store_login *s);

/*
 * store_login_user(s, name, jellyfin_id, user, err):
 * Find the User row of a login: by the Jellyfin id, else by the exact name,
 * else by a name that differs in case alone (of several the one with the
 * newest data), else a new row; bind the id to it.  Return 0 with its id in
 * ${user}, or -1 with ${err}.
 */
int store_login_user(struct store_login *s, const char *name,
    const char *jellyfin_id, int64_t *user, struct err *err);

/*
 * store_login_note(s, user, err):
 * Remember that ${user} logged in now.  Return 0, or -1 with ${err}.
 */
int store_login_note(struct store_login *s, int64_t user, struct err *err);

/*
 * store_login_server(s, server_id, err):
 * Remember which Jellyfin server answered a login, unless one is known
 * already.  Return 0, or -1 with ${err}.
 */
int store_login_server(struct store_login *s, const char *server_id,
    struct err *err);

/*
 * store_login_base(s, asked, found, err):
 * Keep ${found}, where the login worked, for the address ${asked}, unless
 * somebody has changed that meanwhile.  Return 0, or -1 with ${err}.
 */
int store_login_base(struct store_login *s, const char *asked,
    const char *found, struct err *err);

/*
 * store_login_read(s, user, name, jellyfin_id, err):
 * Read the name and the Jellyfin id of the row ${user} of User, which the
 * caller frees; either may be NULL, both when there is no such row.  Return
 * 0, or -1 with ${err}.
 */
int store_login_read(struct store_login *s, int64_t user, char **name,
    char **jellyfin_id, struct err *err);

#endif
