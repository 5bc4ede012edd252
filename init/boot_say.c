#include "init/boot_say.h"

#include "core/str.h"
#include "init/say.h"

void
boot_say_snapshot(const struct snapshot *snap, int64_t ms)
{
	char size[STR_SIZE_MAX];
	char found[SAY_COUNT_MAX];
	long long n = snap->findings.indexes + snap->findings.constraints;

	if (snap->withheld) {
		say(SAY_WARNING,
		    "⚠️  The database holds no users and no "
		    "configuration; the startup backup that has some was "
		    "kept.");
		return;
	}
	say(SAY_INFO,
	    "✅ Startup backup created successfully (%s, verified"
	    "%s%s%s, %lld ms)",
	    str_size(snap->bytes, size), n > 0 ? " with " : "",
	    n > 0 ? say_count(n, "finding", found) : "",
	    snap->unchanged ? ", unchanged" : "", (long long)ms);
	if (n > 0)
		say(SAY_WARNING, "⚠️  %s: %s",
		    snap->healed
			? "Indexes were damaged and have been built anew"
			: "The check found",
		    snap->findings.first);
	if (snap->quarantined != NULL)
		say(SAY_WARNING,
		    "⚠️  The former startup backup was damaged; "
		    "it now lies in %s",
		    snap->quarantined);
}

void
boot_say_archive(const struct backup *backup, int64_t ms)
{
	char users[SAY_COUNT_MAX];
	char items[SAY_COUNT_MAX];

	say(SAY_INFO, "✅ JSON backup created successfully (%s, %s, %lld ms)",
	    say_count(backup->stats.users, "user", users),
	    say_count(backup->stats.items, "item", items), (long long)ms);
	if (backup->withheld)
		say(SAY_WARNING,
		    "⚠️  It holds no users and no configuration; "
		    "%s, which may hold some, was kept.",
		    BACKUP_LATEST);
	if (backup->stats.odd > 0)
		say(SAY_WARNING, "⚠️  %s saved as found, the first: %s",
		    say_count(backup->stats.odd, "odd value", items),
		    backup->stats.first_odd);
}

void
boot_say_schema(const struct schema_report *report, int64_t ms)
{
	char count[SAY_COUNT_MAX];

	say(SAY_INFO, "✅ Database schema synced successfully (%s, %lld ms)",
	    say_count((long long)report->changes, "change", count),
	    (long long)ms);
	if (report->rejected > 0)
		say(SAY_WARNING,
		    "⚠️  %s broke a rule of the tables and now "
		    "lie in _jair_rejected_* (nothing was lost; they are in "
		    "every backup)",
		    say_count(report->rejected, "row", count));
}
