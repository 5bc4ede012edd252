/*
 * Without this, what a fuzzer once found could come back unseen: it gives
 * every file of the folders that are named to the harness it is linked with.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/file.h"
#include "core/path.h"

#define INPUT_MAX ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Give one file to the harness. */
static int
replay(const char *dir, const char *name)
{
	struct err err = { ERR_NONE, "" };
	char *path = path_join(dir, name, &err);
	struct buf b;
	int rc = -1;

	if (path != NULL && file_read(path, INPUT_MAX, &b, &err) == 0) {
		(void)LLVMFuzzerTestOneInput((const uint8_t *)buf_str(&b),
		    b.len);
		buf_free(&b);
		rc = 0;
	} else {
		(void)fprintf(stderr, "%s\n", err.msg);
	}
	free(path);
	return rc;
}

int
main(int argc, char **argv)
{
	unsigned long done = 0;
	int rc = EXIT_SUCCESS;

	for (int i = 1; i < argc; i++) {
		DIR *d = opendir(argv[i]);
		struct dirent *e;

		while (d != NULL && (e = readdir(d)) != NULL) {
			if (e->d_name[0] == '.')
				continue;
			if (replay(argv[i], e->d_name))
				rc = EXIT_FAILURE;
			done++;
		}
		if (d == NULL || done == 0) {
			(void)fprintf(stderr, "nothing in %s\n", argv[i]);
			rc = EXIT_FAILURE;
		}
		if (d != NULL)
			(void)closedir(d);
	}
	(void)printf("%lu inputs replayed\n", done);
	return rc;
}
