#include <stdlib.h>

#include "core/file.h"
#include "core/guard.h"
#include "core/path.h"
#include "core/recover.h"
#include "core/restore.h"
#include "core/schema.h"
#include "core/snapshot.h"
#include "core/store_local.h"
#include "core/store_merge.h"

/* Tell a database of any version of ours from one of another program. */
static int
check_tables(struct db *db, const char *path, struct err *err)
{
	bool household;

	if (snapshot_is_household(db, &household, err))
		return -1;
	if (household)
		return 0;
	return err_set(err, ERR_FORMAT,
	    "%s is a database, but no snapshot of a household: it has no "
	    "table of users. Nothing was changed.",
	    path);
}

int
restore_snapshot_open(struct db **db, const char *path,
    struct db_findings *findings, struct err *err)
{
	struct schema_plan *plan = NULL;
	struct err cause;

	*findings = (struct db_findings){ 0 };
	if (snapshot_open(db, path, err) == 0 &&
	    db_check(*db, findings, err) == 0 &&
	    check_tables(*db, path, err) == 0 &&
	    schema_plan(*db, findings->constraints > 0, &plan, err) == 0) {
		schema_plan_free(plan);
		return 0;
	}
	db_free(*db);
	*db = NULL;
	cause = *err;
	if (cause.code == ERR_CORRUPT)
		err_set(err, ERR_CORRUPT,
		    "%s is damaged and cannot be restored (%s). Nothing was "
		    "changed. `jair-init list` shows other backups.",
		    path, cause.msg);
	return -1;
}

/* What is being made ready. */
struct preparation {
	const char *snapshot;
	const char *live;
	const char *data_dir;
	char *tmp; /* the copy */
	bool fresh; /* there is no live database that can be read */
};

/* Copy the snapshot to a private file and bring it to the target schema. */
static int
copy_snapshot(const struct preparation *p, struct err *err)
{
	struct schema_report report;
	struct db_findings findings;
	struct db *from = NULL;
	struct db *to = NULL;
	int rc = -1;

	if (restore_snapshot_open(&from, p->snapshot, &findings, err) ||
	    db_open(&to, p->tmp, DB_CREATE, err) || db_copy(from, to, err))
		goto out;
	if (findings.indexes > 0 && db_exec(to, "REINDEX", err))
		goto out;
	if (schema_apply(to, findings.constraints > 0, &report, err))
		goto out;
	rc = db_close(&to, err);
out:
	db_free(to);
	db_free(from);
	return rc;
}

/*
 * The live database's tables must be there to be read: bring a copy of it
 * to the target schema as well, in case it comes from an older version.
 */
static int
copy_live(const struct preparation *p, const char *path, struct err *err)
{
	struct schema_report report;
	struct db *from = NULL;
	struct db *to = NULL;
	int rc = -1;

	if (db_open(&from, p->live, DB_READ, err) == 0 &&
	    db_open(&to, path, DB_SCRATCH, err) == 0 &&
	    db_copy(from, to, err) == 0 &&
	    schema_apply(to, false, &report, err) == 0)
		rc = db_close(&to, err);
	db_free(to);
	db_free(from);
	return rc;
}

/* What belongs to this server, from the copy of the live database. */
static int
take_over(struct db *db, const char *from, struct err *err)
{
	int rc = -1;

	if (store_merge_attach(db, from, err))
		return -1;
	if (db_begin(db, err) == 0 && store_local_take_over(db, err) == 0)
		rc = db_commit(db, err);
	db_rollback(db);
	store_merge_detach(db);
	return rc;
}

static int
keep_local(const struct preparation *p, struct db *db, struct err *err)
{
	char *tmp;
	int rc = -1;

	if (p->fresh)
		return store_local_forget_sessions(db, err);
	if ((tmp = file_temp_name(p->live, err)) == NULL)
		return -1;
	if (copy_live(p, tmp, err) == 0)
		rc = take_over(db, tmp, err);
	db_remove(tmp);
	free(tmp);
	return rc;
}

/* Complete the copy: what is this server's stays, sessions do not. */
static int
complete(const struct preparation *p, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (db_open(&db, p->tmp, DB_WRITE, err) == 0 &&
	    keep_local(p, db, err) == 0)
		rc = db_close(&db, err);
	db_free(db);
	return rc;
}

/* Read the copy back, from the disk and not from a connection's memory. */
static int
prove(const struct preparation *p, struct err *err)
{
	struct db_findings findings;
	struct db *db = NULL;
	int rc = -1;

	if (db_open(&db, p->tmp, DB_READ, err) == 0)
		rc = GUARD(restore_copy_check, db_check(db, &findings, err));
	db_free(db);
	return rc;
}

/* Put the prepared content in the place of the live one. */
static int
put_in_place(const struct preparation *p, struct err *err)
{
	struct db *from = NULL;
	struct db *to = NULL;
	char *where;
	int rc = -1;

	if (p->fresh) {
		rc = recover_publish(p->tmp, p->live, p->data_dir, &where, err);
		free(where);
		return rc;
	}
	if (db_open(&from, p->tmp, DB_READ, err) == 0 &&
	    db_open(&to, p->live, DB_WRITE, err) == 0 &&
	    db_copy(from, to, err) == 0)
		rc = db_close(&to, err);
	db_free(to);
	db_free(from);
	return rc;
}

/* Whether there is a live database that can be read. */
static int
look_at_live(struct preparation *p, struct err *err)
{
	struct db_findings findings;
	struct db *db = NULL;
	int rc;

	p->fresh = !path_exists(p->live);
	if (p->fresh)
		return 0;
	rc = db_open(&db, p->live, DB_READ, err) ||
	    GUARD(restore_live_check, db_check(db, &findings, err));
	db_free(db);
	if (rc != 0 && err->code == ERR_CORRUPT) {
		err_clear(err);
		p->fresh = true;
		return 0;
	}
	return rc != 0 ? -1 : 0;
}

int
restore_snapshot(const char *path, const char *live_path, const char *data_dir,
    struct err *err)
{
	struct preparation p = {
		.snapshot = path, .live = live_path, .data_dir = data_dir
	};
	int rc = -1;

	if ((p.tmp = file_temp_name(live_path, err)) == NULL)
		return -1;
	/* The live database goes only when its successor is ready. */
	if (copy_snapshot(&p, err) == 0 && look_at_live(&p, err) == 0 &&
	    complete(&p, err) == 0 && prove(&p, err) == 0)
		rc = put_in_place(&p, err);
	db_remove(p.tmp);
	free(p.tmp);
	return rc;
}
