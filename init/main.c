#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/archive_read.h"
#include "core/db.h"
#include "core/env.h"
#include "core/file.h"
#include "core/preflight.h"
#include "core/secret.h"
#include "init/boot.h"
#include "init/command.h"

/* What a shell ends with when a command cannot be started. */
#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND 127

/* A start goes on when nobody reads what it says; what follows may not. */
static int
boot_and_launch(const struct env *env, char **command)
{
	void (*former)(int) = signal(SIGPIPE, SIG_IGN);
	enum exit_status status = boot(env);
	int why;

	(void)signal(SIGPIPE, former);
	if (status != EXIT_DONE || command == NULL)
		return (int)status;
	(void)execvp(command[0], command);
	why = errno;
	(void)fprintf(stderr, "jair-init: Cannot start %s: %s\n", command[0],
	    strerror(why));
	return why == ENOENT || why == ENOTDIR ? EXIT_NOT_FOUND
					       : EXIT_NOT_EXECUTABLE;
}

static bool
boots(int argc, char **argv)
{
	return argc < 2 || strcmp(argv[1], "--") == 0;
}

/* What needs no environment; -1 for the rest. */
static int
without_environment(int argc, char **argv)
{
	struct err ignored = { 0 };
	bool json = argc == 3 && strcmp(argv[2], "--json") == 0;
	bool alone = argc == 2 || json;

	if (boots(argc, argv) && argc != 2)
		return -1;
	if (strcmp(argv[1], "--version") == 0 && alone)
		return (int)command_version(json, &ignored);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    (strcmp(argv[1], "help") == 0 && alone))
		return (int)command_help(json, &ignored);
	if (boots(argc, argv)) {
		(void)fputs("jair-init: No command stands behind \"--\".\n",
		    stderr);
		return EXIT_USAGE;
	}
	if (argv[1][0] == '-') {
		(void)fprintf(stderr,
		    "jair-init: Unknown option %s. "
		    "`jair-init help` lists what there is.\n",
		    argv[1]);
		return EXIT_USAGE;
	}
	return -1;
}

static int
with_environment(int argc, char **argv)
{
	struct env env;
	struct err err = { 0 };
	int status;

	if (env_load(&env, &err) || preflight_find_temp(env.data_dir, &err)) {
		(void)fprintf(stderr, "jair-init: %s\n", err.msg);
		return (int)err_exit_status(err.code);
	}
	db_set_busy_wait(env.busy_wait_ms);
	archive_set_max(env.restore_max);
	if (boots(argc, argv))
		status = boot_and_launch(&env, argc < 2 ? NULL : argv + 2);
	else
		status = (int)command_run(&env, argc - 1, argv + 1);
	env_free(&env);
	return status;
}

int
main(int argc, char **argv)
{
	int status;

	file_fill_standard();
	(void)umask(077);
	secret_keep_from_disk();
	if ((status = without_environment(argc, argv)) < 0)
		status = with_environment(argc, argv);
	/* An answer that nobody got; a boot has done its work all the same. */
	if (fflush(stdout) != 0 && status == EXIT_DONE && !boots(argc, argv))
		status = EXIT_ENVIRONMENT;
	return status;
}
