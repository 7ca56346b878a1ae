/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned int n_lines;

/*
 * What the scanner lets pass must mean the same to iniparser: its own check
 * of that is for a library we have not met, never for a text.
 */
static void count(enum log_level level, const char *line)
{
	(void)level;
	n_lines++;
	if (strstr(line, ": iniparser ")) {
		fprintf(stderr, "%s\n", line);
		abort();
	}
}

/* Any file at all: it is applied, or refused in one line. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_fd int fd = memfd_create("profile", MFD_CLOEXEC);
	cleanup_config struct config config = { 0 };
	cleanup_strv struct strv files = { 0 };
	cleanup_free char *path = xasprintf("/proc/self/fd/%d", fd);
	const struct strv nowhere = { 0 };
	int r;

	/* a memfd is born writable by everybody, which a profile may not be */
	if (fd < 0 || fchmod(fd, 0600) < 0 || fs_write_all(fd, data, size) < 0)
		return 0;
	config_init(&config);
	log_set_sink(count);
	n_lines = 0;
	r = profile_apply(path, &nowhere, &config, &files);
	if (n_lines != (r < 0 ? 1u : 0u) || files.n != (r < 0 ? 0u : 1u)) {
		fprintf(stderr, "returned %d with %u lines and %zu files\n", r, n_lines, files.n);
		abort();
	}
	return 0;
}
