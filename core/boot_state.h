#ifndef CORE_BOOT_STATE_H
#define CORE_BOOT_STATE_H

#include "core/clock.h"
#include "core/err.h"

/* How the last boot went, as .jair.boot in the data folder keeps it. */
struct boot_state {
	char state[16]; /* "running", "ok" or "failed" */
	char at[CLOCK_ISO_MAX];
	char step[32]; /* the step it is in or failed in */
	char message[512]; /* why it failed, else "" */
	char began[CLOCK_ISO_MAX]; /* when this boot began; else ${at} */
};

/*
 * boot_state_write(data_dir, state, step, message, err):
 * Publish how the boot stands.  When that fails, no former state is left to
 * be believed.  Return 0, or -1 with ${err}.
 */
int boot_state_write(const char *data_dir, const char *state, const char *step,
    const char *message, struct err *err);

/*
 * boot_state_read(data_dir, state, err):
 * Return 0 with ${state}, or -1 with ${err} (ERR_MISSING when no boot has
 * ended here yet, ERR_FORMAT when the file does not say).
 */
int boot_state_read(const char *data_dir, struct boot_state *state,
    struct err *err);

#endif
