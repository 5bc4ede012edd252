#include <stdio.h>
#include <stdlib.h>

#include "core/lock.h"
#include "core/setup_code.h"
#include "core/store_setup.h"
#include "init/command.h"
#include "init/house.h"
#include "init/setup.h"

static void
fill(struct json_out *j, const void *ctx)
{
	json_out_string(j, "link", ctx);
}

/*
 * The new code comes first: a code beside a finished setup opens nothing,
 * but an open setup without a code would shut its owner out.
 */
static int
reopen(const struct env *env, char **link, struct err *err)
{
	struct db *db = NULL;
	int lock = -1;
	int rc = -1;

	if (house_lock(env, &lock, err) == 0 &&
	    house_open_synced(env, &db, err) == 0 &&
	    setup_code_remove(env->data_dir, err) == 0 &&
	    setup_link(env, link, err) == 0 && store_setup_reopen(db, err) == 0)
		rc = db_close(&db, err);
	db_free(db);
	lock_release(lock);
	return rc;
}

enum exit_status
cmd_setup(struct call *call, struct err *err)
{
	char *link = NULL;
	enum exit_status status = EXIT_DONE;

	if (reopen(call->env, &link, err))
		status = command_failed(err);
	else if (call->json)
		status = command_answer(fill, link, err);
	else
		(void)printf("The setup is open again: %s\n", link);
	free(link);
	return status;
}
