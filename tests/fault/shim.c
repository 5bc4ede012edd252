/*
 * Without this library no test could stop a program, or let a disk fail, at
 * exactly the N-th change.  It is preloaded and speaks to the kernel itself.
 */
#include "tests/fault/shim_int.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
	bool on;
	char dir[PATH_MAX];
	size_t dir_len;
	enum what what;
	enum verdict verdict;
	int error;
	long at;
	bool ever;
	bool saves;
	long count;
	int trace;
	long long now; /* 0: the real time */
} shim = { .trace = -1 };

static long
number(const char *name)
{
	const char *value = getenv(name);

	return value != NULL ? strtol(value, NULL, 10) : 0;
}

static enum verdict
verdict_of(const char *word)
{
	static const char *const words[] = { "", "kill", "torn", "short",
		"rot" };

	for (int i = KILL; word != NULL && i <= ROT; i++) {
		if (strcmp(word, words[i]) == 0)
			return (enum verdict)i;
	}
	return FAIL;
}

static enum what
what_of(const char *word)
{
	static const char *const words[] = { "change", "read", "alloc",
		"temp" };

	for (int i = CHANGE; word != NULL && i <= TEMP; i++) {
		if (strcmp(word, words[i]) == 0)
			return (enum what)i;
	}
	return CHANGE;
}

__attribute__((constructor)) static void
start(void)
{
	const char *dir = getenv("FAULT_DIR");
	const char *trace = getenv("FAULT_TRACE");

	if (dir == NULL)
		return;
	(void)snprintf(shim.dir, sizeof(shim.dir), "%s", dir);
	shim.dir_len = strlen(shim.dir);
	shim.what = what_of(getenv("FAULT_WHAT"));
	shim.verdict = verdict_of(getenv("FAULT_DO"));
	shim.error = (int)number("FAULT_DO");
	shim.at = number("FAULT_AT");
	shim.ever = getenv("FAULT_EVER") != NULL;
	shim.saves = number("FAULT_SAVE") != 0;
	shim.now = number("FAULT_NOW");
	if (trace != NULL)
		shim.trace = (int)syscall(SYS_openat, AT_FDCWD, trace,
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	shim.on = true;
}

__attribute__((destructor)) static void
end(void)
{
	const char *path = getenv("FAULT_COUNT");
	char text[32];
	int fd;

	shim.on = false;
	if (path == NULL || shim.dir_len == 0)
		return;
	fd = (int)syscall(SYS_openat, AT_FDCWD, path,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	(void)snprintf(text, sizeof(text), "%ld", shim.count);
	(void)syscall(SYS_write, fd, text, strlen(text));
	(void)close(fd);
}

enum verdict
shim_judge(enum what what)
{
	if (!shim.on || shim.what != what)
		return GO;
	shim.count++;
	if (what == ALLOC && shim.trace >= 0)
		shim_note_way(shim.count);
	if (shim.at == 0 ||
	    (shim.ever ? shim.count < shim.at : shim.count != shim.at))
		return GO;
	if (shim.verdict == KILL)
		(void)kill(getpid(), SIGKILL);
	if (shim.verdict == FAIL)
		errno = shim.error;
	return shim.verdict;
}

bool
shim_fails(enum what what)
{
	enum verdict v = shim_judge(what);

	if (v == TORN)
		(void)kill(getpid(), SIGKILL);
	return v == FAIL;
}

/* ${full} relative to the folder in ${out}; false when it lies elsewhere. */
static bool
below(const char *full, char out[SHIM_PATH_MAX])
{
	const char *rest = full + shim.dir_len;
	size_t len;

	if (!shim.on || strncmp(full, shim.dir, shim.dir_len) != 0 ||
	    (*rest != '/' && *rest != '\0'))
		return false;
	while (*rest == '/')
		rest++;
	(void)snprintf(out, SHIM_PATH_MAX, "%s", *rest != '\0' ? rest : ".");
	/* As the kernel names an open file that has lost its name. */
	len = strlen(out);
	if (len > 10 && strcmp(out + len - 10, " (deleted)") == 0)
		out[len - 10] = '\0';
	return true;
}

bool
shim_fd(int fd, char out[SHIM_PATH_MAX])
{
	char link[64];
	char full[PATH_MAX];
	ssize_t n;

	if (!shim.on)
		return false;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = syscall(SYS_readlinkat, AT_FDCWD, link, full, sizeof(full) - 1);
	if (n < 0)
		return false;
	full[n] = '\0';
	return below(full, out);
}

bool
shim_path(int at, const char *path, char out[SHIM_PATH_MAX])
{
	char dir[SHIM_PATH_MAX];

	if (*path == '/')
		return below(path, out);
	if (at == AT_FDCWD || !shim_fd(at, dir))
		return false;
	if (strcmp(dir, ".") == 0)
		(void)snprintf(out, SHIM_PATH_MAX, "%s", path);
	else
		(void)snprintf(out, SHIM_PATH_MAX, "%.90s/%.90s", dir, path);
	return true;
}

uint64_t
shim_inode(int at, const char *path, int flags)
{
	struct stat st;

	return fstatat(at, path, &st, flags) == 0 ? st.st_ino : 0;
}

void
shim_trace(const void *data, size_t len)
{
	if (shim.trace >= 0)
		(void)syscall(SYS_write, shim.trace, data, len);
}

/* Note what was done; ${data} of ${e->len} bytes goes with it. */
static void
note(struct shim_event *e, const void *data)
{
	static const char padding[8];

	shim_trace(e, sizeof(*e));
	if (e->len > 0)
		shim_trace(data, e->len);
	if (e->len % 8 != 0)
		shim_trace(padding, 8 - e->len % 8);
}

void
shim_note_fd(enum shim_op op, int fd, const char *path, int64_t offset,
    const void *data, size_t len)
{
	struct shim_event e = { .op = op, .len = (uint32_t)len };

	if (shim.trace < 0 || shim.what != CHANGE)
		return;
	e.ino = shim_inode(fd, "", AT_EMPTY_PATH);
	e.offset = offset;
	(void)snprintf(e.path, sizeof(e.path), "%s", path);
	note(&e, data);
}

void
shim_note_path(enum shim_op op, uint64_t ino, const char *path,
    const char *path2)
{
	struct shim_event e = { .op = op, .ino = ino };

	if (shim.what != CHANGE)
		return;
	(void)snprintf(e.path, sizeof(e.path), "%s", path);
	(void)snprintf(e.path2, sizeof(e.path2), "%s", path2);
	note(&e, NULL);
}

bool
shim_saves(void)
{
	return shim.saves;
}

int64_t
shim_now(void)
{
	return shim.on ? shim.now : 0;
}
