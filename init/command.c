#include "init/command.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX ((size_t)16 << 20)

static enum exit_status cmd_help(struct call *call, struct err *err);

static const struct command commands[] = {
	{ "backup", "[--json]",
	    "Write an archive of the database now, prove it, and replace\n"
	    "backup_latest.json by it.\n",
	    0, 0, cmd_backup },
	{ "list", "[--json]",
	    "List the snapshots and archives in the data folder, the newest\n"
	    "first, and whether each was verified when it was made.\n",
	    0, 0, cmd_list },
	{ "verify", "[--json] FILE|NAME",
	    "Read a snapshot or an archive (a path, or a name in the data\n"
	    "folder) from its first byte to its last and check it.\n",
	    1, 1, cmd_verify },
	{ "restore",
	    "[--json] FILE|NAME [--user USER]... [--replace] [--config]"
	    " [--dry-run] [--yes] | --undo",
	    "Bring back what an archive of any form holds, or a whole\n"
	    "snapshot. The database is saved first, and the answer says how\n"
	    "to undo it.\n"
	    "  --user USER  only this user, and more of them with more --user;\n"
	    "               for a file without names: whose lists they are\n"
	    "  --replace    make the lists those of the archive (else they\n"
	    "               are merged: of two entries the newer stays)\n"
	    "  --config     the configuration and API keys too\n"
	    "  --dry-run    only tell what would happen\n"
	    "  --yes        do not ask\n"
	    "  --undo       go back to before the last restore\n",
	    0, 1, cmd_restore },
	{ "diff", "[--json] A B",
	    "Tell what two archives, or an archive and a database, differ\n"
	    "in, per user.\n",
	    2, 2, cmd_diff },
	{ "schema", "[--json] --plan|--apply",
	    "Show what would bring the database's tables to the ones this\n"
	    "version needs (--plan changes nothing), or do it (--apply, after\n"
	    "saving the database as dev.db.pre-upgrade_<time>).\n",
	    0, 0, cmd_schema },
	{ "setup", "[--json] --reopen",
	    "Open the setup again, with a new code: after a configuration\n"
	    "was lost, or when a wrong address of Jellyfin locks everyone\n"
	    "out. The lists of the users stay as they are.\n",
	    0, 0, cmd_setup },
	{ "status", "[--json]",
	    "Tell how the last start ended, whether it had to bring the\n"
	    "database back, and when the last snapshot and archive were made\n"
	    "and verified. Exit status 0: healthy; 4: the last one failed,\n"
	    "is missing, or the newest is older than JAIR_BACKUP_MAX_AGE.\n",
	    0, 0, cmd_status },
	{ "prune", "[--json] [--dry-run]",
	    "Remove the archives and old saved databases that JAIR_KEEP and\n"
	    "JAIR_KEEP_BYTES leave no place for, as each new archive does.\n"
	    "  --dry-run  only tell what would go, and why the rest stays\n",
	    0, 0, cmd_prune },
	{ "help", "[--json]", "Show this help.\n", 0, 0, cmd_help },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void
print_help(void)
{
	size_t count;
	const struct env_setting *s = env_settings(&count);

	(void)printf(
	    "jair-init: save, heal and sync the database of jair, "
	    "and export it\n\n"
	    "usage: jair-init                     run the boot sequence\n"
	    "       jair-init -- COMMAND [ARG...] the same, then exec COMMAND\n"
	    "       jair-init --version [--json]\n");
	for (size_t i = 0; i < COMMANDS; i++)
		(void)printf("       jair-init %s %s\n", commands[i].name,
		    commands[i].synopsis);
	(void)
	    printf("\n`jair-init COMMAND --help` tells more of one. "
		   "Exit status: 0 done, 1 usage,\n2 environment, 3 database, "
		   "4 broken data, 5 busy.\n\nSettings (environment):\n");
	for (size_t i = 0; i < count; i++)
		(void)printf("  %-25s %s%s%s%s\n", s[i].name, s[i].help,
		    *s[i].fallback != '\0' ? " [" : "", s[i].fallback,
		    *s[i].fallback != '\0' ? "]" : "");
}

static void
fill_help(struct json_out *j, const void *ctx)
{
	size_t count;
	const struct env_setting *s = env_settings(&count);

	(void)ctx;
	json_out_begin(j, "commands", '[');
	for (size_t i = 0; i < COMMANDS; i++) {
		json_out_begin(j, NULL, '{');
		json_out_string(j, "name", commands[i].name);
		json_out_string(j, "synopsis", commands[i].synopsis);
		json_out_string(j, "help", commands[i].help);
		json_out_end(j, '}');
	}
	json_out_end(j, ']');
	json_out_begin(j, "settings", '[');
	for (size_t i = 0; i < count; i++) {
		json_out_begin(j, NULL, '{');
		json_out_string(j, "name", s[i].name);
		json_out_string(j, "default", s[i].fallback);
		json_out_string(j, "help", s[i].help);
		json_out_end(j, '}');
	}
	json_out_end(j, ']');
}

enum exit_status
command_help(bool json, struct err *err)
{
	if (json)
		return command_answer(fill_help, NULL, err);
	print_help();
	return EXIT_DONE;
}

static enum exit_status
cmd_help(struct call *call, struct err *err)
{
	return command_help(call->json, err);
}

static void
fill_version(struct json_out *j, const void *ctx)
{
	json_out_string(j, "version", ctx);
}

enum exit_status
command_version(bool json, struct err *err)
{
	if (json)
		return command_answer(fill_version, JAIR_VERSION, err);
	(void)puts("jair-init " JAIR_VERSION);
	return EXIT_DONE;
}

static const struct command *
find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	}
	return NULL;
}

static int
usage(const struct command *c, struct err *err, const char *why)
{
	return err_set(err, ERR_USAGE, "%s Usage: jair-init %s %s", why,
	    c->name, c->synopsis);
}

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ "plan", no_argument, NULL, 'p' },
	{ "apply", no_argument, NULL, 'a' },
	{ "user", required_argument, NULL, 'u' },
	{ "replace", no_argument, NULL, 'r' },
	{ "config", no_argument, NULL, 'c' },
	{ "dry-run", no_argument, NULL, 'n' },
	{ "yes", no_argument, NULL, 'y' },
	{ "undo", no_argument, NULL, 'U' },
	{ "reopen", no_argument, NULL, 'o' },
	{ NULL, 0, NULL, 0 },
};

/* Take one option of schema, restore or prune; false when it has no such. */
static bool
take_option(struct call *call, int c)
{
	bool schema = call->command->run == cmd_schema;
	bool restore = call->command->run == cmd_restore;
	bool prune = call->command->run == cmd_prune;

	if (schema && c == 'p')
		call->plan = true;
	else if (schema && c == 'a')
		call->apply = true;
	else if (restore && c == 'u')
		call->users[call->users_count++] = optarg;
	else if (restore && c == 'r')
		call->replace = true;
	else if (restore && c == 'c')
		call->config = true;
	else if ((restore || prune) && c == 'n')
		call->dry_run = true;
	else if (restore && c == 'y')
		call->yes = true;
	else if (restore && c == 'U')
		call->undo = true;
	else if (call->command->run == cmd_setup && c == 'o')
		call->reopen = true;
	else
		return false;
	return true;
}

/* Read the options; 1 when --help was asked for. */
static int
read_options(struct call *call, int argc, char **argv, struct err *err)
{
	int c;

	opterr = 0;
	optind = 1;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'h')
			return 1;
		if (c == 'j')
			call->json = true;
		else if (!take_option(call, c))
			return usage(call->command, err, "Unknown option.");
	}
	call->argc = argc - optind;
	call->argv = argv + optind;
	if (call->argc < call->command->min_args)
		return usage(call->command, err, "Something is missing.");
	if (call->argc > call->command->max_args)
		return usage(call->command, err, "That is too much.");
	if (call->command->run == cmd_schema && call->plan == call->apply)
		return usage(call->command, err, "Say --plan or --apply.");
	if (call->command->run == cmd_setup && !call->reopen)
		return usage(call->command, err, "Say --reopen.");
	return 0;
}

static const char *
code_word(enum exit_status status)
{
	switch (status) {
	case EXIT_USAGE:
		return "usage";
	case EXIT_DATABASE:
		return "database";
	case EXIT_BROKEN:
		return "broken";
	case EXIT_BUSY:
		return "busy";
	case EXIT_DONE:
	case EXIT_ENVIRONMENT:
		break;
	}
	return "environment";
}

static void
fill_error(struct json_out *j, const void *ctx)
{
	const struct err *err = ctx;

	json_out_string(j, "error", err->msg);
	json_out_string(j, "code", code_word(err_exit_status(err->code)));
}

enum exit_status
command_failed(const struct err *err)
{
	/* Who forgot to say why has failed all the same. */
	return err->code != ERR_NONE ? err_exit_status(err->code)
				     : EXIT_ENVIRONMENT;
}

enum exit_status
command_answer(void (*fill)(struct json_out *, const void *), const void *ctx,
    struct err *err)
{
	struct json_out j;
	struct buf text;
	enum exit_status status = EXIT_DONE;

	buf_init(&text, ANSWER_MAX);
	json_out_init(&j, &text, NULL);
	json_out_begin(&j, NULL, '{');
	fill(&j, ctx);
	json_out_end(&j, '}');
	if (buf_ok(&text, "the answer", err))
		status = command_failed(err);
	else
		(void)puts(buf_str(&text));
	buf_free(&text);
	return status;
}

static enum exit_status
show_help(const struct command *c)
{
	(void)printf("usage: jair-init %s %s\n\n%s", c->name, c->synopsis,
	    c->help);
	return EXIT_DONE;
}

/* Say why it did not work, once. */
static void
report(const struct call *call, const struct err *err)
{
	struct err ignored;

	if (err->code == ERR_NONE)
		return;
	if (!call->json ||
	    command_answer(fill_error, err, &ignored) != EXIT_DONE)
		(void)fprintf(stderr, "jair-init: %s\n", err->msg);
}

enum exit_status
command_run(const struct env *env, int argc, char **argv)
{
	struct call call = { .env = env, .command = find(argv[0]) };
	struct err err = { 0 };
	enum exit_status status = EXIT_USAGE;
	int help = -1;

	if (call.command == NULL) {
		(void)fprintf(stderr,
		    "jair-init: There is no command "
		    "\"%s\". `jair-init help` lists them.\n",
		    argv[0]);
		return EXIT_USAGE;
	}
	if ((call.users = calloc((size_t)argc, sizeof(*call.users))) != NULL)
		help = read_options(&call, argc, argv, &err);
	else
		err_set(&err, ERR_NOMEM, "No memory for the arguments.");
	if (help == 0)
		status = call.command->run(&call, &err);
	else if (help == 1)
		status = show_help(call.command);
	else
		status = err_exit_status(err.code);
	report(&call, &err);
	free(call.users);
	return status;
}
