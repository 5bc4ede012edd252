#ifndef TESTS_UNIT_MOCK_H
#define TESTS_UNIT_MOCK_H

#include <sys/types.h>

/* A mock of tests/mock that runs; it ends with us, whatever happens. */
struct mock {
	pid_t pid;
	int in; /* its standard input: it ends when this closes */
	int port;
	char url[64]; /* http://127.0.0.1:PORT */
};

/*
 * mock_start(m, name, option):
 * Start tests/mock/NAME.mjs, with ${option} ("--tls") unless it is NULL, and
 * wait until it listens; the test fails when that does not work.
 */
void mock_start(struct mock *m, const char *name, const char *option);

/*
 * mock_stop(m):
 * End the mock and wait for its end.
 */
void mock_stop(struct mock *m);

/*
 * mock_tell(m, what, json):
 * POST ${json} to the mock's control ("lie", "state", "reset").
 */
void mock_tell(const struct mock *m, const char *what, const char *json);

/*
 * mock_lie(m, lie):
 * Reset the mock and let it tell ${lie} from now on; NULL for none.
 */
void mock_lie(const struct mock *m, const char *lie);

/*
 * mock_requests(m):
 * Return what the mock was asked since its reset, as JSON text; the caller
 * frees.
 */
char *mock_requests(const struct mock *m);

/*
 * mock_listen(backlog, port):
 * Return a socket that listens on 127.0.0.1 at ${port}, which nobody answers
 * at.
 */
int mock_listen(int backlog, int *port);

#endif
