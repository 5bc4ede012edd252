#include "core/boot_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/path.h"

#define FILE_NAME ".jair.boot"
#define FILE_MAX 4096

/*
 * When the boot began that is in ${state} at ${now}: what the file says
 * since the boot's first line in it.
 */
static void
find_begin(const char *data_dir, const char *state, const char *now,
    char out[CLOCK_ISO_MAX])
{
	struct boot_state former;
	struct err unknown = { 0 };

	if (strcmp(state, "running") != 0 &&
	    boot_state_read(data_dir, &former, &unknown) == 0)
		(void)snprintf(out, CLOCK_ISO_MAX, "%s", former.began);
	else
		(void)snprintf(out, CLOCK_ISO_MAX, "%s", now);
}

/*
 * Five lines: state, time, step, message, time of its begin.  A message has
 * no line breaks of its own that matter, so this needs no parser.
 */
static void
fill(struct buf *b, const char *data_dir, const char *state, const char *step,
    const char *message)
{
	char began[CLOCK_ISO_MAX];
	char iso[CLOCK_ISO_MAX];

	(void)clock_iso(clock_now(), iso);
	find_begin(data_dir, state, iso, began);
	buf_addf(b, "%s\n%s\n%s\n", state, iso, step);
	for (; *message != '\0'; message++)
		buf_addc(b, *message == '\n' ? ' ' : *message);
	buf_addf(b, "\n%s\n", began);
}

int
boot_state_write(const char *data_dir, const char *state, const char *step,
    const char *message, struct err *err)
{
	char *path = path_join(data_dir, FILE_NAME, err);
	struct buf b;
	int rc = -1;

	if (path == NULL)
		return -1;
	buf_init(&b, FILE_MAX);
	fill(&b, data_dir, state, step, message);
	if (buf_ok(&b, path, err) == 0)
		rc = file_write(path, b.data, b.len, err);
	if (rc != 0)
		(void)unlink(path);
	buf_free(&b);
	free(path);
	return rc;
}

/* Copy the next line of ${*p} into ${out}; false when there is none. */
static bool
next_line(const char **p, char *out, size_t size)
{
	const char *end = strchr(*p, '\n');

	if (end == NULL)
		return false;
	(void)snprintf(out, size, "%.*s", (int)(end - *p), *p);
	*p = end + 1;
	return true;
}

int
boot_state_read(const char *data_dir, struct boot_state *state, struct err *err)
{
	char *path = path_join(data_dir, FILE_NAME, err);
	struct buf b = { 0 };
	const char *p;
	int rc = -1;

	*state = (struct boot_state){ 0 };
	if (path == NULL || file_read(path, FILE_MAX, &b, err))
		goto out;
	p = buf_str(&b);
	if (next_line(&p, state->state, sizeof(state->state)) &&
	    next_line(&p, state->at, sizeof(state->at)) &&
	    next_line(&p, state->step, sizeof(state->step)) &&
	    next_line(&p, state->message, sizeof(state->message)))
		rc = 0;
	/* Four lines are enough to know how it stands. */
	if (rc == 0 && !next_line(&p, state->began, sizeof(state->began)))
		memcpy(state->began, state->at, sizeof(state->began));
	else if (rc != 0)
		err_set(err, ERR_FORMAT,
		    "%s does not say how the last boot "
		    "ended. Start jair again.",
		    path);
out:
	buf_free(&b);
	free(path);
	return rc;
}
