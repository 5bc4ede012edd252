#include "cgi-src/jobs/job_share.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#define WORDS ((sizeof(struct job_progress) + 7) / 8)
#define TRIES 16

/*
 * Two places, written in turn: number ${turn} & 1 is whole, and the writer
 * fills the other one.  A reader whose place was taken meanwhile reads again.
 */
struct shared {
	atomic_ulong turn;
	_Atomic uint64_t place[2][WORDS];
};

static struct shared *shared;
static int bell = -1;

int
job_share_open(struct err *err)
{
	void *p;

	if (shared != NULL)
		return 0;
	p = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return err_sys(err, errno, "No memory to share among workers");
	if ((bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0) {
		err_sys(err, errno, "Cannot make a bell for jobs");
		(void)munmap(p, sizeof(*shared));
		return -1;
	}
	shared = p;
	return 0;
}

void
job_share_close(void)
{
	if (shared == NULL)
		return;
	(void)munmap(shared, sizeof(*shared));
	(void)close(bell);
	shared = NULL;
	bell = -1;
}

void
job_share_ring(void)
{
	const uint64_t one = 1;

	/* A counter that is full rings as well. */
	if (bell >= 0 && write(bell, &one, sizeof(one)) < 0)
		return;
}

int
job_share_bell(void)
{
	return bell;
}

void
job_share_hush(void)
{
	uint64_t count;

	if (bell >= 0 && read(bell, &count, sizeof(count)) < 0)
		return;
}

void
job_share_set(const struct job_progress *p)
{
	uint64_t words[WORDS] = { 0 };
	unsigned long turn;

	if (shared == NULL)
		return;
	memcpy(words, p, sizeof(*p));
	turn = atomic_load_explicit(&shared->turn, memory_order_relaxed) + 1;
	/* Nobody sees these before the turn that let the place go. */
	atomic_thread_fence(memory_order_release);
	for (size_t i = 0; i < WORDS; i++)
		atomic_store_explicit(&shared->place[turn & 1][i], words[i],
		    memory_order_relaxed);
	atomic_store_explicit(&shared->turn, turn, memory_order_release);
}

bool
job_share_get(int64_t id, struct job_progress *p)
{
	uint64_t words[WORDS];

	for (int i = 0; shared != NULL && i < TRIES; i++) {
		unsigned long turn =
		    atomic_load_explicit(&shared->turn, memory_order_acquire);

		for (size_t w = 0; w < WORDS; w++)
			words[w] =
			    atomic_load_explicit(&shared->place[turn & 1][w],
				memory_order_relaxed);
		atomic_thread_fence(memory_order_acquire);
		if (atomic_load_explicit(&shared->turn, memory_order_relaxed) !=
		    turn)
			continue;
		memcpy(p, words, sizeof(*p));
		p->current[sizeof(p->current) - 1] = '\0';
		return p->id == id;
	}
	return false;
}
