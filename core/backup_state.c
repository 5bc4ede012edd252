#include "core/backup_state.h"

#include <string.h>

#include "core/boot_state.h"
#include "core/clock.h"

/* Clocks may differ by so much. */
#define AHEAD_MS INT64_C(86400000)

static int
read_last(struct db *db, enum run_kind kind, struct backup_last *last,
    struct err *err)
{
	if (store_run_last(db, kind, &last->run, &last->has_run, err))
		return -1;
	return store_run_last_verified(db, kind, &last->verified,
	    &last->has_verified, err);
}

/* Whether the newest verified archive is as new as it should be. */
static void
judge_age(struct backup_state *s, int64_t max_age_ms)
{
	const struct run *run = &s->archive.verified;
	int64_t at;

	if (!s->archive.has_verified || max_age_ms == 0 ||
	    clock_parse(run->started, strlen(run->started), &at))
		return;
	s->age_ms = clock_now() - at;
	s->overdue = s->age_ms > max_age_ms || s->age_ms < -AHEAD_MS;
}

int
backup_state_read(struct db *db, const struct env *env,
    struct backup_state *state, struct err *err)
{
	struct boot_state boot;
	struct err unknown = { 0 };

	*state = (struct backup_state){ 0 };
	if (read_last(db, RUN_SNAPSHOT, &state->snapshot, err) ||
	    read_last(db, RUN_ARCHIVE, &state->archive, err) ||
	    store_run_last(db, RUN_RECOVERY, &state->recovery,
		&state->has_recovery, err))
		return -1;
	judge_age(state, env->backup_max_age_ms);
	state->recovered = state->has_recovery &&
	    boot_state_read(env->data_dir, &boot, &unknown) == 0 &&
	    strcmp(state->recovery.started, boot.began) >= 0;
	return 0;
}
