#include "cgi-src/http/backoff.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "core/digest.h"
#include "core/fold.h"
#include "core/net.h"

#define FIRST_MS 1000
#define LAST_MS 30000
/* Who has waited this long starts anew. */
#define FORGET_MS INT64_C(900000)
#define ACCOUNT_MAX 1024
#define IPV6_NETWORK_BYTES 8

/* One account as tried from one address. */
struct place {
	char key[DIGEST_HEX_MAX]; /* "" when free */
	int64_t wait_ms; /* after the last try */
	int64_t last; /* when that was, clock_mono */
};

struct backoff {
	pthread_mutex_t lock;
	struct place place[BACKOFF_PLACES];
};

static int
make_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t a;
	int rc;

	if ((rc = pthread_mutexattr_init(&a)) != 0)
		return rc;
	(void)pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	(void)pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
	rc = pthread_mutex_init(lock, &a);
	(void)pthread_mutexattr_destroy(&a);
	return rc;
}

struct backoff *
backoff_new(struct err *err)
{
	struct backoff *b = mmap(NULL, sizeof(*b), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int rc;

	if (b == MAP_FAILED) {
		err_sys(err, errno, "Cannot share memory with the workers");
		return NULL;
	}
	if ((rc = make_lock(&b->lock)) == 0)
		return b;
	err_sys(err, rc, "Cannot make a lock for the workers");
	backoff_free(b);
	return NULL;
}

void
backoff_free(struct backoff *b)
{
	if (b != NULL)
		(void)munmap(b, sizeof(*b));
}

/*
 * A worker that died with the lock has at worst left one place half-written,
 * which is worth a wait more or less.
 */
static bool
enter(struct backoff *b)
{
	int rc = pthread_mutex_lock(&b->lock);

	if (rc == EOWNERDEAD)
		rc = pthread_mutex_consistent(&b->lock);
	return rc == 0;
}

static void
leave(struct backoff *b)
{
	(void)pthread_mutex_unlock(&b->lock);
}

static void
add_address(struct digest *d, const char *address)
{
	static const struct net_list v4 = {
		.block = { { .address = { { [10] = 0xff, [11] = 0xff } },
		    .bits = 96 } },
		.count = 1,
	};
	struct net_address a;

	if (net_parse(address, strlen(address), &a) != 0)
		digest_add(d, address, strlen(address));
	else if (net_list_has(&v4, &a))
		digest_add(d, a.bytes, sizeof(a.bytes));
	else
		digest_add(d, a.bytes, IPV6_NETWORK_BYTES);
}

/* One key of fixed size for both; -1 when there is no memory. */
static int
make_key(const char *address, const char *account, char key[DIGEST_HEX_MAX])
{
	struct err ignored;
	struct digest *d = digest_new(&ignored);
	struct buf folded;
	int rc = -1;

	if (d == NULL)
		return -1;
	buf_init(&folded, 4 * (size_t)ACCOUNT_MAX);
	fold_case(account, strnlen(account, ACCOUNT_MAX), &folded);
	if (!folded.failed) {
		add_address(d, address);
		/* Addresses hold no NUL, so no two pairs are alike. */
		digest_add(d, "", 1);
		digest_add(d, buf_str(&folded), folded.len);
		digest_hex(d, key);
		rc = 0;
	}
	buf_free(&folded);
	digest_free(d);
	return rc;
}

static struct place *
find(struct backoff *b, const char *key)
{
	for (size_t i = 0; i < BACKOFF_PLACES; i++) {
		if (strcmp(b->place[i].key, key) == 0)
			return &b->place[i];
	}
	return NULL;
}

/* A free place, or the one that was used longest ago. */
static struct place *
make_place(struct backoff *b, const char key[DIGEST_HEX_MAX])
{
	struct place *oldest = &b->place[0];

	for (size_t i = 0; i < BACKOFF_PLACES; i++) {
		struct place *p = &b->place[i];

		if (p->key[0] == '\0') {
			oldest = p;
			break;
		}
		if (p->last < oldest->last)
			oldest = p;
	}
	memcpy(oldest->key, key, DIGEST_HEX_MAX);
	oldest->wait_ms = 0;
	return oldest;
}

/* How long is left to wait; 0 begins a try. */
static int64_t
try_place(struct place *p, int64_t now)
{
	int64_t left = p->last + p->wait_ms - now;

	if (p->wait_ms > 0 && left > 0)
		return left;
	if (now - p->last >= FORGET_MS)
		p->wait_ms = 0;
	p->wait_ms = p->wait_ms == 0 ? FIRST_MS : 2 * p->wait_ms;
	if (p->wait_ms > LAST_MS)
		p->wait_ms = LAST_MS;
	p->last = now;
	return 0;
}

int64_t
backoff_try(struct backoff *b, const char *address, const char *account,
    int64_t now)
{
	char key[DIGEST_HEX_MAX];
	struct place *p;
	int64_t left;

	/* Without memory to count with, nobody may guess. */
	if (make_key(address, account, key) || !enter(b))
		return FIRST_MS;
	if ((p = find(b, key)) == NULL)
		p = make_place(b, key);
	left = try_place(p, now);
	leave(b);
	return left;
}

void
backoff_pass(struct backoff *b, const char *address, const char *account)
{
	char key[DIGEST_HEX_MAX];
	struct place *p;

	if (make_key(address, account, key) || !enter(b))
		return;
	if ((p = find(b, key)) != NULL)
		p->key[0] = '\0';
	leave(b);
}
