#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cgi-src/master.h"
#include "core/db.h"
#include "core/env.h"
#include "core/err.h"
#include "core/file.h"
#include "core/lock.h"
#include "core/log.h"
#include "core/path.h"
#include "core/preflight.h"
#include "core/schema.h"
#include "core/secret.h"
#include "core/store.h"

/* Shared while anyone serves; who moves the database needs it alone. */
#define SERVING_LOCK ".jair.serving"
/* A restore holds it for moments only. */
#define SERVING_WAIT_MS 5000

static const char usage[] =
    "usage: jair-api [--help | --version]\n"
    "\n"
    "Answers the web server's requests on the FastCGI socket JAIR_SOCKET,\n"
    "until SIGTERM or SIGINT.  jair-init must have prepared DATA_DIR.\n"
    "Settings come from the environment:\n"
    "\n";

static const char advice[] = "Run jair-init first; \"make run\" and "
			     "\"docker compose up -d\" do it at each start.";

static int
print_help(void)
{
	size_t count;
	const struct env_setting *s = env_settings(&count);

	(void)fputs(usage, stdout);
	for (size_t i = 0; i < count; i++)
		(void)printf("  %-24s %s\n", s[i].name, s[i].help);
	(void)printf("\nExit status: 0 stopped, 1 usage, 2 environment, "
		     "3 database not prepared,\n4 database damaged, 5 busy.\n");
	return EXIT_DONE;
}

/* Refuse to serve a database that jair-init has not brought up to date. */
static int
check_schema(struct db *db, struct err *err)
{
	int64_t version;
	size_t count;

	if (db_int(db, "PRAGMA user_version", &version, err))
		return -1;
	if (version > SCHEMA_VERSION)
		return err_set(err, ERR_NEWER,
		    "%s was written by a newer "
		    "jair (tables of version %lld, this one knows %d). "
		    "Install that version.",
		    db_path(db), (long long)version, SCHEMA_VERSION);
	if (version != SCHEMA_VERSION)
		return err_set(err, ERR_SCHEMA,
		    "The tables in %s are not up "
		    "to date. %s",
		    db_path(db), advice);
	if (store_check_all(db, &count, err) == 0)
		return 0;
	if (err->code == ERR_SCHEMA)
		err_set(err, ERR_SCHEMA, "%s. %s", err->msg, advice);
	return -1;
}

/* Closed again: no SQLite connection may cross fork. */
static int
check_database(const struct env *env, struct err *err)
{
	struct db *db = NULL;
	int rc;

	if (db_open(&db, env->db_path, DB_READ, err)) {
		if (err->code == ERR_MISSING)
			err_set(err, ERR_SCHEMA,
			    "There is no database %s. "
			    "%s",
			    env->db_path, advice);
		return -1;
	}
	rc = check_schema(db, err);
	db_free(db);
	return rc;
}

static int
take_serving_lock(const struct env *env, int *fd, struct err *err)
{
	char *path;
	int rc;

	if (!path_exists(env->data_dir))
		return err_set(err, ERR_SCHEMA,
		    "There is no data folder %s. "
		    "%s",
		    env->data_dir, advice);
	if ((path = path_join(env->data_dir, SERVING_LOCK, err)) == NULL)
		return -1;
	rc = lock_take(path, LOCK_SHARED, SERVING_WAIT_MS, fd, err);
	free(path);
	return rc;
}

static int
run(const struct env *env, struct err *err)
{
	int lock = -1;
	int rc = -1;

	if (take_serving_lock(env, &lock, err) == 0 &&
	    check_database(env, err) == 0)
		rc = master_run(env, err);
	lock_release(lock);
	return rc;
}

static int
serve(void)
{
	struct err err = { 0 };
	struct env env = { 0 };
	int status = EXIT_DONE;

	file_fill_standard();
	(void)umask(077);
	secret_keep_from_disk();
	if (env_load(&env, &err) == 0 &&
	    preflight_find_temp(env.data_dir, &err) == 0) {
		log_use_json(env.log_json);
		db_set_busy_wait(env.busy_wait_ms);
		(void)run(&env, &err);
	}
	if (err.code != ERR_NONE) {
		log_event(LOG_ERROR, "failed", "message", err.msg, NULL);
		status = (int)err_exit_status(err.code);
	}
	env_free(&env);
	return status;
}

int
main(int argc, char **argv)
{
	if (argc == 1)
		return serve();
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return print_help();
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		(void)printf("jair-api %s\n", JAIR_VERSION);
		return EXIT_DONE;
	}
	(void)fprintf(stderr,
	    "jair-api: it takes no arguments but --help "
	    "and --version; settings come from the environment.\n");
	return EXIT_USAGE;
}
