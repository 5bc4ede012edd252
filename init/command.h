#ifndef INIT_COMMAND_H
#define INIT_COMMAND_H

#include <stdbool.h>

#include "core/env.h"
#include "core/err.h"
#include "core/json_out.h"

/* One call of a command, its options read. */
struct call {
	const struct env *env;
	const struct command *command;
	bool json; /* --json: the answer is one JSON object */
	bool plan; /* schema --plan */
	bool apply; /* schema --apply */
	bool reopen; /* setup --reopen */
	bool replace, config, dry_run, yes, undo; /* restore's; prune too
						     has --dry-run */
	char **users; /* restore --user, each */
	size_t users_count;
	int argc; /* operands */
	char **argv;
};

/* A row of the table of commands. */
struct command {
	const char *name;
	const char *synopsis; /* what follows the name */
	const char *help; /* whole lines for people */
	int min_args, max_args; /* operands */
	enum exit_status (*run)(struct call *call, struct err *err);
};

/*
 * command_run(env, argc, argv):
 * Find and run the command that ${argv}[0] names.  Errors go to stderr, as
 * an object with --json to stdout.  Return the exit status.
 */
enum exit_status command_run(const struct env *env, int argc, char **argv);

/*
 * command_help(json, err):
 * Write the general help to stdout.  Return the exit status.
 */
enum exit_status command_help(bool json, struct err *err);

/*
 * command_version(json, err):
 * Write the version to stdout.  Return the exit status.
 */
enum exit_status command_version(bool json, struct err *err);

/*
 * command_failed(err):
 * Return the exit status of a command that ends with ${err}.
 */
enum exit_status command_failed(const struct err *err);

/*
 * command_answer(call, fill, ctx, err):
 * Print the object whose members ${fill} writes.  Return EXIT_DONE, or the
 * status for ${err}.
 */
enum exit_status command_answer(void (*fill)(struct json_out *, const void *),
    const void *ctx, struct err *err);

enum exit_status cmd_backup(struct call *call, struct err *err);
enum exit_status cmd_diff(struct call *call, struct err *err);
enum exit_status cmd_list(struct call *call, struct err *err);
enum exit_status cmd_verify(struct call *call, struct err *err);
enum exit_status cmd_prune(struct call *call, struct err *err);
enum exit_status cmd_restore(struct call *call, struct err *err);
enum exit_status cmd_schema(struct call *call, struct err *err);
enum exit_status cmd_setup(struct call *call, struct err *err);
enum exit_status cmd_status(struct call *call, struct err *err);

#endif
