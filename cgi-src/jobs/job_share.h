#ifndef CGI_SRC_JOBS_JOB_SHARE_H
#define CGI_SRC_JOBS_JOB_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

/*
 * What the processes of one server share about jobs: how far the running one
 * is, and a bell that wakes the job worker.  The master makes it before it
 * forks; it is gone with the last of them.  There is one a process tree, as
 * there is one job worker.
 */

#define JOB_CURRENT_MAX 128

/* How far the running job is. */
struct job_progress {
	int64_t id; /* which job */
	int64_t done;
	int64_t total; /* 0: not known */
	char current[JOB_CURRENT_MAX]; /* what it is at, or "" */
};

/*
 * job_share_open(err), job_share_close():
 * Make the shared memory and the bell; give them back.  Opening twice is
 * one.  Return 0, or -1 with ${err}.
 */
int job_share_open(struct err *err);
void job_share_close(void);

/*
 * job_share_ring(), job_share_bell(), job_share_hush():
 * Wake the job worker; return the descriptor that is readable when somebody
 * rang; make it unreadable again.  Without job_share_open nothing happens,
 * and the descriptor is -1.
 */
void job_share_ring(void);
int job_share_bell(void);
void job_share_hush(void);

/*
 * job_share_set(p), job_share_get(id, p):
 * Publish how far the running job is; only the job worker may.  Read it:
 * false when it is not known of the job ${id}.  A process that dies in the
 * middle of either leaves nothing that others would wait for.
 */
void job_share_set(const struct job_progress *p);
bool job_share_get(int64_t id, struct job_progress *p);

#endif
