#include "init/setup.h"

#include <stdlib.h>

#include "core/secret.h"
#include "core/setup_code.h"
#include "core/store_status.h"
#include "core/str.h"
#include "init/say.h"

int
setup_link(const struct env *env, char **link, struct err *err)
{
	struct secret code = { 0 };

	if (setup_code_ensure(env->data_dir, &code, err))
		return -1;
	*link = str_printf(err, "%s/setup.html#code=%s", env->public_url,
	    secret_expose(&code));
	secret_clear(&code);
	return *link != NULL ? 0 : -1;
}

int
setup_offer(const struct env *env, struct db *db, struct err *err)
{
	struct store_status *store = store_status_new(db, err);
	struct status status;
	char *link;
	int rc;

	if (store == NULL)
		return -1;
	rc = store_status_read(store, &status, err);
	store_status_free(store);
	if (rc != 0)
		return -1;
	if (status.configured)
		return setup_code_remove(env->data_dir, err);
	if (setup_link(env, &link, err))
		return -1;
	say(SAY_INFO, "🔑 The setup is open: %s", link);
	free(link);
	return 0;
}
