/*
 * hello SOCKET WORKERS: the least that a FastCGI server can do, in as many
 * processes: the yardstick of ours.  Ends at SIGTERM.
 */
#include <fcgiapp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static void
serve(int sock)
{
	static const char text[] =
	    "Content-Type: application/json\r\n\r\n{\"hello\":true}\n";
	FCGX_Request request;

	if (FCGX_Init() != 0 || FCGX_InitRequest(&request, sock, 0) != 0)
		_exit(1);
	while (FCGX_Accept_r(&request) == 0) {
		(void)FCGX_PutStr(text, (int)sizeof(text) - 1, request.out);
		FCGX_Finish_r(&request);
	}
	_exit(0);
}

int
main(int argc, char **argv)
{
	int workers = argc == 3 ? (int)strtol(argv[2], NULL, 10) : 0;
	sigset_t term;
	int sock;
	int sig;

	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	if (workers < 1 || (sock = FCGX_OpenSocket(argv[1], 128)) < 0) {
		(void)fprintf(stderr, "usage: hello SOCKET WORKERS\n");
		return 1;
	}
	(void)setpgid(0, 0);
	for (int i = 0; i < workers; i++) {
		if (fork() == 0)
			serve(sock);
	}
	(void)sigprocmask(SIG_BLOCK, &term, NULL);
	(void)sigwait(&term, &sig);
	(void)sigprocmask(SIG_UNBLOCK, &term, NULL);
	(void)kill(0, SIGTERM);
	return 0;
}
