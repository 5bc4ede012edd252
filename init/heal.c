#include "init/heal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/inventory.h"
#include "core/lock.h"
#include "core/path.h"
#include "core/recover.h"
#include "init/house.h"
#include "init/say.h"

#define SHOWN_USERS 50
#define SHOWN_NAME 80
#define AGE_MAX 96
#define MINUTE_MS 60000
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

/* A time, and how long ago that is. */
static const char *
age(int64_t ms, char out[AGE_MAX])
{
	char iso[CLOCK_ISO_MAX];
	char count[SAY_COUNT_MAX];
	int64_t ago = clock_now() - ms;

	if (ms < CLOCK_MIN || ms > CLOCK_MAX)
		return "no time is known";
	if (ago < HOUR_MS)
		say_count((ago > 0 ? ago : 0) / MINUTE_MS, "minute", count);
	else if (ago < 2 * DAY_MS)
		say_count(ago / HOUR_MS, "hour", count);
	else
		say_count(ago / DAY_MS, "day", count);
	(void)snprintf(out, AGE_MAX, "%s, %s ago", clock_iso(ms, iso), count);
	return out;
}

/* A name as a line can bear it. */
static const char *
printable(const char *name, char out[SHOWN_NAME + 1])
{
	size_t len = 0;

	for (; len < SHOWN_NAME && name[len] != '\0'; len++)
		out[len] = (unsigned char)name[len] < ' ' || name[len] == 0x7f
		    ? '?'
		    : name[len];
	out[len] = '\0';
	return out;
}

static void
say_source(const struct recovery *r)
{
	char when[AGE_MAX];
	char backups[SAY_COUNT_MAX];

	say(SAY_INFO, "   · %s looked at, %zu of them not usable%s%s",
	    say_count((long long)r->candidates, "backup", backups), r->unusable,
	    r->unusable > 0 ? ", the first: " : "", r->first_unusable);
	if (r->source[0] == '\0') {
		say(SAY_WARNING,
		    "⚠️  There is no backup that can be used. jair begins "
		    "with an empty database%s.",
		    r->merged > 0 ? " and what was read of the damaged one"
				  : "; the setup opens in the browser");
		return;
	}
	if (strcmp(r->source, RECOVER_SALVAGE) == 0)
		say(SAY_INFO, "   · used: what the damaged file itself gave");
	else
		say(SAY_INFO, "   · used: %s (made %s)", r->source,
		    age(r->made, when));
	say(SAY_INFO, "   · its latest change: %s", age(r->newest, when));
}

static void
say_rows(const struct recovery *r)
{
	char rows[SAY_COUNT_MAX];
	char name[SHOWN_NAME + 1];

	for (size_t i = 0; i < RECOVER_TABLES; i++)
		say(SAY_INFO, "   · table %s: %s", r->tables[i],
		    say_count(r->rows[i], "row", rows));
	for (size_t i = 0; i < r->users_count && i < SHOWN_USERS; i++) {
		const struct recover_user *u = &r->users[i];

		say(SAY_INFO,
		    "   · user %s: %lld entries, %lld of them from "
		    "the damaged file",
		    printable(u->name, name), (long long)u->items,
		    (long long)u->merged);
	}
	if (r->users_count > SHOWN_USERS)
		say(SAY_INFO, "   · and %zu more users",
		    r->users_count - SHOWN_USERS);
}

/* What may be missing. */
static void
say_missing(const struct recovery *r)
{
	char rows[SAY_COUNT_MAX];
	char lost[SAY_COUNT_MAX];
	char pages[SAY_COUNT_MAX];

	if (r->guessed > 0)
		say(SAY_WARNING,
		    "⚠️  %s of the damaged file came from pages that nothing "
		    "led to any more; some may have been deleted before.",
		    say_count(r->guessed, "row", rows));
	if (r->healed > 0)
		say(SAY_WARNING,
		    "⚠️  %s of the damaged file had a number or a name that "
		    "a snapshot tells differently; what that tells was "
		    "taken.",
		    say_count(r->healed, "row", rows));
	if (r->complete)
		say(SAY_INFO,
		    "   · the damaged file gave all of its rows (%lld); "
		    "nothing is missing",
		    (long long)r->salvaged);
	else
		say(SAY_WARNING,
		    "⚠️  %s the damaged file gave %s; %s and %s of it could "
		    "not be read.",
		    strcmp(r->source, RECOVER_SALVAGE) == 0
			? "Some may be missing:"
			: "Changes after that backup may be missing:",
		    say_count(r->salvaged, "row", rows),
		    say_count(r->lost, "row", lost),
		    say_count(r->pages, "page", pages));
	if (r->left[0] != '\0')
		say(SAY_WARNING, "⚠️  Not brought: %s.", r->left);
	if (r->quarantine != NULL)
		say(SAY_WARNING,
		    "⚠️  The damaged database now lies in %s; nothing was "
		    "deleted.",
		    r->quarantine);
}

static void
say_report(const struct recovery *r)
{
	say(SAY_WARNING, "✅ Database recovered (%lld ms)", (long long)r->ms);
	say_source(r);
	say_rows(r);
	say_missing(r);
}

int
heal_continue(const struct env *env, struct err *err)
{
	char *quarantine = NULL;
	int rc;

	/* An owner who wants none of it still gets back what was moved. */
	if (!env->recovery && path_exists(env->db_path))
		return 0;
	rc = recover_finish(env->db_path, env->data_dir, &quarantine, err);

	if (rc == 1)
		say(SAY_WARNING,
		    "🩹 A recovery that was interrupted has been finished%s%s",
		    quarantine != NULL ? "; the damaged database now lies in "
				       : "",
		    quarantine != NULL ? quarantine : "");
	free(quarantine);
	return rc < 0 ? -1 : 0;
}

static int
check_space(const struct env *env, struct err *err)
{
	char *snapshot = house_path(env, INVENTORY_SNAPSHOT, err);
	int rc = -1;

	if (snapshot != NULL)
		rc = house_preflight(env, PREFLIGHT_RECOVERY, snapshot, err);
	free(snapshot);
	return rc;
}

/* Recover; nobody else may use the database meanwhile. */
static int
heal(const struct env *env, struct err *err)
{
	struct recovery r;
	int serving = -1;
	int rc;

	if (check_space(env, err) || house_stop_serving(env, &serving, err))
		return -1;
	rc = recover_database(env->db_path, env->data_dir, &r, err);
	lock_release(serving);
	if (rc != 0)
		return -1;
	say_report(&r);
	recovery_free(&r);
	return 0;
}

enum exit_status
heal_database(const struct env *env, struct err *err)
{
	/* A fault of the disk that went away is no damage. */
	err_clear(err);
	if (recover_confirm(env->db_path, err) == 0)
		return EXIT_DONE;
	if (err->code != ERR_CORRUPT)
		return err_exit_status(err->code);
	if (!env->recovery)
		return EXIT_BROKEN;
	say(SAY_WARNING, "🩹 The database is damaged: %s", err->msg);
	say(SAY_INFO,
	    "🩹 Recovering it from backups and from what can still "
	    "be read...");
	err_clear(err);
	return heal(env, err) == 0 ? EXIT_DONE : err_exit_status(err->code);
}
