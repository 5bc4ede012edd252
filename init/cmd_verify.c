#include <stdio.h>
#include <stdlib.h>

#include "core/archive_verify.h"
#include "core/path.h"
#include "init/command.h"
#include "init/house.h"

struct answer {
	const char *path;
	bool snapshot;
	struct archive_summary archive;
	struct db_findings findings;
};

static void
fill(struct json_out *j, const void *ctx)
{
	const struct answer *a = ctx;

	json_out_string(j, "file", a->path);
	json_out_string(j, "kind", a->snapshot ? "snapshot" : "archive");
	json_out_bool(j, "ok", true);
	if (a->snapshot) {
		json_out_int(j, "findings",
		    a->findings.indexes + a->findings.constraints);
		return;
	}
	json_out_string(j, "form", a->archive.form);
	json_out_string(j, "integrity", a->archive.integrity);
	json_out_int(j, "users", a->archive.users);
	json_out_int(j, "items", a->archive.items);
	json_out_int(j, "unresolved", a->archive.unresolved);
	json_out_int(j, "rejected", a->archive.rejected);
	json_out_int(j, "refused", a->archive.refused);
	json_out_bool(j, "config", a->archive.has_config);
	if (a->archive.content_sha256[0] != '\0')
		json_out_string(j, "content_sha256", a->archive.content_sha256);
}

static void
print(const struct answer *a)
{
	if (a->snapshot) {
		(void)printf("%s: snapshot, whole", a->path);
		if (a->findings.indexes + a->findings.constraints > 0)
			(void)printf(", with findings that a start heals: %s",
			    a->findings.first);
		(void)printf("\n");
		return;
	}
	(void)printf("%s: %s, readable to the end, %s; %lld users, %lld items",
	    a->path, a->archive.form,
	    a->archive.integrity[0] == 'o'
		? "checksums right"
		: "no checksum (written by an older version)",
	    (long long)a->archive.users, (long long)a->archive.items);
	if (a->archive.unresolved > 0)
		(void)printf(", %lld titles without an id",
		    (long long)a->archive.unresolved);
	if (a->archive.refused > 0)
		(void)printf(", %lld items set aside",
		    (long long)a->archive.refused);
	(void)printf("; a restore of it was rehearsed\n");
}

static int
verify(struct call *call, struct answer *a, struct err *err)
{
	if (house_is_database(a->path, &a->snapshot, err))
		return -1;
	if (a->snapshot)
		return house_verify_snapshot(a->path, &a->findings, err);
	if (path_make_dir(call->env->data_dir, err) ||
	    house_preflight(call->env, PREFLIGHT_VERIFY, a->path, err) ||
	    archive_rehearse(a->path, call->env->data_dir, &a->archive, err))
		return -1;
	if (a->archive.integrity[0] == 'c')
		return err_set(err, ERR_CORRUPT,
		    "%s was changed since it was "
		    "written: its checksum is wrong. Everything in it can be "
		    "read, but it may not be what was saved.",
		    a->path);
	return 0;
}

enum exit_status
cmd_verify(struct call *call, struct err *err)
{
	struct answer a = { 0 };
	char *path = NULL;
	enum exit_status status = EXIT_DONE;

	if (house_find(call->env, call->argv[0], &path, err))
		return command_failed(err);
	a.path = path;
	if (verify(call, &a, err))
		status = command_failed(err);
	else if (call->json)
		status = command_answer(fill, &a, err);
	else
		print(&a);
	free(path);
	return status;
}
