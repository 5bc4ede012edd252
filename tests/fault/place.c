#include "tests/fault/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_MAX ((size_t)256 << 20)
#define SECONDS 60
/* The time at which all of this happens, so that runs can be compared. */
#define NOW "1790000000000"

void
place_die(const char *fmt, ...)
{
	va_list ap;

	(void)printf("Bail out! ");
	va_start(ap, fmt);
	(void)vprintf(fmt, ap);
	va_end(ap);
	(void)printf("\n");
	exit(2);
}

/* "DIR/NAME" in ${out}. */
static const char *
join(const char *dir, const char *name, char out[PLACE_PATH_MAX])
{
	if (snprintf(out, PLACE_PATH_MAX, "%s/%s", dir, name) >= PLACE_PATH_MAX)
		place_die("%s/%s is too long a path", dir, name);
	return out;
}

void
place_make(struct place *p)
{
	const char *tmp = getenv("TMPDIR");
	char name[PLACE_PATH_MAX / 2];
	char real[PATH_MAX];

	(void)snprintf(name, sizeof(name), "%s/jair-fault.XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(name) == NULL || realpath(name, real) == NULL)
		place_die("%s: %s", name, strerror(errno));
	(void)snprintf(p->base, sizeof(p->base), "%.200s", real);
	(void)join(p->base, "data", p->data);
	(void)join(p->base, "before", p->before);
	(void)join(p->base, "after", p->after);
	(void)join(p->base, "out", p->out);
	(void)join(p->base, "count", p->count);
	(void)join(p->base, "trace", p->trace);
	tree_clear(p->data);
}

void
place_free(struct place *p)
{
	tree_clear(p->base);
	(void)rmdir(p->base);
}

static bool
is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Remove everything in a folder that may not be there. */
static void
empty(const char *dir)
{
	char path[PLACE_PATH_MAX];
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (is_dots(e->d_name))
			continue;
		if (unlink(join(dir, e->d_name, path)) != 0) {
			empty(path);
			(void)rmdir(path);
		}
	}
	if (d != NULL)
		(void)closedir(d);
}

void
tree_clear(const char *dir)
{
	empty(dir);
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		place_die("%s: %s", dir, strerror(errno));
}

/* tree_each, for the part of the tree below ${at}. */
static int
walk(const char *dir, const char *at, int (*each)(void *ctx, const char *name),
    void *ctx)
{
	char path[PLACE_PATH_MAX];
	char name[PLACE_PATH_MAX];
	struct stat st;
	struct dirent *e;
	DIR *d = opendir(join(dir, at, path));
	int rc = 0;

	if (d == NULL)
		place_die("%s: %s", path, strerror(errno));
	while (rc == 0 && (e = readdir(d)) != NULL) {
		if (is_dots(e->d_name))
			continue;
		(void)snprintf(name, sizeof(name), "%.200s%s%.200s", at,
		    *at != '\0' ? "/" : "", e->d_name);
		if (lstat(join(dir, name, path), &st) != 0)
			continue;
		rc = S_ISDIR(st.st_mode) ? walk(dir, name, each, ctx)
					 : each(ctx, name);
	}
	(void)closedir(d);
	return rc;
}

int
tree_each(const char *dir, int (*each)(void *ctx, const char *name), void *ctx)
{
	return walk(dir, "", each, ctx);
}

int
place_read(const char *dir, const char *name, struct buf *out)
{
	char path[PLACE_PATH_MAX];
	char chunk[65536];
	ssize_t n;
	int fd = open(join(dir, name, path), O_RDONLY | O_CLOEXEC);

	buf_init(out, FILE_MAX);
	if (fd < 0)
		return -1;
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_add(out, chunk, (size_t)n);
	(void)close(fd);
	return n < 0 || out->failed ? -1 : 0;
}

/* Make the folders that the file ${path} lies in. */
static void
make_above(char *path)
{
	for (char *p = path + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		(void)mkdir(path, 0700);
		*p = '/';
	}
}

void
place_write(const char *dir, const char *name, const void *data, size_t len)
{
	char path[PLACE_PATH_MAX];
	int fd;

	(void)join(dir, name, path);
	make_above(path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || (len > 0 && write(fd, data, len) != (ssize_t)len) ||
	    close(fd) != 0)
		place_die("%s: %s", path, strerror(errno));
}

void
place_keep_time(const char *from, const char *to, const char *name)
{
	char path[PLACE_PATH_MAX];
	struct timespec times[2];
	struct stat st;

	if (stat(join(from, name, path), &st) != 0)
		return;
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	(void)utimensat(AT_FDCWD, join(to, name, path), times, 0);
}

bool
place_has(const char *dir, const char *name)
{
	char path[PLACE_PATH_MAX];

	return access(join(dir, name, path), F_OK) == 0;
}

struct copying {
	const char *from;
	const char *to;
};

static int
copy_one(void *ctx, const char *name)
{
	const struct copying *c = ctx;
	struct buf bytes;

	if (place_read(c->from, name, &bytes))
		place_die("Cannot read %s/%s", c->from, name);
	place_write(c->to, name, bytes.data, bytes.len);
	place_keep_time(c->from, c->to, name);
	buf_free(&bytes);
	return 0;
}

void
tree_copy(const char *from, const char *to)
{
	struct copying c = { from, to };

	tree_clear(to);
	(void)tree_each(from, copy_one, &c);
}

void
place_sql(const char *dir, const char *sql)
{
	char path[PLACE_PATH_MAX];
	sqlite3 *h = NULL;
	char *why = NULL;

	if (sqlite3_open(join(dir, "dev.db", path), &h) != SQLITE_OK ||
	    sqlite3_exec(h, sql, NULL, NULL, &why) != SQLITE_OK)
		place_die("%s: %s", path, why);
	(void)sqlite3_close(h);
}

/* ---- running ------------------------------------------------------------- */

static void
set_number(const char *name, long value)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%ld", value);
	(void)setenv(name, text, 1);
}

static void
set_environment(const struct place *p, const struct fault *f, const char *build)
{
	char shim[PLACE_PATH_MAX];

	(void)setenv("DATA_DIR", p->data, 1);
	(void)setenv("TMPDIR", p->base, 1);
	(void)setenv("JAIR_LOCK_WAIT", "1", 1);
	(void)setenv("JAIR_BUSY_WAIT", "1", 1);
	(void)setenv("FAULT_DIR", p->data, 1);
	(void)setenv("FAULT_NOW", NOW, 1);
	(void)setenv("FAULT_COUNT", p->count, 1);
	if (f != NULL) {
		(void)setenv("FAULT_WHAT", f->what, 1);
		set_number("FAULT_AT", f->at);
		if (f->action != NULL)
			(void)setenv("FAULT_DO", f->action, 1);
		if (f->ever)
			(void)setenv("FAULT_EVER", "1", 1);
		if (f->trace)
			(void)setenv("FAULT_TRACE", p->trace, 1);
	}
	(void)setenv("LD_PRELOAD", join(build, "fault/shim.so", shim), 1);
}

static void
child(const struct place *p, const char *const argv[], const struct fault *f)
{
	char build[PATH_MAX];
	char program[PLACE_PATH_MAX];
	const char *where = getenv("JAIR_BUILD");
	char *args[16] = { NULL };
	int out = open(p->out, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (realpath(where != NULL ? where : "build/release", build) == NULL)
		_exit(99);
	(void)join(build,
	    strcmp(argv[0], "init") == 0 ? "jair-init" : "fault/act", program);
	for (size_t i = 0; i < 15 && argv[i] != NULL; i++)
		args[i] = strdup(i == 0 ? program : argv[i]);
	(void)dup2(out, STDOUT_FILENO);
	(void)dup2(out, STDERR_FILENO);
	(void)close(out);
	/* Nothing here takes long: what does, hangs. */
	(void)alarm(SECONDS);
	set_environment(p, f, build);
	(void)execv(program, args);
	_exit(98);
}

static void
read_outcome(const struct place *p, struct outcome *o)
{
	struct buf b;

	if (place_read(p->base, "out", &b) == 0)
		(void)snprintf(o->text, sizeof(o->text), "%s", buf_str(&b));
	buf_free(&b);
	if (place_read(p->base, "count", &b) == 0)
		o->calls = strtol(buf_str(&b), NULL, 10);
	buf_free(&b);
}

void
place_run(const struct place *p, const char *const argv[],
    const struct fault *fault, struct outcome *o)
{
	int status = 0;
	pid_t pid;

	*o = (struct outcome){ 0 };
	(void)unlink(p->count);
	(void)fflush(stdout);
	if ((pid = fork()) == 0)
		child(p, argv, fault);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		place_die("Cannot run %s: %s", argv[0], strerror(errno));
	o->status =
	    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	read_outcome(p, o);
	if (o->status == 98 || o->status == 99)
		place_die("Cannot start %s of %s", argv[0],
		    getenv("JAIR_BUILD"));
}
