#ifndef CORE_ARCHIVE_PART_H
#define CORE_ARCHIVE_PART_H

#include <stdbool.h>
#include <stdint.h>

#include "core/archive_out.h"
#include "core/store_config.h"
#include "core/store_item.h"
#include "core/store_kept.h"
#include "core/store_rejected.h"
#include "core/store_user.h"

/* What the parts of the archive writer work with. */
struct archive_job {
	struct archive_out out;
	struct store_config *configs;
	struct store_user *users;
	struct store_item *items;
	struct store_rejected *rejected;
	struct store_kept *kept;
	int64_t only; /* the one user to write; 0: everyone */
	enum item_order order; /* of the lists: ORDER_LISTS, or ORDER_STORED */
	int64_t seen; /* rows of UserMedia met so far */
	struct buf name; /* the last written name, before it was made
				   different */
	int same_names; /* how many users had it */
};

/*
 * archive_items(job, user, dangling, err):
 * Write the lists of the user with the id ${user}, and "other" when there is
 * any.  Tell in ${dangling} whether rows were met whose Media row is missing or
 * a twin.
 * Return 0, or -1 with ${err}.
 */
int archive_items(struct archive_job *job, int64_t user, bool *dangling,
    struct err *err);

/*
 * archive_users(job, err):
 * Write "users".  Return 0, or -1 with ${err}.
 */
int archive_users(struct archive_job *job, struct err *err);

/*
 * archive_config(job, err):
 * Write "system_config".  Return 0, or -1 with ${err}.
 */
int archive_config(struct archive_job *job, struct err *err);

/*
 * archive_rejected_of_user(job, user, dangling, err):
 * Write "rejected" of ${user}, when there is any: what of the user itself is
 * too long, rows that were put aside, and with ${dangling} those of
 * UserMedia whose Media row is missing or a twin.  Return 0, or -1 with ${err}.
 */
int archive_rejected_of_user(struct archive_job *job, const struct user *user,
    bool dangling, struct err *err);

/*
 * archive_rejected_of_none(job, dangling, err):
 * Write the file's own "rejected", when there is any: rows without a user,
 * what of the configuration is too long.  Return 0, or -1 with ${err}.
 */
int archive_rejected_of_none(struct archive_job *job, bool dangling,
    struct err *err);

/*
 * archive_rejected_begin(a, open):
 * Begin "rejected", unless it is ${open} already: a user's inside a user,
 * else the file's own.
 */
void archive_rejected_begin(struct archive_out *a, bool *open);

/*
 * archive_unresolved(job, user, err):
 * Write "unresolved" of the user with the id ${user}, when there is any.
 * Return 0, or -1 with ${err}.
 */
int archive_unresolved(struct archive_job *job, int64_t user, struct err *err);

/*
 * archive_kept(job, part, user, open, err):
 * Write what was kept as rejected into "rejected".  Return 0, or -1 with
 * ${err}.
 */
int archive_kept(struct archive_job *job, enum kept_part part, int64_t user,
    bool *open, struct err *err);

/* The fields of the configuration and of a user, by enum config_field and
   enum user_field. */
extern const struct archive_field archive_config_fields[CONFIG_FIELDS];
extern const struct archive_field archive_user_fields[USER_FIELDS];

#endif
