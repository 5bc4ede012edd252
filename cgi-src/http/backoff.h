#ifndef CGI_SRC_HTTP_BACKOFF_H
#define CGI_SRC_HTTP_BACKOFF_H

#include <stdint.h>

#include "core/err.h"

/*
 * Who guesses passwords waits: after each try for one account from one
 * address 1 s, then 2 s, 4 s, up to 30 s.  Another address is another
 * matter, so no one can lock a member out from elsewhere.  Kept in memory of
 * a fixed size that the master shares with its workers: no failure costs a
 * disk write, and a worker that is killed takes nothing with it.
 */
struct backoff;

#define BACKOFF_PLACES 1024

/*
 * backoff_new(err), backoff_free(b):
 * Make the shared memory, before the workers are forked; release it (NULL is
 * accepted).  NULL with ${err} when there is none.
 */
struct backoff *backoff_new(struct err *err);
void backoff_free(struct backoff *b);

/*
 * backoff_try(b, address, account, now):
 * Begin a try at the moment ${now} (clock_mono).  Return 0 when it may go
 * on; it counts as failed until backoff_pass says otherwise.  Else return
 * how many milliseconds are left to wait.  Names differing in case alone are
 * one account, and the addresses of an IPv6 network of 64 bits one address.
 * When all places are taken the one that was used longest ago is given up.
 */
int64_t backoff_try(struct backoff *b, const char *address, const char *account,
    int64_t now);

/*
 * backoff_pass(b, address, account):
 * The try was right: forget the ones before it.
 */
void backoff_pass(struct backoff *b, const char *address, const char *account);

#endif
