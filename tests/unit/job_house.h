#ifndef TESTS_UNIT_JOB_HOUSE_H
#define TESTS_UNIT_JOB_HOUSE_H

#include <stdint.h>
#include <sys/types.h>

#include "core/db.h"
#include "core/env.h"
#include "core/json.h"
#include "core/store_job.h"

/*
 * A data folder with a real job worker, for tests of jobs.  Every function
 * fails the test when it cannot do what it says.
 */

/*
 * jobhouse_fresh():
 * Return the settings of an empty house in a clean folder.
 */
const struct env *jobhouse_fresh(void);

/*
 * jobhouse_open():
 * Open its database for writing; the caller's.
 */
struct db *jobhouse_open(void);

/*
 * jobhouse_sql(sql):
 * Run ${sql} in it.
 */
void jobhouse_sql(const char *sql);

/*
 * jobhouse_worker(), jobhouse_kill(pid), jobhouse_stop(pid):
 * Start a job worker in a process of its own; end it by SIGKILL; by SIGTERM,
 * and see that it ended well.
 */
pid_t jobhouse_worker(void);
void jobhouse_kill(pid_t pid);
void jobhouse_stop(pid_t pid);

/*
 * jobhouse_add(type, user, input):
 * Queue a job and ring.  Return its id.
 */
int64_t jobhouse_add(const char *type, int64_t user, const char *input);

/*
 * jobhouse_end(id):
 * Wait until the job has ended.  Return it; job_free releases it.
 */
struct job jobhouse_end(int64_t id);

/*
 * jobhouse_number(sql), jobhouse_member(job, key):
 * Return what a query gives; a number in the job's result, -1 without one.
 */
int64_t jobhouse_number(const char *sql);
int64_t jobhouse_member(const struct job *job, const char *key);

/*
 * jobhouse_archive(name, users, items):
 * Write an archive of the users "user0", "user1", ... with so many movies
 * each into the folder.
 */
void jobhouse_archive(const char *name, int users, int items);

/*
 * jobhouse_count(head):
 * Return how many names in the folder begin with ${head}.
 */
size_t jobhouse_count(const char *head);

#endif
