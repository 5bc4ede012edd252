#ifndef CORE_ARCHIVE_READ_IMPL_H
#define CORE_ARCHIVE_READ_IMPL_H

/* What the parts of the reader share; nobody else includes this. */

#include "core/archive_read.h"
#include "core/buf.h"
#include "core/json_members.h"
#include "core/json_scan.h"

#define ARCHIVE_ITEM_MAX ((size_t)32 << 20) /* text of an item */
#define ARCHIVE_OTHER_MAX ((size_t)80 << 20) /* the same in `other` */
#define ARCHIVE_OTHER_STRING ((uint64_t)64 << 20)
#define ARCHIVE_KEEP ((size_t)1 << 20) /* larger buffers are given back */
#define ARCHIVE_KINDS_MAX 64 /* kinds of counted warnings */

/* A warning that is said once, with a count. */
struct reader_kind {
	char what[ARCHIVE_REASON_MAX];
	char where[ARCHIVE_PLACE_MAX];
	uint64_t count;
};

/* A value that outlives the text it was cut out of. */
struct reader_slot {
	struct buf raw; /* its JSON text */
	struct buf text; /* decoded */
};

enum archive_head {
	HEAD_USERNAME,
	HEAD_MOVIE_PROFILE,
	HEAD_TV_PROFILE,
	HEAD_MOVIE_AT,
	HEAD_TV_AT,
	HEAD_CREATED_AT,
	HEAD_JELLYFIN_ID,
	HEADS
};

struct archive {
	int fd;
	char *name;
	uint64_t max;
	const struct archive_limits *limits; /* while it is opened, or NULL */
	int pass; /* of opening: which look at the file, from 0 */
	bool looked_through; /* the very first look went to the end */
	struct archive_info info;

	struct buf root_user; /* a byte for each member looked at at the root */
	bool has_generator, has_integrity;
	bool is_marked; /* has one of them that is no user */
	uint64_t integrity_key; /* offset of the last key of that name */
	uint64_t integrity_line; /* where ours begins in the file's end, or 0 */

	/* Users; the names lie one behind the other in an arena. */
	struct archive_user_info *users;
	size_t users_cap;
	struct buf names;

	struct reader_slot config[ARCHIVE_CONFIG_KEYS];
	struct archive_warning *warnings; /* ARCHIVE_WARNINGS_MAX */
	struct reader_kind *kinds; /* ARCHIVE_KINDS_MAX */
	size_t kinds_count;
};

/* One walk through the file. */
struct reader {
	struct archive *a;
	struct json_scan *s;
	const struct archive_sink *sink;
	void *ctx;
	struct err *err;
	bool counting; /* the pass of archive_open */
	struct digest *content; /* when counting ARCHIVE_FULL */
	bool config_seen;

	struct archive_user_info *user; /* NULL: nobody's */
	struct archive_user_info nameless; /* stands in for one */
	size_t next_user; /* in a->users, when delivering */
	uint32_t seq;
	char path[ARCHIVE_PLACE_MAX]; /* of what is being read */
	enum archive_list list;
	uint64_t index;
	bool in_list; /* index counts */
	uint64_t lone; /* surrogates seen so far */
	uint64_t seen; /* keys of this user, a bit each */

	struct reader_slot head[HEADS];
	struct buf key; /* the present key, decoded */
	struct buf item; /* text of an item */
	struct buf scratch; /* decoded strings of it */
};

/* archive_read_form.c: find the form, from the root and one level more. */
int reader_find_form(struct archive *a, struct json_scan *s, struct err *err);
bool reader_is_list(struct json_span key, enum archive_list *list);

/* archive_read_walk.c: go through the file, counting or delivering. */
int reader_walk_file(struct reader *w);

/*
 * archive_read_user.c: what a user has in it.  reader_user_member handles
 * the member whose key was read last; reader_refuse_value sets the next
 * value aside, reader_skip_unknown passes over it; all name it in w->path.
 */
int reader_user_member(struct reader *w);
int reader_walk_rejected(struct reader *w);
int reader_refuse_value(struct reader *w, const char *reason);
int reader_skip_unknown(struct reader *w, struct json_span key);
int reader_key(struct reader *w, struct json_span *key);
void reader_check_lone(struct reader *w);

/*
 * archive_read_users.c: begin a user (${skip}: nobody wants them), end one;
 * ${name} is the key of forms 3 and 4, else NULL.  reader_users_finish:
 * names and counts of all, once they are counted.
 */
int reader_user_open(struct reader *w, bool *skip);
int reader_user_close(struct reader *w, const struct json_span *name);
int reader_users_finish(struct archive *a, struct err *err);

/* archive_read_item.c: the item whose text is in w->item. */
int reader_walk_item(struct reader *w);
int reader_refuse(struct reader *w, const char *reason, struct json_span raw);

/*
 * archive_read_value.c: a value from its text.  ${scratch} takes what has to
 * be decoded and may not move while the value is used, so that it needs room
 * beforehand.
 */
int reader_value(struct json_span v, struct buf *scratch, struct value *out,
    struct err *err);
void reader_slot_free(struct reader_slot *slot);
int reader_slot_value(struct reader_slot *slot, struct value *out,
    struct err *err);

/* archive_read_report.c: warnings; nothing is recorded when delivering. */
void reader_warn(struct reader *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void reader_count(struct reader *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void reader_report_kinds(struct archive *a);
const char *reader_place(const struct reader *w, char out[ARCHIVE_PLACE_MAX]);
size_t reader_path_add(struct reader *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void reader_path_cut(struct reader *w, size_t len);

/* archive_read_file.c: sentences about a file that cannot be read. */
int reader_sniff(struct archive *a, struct err *err);
int reader_scan_error(const struct archive *a, const struct json_scan *s,
    struct err *err);

#endif
