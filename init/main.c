#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/archive_read.h"
#include "core/db.h"
#include "core/env.h"
#include "core/preflight.h"
#include "core/secret.h"
#include "init/boot.h"
#include "init/command.h"

/* What a shell ends with when a command cannot be started. */
#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND 127

/* The boot, then whatever stands behind `--`. */
static int
boot_and_launch(const struct env *env, char **command)
{
	enum exit_status status = boot(env);
	int why;

	if (status != EXIT_DONE || command == NULL)
		return (int)status;
	(void)execvp(command[0], command);
	why = errno;
	(void)fprintf(stderr, "jair-init: Cannot start %s: %s\n", command[0],
	    strerror(why));
	return why == ENOENT || why == ENOTDIR ? EXIT_NOT_FOUND
					       : EXIT_NOT_EXECUTABLE;
}

/* What needs no environment. */
static int
without_environment(int argc, char **argv)
{
	if (argc < 2)
		return -1;
	if (strcmp(argv[1], "--version") == 0) {
		(void)puts("jair-init " JAIR_VERSION);
		return EXIT_DONE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		command_help();
		return EXIT_DONE;
	}
	if (strcmp(argv[1], "--") == 0 && argc == 2) {
		(void)fputs("jair-init: No command stands behind \"--\".\n",
		    stderr);
		return EXIT_USAGE;
	}
	if (argv[1][0] == '-' && strcmp(argv[1], "--") != 0) {
		(void)fprintf(stderr,
		    "jair-init: Unknown option %s. "
		    "`jair-init help` lists what there is.\n",
		    argv[1]);
		return EXIT_USAGE;
	}
	return -1;
}

int
main(int argc, char **argv)
{
	struct env env;
	struct err err = { 0 };
	int status = without_environment(argc, argv);

	if (status >= 0)
		return status;
	(void)umask(077);
	secret_keep_from_disk();
	if (env_load(&env, &err) || preflight_find_temp(env.data_dir, &err)) {
		(void)fprintf(stderr, "jair-init: %s\n", err.msg);
		return (int)err_exit_status(err.code);
	}
	db_set_busy_wait(env.busy_wait_ms);
	archive_set_max(env.restore_max);
	if (argc < 2)
		status = boot_and_launch(&env, NULL);
	else if (strcmp(argv[1], "--") == 0)
		status = boot_and_launch(&env, argv + 2);
	else
		status = (int)command_run(&env, argc - 1, argv + 1);
	env_free(&env);
	return status;
}
