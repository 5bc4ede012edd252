#ifndef CORE_RECOVER_INT_H
#define CORE_RECOVER_INT_H

/* What the parts of the recovery share; nobody else includes this. */

#include "core/recover.h"
#include "core/salvage.h"
#include "core/store_recover.h"

/* A database that may become the new one. */
struct recover_candidate {
	char *path; /* its file, a temporary one; NULL: none */
	char name[INVENTORY_NAME_MAX];
	enum inventory_kind kind;
	bool changed; /* an archive that is not as it was written */
	int64_t made; /* when the backup was written */
	struct recover_worth worth;
	int64_t rejected; /* rows that broke a rule of the tables */
};

/* One recovery under way. */
struct recovering {
	const char *db_path;
	const char *data_dir;
	struct recovery *r;
	struct recover_candidate best;
	struct recover_candidate salvage;
	bool unread; /* the disk did not give a backup */
	struct salvage_report report;
	struct salvage_report *salvaged; /* &report, or NULL: nothing came */
};

/* recover_find.c: look at every backup, at what a salvage gives, and choose;
   ${rec->best} then is the new database's file. */
int recover_find(struct recovering *rec, struct err *err);
void recover_drop(struct recover_candidate *c);

/* recover_merge.c: complete the new database and tell what it holds. */
int recover_complete(struct recovering *rec, const char *started, int64_t start,
    struct err *err);

#endif
