/*
 * measure FILE COMMAND [ARG...]: run COMMAND and add a line to FILE, a list in
 * JSON: its wall clock time and its processor time in microseconds, and its
 * greatest resident size in KiB.  Ends with the command's status.
 */
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t
now_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int64_t
us_of(const struct timeval *tv)
{
	return (int64_t)tv->tv_sec * 1000000 + tv->tv_usec;
}

static int
note(const char *path, int64_t us, const struct rusage *used)
{
	FILE *f = fopen(path, "ae");
	int rc;

	if (f == NULL) {
		perror(path);
		return -1;
	}
	rc = fprintf(f, "[%lld,%lld,%ld]\n", (long long)us,
		 (long long)(us_of(&used->ru_utime) + us_of(&used->ru_stime)),
		 used->ru_maxrss) < 0;
	return fclose(f) != 0 || rc ? -1 : 0;
}

int
main(int argc, char **argv)
{
	struct rusage used;
	int64_t began;
	int status;
	pid_t pid;

	if (argc < 3) {
		(void)fprintf(stderr, "usage: measure FILE COMMAND [ARG...]\n");
		return 1;
	}
	began = now_us();
	if ((pid = fork()) < 0) {
		perror("fork");
		return 1;
	}
	if (pid == 0) {
		(void)execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (wait4(pid, &status, 0, &used) != pid) {
		perror("wait4");
		return 1;
	}
	if (note(argv[1], now_us() - began, &used))
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
