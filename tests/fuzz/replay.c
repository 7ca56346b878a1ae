/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Stands in for libFuzzer in `make check`: runs every file of a corpus once,
 * with any compiler. fuzz_NAME [DIRECTORY]; the directory is
 * $srcdir/tests/fuzz/corpus/NAME unless given.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/text.h"

#define INPUT_MAX (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *default_directory(void)
{
	const char *srcdir = getenv("srcdir"), *name = program_invocation_short_name;

	if (text_starts_with(name, "fuzz_"))
		name += strlen("fuzz_");
	return xasprintf("%s/tests/fuzz/corpus/%s", srcdir ? srcdir : ".", name);
}

/* The file's name stays on the screen if the input ends the process. */
static int run_file(const char *directory, const char *name)
{
	cleanup_free char *path = xasprintf("%s/%s", directory, name);
	cleanup_free char *data = NULL;
	cleanup_free uint8_t *exact = NULL;
	size_t size;
	int r;

	if (*name == '.')
		return 0;
	printf("%s\n", path);
	fflush(stdout);
	r = fs_read_file(AT_FDCWD, path, INPUT_MAX, &data, &size);
	if (r < 0) {
		fprintf(stderr, "cannot read %s: %s\n", path, strerror(-r));
		return r;
	}
	/* no room behind it, so that a sanitizer sees the first byte read too far */
	exact = xcalloc(size, 1);
	memcpy(exact, data, size);
	(void)LLVMFuzzerTestOneInput(exact, size); /* always 0, libFuzzer says */
	return 1;
}

static int run_directory(const char *directory)
{
	struct dirent **entries;
	int n = scandir(directory, &entries, NULL, alphasort), n_run = 0, r = 0;

	for (int i = 0; i < n; i++) {
		if (r >= 0)
			r = run_file(directory, entries[i]->d_name);
		n_run += r > 0;
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return r < 0 ? r : n_run;
}

int main(int argc, char **argv)
{
	cleanup_free char *directory = argc > 1 ? xstrdup(argv[1]) : default_directory();
	int n = run_directory(directory);

	if (n > 0)
		return EXIT_SUCCESS;
	if (n == 0)
		fprintf(stderr, "no input in %s\n", directory);
	return EXIT_FAILURE;
}
