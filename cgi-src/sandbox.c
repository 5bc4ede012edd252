#include "cgi-src/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/path.h"

#define DATA_MAX ((rlim_t)512 << 20)

/* Since version 3 of Landlock; the headers of Debian 12 lack it. */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (UINT64_C(1) << 14)
#endif

#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE                                                                  \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |       \
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |     \
	    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REFER |           \
	    LANDLOCK_ACCESS_FS_TRUNCATE)
#define NEVER                                                                  \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |           \
	    LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |      \
	    LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

/* What the kernel's version of Landlock knows of READ, WRITE and NEVER. */
static uint64_t
known_rights(long version)
{
	uint64_t rights = READ | WRITE | NEVER;

	if (version < 2)
		rights &= ~LANDLOCK_ACCESS_FS_REFER;
	if (version < 3)
		rights &= ~LANDLOCK_ACCESS_FS_TRUNCATE;
	return rights;
}

/* Allow ${rights} below ${path}; a path that is not there needs none. */
static int
allow(int ruleset, const char *path, uint64_t rights, struct err *err)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = rights };
	int fd;
	int rc = 0;

	if (path == NULL || (fd = open(path, O_PATH | O_CLOEXEC)) < 0)
		return 0;
	rule.parent_fd = fd;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		&rule, 0) != 0)
		rc = err_sys(err, errno, "Cannot confine a worker to %s", path);
	(void)close(fd);
	return rc;
}

static int
allow_all(int ruleset, const struct env *env, uint64_t known, struct err *err)
{
	/* Libraries, certificates, names of hosts, and the kernel's own. */
	static const char *const readable[] = { "/usr", "/lib", "/lib64",
		"/etc", "/run", "/proc", "/sys", "/dev" };
	const char *const writable[] = { env->data_dir, "/tmp", "/var/tmp",
		getenv("TMPDIR"), getenv("SQLITE_TMPDIR") };
	const uint64_t both = (READ | WRITE) & known;
	char *db_dir = path_dir(env->db_path, err);
	int rc = db_dir != NULL ? allow(ruleset, db_dir, both, err) : -1;

	for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
		rc = rc == 0 ? allow(ruleset, readable[i], READ, err) : -1;
	for (size_t i = 0; i < sizeof(writable) / sizeof(writable[0]); i++)
		rc = rc == 0 ? allow(ruleset, writable[i], both, err) : -1;
	free(db_dir);
	return rc != 0
	    ? -1
	    : allow(ruleset, "/dev/null",
		  LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE,
		  err);
}

static int
confine(const struct env *env, struct err *err)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr attr = { 0 };
	int ruleset;
	int rc;

	if (version < 1)
		return 0;
	attr.handled_access_fs = known_rights(version);
	ruleset =
	    (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset < 0)
		return err_sys(err, errno, "Cannot confine a worker");
	rc = allow_all(ruleset, env, attr.handled_access_fs, err);
	if (rc == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		rc = err_sys(err, errno, "Cannot confine a worker");
	(void)close(ruleset);
	return rc;
}

int
sandbox_enter(const struct env *env, struct err *err)
{
	const struct rlimit none = { 0 };

	/* Nothing here runs set-uid programs or leaves memory in files. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    setrlimit(RLIMIT_CORE, &none) != 0)
		return err_sys(err, errno, "Cannot give up privileges");
#if !defined(__SANITIZE_ADDRESS__)
	/* The sanitizer's own maps are larger than this. */
	const struct rlimit data = { DATA_MAX, DATA_MAX };

	if (setrlimit(RLIMIT_DATA, &data) != 0)
		return err_sys(err, errno, "Cannot limit the memory");
#endif
	return confine(env, err);
}
