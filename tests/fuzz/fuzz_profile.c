/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/profile.h"
#include "config/profile_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned int n_lines;

static void count(enum log_level level, const char *line)
{
	(void)level;
	(void)line;
	n_lines++;
}

static void expect(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

/* The comparison with iniparser is for a version we have not met, never for a text. */
static void read_as_iniparser_does(const char *path)
{
	cleanup_profile_file struct profile_file f = { 0 };

	if (profile_file_read(path, &f) == 0 && profile_file_scan(&f) == 0)
		expect(profile_file_parse(&f) == 0,
		       "what the scanner takes, iniparser reads alike");
}

static void apply(const char *path)
{
	cleanup_config struct config config = { 0 };
	cleanup_strv struct strv files = { 0 };
	const struct strv nowhere = { 0 };
	int r;

	config_init(&config);
	n_lines = 0;
	r = profile_apply(path, &nowhere, &config, &files);
	expect(n_lines == (r < 0 ? 1u : 0u), "one line for a failure, none for success");
	expect(files.n == (r < 0 ? 0u : 1u), "a file is named when it was applied");
}

/* Any file at all: it is applied, or refused in one line. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_fd int fd = memfd_create("profile", MFD_CLOEXEC);
	cleanup_free char *path = xasprintf("/proc/self/fd/%d", fd);

	/* a memfd is born writable by everybody, which a profile may not be */
	if (fd < 0 || fchmod(fd, 0600) < 0 || fs_write_all(fd, data, size) < 0)
		return 0;
	log_set_sink(count);
	read_as_iniparser_does(path);
	apply(path);
	return 0;
}
