#ifndef CORE_RETENTION_PLAN_H
#define CORE_RETENTION_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/digest.h"
#include "core/env.h"
#include "core/inventory.h"

enum retention_kind {
	RETAIN_ARCHIVE, /* backup_<time>.json */
	RETAIN_LATEST, /* backup_latest.json */
	RETAIN_UPGRADE, /* dev.db.pre-upgrade_<time> */
	RETAIN_RESTORE /* dev.db.pre-restore_<time> */
};

/* What an archive was found to be. */
enum retention_state {
	RETAIN_VERIFIED, /* as it was written, by its checksums */
	RETAIN_UNSUMMED, /* readable, but without a checksum */
	RETAIN_BROKEN /* not readable, or changed since it was written */
};

/* Why a file stays or goes. */
enum retention_reason {
	RETAIN_IS_LATEST,
	RETAIN_IS_NEWEST, /* the newest verified archive, or just made */
	RETAIN_BY_LAST,
	RETAIN_BY_DAY,
	RETAIN_BY_WEEK,
	RETAIN_BY_MONTH,
	RETAIN_IS_FIRST, /* the oldest of equal ones that stay */
	RETAIN_IS_PINNED, /* a snapshot of the last two of its kind */
	RETAIN_HAS_ROOM, /* an older snapshot, within the budget */
	RETAIN_IS_BROKEN,
	RETAIN_IS_FUTURE, /* its time has not come */
	RETAIN_UNPROVEN, /* there is no verified archive at all */
	RETAIN_STUCK, /* it could not be removed */
	/* From here on it goes: */
	RETAIN_REPEATED, /* others that stay hold the same */
	RETAIN_OUTDATED,
	RETAIN_NO_ROOM
};

struct retention_file {
	char name[INVENTORY_NAME_MAX];
	enum retention_kind kind;
	enum retention_state state; /* of archives */
	int64_t at; /* the time in its name */
	uint64_t bytes;
	char digest[DIGEST_HEX_MAX]; /* of an archive's content */
	/* What retention_plan decides: */
	enum retention_reason reason;
	unsigned rules; /* which rules count it, for the plan itself */
};

/* What a plan comes to. */
struct retention_sums {
	size_t archives; /* that go */
	size_t snapshots; /* that go */
	size_t kept;
	size_t broken; /* of these: archives that cannot be relied on */
	uint64_t bytes; /* that go */
	uint64_t kept_bytes;
	bool over; /* what must stay takes more than the budget */
};

/*
 * retention_goes(file):
 * Tell whether the plan removes ${file}.
 */
bool retention_goes(const struct retention_file *file);

/*
 * retention_plan(files, count, keep, now, made, sums):
 * Decide which of ${files} stay, after sorting them, the newest first.
 * ${now} is the time of day, ${made} the name of an archive that was made
 * and verified right now, or NULL.  Nothing goes when there is no verified
 * archive.  The rules stand in docs/man/jair-init.8, "RETENTION".
 */
void retention_plan(struct retention_file *files, size_t count,
    const struct env_keep *keep, int64_t now, const char *made,
    struct retention_sums *sums);

/*
 * retention_reason_text(reason):
 * Return a few words for people.
 */
const char *retention_reason_text(enum retention_reason reason);

#endif
