#ifndef CGI_SRC_JOBS_JOB_WORKER_H
#define CGI_SRC_JOBS_JOB_WORKER_H

#include "core/env.h"

/*
 * job_worker_run(env):
 * Run queued jobs, one after another, until SIGTERM, which must be blocked
 * by the caller; a job that runs then goes back into the queue.  One process
 * of all that use the data folder does this at a time; others wait for it to
 * end.  Return 0, or -1 when it cannot go on; the cause is logged.
 */
int job_worker_run(const struct env *env);

#endif
