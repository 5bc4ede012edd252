#include "core/setup_code.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/path.h"
#include "core/rand.h"

#define FILE_NAME "setup_code"
#define DIGITS 32

/* The file holds the digits and a line break. */
static int
read_file(const char *path, struct secret *code, struct err *err)
{
	struct buf b;
	int rc = -1;

	if (file_read(path, 2 * (size_t)DIGITS, &b, err))
		return err->code == ERR_LIMIT
		    ? err_set(err, ERR_FORMAT, "%s is no setup code.", path)
		    : -1;
	if (b.len == DIGITS + 1 && b.data[DIGITS] == '\n' &&
	    strspn(b.data, "0123456789abcdef") == DIGITS)
		rc = secret_set(code, b.data, DIGITS, err);
	else
		err_set(err, ERR_FORMAT, "%s is no setup code.", path);
	buf_free(&b);
	return rc;
}

static int
make_file(const char *path, struct err *err)
{
	char text[DIGITS + 1];

	rand_hex(text, DIGITS);
	text[DIGITS] = '\n';
	return file_write(path, text, sizeof(text), err);
}

int
setup_code_read(const char *data_dir, struct secret *code, struct err *err)
{
	char *path = path_join(data_dir, FILE_NAME, err);
	int rc;

	if (path == NULL)
		return -1;
	rc = read_file(path, code, err);
	free(path);
	return rc;
}

int
setup_code_ensure(const char *data_dir, struct secret *code, struct err *err)
{
	char *path = path_join(data_dir, FILE_NAME, err);
	int rc;

	if (path == NULL)
		return -1;
	rc = read_file(path, code, err);
	if (rc != 0 && (err->code == ERR_MISSING || err->code == ERR_FORMAT) &&
	    make_file(path, err) == 0) {
		err_clear(err);
		rc = read_file(path, code, err);
	}
	free(path);
	return rc;
}

int
setup_code_remove(const char *data_dir, struct err *err)
{
	char *path = path_join(data_dir, FILE_NAME, err);
	int rc = 0;

	if (path == NULL)
		return -1;
	if (unlink(path) != 0 && errno != ENOENT)
		rc = err_sys(err, errno, "Cannot remove %s", path);
	else
		rc = file_sync_dir(path, err);
	free(path);
	return rc;
}
